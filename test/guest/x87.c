// build: -lm
// The x87 on operands of all kinds under all roundings and precisions: a digest of results and status words for each instruction, the first operands in full.
// Then an unmasked exception's signal, the environment, and long doubles as libraries use them.
#include <fenv.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  uint64_t m;
  uint16_t e;
  uint16_t pad[3];
} ext;
static const ext VALUES[] = {
    {0, 0},
    {0, 0x8000},
    {1, 0},
    {1ull << 63, 0},
    {(1ull << 63) - 1, 0x8000},
    {1ull << 63, 1},
    {1ull << 63, 0x3fff},
    {1ull << 63 | 1, 0xbfff},
    {~0ull, 0x3ffe},
    {3ull << 62, 0x4000},
    {0xaaaaaaaaaaaaaaab, 0x3ffd},
    {0xc90fdaa22168c235, 0xc000},
    {~0ull, 0x401d},
    {0xfffffffe00000000, 0x401d},
    {1ull << 63, 0xc01e},
    {1ull << 63, 0x403e},
    {~0ull, 0x403d},
    {1ull << 63, 0xc03e},
    {0xfffffffffffff800, 0x43fe},
    {0xfffffffffffffc00, 0x43fe},
    {1ull << 63, 0x3c00},
    {0xffffff0000000000, 0x407e},
    {1ull << 63, 0x3f80},
    {~0ull, 0x7ffe},
    {~0ull, 0xfffe},
    {1ull << 63, 0x7fff},
    {1ull << 63, 0xffff},
    {0xc000000000000001, 0x7fff},
    {0xa000000000000000, 0xffff},
    {1ull << 62, 0x4000},
    {0xd000000000000000, 0x4002},
    {0xa000000000000000, 0x3fff - 32},
};
enum { N = sizeof VALUES / sizeof VALUES[0] };
static const uint16_t CONTROLS[] = {0x37f, 0x77f, 0xb7f, 0xf7f, 0x07f, 0x27f};

static uint64_t digest;
static void add(const void *p, int n) {
  for (int i = 0; i < n; i++) digest = (digest ^ ((const uint8_t *)p)[i]) * 0x100000001b3;
}
#define BINARY(name, text)                                                                       \
  static void name(const ext *a, const ext *b, uint16_t control) {                               \
    ext r = {0};                                                                                 \
    uint16_t status;                                                                             \
    asm volatile("fninit\n fldcw %2\n fldt %4\n fldt %3\n" text "\n fnstsw %1\n fstpt %0\n fninit" \
                 : "=m"(r), "=m"(status)                                                         \
                 : "m"(control), "m"(*a), "m"(*b)                                                \
                 : "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)", "st(7)", "cc");   \
    add(&r, 10);                                                                                 \
    add(&status, 2);                                                                             \
  }
#define STORE(name, text)                                                                      \
  static void name(const ext *a, const ext *b, uint16_t control) {                             \
    uint64_t r[2] = {0};                                                                       \
    uint16_t status;                                                                           \
    (void)b;                                                                                   \
    asm volatile("fninit\n fldcw %2\n fldt %3\n" text " %0\n fnstsw %1\n fninit"               \
                 : "+m"(r), "=m"(status)                                                       \
                 : "m"(control), "m"(*a)                                                       \
                 : "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)", "st(7)", "cc"); \
    add(r, 16);                                                                                \
    add(&status, 2);                                                                           \
  }
