// Loops, recursion, calls through pointers, switches, string instructions, division, floating point.
// build: -static -nostdlib -ffreestanding -fno-stack-protector -fno-pie -no-pie
#include "bare.h"
static u64 seed = 1;
static u64 next(void) { return seed = seed * 6364136223846793005ul + 1442695040888963407ul; }
__attribute__((noinline)) static u64 fib(u64 n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
__attribute__((noinline)) static u64 twice(u64 x) { return 2 * x; }
__attribute__((noinline)) static u64 thirds(u64 x) { return x / 3 + x % 7; }
__attribute__((noinline)) static u64 turn(u64 x) { return x << 13 | x >> 51; }
static u64 (*const ways[])(u64) = {twice, thirds, turn};
static char from[5000], to[5000];

static void run(void) {
  u64 sum = 0;
  for (int i = 0; i < 30000; i++) {
    u64 x = next();
    sum += ways[x % 3](x);
    switch (x >> 60) {
    case 0: sum ^= 17; break;
    case 1: sum += i; break;
    case 2: sum -= x; break;
    case 5: sum *= 3; break;
    case 9: sum = ~sum; break;
    case 12: sum ^= sum >> 7; break;
    }
  }
  show("calls", sum);
  show("fib", fib(18));
  for (int i = 0; i < 5000; i++) from[i] = next() >> 56;
  for (int k = 0; k < 50; k++) {
    void *d = to, *s = from;
    long n = next() % 5000;
    __asm__ volatile("rep movsb" : "+D"(d), "+S"(s), "+c"(n)::"memory");
    d = from, n = next() % 100;
    __asm__ volatile("rep stosb" : "+D"(d), "+c"(n) : "a"(k) : "memory");
  }
  for (int i = 0; i < 5000; i++) sum = sum * 31 + to[i];
  // Longer than what is done in one go.
  static u32 words[200000];
  for (int k = 0; k < 40; k++) {
    void *d = words, *s = from;
    u64 n = k % 8 == 7 ? 200000 : next() % 300;
    __asm__ volatile("rep stosl" : "+D"(d), "+c"(n) : "a"(k) : "memory");
    d = words, n = -1;
    __asm__ volatile("repe scasl" : "+D"(d), "+c"(n) : "a"(k) : "memory", "cc");
    sum = sum * 31 + n;
    d = to, n = sizeof to;
    __asm__ volatile("repe cmpsb" : "+D"(d), "+S"(s), "+c"(n)::"memory", "cc");
    sum = sum * 31 + n;
    s = words, n = 100000;
    __asm__ volatile("rep lodsb" : "+S"(s), "+c"(n) : : "rax", "memory");
  }
  show("strings", sum);
  double x = 1;
  for (int i = 1; i < 20000; i++) x += 1.0 / i - x / (i + 0.5);
  show("float", *(u64 *)&x);
}
