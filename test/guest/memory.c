// mmap, munmap, mprotect, brk: what they refuse, where they put things, how areas join.
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "say.h"

#define P 4096L
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
static sigjmp_buf back;
static int code;
static void fault(int sig, siginfo_t *si, void *uc) { code = si->si_code; siglongjmp(back, sig); }
static void touch(const char *what, volatile char *p, int write) {
  int sig = sigsetjmp(back, 1);
  if (sig == 0) {
    if (write) *p = 1;
    else (void)*p;
  }
  printf("%s: %s %d\n", what, sig ? sigabbrev_np(sig) : "fine", sig ? code : 0);
}
// Pieces that maps has of a range, by rights and length.
static void pieces(const char *what, char *from, long length) {
  FILE *f = fopen("/proc/self/maps", "r");
  char line[512], rights[8];
  unsigned long a, b;
  printf("%s:", what);
  while (fgets(line, sizeof line, f))
    if (sscanf(line, "%lx-%lx %4s", &a, &b, rights) == 3 && b > (unsigned long)from && a < (unsigned long)from + length) {
      if (a < (unsigned long)from) a = (unsigned long)from;
      if (b > (unsigned long)from + length) b = (unsigned long)from + length;
      printf(" %s*%lu", rights, (b - a) / P);
    }
  printf("\n");
  fclose(f);
}
int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  struct sigaction sa = {.sa_sigaction = fault, .sa_flags = SA_SIGINFO};
  sigaction(SIGSEGV, &sa, NULL);
  sigaction(SIGBUS, &sa, NULL);
  int fd = open("file", O_RDWR | O_CREAT, 0600), ro = open("file", O_RDONLY), wo = open("file", O_WRONLY), dir = open(".", O_RDONLY);
  int path = open("file", O_PATH), p[2];
  pipe(p);
  ftruncate(fd, 3 * P);
  puts("# refused");
  SAY(mmap(0, 0, RW, ANON, -1, 0));
  SAY(mmap(0, -1UL, RW, ANON, -1, 0));
  SAY(mmap(0, 1UL << 47, RW, ANON, -1, 0));
  SAY(mmap((void *)1, P, RW, ANON | MAP_FIXED, -1, 0));
  SAY(mmap((void *)(1UL << 47), P, RW, ANON | MAP_FIXED, -1, 0));
  SAY(mmap(0, P, RW, MAP_ANONYMOUS, -1, 0));
  SAY(mmap(0, P, RW, MAP_ANONYMOUS | MAP_SHARED_VALIDATE, -1, 0));
  SAY(mmap(0, P, RW, MAP_ANONYMOUS | MAP_SHARED | MAP_GROWSDOWN, -1, 0));
  SAY(mmap(0, P, RW, MAP_PRIVATE, -1, 0));
  SAY(mmap(0, P, RW, MAP_PRIVATE, 999, 0));
  SAY(mmap(0, P, RW, MAP_PRIVATE, fd, 1));
  SAY(mmap(0, P, RW, 0, fd, 0));
  SAY(mmap(0, P, RW, 4, fd, 0));
  SAY(mmap(0, P, RW, MAP_SHARED, ro, 0));
  SAY(mmap(0, P, PROT_READ, MAP_SHARED, wo, 0));
  SAY(mmap(0, P, PROT_READ, MAP_PRIVATE, wo, 0));
  SAY(mmap(0, P, PROT_READ, MAP_PRIVATE, dir, 0));
  SAY(mmap(0, P, PROT_READ, MAP_PRIVATE, path, 0));
  SAY(mmap(0, P, PROT_READ, MAP_PRIVATE, p[0], 0));
  SAY(mmap(0, P, PROT_READ, MAP_PRIVATE | MAP_GROWSDOWN, fd, 0));
  SAY(mmap(0, P, PROT_READ, MAP_SHARED_VALIDATE | 0x800000, fd, 0));
  SAY(mmap(0, P, RW, ANON | MAP_HUGETLB, -1, 0));
  SAY(mmap(0, P, RW, MAP_PRIVATE | MAP_HUGETLB, fd, 0));
  SAY(syscall(SYS_mmap, 0, P, PROT_READ, MAP_PRIVATE, fd, 0x7ffffffffffff000));
  char *a = mmap(0, 16 * P, RW, ANON, -1, 0);
  SAY(munmap(a + 1, P));
  SAY(munmap(a, 0));
  SAY(munmap(a, -1UL));
  SAY(munmap((void *)(1UL << 48), P));
  SAY(mprotect(a + 1, P, RW));
  SAY(mprotect(a, 0, RW));
  SAY(mprotect(a, -P, RW));
  SAY(mprotect(a, P, 0x40));
  SAY(mprotect(a, P, PROT_GROWSDOWN | PROT_GROWSUP));
  SAY(mprotect(a, P, PROT_READ | PROT_GROWSDOWN));
  SAY(mprotect((void *)0x1000, P, PROT_READ));
  SAY(syscall(SYS_pkey_mprotect, a, P, RW, -1));
  SAY(syscall(SYS_pkey_mprotect, a, P, RW, 5));
  SAY(syscall(SYS_pkey_free, 77));
  SAY(syscall(SYS_remap_file_pages, a, P, 0, 0, 0));

  puts("# pieces");
  a[0] = 1;
  pieces("whole", a, 16 * P);
  mprotect(a + 2 * P, 2 * P, PROT_READ);
  munmap(a + 6 * P, P);
  pieces("read-only in it, and a hole", a, 16 * P);
  mprotect(a + 2 * P, 2 * P, RW);
  pieces("joined again", a, 16 * P);
  mmap(a + 6 * P, P, RW, ANON | MAP_FIXED, -1, 0);
  pieces("hole filled", a, 16 * P);
  mprotect(a + 14 * P, P, PROT_NONE);
  mmap(a + 8 * P, P, PROT_READ | PROT_EXEC, ANON | MAP_FIXED, -1, 0);
  pieces("code in it", a, 16 * P);
  SAY(mmap(a, P, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0));
  munmap(a + 4 * P, P);
  SAY(mmap(a + 4 * P, P, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0) == a + 4 * P);
  SAY(mmap(a + 4 * P, P, RW, ANON, -1, 0) != a + 4 * P);
  SAY((uintptr_t)mmap(0, P, RW, ANON | MAP_32BIT, -1, 0) < 0x80000000);

  puts("# rights");
  char *r = mmap(0, 4 * P, PROT_READ, ANON, -1, 0);
  touch("read", r, 0);
  touch("write to read-only", r, 1);
  touch("write to untouched read-only", r + P, 1);
  mprotect(r, P, PROT_NONE);
  touch("read none", r, 0);
  mprotect(r, P, PROT_WRITE);
  touch("read write-only", r, 0);
  mprotect(r, P, PROT_EXEC);
  touch("read execute-only", r, 0);
  char *s = mmap(0, 4 * P, PROT_READ, MAP_SHARED, ro, 0);
  SAY(mprotect(s, P, RW));
  SAY(mprotect(s, P, PROT_READ | PROT_EXEC));
  touch("behind the end of the file", s + 3 * P, 0);
  touch("last page of the file", s + 2 * P, 0);
  char *pv = mmap(0, 4 * P, RW, MAP_PRIVATE, ro, 0);
  touch("private behind the end", pv + 3 * P, 1);
  ftruncate(fd, P + 10);
  touch("cut off", pv + 2 * P, 0);
  touch("partial page", pv + P, 1);
  pwrite(fd, "new", 3, 0);
  printf("private page follows the file: %.3s\n", pv);
  pv[0] = 'N';
  pwrite(fd, "old", 3, 0);
  printf("until it is written: %.3s\n", pv);

  puts("# growing down");
  char *g = mmap(0, 64 * P, PROT_NONE, ANON, -1, 0);
  char *top = mmap(g + 32 * P, P, RW, ANON | MAP_GROWSDOWN | MAP_FIXED, -1, 0);
  munmap(g, 32 * P);
  touch("just below", top - 1, 1);
  touch("further below", top - 20 * P, 1);
  pieces("grown", top - 20 * P, 21 * P);
  SAY(mprotect(top, P, PROT_READ | PROT_GROWSDOWN));
  pieces("protected to its start", top - 20 * P, 21 * P);

  puts("# brk");
  char *b = sbrk(0);
  SAY(syscall(SYS_brk, 0) == (long)b);
  SAY(syscall(SYS_brk, b + 10) == (long)b + 10);
  SAY(syscall(SYS_brk, b + 3 * P) == (long)b + 3 * P);
  touch("heap", b + 3 * P - 1, 1);
  SAY(syscall(SYS_brk, 1L << 46) == (long)b + 3 * P);
  SAY(syscall(SYS_brk, b) == (long)b);
  struct rlimit l = {1 << 20, RLIM_INFINITY};
  setrlimit(RLIMIT_DATA, &l);
  SAY(syscall(SYS_brk, b + (8 << 20)) == (long)b);
  SAY(mmap(0, 8 << 20, RW, ANON, -1, 0));
  SAY(mmap(0, 8 << 20, PROT_READ, ANON, -1, 0) != MAP_FAILED);
  l.rlim_cur = RLIM_INFINITY;
  setrlimit(RLIMIT_DATA, &l);
  l.rlim_cur = 64 << 20;
  setrlimit(RLIMIT_AS, &l);
  SAY(mmap(0, 64 << 20, PROT_NONE, ANON, -1, 0));
  SAY(mmap(0, 1 << 20, PROT_NONE, ANON, -1, 0) != MAP_FAILED);
  return 0;
}