BINARY(fadd, "fadd %%st(1), %%st")
BINARY(fsub, "fsub %%st(1), %%st")
BINARY(fmul, "fmul %%st(1), %%st")
BINARY(fdiv, "fdiv %%st(1), %%st")
BINARY(faddp, "faddp")
BINARY(fsqrt, "fsqrt")
BINARY(frndint, "frndint")
BINARY(fxtract, "fxtract")
BINARY(fcom, "fcom %%st(1)")
BINARY(fucom, "fucom %%st(1)")
BINARY(ftst, "ftst")
BINARY(fxam, "fxam")
BINARY(fld1, "fld1")
BINARY(fldpi, "fldpi")
BINARY(fldl2t, "fldl2t")
BINARY(overflow, "fldz\n fldz\n fldz\n fldz\n fldz\n fldz\n fldz\n fldz")
BINARY(underflow, "fadd %%st(3), %%st")
STORE(fsts, "fsts")
STORE(fstl, "fstl")
STORE(fistps, "fistps")
STORE(fistpl, "fistpl")
STORE(fistpll, "fistpll")
STORE(fisttpll, "fisttpll")
STORE(fbstp, "fbstp")

static void over_all(const char *name, void (*f)(const ext *, const ext *, uint16_t), int pairs) {
  digest = 0xcbf29ce484222325;
  for (unsigned c = 0; c < sizeof CONTROLS / sizeof CONTROLS[0]; c++)
    for (int i = 0; i < N; i++)
      for (int j = 0; j < (pairs ? N : 1); j++) f(&VALUES[i], &VALUES[pairs ? j : 6], CONTROLS[c]);
  printf("%s %016llx\n", name, (unsigned long long)digest);
}
#define ALL(name, pairs) over_all(#name, name, pairs)

static sigjmp_buf back;
static void on_fpe(int signo, siginfo_t *info, void *context) {
  (void)signo;
  (void)context;
  printf("SIGFPE %d\n", info->si_code);
  siglongjmp(back, 1);
}

int main(void) {
  ALL(fadd, 1);
  ALL(fsub, 1);
  ALL(fmul, 1);
  ALL(fdiv, 1);
  ALL(faddp, 1);
  ALL(fcom, 1);
  ALL(fucom, 1);
  ALL(fsqrt, 0);
  ALL(frndint, 0);
  ALL(fxtract, 0);
  ALL(ftst, 0);
  ALL(fxam, 0);
  ALL(fld1, 0);
  ALL(fldpi, 0);
  ALL(fldl2t, 0);
  ALL(overflow, 0);
  ALL(underflow, 0);
  ALL(fsts, 0);
  ALL(fstl, 0);
  ALL(fistps, 0);
  ALL(fistpl, 0);
  ALL(fistpll, 0);
  ALL(fisttpll, 0);
  ALL(fbstp, 0);

  struct sigaction action = {.sa_sigaction = on_fpe, .sa_flags = SA_SIGINFO | SA_NODEFER};
  sigaction(SIGFPE, &action, NULL);
  static const int RAISED[] = {FE_DIVBYZERO, FE_INVALID, FE_OVERFLOW, FE_INEXACT};
  for (int i = 0; i < 4; i++)
    if (!sigsetjmp(back, 1)) {
      volatile long double big = 1e4900L, one = 1, three = 3, zero = 0;
      feclearexcept(FE_ALL_EXCEPT);
      feenableexcept(RAISED[i]);
      volatile long double r = i == 0 ? one / zero : i == 1 ? zero / zero : i == 2 ? big * big : one / three;
      (void)r;
      puts("no signal");
    }
  fedisableexcept(FE_ALL_EXCEPT);
  feclearexcept(FE_ALL_EXCEPT);

  for (int mode = 0; mode < 4; mode++) {
    fesetround(mode << 10);
    volatile long double tenth = 1.0L, ten = 10.0L;
    tenth /= ten;
    printf("%.25Lg %La %lld %.3Lf\n", tenth, tenth, (long long)llrintl(tenth * 25), tenth);
  }
  fesetround(FE_TONEAREST);
  long double sum = 0, product = 1;
  for (int i = 1; i < 2000; i++) sum += 1.0L / i, product *= 1.0L + 1.0L / i / i;
  printf("%.21Lg %.21Lg %.21Lg\n", sum, product, strtold("3.14159265358979323846264338327950288", NULL));
  printf("%.21Lg %.21Lg %Lg\n", fmodl(1e18L, 7.1L), remainderl(1e18L, 7.1L), frexpl(48.5L, &(int){0}));
  return 0;
}
