// build: -D_GNU_SOURCE
// Reading and writing at positions, in vectors, to pipes; seeking; sizes and holes.
#include <fcntl.h>
#include <limits.h>
#include <linux/falloc.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#include "say.h"

static char buf[65536];
static void show(int fd, int n) {
  memset(buf, 0, sizeof buf);
  long r = pread(fd, buf, n, 0);
  for (int i = 0; i < r; i++) putchar(buf[i] ? buf[i] : '.');
  struct stat st;
  fstat(fd, &st);
  printf(" size %ld blocks %ld position %ld\n", (long)st.st_size, (long)st.st_blocks, (long)lseek(fd, 0, SEEK_CUR));
}
static void on_xfsz(int s) { printf("signal %d\n", s); }

int main(void) {
  int fd = open("f", O_RDWR | O_CREAT | O_TRUNC, 0644);
  SAY(write(fd, "hello world", 11));
  SAY(pwrite(fd, "J", 1, 0));
  struct iovec v[3] = {{"one", 3}, {"", 0}, {"three", 5}};
  SAY(writev(fd, v, 3));
  SAY(pwritev(fd, v, 3, 4));
  SAY(pwritev2(fd, v, 1, -1, 0));
  SAY(pwritev2(fd, v, 1, 0, RWF_APPEND));
  SAY(pwritev2(fd, v, 1, 0, 0x1000));
  show(fd, 40);
  char a[4], b[30];
  struct iovec r[2] = {{a, 4}, {b, 30}};
  lseek(fd, 2, SEEK_SET);
  SAY(readv(fd, r, 2));
  SAY(preadv(fd, r, 2, 20));
  SAY(preadv2(fd, r, 1, -1, 0));
  SAY(preadv2(fd, r, 1, 1, 0));
  printf("%.4s\n", a);
  SAY(preadv(fd, r, 2, -5));
  SAY(readv(fd, r, -1));
  SAY(readv(fd, r, 1025));
  SAY(readv(fd, r, 0));
  struct iovec wrong[2] = {{a, 4}, {b, (size_t)-1}};
  SAY(readv(fd, wrong, 2));
  struct iovec unmapped[2] = {{a, 4}, {(void *)16, 10}};
  lseek(fd, 0, SEEK_SET);
  SAY(readv(fd, unmapped, 2));
  SAY(syscall(SYS_read, fd, 16, 5));
  SAY(syscall(SYS_read, fd, -1, 5));
  SAY(syscall(SYS_read, fd, buf, -1L));
  lseek(fd, 0, SEEK_END);
  SAY(syscall(SYS_read, fd, 16, 5));
  SAY(syscall(SYS_write, fd, 16, 5));
  SAY(syscall(SYS_write, fd, 16, 0));
  // A buffer that ends at an unmapped page.
  char *page = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(page + 4096, 4096);
  lseek(fd, 0, SEEK_SET);
  SAY(read(fd, page + 4090, 20));
  SAY(write(fd, page + 4090, 20));
  show(fd, 40);

  SAY(lseek(fd, 100, SEEK_SET));
  SAY(write(fd, "x", 1));
  SAY(lseek(fd, -200, SEEK_CUR));
  SAY(lseek(fd, -1, SEEK_END));
  SAY(lseek(fd, LONG_MAX, SEEK_SET));
  SAY(lseek(fd, LONG_MAX, SEEK_CUR));
  SAY(lseek(fd, 0, 5));
  SAY(ftruncate(fd, 5));
  show(fd, 10);
  SAY(ftruncate(fd, 100000));
  SAY(lseek(fd, 0, SEEK_DATA));
  SAY(lseek(fd, 0, SEEK_HOLE));
  SAY(lseek(fd, 50000, SEEK_DATA));
  SAY(lseek(fd, 50000, SEEK_HOLE));
  SAY(lseek(fd, 100000, SEEK_HOLE));
  SAY(lseek(fd, -1, SEEK_DATA));
  SAY(pwrite(fd, "data", 4, 70000));
  SAY(lseek(fd, 5000, SEEK_DATA));
  SAY(lseek(fd, 70000, SEEK_HOLE));
  SAY(fallocate(fd, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, 65536, 8192));
  SAY(lseek(fd, 5000, SEEK_DATA));
  SAY(fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, 10));
  SAY(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 200000));
  SAY(fallocate(fd, 0, 200000, 10));
  SAY(fallocate(fd, FALLOC_FL_ZERO_RANGE, 1, 3));
  SAY(fallocate(fd, 0x1000, 1, 3));
  SAY(fallocate(fd, 0, 0, 0));
  SAY(fallocate(fd, 0, -1, 10));
  SAY(fallocate(fd, 0, LONG_MAX - 5, 100));
  show(fd, 8);
  SAY(truncate("f", 3));
  SAY(truncate("f", -3));
  SAY(truncate("nope", 3));
  SAY(truncate(".", 3));
  SAY(truncate("f/x", 3));
  show(fd, 8);
  SAY(posix_fadvise(fd, 0, 0, POSIX_FADV_WILLNEED));
  SAY(posix_fadvise(fd, 0, 0, 77));
  SAY(readahead(fd, 0, 100));
  SAY(fsync(fd));
  SAY(fdatasync(fd));
  SAY(syncfs(fd));
  SAY(sync_file_range(fd, 0, 10, 7));
  SAY(sync_file_range(fd, 0, 10, 8));
  SAY(syscall(SYS_sync));
  struct rlimit limit = {10, RLIM_INFINITY};
  signal(SIGXFSZ, on_xfsz);
  setrlimit(RLIMIT_FSIZE, &limit);
  SAY(pwrite(fd, "0123456789", 10, 5));
  SAY(pwrite(fd, "0123456789", 10, 10));
  SAY(ftruncate(fd, 11));
  limit.rlim_cur = RLIM_INFINITY;
  setrlimit(RLIMIT_FSIZE, &limit);
  show(fd, 20);

  int ap = open("f", O_WRONLY | O_APPEND);
  lseek(ap, 0, SEEK_SET);
  SAY(write(ap, "END", 3));
  SAY(pwrite(ap, "MORE", 4, 0));
  SAY(read(ap, buf, 1));
  show(fd, 30);
  int dir = open(".", O_RDONLY);
  SAY(read(dir, buf, 10));
  SAY(pread(dir, buf, 10, 0));
  SAY(write(dir, buf, 10));
  SAY(ftruncate(dir, 1));
  SAY(fsync(dir));

  int p[2];
  SAY(pipe2(p, O_NONBLOCK));
  SAY(read(p[0], buf, 10));
  SAY(writev(p[1], v, 3));
  SAY(read(p[0], buf, 4));
  SAY(readv(p[0], r, 2));
  printf("%.4s\n", a);
  SAY(pread(p[0], buf, 1, 0));
  SAY(lseek(p[0], 0, SEEK_CUR));
  SAY(write(p[1], buf, 65536));
  SAY(write(p[1], buf, 1));
  SAY(read(p[0], buf, 4000));
  SAY(write(p[1], buf, 1));
  SAY(read(p[0], buf, 4096));
  SAY(write(p[1], buf, 5000));
  SAY(fcntl(p[0], F_GETPIPE_SZ));
  SAY(fcntl(p[0], F_SETPIPE_SZ, 4096));
  SAY(fcntl(p[0], F_SETPIPE_SZ, 100000));
  SAY(fcntl(fd, F_GETPIPE_SZ));
  SAY(write(p[0], buf, 1));
  SAY(read(p[1], buf, 1));
  close(p[1]);
  while (read(p[0], buf, sizeof buf) > 0) {}
  SAY(read(p[0], buf, 1));
  pipe(p);
  close(p[0]);
  signal(SIGPIPE, on_xfsz);
  SAY(write(p[1], "x", 1));
  SAY(write(p[1], "x", 0));

  int null = open("/dev/null", O_RDWR), zero = open("/dev/zero", O_RDWR), full = open("/dev/full", O_RDWR);
  SAY(read(null, buf, 10));
  SAY(write(null, buf, 10));
  SAY(lseek(null, 5, SEEK_SET));
  SAY(lseek(null, 5, SEEK_END));
  SAY(pread(null, buf, 10, 3));
  buf[9] = 1;
  SAY(read(zero, buf, 10));
  printf("%d\n", buf[9]);
  SAY(read(full, buf, 10));
  SAY(write(full, buf, 10));
  SAY(write(zero, buf, 10));
  SAY(ftruncate(null, 0));
  SAY(truncate("/dev/null", 0));
  int random = open("/dev/urandom", O_RDONLY);
  SAY(read(random, buf, 100));
  SAY(write(random, buf, 100));
  unlink("f");
  return 0;
}
