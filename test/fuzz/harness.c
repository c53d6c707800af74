// Runs instructions natively, one case after another, and writes what each left behind. Standard input: a batch as batch.ts lays it out; standard
// output: its results. A case is entered by returning from a signal handler with its registers in the frame, and left by the signal that ends it (the int3
// behind its code, or a fault): the kernel saves and loads the whole state, and no register, rsp included, is the harness's own.
#define _GNU_SOURCE
#include <asm/prctl.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

typedef uint64_t u64;
typedef uint32_t u32;
typedef uint16_t u16;

/** The state of a case before and after; vector, error and cr2 in results only. */
struct state {
  u64 gpr[16]; // in encoding order
  u64 rip, rflags, fs_base, gs_base;
  u16 es, cs, ss, ds, fs, gs, unused[2];
  u32 vector, error;
  u64 cr2;
  unsigned char fx[512];
};
/** Memory that the state is preceded (count) and followed by: `patches` of a case, differences of a result. */
struct head {
  u32 count, unused;
};
struct piece {
  u64 address;
  u32 length, unused;
};
struct region {
  u64 address;
  u32 length, prot;
};
/** Vectors that are none: a system call that was kept back, a case that didn't end. */
enum { SYSCALL = 256, HANG = 257 };
enum { MOST_REGIONS = 32, TICK_US = 10000 };
enum { TF = 1 << 8, NT = 1 << 14, RF = 1 << 16, ID = 1 << 21 };

static struct region regions[MOST_REGIONS];
static u32 region_count;
static char *aliases[MOST_REGIONS];  // the regions' memory, always writable
static char *expected[MOST_REGIONS]; // what it was before the case
static char *templates[MOST_REGIONS];
static char *input, *next_case, *output, *output_at;
static u32 cases_left;
static u64 ticked; // cases_left + 1 at the last tick
static u64 host_fs;
static gregset_t host_gregs;
static unsigned char host_fx[512];
static int started;

extern char __executable_start, etext;
static const int GREGS[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                              REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};

static void die(const char *what) {
  perror(what);
  exit(1);
}
static char *place(u64 address, u32 length, char *in[]) {
  for (u32 i = 0; i < region_count; i++)
    if (address >= regions[i].address && address + length <= regions[i].address + regions[i].length)
      return in[i] + (address - regions[i].address);
  fprintf(stderr, "harness: %u bytes at %lx are in no region\n", length, address);
  _exit(1);
}
static char *apply(char *at, u32 count, char *to[], int reset) {
  for (; count; count--) {
    struct piece *p = (struct piece *)at;
    memcpy(place(p->address, p->length, to), reset ? place(p->address, p->length, templates) : at + sizeof *p, p->length);
    at += sizeof *p + ((p->length + 7) & ~7u);
  }
  return at;
}
/** Puts the differences to `expected` into the output and undoes them. */
static u32 differences(void) {
  u32 found = 0;
  for (u32 r = 0; r < region_count; r++) {
    for (u32 page = 0; page < regions[r].length; page += 4096) {
      char *now = aliases[r] + page, *was = expected[r] + page;
      if (memcmp(now, was, 4096) == 0) continue;
      for (u32 i = 0; i < 4096; i++) {
        if (now[i] == was[i]) continue;
        u32 end = i + 1;
        for (u32 k = end; k < 4096 && k < end + 8; k++)
          if (now[k] != was[k]) end = k + 1;
        struct piece *p = (struct piece *)output_at;
        *p = (struct piece){.address = regions[r].address + page + i, .length = end - i};
        memcpy(output_at + sizeof *p, now + i, end - i);
        output_at += sizeof *p + ((end - i + 7) & ~7u);
        found++;
        i = end - 1;
      }
      memcpy(now, was, 4096);
    }
  }
  return found;
}

