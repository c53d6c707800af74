// Memory from the lowest address a program may have (mmap_min_addr) on: mapped, used across pages, given to calls, run, kept by fork.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "say.h"

#define P 4096L
#define LOW 0x10000L
#define END 0x114000L
int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  char *p = mmap((void *)LOW, END - LOW, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  printf("mapped at %p\n", p);
  uint64_t sum = 0;
  for (int round = 0; round < 3; round++)
    for (long at = 4; at + 8 <= END - LOW; at += 1020) {
      uint64_t v;
      memcpy(&v, p + at, 8);
      v = v * 31 + at;
      memcpy(p + at, &v, 8);
      sum = sum * 7 + v;
    }
  printf("sum %lx\n", sum);
  int fd = open("/proc/self/exe", O_RDONLY);
  printf("read %zd", pread(fd, p + P - 2, 4, 0));
  printf(" %02x %c%c%c\n", p[P - 2], p[P - 1], p[P], p[P + 1]);
  // mov $7, %eax; ret
  memcpy(p + 0xff000, "\xb8\7\0\0\0\xc3", 6);
  printf("protect %d\n", mprotect(p + 0xff000, P, PROT_READ | PROT_EXEC));
  int calls = 0;
  for (int i = 0; i < 1000; i++) calls += ((int (*)(void))(p + 0xff000))();
  printf("calls %d\n", calls);
  if (fork() == 0) {
    p[0] = 'c';
    memset(p + 0xfe000, 'x', P);
    printf("child %c %c\n", p[0], p[0xfe000]);
    _exit(0);
  }
  int status;
  wait(&status);
  printf("parent %d %d\n", p[0], p[0xfe000]);
  char *moved = mremap(p, 2 * P, 4 * P, MREMAP_MAYMOVE);
  printf("moved %d %02x\n", moved != p && moved != MAP_FAILED, moved[P - 2]);
  unsigned char in[1];
  printf("gone %d\n", mincore(p, P, in));
  printf("unmapped %d\n", munmap(p + 2 * P, END - LOW - 2 * P));
}
