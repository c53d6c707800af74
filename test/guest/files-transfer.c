// build: -D_GNU_SOURCE
// Data from one descriptor to another.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "say.h"

static char buf[200000];
int main(void) {
  int a = open("a", O_RDWR | O_CREAT, 0600), b = open("b", O_RDWR | O_CREAT, 0600), dir = open(".", O_RDONLY);
  int ro = open("a", O_RDONLY), ap = open("b", O_WRONLY | O_APPEND), p[2], q[2];
  for (int i = 0; i < (int)sizeof buf; i++) buf[i] = 'a' + i % 26;
  write(a, buf, 100000);
  lseek(a, 0, SEEK_SET);
  off_t off = 10;
  SAY(sendfile(b, a, 0, 1000));
  SAY(sendfile(b, a, &off, 1000));
  printf("%ld %ld %ld\n", off, lseek(a, 0, SEEK_CUR), lseek(b, 0, SEEK_CUR));
  off = 99990;
  SAY(sendfile(b, a, &off, 1000));
  SAY(sendfile(b, a, &off, 1000));
  off = -1;
  SAY(sendfile(b, a, &off, 1000));
  SAY(sendfile(ro, a, 0, 10));
  SAY(sendfile(b, 99, 0, 10));
  SAY(sendfile(99, a, 0, 10));
  SAY(sendfile(ap, a, 0, 10));
  SAY(sendfile(b, dir, 0, 10));
  SAY(syscall(SYS_sendfile, b, a, 16, 10));
  pipe(p), pipe(q);
  SAY(sendfile(p[1], a, 0, 50));
  SAY(read(p[0], buf, 100));
  SAY(sendfile(b, p[0], 0, 10));
  off = 0;
  SAY(sendfile(b, p[0], &off, 10));
  int zero = open("/dev/zero", O_RDONLY);

  loff_t in = 5, out = 50000;
  SAY(copy_file_range(a, &in, b, &out, 1000, 0));
  printf("%ld %ld\n", in, out);
  SAY(copy_file_range(a, 0, b, 0, 1000, 0));
  SAY(copy_file_range(a, 0, b, 0, 1000, 1));
  SAY(copy_file_range(a, &in, a, &in, 1000, 0));
  SAY(copy_file_range(dir, 0, b, 0, 1000, 0));
  SAY(copy_file_range(p[0], 0, b, 0, 1000, 0));
  SAY(copy_file_range(a, 0, ro, 0, 1000, 0));
  SAY(copy_file_range(a, 0, ap, 0, 1000, 0));
  SAY(copy_file_range(a, 0, 99, 0, 1000, 0));
  in = 1000000;
  SAY(copy_file_range(a, &in, b, 0, 1000, 0));
  in = -5;
  SAY(copy_file_range(a, &in, b, 0, 1000, 0));
  struct stat st;
  fstat(b, &st);
  printf("size %ld\n", (long)st.st_size);

  in = 3;
  SAY(splice(a, &in, p[1], 0, 20, 0));
  printf("%ld\n", in);
  SAY(tee(p[0], q[1], 10, 0));
  SAY(read(q[0], buf, 100));
  printf("%.10s\n", buf);
  SAY(splice(p[0], 0, q[1], 0, 5, 0));
  SAY(splice(p[0], 0, b, 0, 100, 0));
  SAY(splice(p[0], 0, b, 0, 100, SPLICE_F_NONBLOCK));
  SAY(splice(a, 0, b, 0, 10, 0));
  SAY(splice(p[0], &in, b, 0, 10, 0));
  SAY(splice(p[0], 0, p[1], 0, 10, 0));
  SAY(splice(p[0], 0, b, 0, 10, 64));
  SAY(splice(p[0], 0, b, 0, 0, 64));
  SAY(splice(99, 0, b, 0, 10, 0));
  SAY(splice(p[1], 0, b, 0, 10, 0));
  SAY(splice(a, 0, p[0], 0, 10, 0));
  SAY(splice(q[0], 0, ap, 0, 10, 0));
  SAY(tee(p[0], p[1], 10, 0));
  SAY(tee(a, p[1], 10, 0));
  SAY(tee(p[0], q[1], 10, SPLICE_F_NONBLOCK));
  SAY(splice(zero, 0, p[1], 0, 5000, 0));
  SAY(read(p[0], buf, 10000));
  struct iovec v[2] = {{"gift", 4}, {"ed", 2}};
  SAY(vmsplice(p[1], v, 2, 0));
  SAY(read(p[0], buf, 100));
  SAY(vmsplice(a, v, 2, 0));
  SAY(vmsplice(p[1], v, 2000, 0));
  SAY(vmsplice(99, v, 2, 0));

  // Across a full pipe, with somebody reading slowly.
  lseek(a, 0, SEEK_SET);
  fflush(stdout);
  if (fork() == 0) {
    close(p[1]);
    long sum = 0, n;
    while ((n = read(p[0], buf, 3000)) > 0) for (long i = 0; i < n; i++) sum += buf[i];
    printf("sum %ld\n", sum);
    fflush(stdout);
    _exit(0);
  }
  SAY(sendfile(p[1], a, 0, 200000));
  close(p[1]), close(p[0]);
  wait(0);

  SAY(ioctl(a, 0x40049409, b));
  SAY(ioctl(a, 0x40049409, 99));
  int n = -1;
  lseek(a, 99000, SEEK_SET);
  SAY(ioctl(a, 0x541b, &n));
  printf("%d\n", n);
  SAY(ioctl(q[0], 0x541b, &n));
  printf("%d\n", n);
  SAY(ioctl(a, 0x5401, buf));
  SAY(ioctl(a, 0x12345, buf));
  SAY(ioctl(99, 0x5401, buf));
  SAY(ioctl(a, 2, &n));
  printf("%d\n", n);
  n = 1;
  SAY(ioctl(q[0], 0x5421, &n));
  SAY(fcntl(q[0], F_GETFL));
  SAY(ioctl(q[0], 0x5421, 16));
  SAY(ioctl(a, 0x5451, 0));
  SAY(fcntl(a, F_GETFD));
  SAY(ioctl(a, 0x5450, 0));
  SAY(fcntl(a, F_GETFD));

  int m = memfd_create("name", MFD_ALLOW_SEALING | MFD_CLOEXEC);
  SAY(fcntl(m, F_GETFD));
  SAY(fcntl(m, F_GETFL));
  SAY(fcntl(m, F_GET_SEALS));
  SAY(write(m, "memory", 6));
  SAY(ftruncate(m, 10000));
  SAY(copy_file_range(a, 0, m, 0, 10, 0));
  char link[100] = {0};
  sprintf(buf, "/proc/self/fd/%d", m);
  SAY(readlink(buf, link, 99));
  printf("%s\n", link);
  fstat(m, &st);
  printf("%o %ld\n", st.st_mode, (long)st.st_nlink);
  SAY(fcntl(m, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW));
  SAY(ftruncate(m, 5));
  SAY(ftruncate(m, 20000));
  SAY(pwrite(m, "x", 1, 9999));
  SAY(pwrite(m, "xy", 2, 9999));
  char *map = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, m, 0);
  map[1] = 'E';
  SAY(pread(m, link, 6, 0));
  printf("%.6s\n", link);
  SAY(fcntl(m, F_ADD_SEALS, F_SEAL_WRITE));
  munmap(map, 4096);
  SAY(fcntl(m, F_ADD_SEALS, F_SEAL_WRITE));
  SAY(pwrite(m, "x", 1, 0));
  SAY(fallocate(m, 3, 0, 4096));
  SAY(mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, m, 0) == MAP_FAILED);
  SAY(mmap(0, 4096, PROT_READ, MAP_SHARED, m, 0) != MAP_FAILED);
  SAY(fcntl(m, F_ADD_SEALS, F_SEAL_SEAL));
  SAY(fcntl(m, F_ADD_SEALS, F_SEAL_SHRINK));
  SAY(fcntl(m, F_ADD_SEALS, 0x1000));
  SAY(fcntl(m, F_GET_SEALS));
  SAY(fcntl(a, F_GET_SEALS));
  SAY(fcntl(a, F_ADD_SEALS, 1));
  SAY(memfd_create("x", 0x7777));
  int plain = memfd_create("plain", 0);
  SAY(fcntl(plain, F_GET_SEALS));
  SAY(fcntl(plain, F_ADD_SEALS, 2));
  SAY(fcntl(memfd_create("n", 8), F_GET_SEALS));
  return 0;
}
