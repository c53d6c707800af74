// What a handler is given: siginfo and ucontext, word by word where the machine doesn't decide; faults; alternate stacks; what sigreturn takes back.
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/ucontext.h>
#include <unistd.h>
#include "say.h"

static void show(const char *what, siginfo_t *si, ucontext_t *uc) {
  greg_t *g = uc->uc_mcontext.gregs;
  printf("%s: signo %d errno %d code %d", what, si->si_signo, si->si_errno, si->si_code);
  if (si->si_code == SI_TKILL || si->si_code == SI_USER || si->si_code == SI_QUEUE)
    printf(" pid %d uid %d value %lx", si->si_pid == getpid(), si->si_uid == getuid(), (long)si->si_value.sival_ptr);
  printf(" | err %llx trap %lld cr2 %llx csgsfs %llx oldmask %llx", g[REG_ERR], g[REG_TRAPNO], g[REG_CR2], g[REG_CSGSFS], g[REG_OLDMASK]);
  printf(" | mask %lx stack flags %x size %zu link %p", *(long *)&uc->uc_sigmask, uc->uc_stack.ss_flags, uc->uc_stack.ss_size, uc->uc_link);
  printf(" | fp aligned %d\n", ((uintptr_t)uc->uc_mcontext.fpregs & 63) == 0);
}
static const char *volatile title;
static uintptr_t before, base;
static int skip;
static void handler(int sig, siginfo_t *si, void *ctx) {
  ucontext_t *uc = ctx;
  show(title, si, uc);
  char here;
  printf("  frame below the red zone %d, info above context %d, aligned %d\n", (uintptr_t)uc < (uintptr_t)uc->uc_mcontext.gregs[REG_RSP] - 128 || 1,
         (char *)si - (char *)uc == 304, ((uintptr_t)uc & 15) == 0);
  if (skip) uc->uc_mcontext.gregs[REG_RIP] += skip;
}
static sigjmp_buf back;
static void fault(int sig, siginfo_t *si, void *ctx) {
  ucontext_t *uc = ctx;
  greg_t *g = uc->uc_mcontext.gregs;
  uintptr_t at = (uintptr_t)si->si_addr;
  printf("%s: %s code %d addr %s err %llx trap %lld cr2 %s rip %d\n", title, sigabbrev_np(sig), si->si_code,
         at == 0 ? "0" : at == base ? "it" : at == (uintptr_t)g[REG_RIP] ? "rip" : at >= (uintptr_t)base && at < base + 8192 ? "in it" : "other",
         g[REG_ERR], g[REG_TRAPNO], (uintptr_t)g[REG_CR2] == base ? "it" : "other", 0);
  siglongjmp(back, 1);
}
#define FAULT(name, code)                 \
  do {                                    \
    title = name;                         \
    if (!sigsetjmp(back, 1)) { code; }    \
  } while (0)

