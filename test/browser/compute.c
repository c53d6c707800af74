// build: -static -O2
// Integers, floating point, branches, calls and memory: enough of it that the compiler has its part.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned fibonacci(unsigned n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }
static int order(const void *a, const void *b) {
  unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
  return x < y ? -1 : x > y;
}

int main(void) {
  enum { N = 20000 };
  static unsigned list[N];
  static unsigned char sieve[200000];
  unsigned state = 1, primes = 0, sum = 0;
  double x = 0;
  for (int i = 0; i < N; i++) list[i] = state = state * 1664525u + 1013904223u;
  qsort(list, N, sizeof *list, order);
  for (int i = 0; i < N; i++) sum = sum * 31 + list[i];
  for (int i = 2; i < (int)sizeof sieve; i++) {
    if (sieve[i]) continue;
    primes++;
    for (int j = 2 * i; j < (int)sizeof sieve; j += i) sieve[j] = 1;
  }
  for (int i = 1; i < 1000000; i++) x += 1.0 / ((double)i * i);
  printf("%u %08x %u %.15f\n", fibonacci(24), sum, primes, x);
  return 0;
}
