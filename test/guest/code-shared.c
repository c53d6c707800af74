// Code in a shared mapping, changed through another mapping of the same file, through write(2) and by another process.
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

typedef int (*function)(void);
// mov eax, n; ret
static void put(unsigned char *at, int n) {
  at[0] = 0xb8;
  memcpy(at + 1, &n, 4);
  at[5] = 0xc3;
}

int main(void) {
  int fd = memfd_create("code", 0);
  ftruncate(fd, 8192);
  unsigned char *w = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  unsigned char *x = mmap(NULL, 8192, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
  function f = (function)(x + 100), g = (function)(x + 4093);
  put(w + 100, 1);
  put(w + 4093, 10);
  printf("first: %d %d\n", f(), g());
  put(w + 100, 2);
  put(w + 4093, 20);
  printf("through the other mapping: %d %d\n", f(), g());
  int sum = 0;
  for (int i = 0; i < 1000; i++) {
    put(w + 100, i);
    put(w + 4093, 2 * i);
    sum += f() + g();
  }
  printf("a thousand times: %d\n", sum);
  unsigned char code[6];
  put(code, 3);
  pwrite(fd, code, 6, 100);
  printf("by pwrite: %d\n", f());
  if (fork() == 0) {
    put(w + 100, 4);
    _exit(0);
  }
  wait(NULL);
  printf("by a child: %d\n", f());
  return 0;
}