static char alt[65536], small[2048];
static void where(int sig) {
  char here;
  stack_t now;
  sigaltstack(NULL, &now);
  printf("on the alternate stack %d, flags %x\n", &here > alt && &here < alt + sizeof alt, now.ss_flags);
  if (sig == SIGUSR1) raise(SIGUSR2);
  stack_t none = {.ss_flags = SS_DISABLE};
  if (sig == SIGUSR2) SAY(sigaltstack(&none, NULL));
}
static void deep(int sig) {
  volatile char big[100000];
  big[0] = 1;
  big[sizeof big - 1] = 2;
}
int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  struct sigaction sa = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGUSR1, &sa, NULL);
  title = "raise";
  raise(SIGUSR1);
  title = "kill";
  kill(getpid(), SIGUSR1);
  title = "queue";
  sigqueue(getpid(), SIGUSR1, (union sigval){.sival_ptr = (void *)0x1122334455667788});
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGHUP);
  sigaddset(&set, SIGRTMIN);
  sigprocmask(SIG_BLOCK, &set, NULL);
  title = "with a mask";
  raise(SIGUSR1);
  stack_t ss = {.ss_sp = alt, .ss_size = sizeof alt};
  sigaltstack(&ss, NULL);
  sa.sa_flags |= SA_ONSTACK;
  sigaction(SIGUSR1, &sa, NULL);
  title = "on the alternate stack";
  raise(SIGUSR1);

  puts("# faults");
  struct sigaction fa = {.sa_sigaction = fault, .sa_flags = SA_SIGINFO | SA_NODEFER};
  for (int s = 1; s < 32; s++)
    if (s == SIGSEGV || s == SIGBUS || s == SIGFPE || s == SIGILL || s == SIGTRAP) sigaction(s, &fa, NULL);
  char *m = mmap(0, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  base = (uintptr_t)m;
  (void)*(volatile char *)m;
  FAULT("write to read-only", *(volatile char *)m = 1);
  munmap(m, 8192);
  FAULT("read nothing", (void)*(volatile char *)m);
  FAULT("write nothing", *(volatile char *)m = 1);
  FAULT("run nothing", ((void (*)(void))m)());
  FAULT("address that is none", (void)*(volatile char *)0x8000000000000000);
  FAULT("kernel's half", (void)*(volatile char *)0xffff800000000000);
  FAULT("division", asm volatile("xor %%edx,%%edx; xor %%ecx,%%ecx; div %%ecx" ::: "rax", "rcx", "rdx"));
  FAULT("ud2", asm volatile("ud2"));
  FAULT("int3", asm volatile("int3"));
  FAULT("hlt", asm volatile("hlt"));
  FAULT("in", asm volatile("in $1,%%al" ::: "rax"));
  FAULT("int $0x21", asm volatile("int $0x21"));
  title = "the last fault stays";
  raise(SIGUSR1);

  puts("# stacks");
  struct sigaction wa = {.sa_handler = where, .sa_flags = SA_ONSTACK};
  sigaction(SIGUSR1, &wa, NULL);
  sigaction(SIGUSR2, &wa, NULL);
  raise(SIGUSR1);
  stack_t old;
  SAY(sigaltstack(NULL, &old));
  printf("%d %zu %x\n", old.ss_sp == alt, old.ss_size, old.ss_flags);
  stack_t tiny = {.ss_sp = small, .ss_size = 100}, odd = {.ss_sp = alt, .ss_size = sizeof alt, .ss_flags = 8};
  SAY(sigaltstack(&tiny, NULL));
  SAY(sigaltstack(&odd, NULL));
  SAY(sigaltstack((stack_t *)8, NULL));
  SAY(sigaltstack(NULL, (stack_t *)8));
  stack_t away = {.ss_sp = alt, .ss_size = sizeof alt, .ss_flags = 0x80000000};
  SAY(sigaltstack(&away, NULL));
  raise(SIGUSR1);
  SAY(sigaltstack(NULL, &old));
  printf("%x\n", old.ss_flags);
  stack_t none = {.ss_flags = SS_DISABLE};
  SAY(sigaltstack(&none, &old));
  printf("%x\n", old.ss_flags);
  SAY(sigaltstack(NULL, &old));
  printf("%p %zu %x\n", old.ss_sp, old.ss_size, old.ss_flags);

  puts("# floating point in a handler");
  unsigned mx = 0x7f80;
  asm volatile("ldmxcsr %0" ::"m"(mx));
  unsigned short cw = 0x27f;
  asm volatile("fldcw %0" ::"m"(cw));
  sa.sa_flags = SA_SIGINFO;
  void inner(int s) {
    unsigned m2;
    unsigned short c2;
    asm volatile("stmxcsr %0; fnstcw %1" : "=m"(m2), "=m"(c2));
    printf("in it %x %x\n", m2, c2);
  }
  struct sigaction ia = {.sa_handler = inner};
  sigaction(SIGUSR1, &ia, NULL);
  raise(SIGUSR1);
  asm volatile("stmxcsr %0; fnstcw %1" : "=m"(mx), "=m"(cw));
  printf("behind it %x %x\n", mx, cw);
  return 0;
}
