// mremap and madvise, msync, mincore, mlock: refusals and effects.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "say.h"

#define P 4096L
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
static char *fresh(long pages) {
  char *p = mmap(0, pages * P, RW, ANON, -1, 0);
  for (long i = 0; i < pages; i++) p[i * P] = 'a' + i % 26;
  return p;
}
static void core(const char *what, char *p, int n) {
  unsigned char vec[64];
  printf("%s: %d", what, mincore(p, n * P, vec));
  for (int i = 0; i < n; i++) printf(" %d", vec[i] & 1);
  printf("\n");
}
int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  char *a = fresh(8), *hole = mmap(0, 4 * P, PROT_NONE, ANON, -1, 0);
  munmap(hole, 4 * P);
  puts("# mremap refused");
  SAY(mremap(a + 1, P, P, 0));
  SAY(mremap(a, P, 0, 0));
  SAY(mremap(a, P, 1UL << 47, MREMAP_MAYMOVE));
  SAY(mremap(a, P, P, 8));
  SAY(mremap(a, P, P, MREMAP_FIXED, a + 4 * P));
  SAY(mremap(a, P, P, MREMAP_FIXED | MREMAP_MAYMOVE, a + 1));
  SAY(mremap(a, 2 * P, 2 * P, MREMAP_FIXED | MREMAP_MAYMOVE, a + P));
  SAY(mremap(a, P, 2 * P, MREMAP_DONTUNMAP | MREMAP_MAYMOVE, 0));
  SAY(mremap(a, 2 * P, 2 * P, MREMAP_DONTUNMAP, 0));
  SAY(mremap(hole, P, 2 * P, MREMAP_MAYMOVE));
  SAY(mremap(a, 0, P, MREMAP_MAYMOVE));
  SAY(mremap(a, 40 * P, 50 * P, MREMAP_MAYMOVE));
  SAY(mremap(a, P, 40 * P, 0));
  puts("# mremap done");
  char *b = mremap(a, 8 * P, 16 * P, MREMAP_MAYMOVE);
  printf("%c %c %d\n", b[0], b[7 * P], b[8 * P]);
  SAY(mremap(b, 16 * P, 4 * P, 0) == b);
  core("shrunk", b, 4);
  SAY(mincore(b + 4 * P, P, (unsigned char *)b));
  char *c = mremap(b, 4 * P, 4 * P, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0);
  printf("%d: %d %c\n", c != b, b[0], c[0]);
  char *d = mmap(0, 8 * P, PROT_NONE, ANON, -1, 0);
  SAY(mremap(c, 4 * P, 2 * P, MREMAP_MAYMOVE | MREMAP_FIXED, d + 2 * P) == d + 2 * P);
  printf("%c %c\n", d[2 * P], d[3 * P]);
  char *s = mmap(0, 2 * P, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  strcpy(s, "shared");
  char *twin = mremap(s, 0, 2 * P, MREMAP_MAYMOVE);
  twin[0] = 'S';
  printf("%s %s\n", s, twin);
  s = mremap(s, 2 * P, 4 * P, MREMAP_MAYMOVE);
  printf("%s\n", s);

  puts("# madvise");
  int fd = open("file", O_RDWR | O_CREAT, 0600);
  ftruncate(fd, 2 * P);
  char *anon = fresh(2), *file = mmap(0, 2 * P, RW, MAP_SHARED, fd, 0), *priv = mmap(0, 2 * P, PROT_READ, MAP_PRIVATE, fd, 0),
       *locked = fresh(2), *none = mmap(0, 2 * P, PROT_NONE, ANON, -1, 0);
  mlock(locked, 2 * P);
  char *all[] = {anon, s, file, priv, locked, none};
  for (int advice = -1; advice < 26; advice++) {
    printf("%d:", advice);
    for (int i = 0; i < 6; i++) printf(" %s", madvise(all[i], P, advice) ? strerrorname_np(errno) : "ok");
    printf(" %s", madvise(anon, 0, advice) ? strerrorname_np(errno) : "ok");
    printf(" %s", madvise(anon + 1, P, advice) ? strerrorname_np(errno) : "ok");
    printf(" %s", madvise(hole, P, advice) ? strerrorname_np(errno) : "ok");
    printf(" %s\n", madvise(anon, -P, advice) ? strerrorname_np(errno) : "ok");
  }
  madvise(anon, 2 * P, MADV_DOFORK);
  char *w = fresh(3), *keep = fresh(1);
  madvise(w, P, MADV_WIPEONFORK);
  madvise(w + P, P, MADV_DONTFORK);
  if (fork() == 0) {
    printf("wiped %d, kept %c, gone %d\n", w[0], w[2 * P], mincore(w + P, P, (unsigned char *)keep));
    _exit(0);
  }
  wait(NULL);
  madvise(w, P, MADV_DONTNEED);
  printf("zero again %d, beside %c\n", w[0], w[P]);
  strcpy(file, "in the file");
  SAY(madvise(file, P, MADV_REMOVE));
  printf("removed: %d\n", file[0]);

  puts("# msync");
  SAY(msync(file, P, MS_SYNC));
  SAY(msync(file, P, MS_ASYNC | MS_SYNC));
  SAY(msync(file, P, 8));
  SAY(msync(file + 1, P, MS_SYNC));
  SAY(msync(hole, P, MS_SYNC));
  SAY(msync(file, 0, MS_SYNC));
  SAY(msync(locked, P, MS_INVALIDATE));

  puts("# mincore");
  char *m = mmap(0, 4 * P, RW, ANON, -1, 0);
  m[P] = 1;
  core("second page", m, 4);
  SAY(mincore(m + 1, P, (unsigned char *)keep));
  SAY(mincore(m, P, NULL));
  SAY(mincore(hole, P, (unsigned char *)keep));

  puts("# mlock");
  hole = mmap(0, 4 * P, PROT_NONE, ANON, -1, 0);
  munmap(hole, 4 * P);
  SAY(mlock(m, 4 * P));
  core("locked", m, 4);
  SAY(mlock(hole, P));
  SAY(munlock(m, 4 * P));
  SAY(mlock2(m, P, 1));
  SAY(mlock2(m, P, 2));
  SAY(mlockall(0));
  SAY(mlockall(MCL_ONFAULT));
  SAY(mlockall(8));
  SAY(munlockall());

  puts("# other memory");
  SAY(syscall(SYS_membarrier, 0, 0, 0) > 0);
  SAY(syscall(SYS_membarrier, 8, 0, 0));
  SAY(syscall(SYS_membarrier, 16, 0, 0));
  SAY(syscall(SYS_membarrier, 8, 0, 0));
  SAY(syscall(SYS_membarrier, 3, 0, 0));
  SAY(syscall(SYS_membarrier, 0, 1, 0));
  char text[16] = "";
  struct iovec here = {text, 6}, there = {s, 6}, bad = {hole, 6};
  SAY(process_vm_readv(getpid(), &here, 1, &there, 1, 0));
  printf("%s\n", text);
  SAY(process_vm_readv(getpid(), &here, 1, &bad, 1, 0));
  SAY(process_vm_readv(getpid(), &here, 1, &there, 1, 1));
  SAY(process_vm_readv(99999999, &here, 1, &there, 1, 0));
  SAY(process_vm_writev(getpid(), &here, 1, &there, 1, 0));
  SAY(process_vm_writev(getpid(), &here, 2000, &there, 1, 0));
  return 0;
}
