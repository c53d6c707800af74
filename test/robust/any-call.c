// Calls with arguments that make no sense, by children one behind the other. Never run this on the machine itself. Arguments: children, first seed.
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static uint64_t state;
static char *page;
static uint64_t next(void) {
  state ^= state << 13;
  state ^= state >> 7;
  return state ^= state << 17;
}
static uint64_t argument(void) {
  static const uint64_t edges[] = {0, 1, 2, 3, 4, 7, 8, 16, 64, 100, 255, 4095, 4096, 65536, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
                                   0x7fffffffffff, 0x7ffffffff000, 0x8000000000000000, 0x7fffffffffffffff, -1ull, -2ull, -100ull, -4096ull};
  switch (next() % 6) {
    case 0: return edges[next() % (sizeof edges / sizeof *edges)];
    case 1: return (uint64_t)page + next() % 8192;
    case 2: return (uint64_t)page + 8192 - next() % 64;
    case 3: return next() % 12;
    case 4: return next() >> (next() % 64);
    default: return edges[next() % 10];
  }
}
// Those that end or stop this program, or make more of it.
static int spared(long nr) {
  switch (nr) {
    case SYS_exit: case SYS_exit_group: case SYS_rt_sigreturn: case SYS_kill: case SYS_tkill: case SYS_tgkill: case SYS_rt_sigqueueinfo:
    case SYS_rt_tgsigqueueinfo: case SYS_pidfd_send_signal: case SYS_fork: case SYS_vfork: case SYS_clone: case SYS_clone3: case SYS_rt_sigprocmask: case SYS_setrlimit:
    case SYS_prlimit64: return 1;
    default: return 0;
  }
}
// Calls that change the memory under the program's feet: asked for more often than others.
static const long memory[] = {SYS_mmap, SYS_mprotect, SYS_munmap, SYS_brk, SYS_mremap, SYS_madvise, SYS_msync, SYS_mincore, SYS_mlock, SYS_munlock, SYS_mlockall,
                              SYS_remap_file_pages, SYS_process_vm_readv, SYS_process_vm_writev, SYS_execve, SYS_execveat, SYS_arch_prctl, SYS_futex, SYS_set_robust_list, SYS_rseq};
static void tick(int s) {}
static void child(uint64_t seed, int calls, int with_memory) {
  struct { long a, b, c, d; } often = {0, 2000, 0, 2000};
  struct sigaction sa = {.sa_handler = tick};
  for (int fd = 0; fd < 3; fd++) close(fd);
  for (int fd = 0; fd < 3; fd++) open("/dev/null", O_RDWR);
  for (int s = 1; s < 65; s++)
    if (s != SIGSEGV && s != SIGBUS && s != SIGILL && s != SIGFPE && s != SIGTRAP) sigaction(s, &sa, NULL);
  state = 88172645463325252ull + 977 * seed;
  for (int n = 0; n < calls; n++) {
    long nr = with_memory && next() % 3 == 0 ? memory[next() % (sizeof memory / sizeof *memory)] : next() % 470;
    uint64_t a[6];
    for (int k = 0; k < 6; k++) a[k] = argument();
    if (spared(nr)) continue;
    int touches = nr == SYS_mmap || nr == SYS_munmap || nr == SYS_mremap || nr == SYS_mprotect || nr == SYS_madvise || nr == SYS_execve;
    if (touches && !with_memory) continue;
    if (next() % 4 == 0)
      for (int k = 0; k < 64; k++) page[next() % 8192] = next() % 3 ? 0 : next();
    // Whatever waits is interrupted.
    syscall(SYS_setitimer, 0, &often, NULL);
    syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
  }
  _exit(0);
}
int main(int argc, char **argv) {
  int children = atoi(argv[1]), first = atoi(argv[2]);
  page = mmap(0, 16384, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  munmap(page + 8192, 8192);
  for (int i = 0; i < children; i++) {
    int p = fork(), st;
    if (p == 0) child(first + i, i % 2 ? 300 : 1500, i % 2);
    // Some loop for ever in what they have made of themselves.
    for (int n = 0; waitpid(p, &st, WNOHANG) == 0; n++) {
      if (n == 2000) kill(p, SIGKILL);
      usleep(1000);
    }
  }
  printf("%d children\n", children);
  return 0;
}
