// Calls through the 32-bit gate of a 64-bit program: numbers, arguments and structures are i386's.
// build: -static
#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include "say.h"

static long gate(long nr, long b, long c, long d) {
  long r;
  asm volatile("int $0x80" : "=a"(r) : "0"(nr), "b"(b), "c"(c), "d"(d) : "memory", "r8", "r9", "r10", "r11");
  return r;
}
int main(void) {
  uint32_t *low = mmap((void *)0x10000000, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  memset(low, 0xff, 64);
  printf("getpid %d\n", gate(20, 0, 0, 0) == getpid());
  printf("clock_gettime %ld, two words %d %d, then %x\n", gate(265, CLOCK_MONOTONIC, (long)low, 0), low[0] < 0x7fffffff, low[1] < 1000000000, low[2]);
  low[0] = 0;
  low[1] = 1000000;
  printf("nanosleep %ld\n", gate(162, (long)low, 0, 0));
  low[1] = 1000000000;
  printf("nanosleep %ld\n", gate(162, (long)low, 0, 0));
  printf("getrlimit %ld\n", gate(191, 3, (long)low, 0) <= 0 ? 0L : 1L);
  printf("none %ld\n", gate(9999, 0, 0, 0));
  printf("upper halves don't count %d\n", gate(0x100000014, 0, 0, 0) == getpid());
  return 0;
}
