// build: -static -O2
// Faults in the middle of hot loops: handlers that mend and go on, step over or jump away; code that is written, moved and taken away while it is hot.
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

typedef uint64_t u64;
#define APART __attribute__((noinline))
/** Enough turns to be compiled, and to go on for a while. */
enum { PAGE = 4096, HOT = 45000 };

static char *area;
static volatile int faults;
static volatile u64 last;
static sigjmp_buf out;
static int away;

static void on_fault(int number, siginfo_t *info, void *context) {
  greg_t *g = ((ucontext_t *)context)->uc_mcontext.gregs;
  faults++;
  last = number == SIGSEGV ? (u64)info->si_addr - (u64)area : (u64)info->si_code;
  if (away) siglongjmp(out, number);
  if (number == SIGSEGV)
    mprotect((char *)((u64)info->si_addr & -PAGE), PAGE, PROT_READ | PROT_WRITE);
  else if (number == SIGFPE)
    g[REG_RCX] = 7;
  else if (number == SIGILL)
    g[REG_RIP] += 2;
}
static void show(const char *what, u64 value) {
  printf("%s: %lu, %d faults, last %lx\n", what, value, faults, last);
  faults = last = 0;
}

APART static u64 fill(volatile unsigned char *p, int n) {
  u64 sum = 0;
  for (int i = 0; i < n; i++) p[i] = i, sum += p[i];
  return sum;
}
APART static u64 divide(int n) {
  u64 sum = 0;
  for (int i = 0; i < n; i++) {
    u64 a = 1000 + i, c = i % 9000, d = 0;
    __asm__ volatile("div %%rcx" : "+a"(a), "+d"(d), "+c"(c) : : "cc");
    sum += a * 3 + d + c;
  }
  return sum;
}
APART static u64 undefined(int n) {
  u64 sum = 0;
  for (int i = 0; i < n; i++) {
    sum += i;
    if (i % 9500 == 9400) __asm__ volatile("ud2");
    sum ^= i << 3;
  }
  return sum;
}
/** The flags and registers at a fault are those before its instruction. */
APART static u64 across(char *p, int n) {
  u64 sum = 0;
  for (int i = 0; i < n; i++) {
    u64 before = i * 0x9e3779b97f4a7c15ull, flags;
    __asm__ volatile("add %2, %0\n\tadc %0, (%3)\n\tpushf\n\tpop %1"
                     : "+r"(before), "=r"(flags)
                     : "r"(sum), "r"(p + i)
                     : "cc", "memory");
    sum = sum * 3 + before + (flags & 0x8d5);
  }
  return sum;
}

typedef int (*function)(int);
// mov eax, n; add eax, edi; ret
static void put(unsigned char *at, int n) {
  at[0] = 0xb8;
  memcpy(at + 1, &n, 4);
  memcpy(at + 5, "\x01\xf8\xc3", 3);
}
APART static u64 many(function f, int n) {
  u64 sum = 0;
  for (int i = 0; i < n; i++) sum += f(i);
  return sum;
}
static void code(void) {
  unsigned char *c = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  function f = (function)(c + 64);
  u64 sum = 0;
  for (int i = 0; i < 40; i++) {
    put(c + 64, i);
    sum += many(f, i % 10 ? 30 : HOT);
  }
  show("rewritten", sum);
  // One byte of the immediate at a time, from the loop that calls it.
  sum = 0;
  for (int i = 0; i < 3 * HOT; i++) {
    if (i % 9000 == 0) c[65 + i % 4] = i >> 3;
    sum += f(i);
  }
  show("changed between calls", sum);
  // Writable or executable, never both.
  sum = 0;
  for (int i = 0; i < 12; i++) {
    mprotect(c, PAGE, PROT_READ | PROT_WRITE);
    put(c + 64, i * 5);
    mprotect(c, PAGE, PROT_READ | PROT_EXEC);
    sum += many(f, HOT);
  }
  show("by turns", sum);
  // Other code at the same address; the same code at another.
  mprotect(c, 4 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);
  put(c + 64, 1), put(c + PAGE + 64, 2);
  sum = many(f, HOT);
  memcpy(c, c + PAGE, PAGE);
  sum = sum * 3 + many(f, HOT);
  unsigned char *moved = mremap(c + PAGE, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, c);
  sum = sum * 3 + (moved == c) + many(f, HOT);
  mmap(c, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  put(c + 64, 3);
  sum = sum * 3 + many(f, HOT);
  madvise(c, PAGE, MADV_DONTNEED);
  put(c + 64, 4);
  sum = sum * 3 + many(f, HOT);
  int pipes[2];
  unsigned char bytes[8];
  put(bytes, 5);
  if (pipe(pipes) || write(pipes[1], bytes, 8) != 8 || read(pipes[0], c + 64, 8) != 8) return;
  sum = sum * 3 + many(f, HOT);
  show("moved, mapped anew, read into", sum);
  // A child changes its own.
  fflush(stdout);
  if (fork() == 0) {
    put(c + 64, 6);
    _exit(many(f, HOT) % 251);
  }
  int status;
  wait(&status);
  show("a child's", many(f, HOT) * 1000 + WEXITSTATUS(status));
  // Taken away while it is hot.
  away = 1;
  if (sigsetjmp(out, 1) == 0) {
    mprotect(c, PAGE, PROT_READ | PROT_WRITE);
    many(f, 10);
  }
  last = last == (u64)f - (u64)area;
  show("not executable any more", 0);
  if (sigsetjmp(out, 1) == 0) {
    munmap(c, PAGE);
    many(f, 10);
  }
  last = last == (u64)f - (u64)area;
  show("gone", 0);
  away = 0;
}
/** Writes into itself: how far the loop's own jump goes, what it adds. */
static void itself(void) {
  unsigned char *c = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  // xor eax, eax; again: add eax, 1; add [rip - 5], dil (the immediate before); inc byte [rip] (the next instruction's); add eax, 0x40; dec esi; jnz again; ret
  static const unsigned char text[] = {0x31, 0xc0, 0x83, 0xc0, 0x01, 0x40, 0x00, 0x3d, 0xf8, 0xff, 0xff, 0xff, 0xfe, 0x05, 0x02,
                                       0x00, 0x00, 0x00, 0x83, 0xc0, 0x40, 0xff, 0xce, 0x75, 0xe9, 0xc3};
  memcpy(c, text, sizeof text);
  unsigned r = ((unsigned (*)(int, int))c)(3, 300);
  show("itself", r * 1000ul + c[4] + c[20]);
}

int main(void) {
  struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER};
  const int signals[] = {SIGSEGV, SIGFPE, SIGILL, SIGBUS, SIGTRAP};
  for (int i = 0; i < 5; i++) sigaction(signals[i], &action, 0);
  area = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (int i = 0; i < 3; i++) {
    mprotect(area + PAGE, 3 * PAGE, i == 0 ? PROT_READ : i == 1 ? PROT_NONE : PROT_READ | PROT_WRITE);
    show("filled", fill((unsigned char *)area, 5 * PAGE));
  }
  show("divided", divide(HOT));
  show("undefined", undefined(HOT));
  mprotect(area + PAGE, PAGE, PROT_READ);
  mprotect(area + 2 * PAGE, PAGE, PROT_NONE);
  show("across pages", across(area, 3 * PAGE));
  away = 1;
  if (sigsetjmp(out, 1) == 0) {
    munmap(area + 2 * PAGE, PAGE);
    fill((unsigned char *)area, 3 * PAGE);
  }
  show("jumped away", area[2 * PAGE - 1] & 0xff);
  away = 0;
  code();
  itself();
  return 0;
}
