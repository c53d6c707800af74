// Work at the end of a chain of calls, within a signal's handler.
#include <signal.h>
#include <stdio.h>

static volatile unsigned sum;
__attribute__((noipa)) static void work(unsigned n) {
  for (unsigned i = 0; i < n; i++) sum = sum * 3 + i;
}
static void handler(int signal) { work(signal * 100000), sum++; }
__attribute__((noipa)) static void deep(int n) {
  char space[64];
  if (n) deep(n - 1);
  else raise(SIGUSR1);
  space[n & 63] = 1;
  __asm__("" : : "r"(space) : "memory");
}
int main(void) {
  signal(SIGUSR1, handler);
  deep(5);
  printf("%u\n", sum);
  return 0;
}