static void put_result(siginfo_t *info, ucontext_t *uc, u64 fs_base, u64 gs_base, const u16 selectors[4]) {
  struct head *head = (struct head *)output_at;
  struct state *s = (struct state *)(head + 1);
  greg_t *g = uc->uc_mcontext.gregs;
  output_at = (char *)(s + 1);
  memset(s, 0, offsetof(struct state, fx));
  for (int i = 0; i < 16; i++) s->gpr[i] = g[GREGS[i]];
  s->rip = g[REG_RIP];
  s->rflags = g[REG_EFL] & ~(u64)RF;
  s->fs_base = fs_base;
  s->gs_base = gs_base;
  s->cs = g[REG_CSGSFS];
  s->ss = (u64)g[REG_CSGSFS] >> 48;
  s->ds = selectors[0];
  s->es = selectors[1];
  s->fs = selectors[2];
  s->gs = selectors[3];
  if (info->si_signo == SIGSYS)
    s->vector = SYSCALL;
  else if (info->si_signo == SIGALRM)
    s->vector = HANG;
  else {
    s->vector = g[REG_TRAPNO];
    if (s->vector == 14 || (s->vector >= 10 && s->vector <= 13)) s->error = g[REG_ERR];
    if (s->vector == 14) s->cr2 = g[REG_CR2];
  }
  memcpy(s->fx, uc->uc_mcontext.fpregs, 512);
  *head = (struct head){.count = differences()};
}
/** Makes the next case what the handler returns to. */
static void set_up(ucontext_t *uc, struct state *s) {
  greg_t *g = uc->uc_mcontext.gregs;
  for (int i = 0; i < 16; i++) g[GREGS[i]] = s->gpr[i];
  g[REG_RIP] = s->rip;
  g[REG_EFL] = s->rflags;
  g[REG_CSGSFS] = (u64)s->cs | (u64)s->ss << 48;
  memcpy(uc->uc_mcontext.fpregs, s->fx, 464);
}

static void handler(int number, siginfo_t *info, void *context) {
  ucontext_t *uc = context;
  u64 fs_base, gs_base;
  u16 selectors[4];
  // No thread-local storage before the harness's own fs base is back; no alignment checks either.
  __asm__ volatile("pushq $2\n popfq" ::: "memory", "cc");
  __asm__ volatile("rdfsbase %0\n rdgsbase %1" : "=r"(fs_base), "=r"(gs_base));
  __asm__ volatile("mov %%ds, %0\n mov %%es, %1\n mov %%fs, %2\n mov %%gs, %3"
                   : "=r"(selectors[0]), "=r"(selectors[1]), "=r"(selectors[2]), "=r"(selectors[3]));
  __asm__ volatile("mov %0, %%ds\n mov %0, %%es\n mov %0, %%fs\n mov %0, %%gs" ::"r"(0));
  __asm__ volatile("wrfsbase %0" ::"r"(host_fs));
  u64 flags = uc->uc_mcontext.gregs[REG_EFL];
  static struct state *current;
  static char *current_pieces;
  static u32 current_count;
  int tick = number == SIGALRM && (!current || ticked != cases_left + 1ul);
  if (tick)
    ticked = cases_left + 1ul;
  else {
    if (!started) {
      started = 1;
      memcpy(host_gregs, uc->uc_mcontext.gregs, sizeof host_gregs);
      memcpy(host_fx, uc->uc_mcontext.fpregs, 512);
    } else {
      u64 at = uc->uc_mcontext.gregs[REG_RIP];
      if (!current || (at >= (u64)&__executable_start && at < (u64)&etext)) {
        fprintf(stderr, "harness: signal %d in the harness itself, at %lx, %u cases before the end\n", number, at, cases_left);
        _exit(1);
      }
      put_result(info, uc, fs_base, gs_base, selectors);
      apply(current_pieces, current_count, aliases, 1);
      apply(current_pieces, current_count, expected, 1);
    }
    if (cases_left == 0) {
      memcpy(uc->uc_mcontext.gregs, host_gregs, sizeof host_gregs);
      memcpy(uc->uc_mcontext.fpregs, host_fx, 464);
      current = 0;
      return;
    }
    cases_left--;
    current_count = ((struct head *)next_case)->count;
    current = (struct state *)(next_case + sizeof(struct head));
    current_pieces = (char *)(current + 1);
    apply(current_pieces, current_count, aliases, 0);
    next_case = apply(current_pieces, current_count, expected, 0);
    set_up(uc, current);
    fs_base = current->fs_base;
    gs_base = current->gs_base;
    flags = current->rflags;
    memset(selectors, 0, sizeof selectors);
  }
  // Selectors first (loading one sets its base); the flags that sigreturn doesn't load, last.
  __asm__ volatile("mov %0, %%ds\n mov %1, %%es\n mov %2, %%fs\n mov %3, %%gs" ::"r"((u32)selectors[0]),
                   "r"((u32)selectors[1]), "r"((u32)selectors[2]), "r"((u32)selectors[3]));
  __asm__ volatile("wrgsbase %1\n wrfsbase %0\n pushq %2\n popfq" ::"r"(fs_base), "r"(gs_base), "r"((flags & (NT | ID)) | 2)
                   : "memory", "cc");
}

