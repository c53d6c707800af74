// Mappings, futexes, limits, and calls that nobody knows.
#define _GNU_SOURCE
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

int main(void) {
  static char b[8192];
  struct utsname u;
  struct timespec ts = {0, 1000};
  int word = 0;
  char *m = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mmap(0, 4096, PROT_NONE, MAP_SHARED | MAP_ANONYMOUS, 0, 0x1000);
  mmap(0, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mmap(0, 4096, PROT_READ | 0x10, MAP_SHARED_VALIDATE | MAP_FIXED_NOREPLACE, -1, 0);
  mprotect(m, 4096, PROT_READ);
  madvise(m, 8192, MADV_DONTNEED);
  madvise(m, 8192, 77);
  mremap(m, 0x1000, 0x1000, MREMAP_MAYMOVE);
  syscall(SYS_mremap, 0x1000, 0, 4096, 0);
  msync(0, 0, MS_SYNC);
  munmap(m, 8192);
  munmap(0, 0);
  sbrk(0);
  syscall(SYS_brk, 0);
  syscall(SYS_futex, &word, FUTEX_WAIT, 1, &ts);
  syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &ts);
  syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1);
  syscall(SYS_futex, &word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 1, 0, 0, -1);
  syscall(SYS_futex, &word, FUTEX_WAKE_BITSET, 1, 0, 0, 3);
  syscall(SYS_futex, &word, 99, 1, 2, 3, 4);
  uname(&u);
  uname((void *)1);
  struct rlimit rl;
  getrlimit(RLIMIT_STACK, &rl);
  syscall(SYS_prlimit64, 0, 99, 0, 0);
  syscall(SYS_getrandom, b, 4, 1);
  syscall(SYS_getrandom, b, 4, 99);
  syscall(SYS_arch_prctl, 0x1003, b);
  syscall(SYS_arch_prctl, 7, 1);
  syscall(SYS_clock_gettime, CLOCK_MONOTONIC, b);
  syscall(SYS_clock_gettime, 77, b);
  syscall(999, 0, 1, 2, 3, 4, 5);
  syscall(1000000, 1, 2, 3, 4, 5, 6);
  char *args[] = {"a", 0}, *many[50];
  for (int i = 0; i < 49; i++) many[i] = "x";
  many[49] = 0;
  syscall(SYS_execve, "no", args, 0);
  syscall(SYS_execve, "no", 0, args);
  syscall(SYS_execve, "no", many, many);
  return 0;
}
