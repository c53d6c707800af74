// build: -static -O2 -lm
// Loops hot enough to be compiled: recursion, calls through pointers, a switch that is an interpreter, callbacks, numbers of every width, jumps out of the depth.
#include <math.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t u64;
typedef uint32_t u32;
#define APART __attribute__((noinline))

static u64 state = 88172645463325252ull;
static u64 next(void) {
  state ^= state << 13;
  state ^= state >> 7;
  return state ^= state << 17;
}
static u64 sum;
static void add(u64 x) { sum = (sum ^ x) * 0x100000001b3ull; }
static void show(const char *what) {
  printf("%s %016lx\n", what, sum);
  sum = 0xcbf29ce484222325ull;
}

APART static u32 fib(u32 n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
APART static u32 odd(u32 n);
APART static u32 even(u32 n) { return n == 0 ? 1 : odd(n - 1); }
static u32 odd(u32 n) { return n == 0 ? 0 : even(n - 1); }
APART static u32 ackermann(u32 m, u32 n) {
  return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
}

APART static u64 op_add(u64 a, u64 b) { return a + b; }
APART static u64 op_xor(u64 a, u64 b) { return a ^ b; }
APART static u64 op_mul(u64 a, u64 b) { return a * (b | 1); }
APART static u64 op_rot(u64 a, u64 b) { return a << (b & 63) | a >> (-b & 63); }
APART static u64 op_div(u64 a, u64 b) { return b ? a / b + a % b : a; }
static u64 (*const ops[])(u64, u64) = {op_add, op_xor, op_mul, op_rot, op_div};

/** A machine with a stack: one jump through a table for each of its instructions. */
static u64 interpret(const unsigned char *code, u64 n) {
  u64 stack[16] = {0}, *sp = stack, acc = n;
  for (;;) switch (*code++) {
      case 0: return acc;
      case 1: acc += *code++; break;
      case 2: acc *= 0x9e3779b97f4a7c15ull; break;
      case 3: *sp++ = acc; break;
      case 4: acc ^= *--sp; break;
      case 5: if (--n) code -= *code; else code++; break;
      case 6: acc = acc >> 7 | acc << 57; break;
      case 7: acc = (u32)acc; break;
      case 8: acc -= n; break;
      case 9: acc = acc & 1 ? ~acc : acc >> 1; break;
    }
}

static int by_value(const void *a, const void *b) {
  u64 x = *(const u64 *)a, y = *(const u64 *)b;
  return x < y ? -1 : x > y;
}

static void widths(void) {
  unsigned char a = 1;
  unsigned short b = 2;
  signed char c = -3;
  short d = 4;
  int e = -5;
  unsigned __int128 w = 7;
  for (int i = 0; i < 60000; i++) {
    u64 x = next();
    a += x, b -= a, c = c * 3 + (x >> 8), d ^= b + c, e = e / ((int)(x >> 40) | 1) + d;
    w = w * x + (u32)e;
    if ((signed char)a < c) add(a + b);
    if (b > (unsigned short)d) add(c);
    if (e > 0 && __builtin_add_overflow_p(e, d, (short)0)) add(e);
    add(__builtin_popcountll(x) + __builtin_clzll(x | 1) + __builtin_ctzll(x | 1ull << 63) + __builtin_bswap32(x));
  }
  add(w), add(w >> 64);
}
static void floats(void) {
  double x = 0.5, y = 1e-300, m[8][8];
  float f = 1e-30f, g = 3;
  for (int i = 0; i < 64; i++) m[i / 8][i % 8] = i * 0.25 - 7;
  for (int i = 0; i < 60000; i++) {
    x = 3.9 * x * (1 - x);
    y = i % 700 ? y * 1.0009765625 / 1.5 : 1e-300; // gets too small for a normal number
    f = i % 90 ? f * 0.75f : 1e-30f;
    g = sqrtf(g + (float)x) + (float)(int)(x * 100);
    u64 bits;
    memcpy(&bits, &x, 8), add(bits);
    memcpy(&bits, &y, 8), add(bits);
    add((u64)(long)(f * 1e38f) + (u32)g);
    if (x < 0.3) add(1);
    if (!(y > 1e-310)) add(2);
    double z = i % 3 ? x / y : INFINITY - x * INFINITY;
    if (z != z) add(3);
  }
  for (int n = 0; n < 40; n++)
    for (int i = 0; i < 8; i++)
      for (int k = 0; k < 8; k++) {
        double t = 0;
        for (int l = 0; l < 8; l++) t += m[i][l] * m[l][k];
        m[i][k] = fmod(t, 8);
      }
  for (int i = 0; i < 64; i++) add((u64)(long)(m[i / 8][i % 8] * 1e6));
  long double l = 1;
  for (int i = 1; i < 3000; i++) l = l * 1.0000001L + 1.0L / i;
  add((u64)(l * 1e15L));
}
static void strings(void) {
  static char from[4096], to[4200];
  for (int i = 0; i < 4096; i++) from[i] = next() % 26 + 'a';
  for (int i = 0; i < 2000; i++) {
    u32 at = next() % 2000, n = next() % (i % 8 ? 40 : 2000), back = next() % 64;
    memcpy(to + at, from + (next() % 2000), n);
    memmove(to + at, to + at + back, n);
    memmove(to + at + back, to + at, n);
    if (i % 3 == 0) memset(to + at, i, n / 2);
    add(memcmp(from, to, n) > 0);
    char *found = memchr(to + at, 'q', n + 1);
    add(found ? found - to : -1);
    __asm__ volatile("rep movsb" : "+S"((char *){from + at}), "+D"((char *){to + back}), "+c"((u64){n}) : : "memory");
  }
  for (int i = 0; i < 4200; i += 8) add(*(u64 *)(to + i));
  to[4199] = 0;
  add(strlen(from + 1) > 4000);
}
static jmp_buf out;
APART static void deep(int n) {
  if (n == 0) longjmp(out, 1 + (next() & 3));
  deep(n - 1);
  add(n);
}

int main(void) {
  add(fib(25)), add(even(70001)), add(ackermann(2, 90));
  show("recursion");
  u64 x = 1;
  for (int i = 0; i < 200000; i++) x = ops[(x ^ i) % 5](x, next());
  add(x);
  for (int i = 0; i < 4000; i++) x = ops[i / 1000](x, i);
  add(x);
  show("pointers");
  static const unsigned char loop[] = {3, 2, 1, 7, 4, 6, 8, 9, 3, 2, 4, 5, 12, 0};
  static const unsigned char other[] = {7, 2, 1, 1, 9, 6, 8, 5, 7, 0};
  add(interpret(loop, 90000)), add(interpret(other, 9000)), add(interpret(loop, 300));
  show("interpreter");
  static u64 list[3000];
  for (int i = 0; i < 3000; i++) list[i] = next() >> (i % 40);
  qsort(list, 3000, sizeof *list, by_value);
  for (int i = 0; i < 3000; i++) add(list[i]);
  show("callbacks");
  widths();
  show("widths");
  floats();
  show("floats");
  strings();
  show("strings");
  volatile int turns = 0;
  if (setjmp(out) < 5 && turns < 2500) turns = turns + 1, deep(turns % 40);
  add(turns);
  show("jumps");
  return 0;
}