static void *need(void *p) {
  if (p == MAP_FAILED || !p) die("harness: memory");
  return p;
}
static void map_regions(void) {
  int fd = memfd_create("cases", 0);
  off_t at = 0;
  for (u32 i = 0; i < region_count; i++) at += regions[i].length;
  if (fd < 0 || ftruncate(fd, at)) die("harness: memfd");
  at = 0;
  for (u32 i = 0; i < region_count; i++) {
    struct region *r = &regions[i];
    aliases[i] = need(mmap(0, r->length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, at));
    expected[i] = need(malloc(r->length));
    memcpy(aliases[i], templates[i], r->length);
    memcpy(expected[i], templates[i], r->length);
    need(mmap((void *)r->address, r->length, r->prot, MAP_SHARED | MAP_POPULATE | MAP_FIXED_NOREPLACE, fd, at));
    at += r->length;
  }
}
/** System calls from below the harness's own addresses become SIGSYS. */
static void keep_calls_back(void) {
  struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, instruction_pointer) + 4),
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, (u32)((u64)handler >> 44 << 12), 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
  };
  struct sock_fprog program = {.len = sizeof filter / sizeof *filter, .filter = filter};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
    die("harness: seccomp");
}
static void read_input(void) {
  size_t size = 0, room = 1 << 20;
  input = need(malloc(room));
  for (ssize_t n; (n = read(0, input + size, room - size)) != 0;) {
    if (n < 0) die("harness: read");
    size += n;
    if (size == room) input = need(realloc(input, room *= 2));
  }
}

int main(void) {
  if (!(getauxval(AT_HWCAP2) & 2)) {
    fprintf(stderr, "harness: this kernel doesn't let programs set their fs base (FSGSBASE)\n");
    return 77;
  }
  read_input();
  char *at = input;
  region_count = ((u32 *)at)[0];
  cases_left = ((u32 *)at)[1];
  at += 8;
  memcpy(regions, at, region_count * sizeof *regions);
  at += region_count * sizeof *regions;
  for (u32 i = 0; i < region_count; i++) {
    templates[i] = at;
    at += regions[i].length;
  }
  next_case = at;
  map_regions();
  // A case changes at most every region; most change a few bytes. Untouched pages of this cost nothing.
  size_t room = (size_t)(cases_left + 1) * (sizeof(struct head) + sizeof(struct state) + 65536 * 3);
  output = output_at = need(mmap(0, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  __asm__ volatile("rdfsbase %0" : "=r"(host_fs));
  stack_t stack = {.ss_sp = need(malloc(1 << 18)), .ss_size = 1 << 18};
  sigaltstack(&stack, 0);
  // lsl can ask for the number of the CPU.
  cpu_set_t first;
  CPU_ZERO(&first);
  CPU_SET(0, &first);
  sched_setaffinity(0, sizeof first, &first);
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
  sigaddset(&action.sa_mask, SIGALRM);
  const int signals[] = {SIGSEGV, SIGILL, SIGFPE, SIGBUS, SIGTRAP, SIGSYS, SIGALRM};
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) sigaction(signals[i], &action, 0);
  keep_calls_back();
  struct itimerval every = {.it_interval.tv_usec = TICK_US, .it_value.tv_usec = TICK_US};
  setitimer(ITIMER_REAL, &every, 0);
  __asm__ volatile("int3" ::: "memory");
  setitimer(ITIMER_REAL, &(struct itimerval){0}, 0);
  for (char *p = output; p < output_at;) {
    ssize_t n = write(1, p, output_at - p);
    if (n < 0 && errno != EINTR) die("harness: write");
    if (n > 0) p += n;
  }
  return 0;
}
