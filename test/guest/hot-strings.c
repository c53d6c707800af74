// build: -static -O2 -mno-red-zone
// String instructions in hot loops: every size, repeated and not, forward and backward, apart and overlapping, with 32-bit addresses, through pages that fault in
// the middle and over code that runs.
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

typedef uint64_t u64;
enum { PAGE = 4096, HOT = 36000 };

struct registers {
  u64 ax, cx, si, di, flags;
};
typedef void form(struct registers *);
#define FORM(text)                                                                           \
  ({                                                                                         \
    __attribute__((noipa)) void it(struct registers *r) {                                    \
      __asm__ volatile("push %4\n\tpopf\n\t" text "\n\tpushf\n\tcld\n\tpop %4"               \
                       : "+a"(r->ax), "+c"(r->cx), "+S"(r->si), "+D"(r->di), "+r"(r->flags)  \
                       :                                                                     \
                       : "memory", "cc");                                                    \
      r->flags &= 0xcd5;                                                                     \
    }                                                                                        \
    it;                                                                                      \
  })

static u64 seed = 1;
static u64 next(void) { return (seed = seed * 6364136223846793005ull + 1442695040888963407ull) >> 33; }
static char *area;
static u64 sum;
static void hash(u64 x) { sum = (sum ^ x) * 0x9e3779b97f4a7c15ull, sum ^= sum >> 29; }

/** Counts mostly small; places near one another or apart, now and then across the end of a page; few values, so that comparisons get somewhere. */
static void hot(const char *text, form *f, int turns) {
  for (int i = 0; i < turns; i++) {
    u64 x = next(), y = next();
    u64 at = 2 * PAGE - (x & 8 ? 24 : 1000) + (x >> 4 & 31);
    u64 to = x & 0x400 ? at + (x >> 12 & 31) - 16 : at - 700 + (x >> 12 & 127);
    struct registers r = {.ax = (y & 3) * 0x0101010101010101ull + (y >> 2 & 1), .cx = x & 0x800 ? y >> 3 & 255 : y >> 3 & 15};
    r.si = (u64)area + at, r.di = (u64)area + to;
    r.flags = 0x202 | (y & 0x1000000 ? 0xd5 : 0) | (y >> 25 & 7 ? 0 : 0x400);
    area[to + (y >> 12 & 63)] = y >> 20 & 3;
    f(&r);
    hash(r.ax), hash(r.cx), hash(r.si - (u64)area), hash(r.di - (u64)area), hash(r.flags);
    hash(*(u64 *)(area + at)), hash(*(u64 *)(area + to));
  }
  printf("%s: %016lx\n", text, sum);
}
#define HOTLY(text) hot(text, FORM(text), HOT)

static char *moving;
static u64 seen[4];
static volatile int faults;
static void on_fault(int number, siginfo_t *info, void *context) {
  (void)number;
  greg_t *g = ((ucontext_t *)context)->uc_mcontext.gregs;
  seen[0] = g[REG_RCX], seen[1] = g[REG_RSI] - (u64)moving, seen[2] = g[REG_RDI] - (u64)moving, seen[3] = (u64)info->si_addr - (u64)moving;
  for (int i = 0; i < 4; i++) hash(seen[i]);
  faults++;
  mprotect((void *)((u64)info->si_addr & -PAGE), PAGE, PROT_READ | PROT_WRITE);
}
/** A long one from hot code, with a page in its way that can't be accessed. */
static void across(const char *text, form *f, int source, int target, int count) {
  hot(text, f, HOT);
  moving = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (int i = 0; i < 16 * PAGE; i++) moving[i] = i < 8 * PAGE ? 1 + i % 7 : 0;
  for (int blocked = 0; blocked < 16; blocked += 3) {
    mprotect(moving + blocked * PAGE, PAGE, blocked % 2 ? PROT_READ : PROT_NONE);
    struct registers r = {.ax = 0, .cx = count, .si = (u64)moving + source, .di = (u64)moving + target, .flags = 0x202};
    f(&r);
    mprotect(moving + blocked * PAGE, PAGE, PROT_READ | PROT_WRITE);
    hash(r.cx), hash(r.si - (u64)moving), hash(r.di - (u64)moving), hash(r.flags);
    for (int i = 0; i < 16 * PAGE; i += 8) hash(*(u64 *)(moving + i));
  }
  munmap(moving, 16 * PAGE);
  printf("%s through pages: %016lx, %d faults\n", text, sum, faults);
}
#define ACROSS(text, source, target, count) across(text, FORM(text), source, target, count)

/** Code is copied over code that is hot, and over the copying itself. */
static void code(void) {
  unsigned char *c = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  // lea eax, [rdi + n]; ret
  unsigned char text[7] = {0x8d, 0x87, 0, 0, 0, 0, 0xc3};
  form *copy = FORM("rep movsb");
  for (int i = 0; i < 3 * HOT; i++) {
    if (i % 5000 == 0) {
      text[2] = i / 5000;
      copy(&(struct registers){.cx = 7, .si = (u64)text, .di = (u64)c, .flags = 0x202});
    }
    hash(((int (*)(int))c)(i));
  }
  // mov ecx, 3; rep stosb; inc eax; jmp $+2; ret: stores over the `inc` behind it.
  static const unsigned char own[] = {0xb9, 3, 0, 0, 0, 0xf3, 0xaa, 0xff, 0xc0, 0x90, 0xc3};
  memcpy(c + PAGE, own, sizeof own);
  for (int i = 0; i < HOT; i++) {
    u64 a = 0x90, to = (u64)c + PAGE + (i < HOT - 9 ? 64 : 7);
    __asm__ volatile("call *%2" : "+a"(a), "+D"(to) : "r"(c + PAGE) : "rcx", "memory", "cc");
    hash(a);
  }
  printf("code: %016lx\n", sum);
}

int main(void) {
  struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
  sigaction(SIGSEGV, &action, 0);
  area = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  HOTLY("movsb");
  HOTLY("stosw");
  HOTLY("lodsl");
  HOTLY("cmpsq");
  HOTLY("scasb");
  HOTLY("rep movsw");
  HOTLY("rep movsl");
  HOTLY("rep lodsb");
  HOTLY("repe cmpsw");
  HOTLY("repne cmpsb");
  HOTLY("repe scasl");
  HOTLY("repne scasw");
  HOTLY("repne scasq");
  HOTLY("addr32 rep movsb");
  HOTLY("addr32 repe scasb");
  HOTLY("addr32 stosq");
  HOTLY("mov $11, %%ecx\n\trep stosl");
  HOTLY("mov $19, %%ecx\n\trep stosb");
  HOTLY("mov $13, %%ecx\n\trep movsw");
  HOTLY("xor %%ecx, %%ecx\n\trep movsb");
  ACROSS("mov $31, %%ecx\n\trep stosq", 0, 3 * PAGE - 100, 0);
  ACROSS("mov $15, %%ecx\n\trep movsq", 6 * PAGE - 8, 9 * PAGE - 50, 0);
  ACROSS("rep movsb", 100, 8 * PAGE + 100, 6 * PAGE);
  ACROSS("rep movsq", 3, 2 * PAGE + 8, PAGE);
  ACROSS("rep stosb", 0, 5, 15 * PAGE);
  ACROSS("rep stosl", 0, 6, 3 * PAGE);
  ACROSS("repe cmpsb", 0, 7 * 1000, 6 * PAGE);
  ACROSS("repe scasq", 0, 8 * PAGE, PAGE);
  ACROSS("repne scasb", 0, 5, 15 * PAGE);
  code();
  return 0;
}
