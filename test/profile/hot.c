// Two functions, one of which takes nearly all the time; a child that runs another one; system calls.
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

__attribute__((noipa)) static unsigned hot(unsigned n) {
  unsigned x = 1;
  for (unsigned i = 0; i < n; i++) x = x * 1664525 + (x >> 7) + i;
  return x;
}
__attribute__((noipa)) static unsigned cool(unsigned n) {
  unsigned x = 1;
  for (unsigned i = 0; i < n; i++) x ^= x << 3 ^ i;
  return x;
}
int main(void) {
  unsigned sum = 0;
  for (int i = 0; i < 100; i++) sum += hot(60000) + cool(600), getppid();
  if (!fork()) _exit(cool(3000000) == 0);
  wait(NULL);
  printf("%u\n", sum);
  return 0;
}
