// The file family: what is known of files, vectors, times, locks, commands, directories, links.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <unistd.h>

static char b[10000];
static void known(void) {
  struct stat st;
  struct statx sx;
  struct statfs sf;
  stat("/dev/null", &st);
  lstat("/", &st);
  stat("no", &st);
  fstat(99, &st);
  statx(AT_FDCWD, "/usr", AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &sx);
  statx(AT_FDCWD, "no", 0x4000, 0, &sx);
  statfs("/", &sf);
  statfs("no", &sf);
}
static void contents(void) {
  int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0644);
  struct iovec v[3] = {{"one", 3}, {"two\n", 4}, {b, 0}};
  writev(fd, v, 3);
  pwritev(fd, v, 2, 0);
  v[0].iov_base = b;
  v[1].iov_base = b + 10;
  lseek(fd, 0, SEEK_SET);
  readv(fd, v, 2);
  preadv(fd, v, 2, 2);
  preadv(fd, v, 2, 200);
  readv(99, v, 2);
  writev(fd, (void *)5, 2);
  writev(fd, v, 0);
  pread(fd, b, 10, 1);
  pwrite(fd, b, 2, 5000);
  ftruncate(fd, 10);
  truncate("no", 3);
  fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 100);
  fallocate(fd, 0, 0, -1);
  posix_fadvise(fd, 0, 10, POSIX_FADV_WILLNEED);
  int to = open("other", O_RDWR | O_CREAT, 0600);
  off_t at = 3;
  sendfile(to, fd, &at, 5);
  sendfile(99, fd, &at, 5);
  lseek(fd, 0, SEEK_SET);
  sendfile(to, fd, 0, 5);
  fsync(fd);
  flock(fd, LOCK_EX | LOCK_NB);
  flock(fd, 9);
  struct flock lk = {F_WRLCK, SEEK_SET, 0, 10, 0};
  fcntl(fd, F_SETLK, &lk);
  fcntl(fd, F_GETLK, &lk);
  fcntl(fd, F_GETFD);
  fcntl(fd, F_SETFD, FD_CLOEXEC);
  fcntl(fd, F_GETFD);
  fcntl(fd, F_GETFL);
  fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK);
  fcntl(fd, F_DUPFD, 50);
  fcntl(fd, 99, 7);
  fcntl(fd, F_NOTIFY, DN_ACCESS | DN_MODIFY);
  fcntl(fd, F_ADD_SEALS, 3);
  close(fd);
}
static void names(void) {
  struct timespec ts[2] = {{1, 2}, {0, UTIME_NOW}};
  utimensat(AT_FDCWD, "file", ts, 0);
  ts[0].tv_nsec = UTIME_OMIT;
  utimensat(AT_FDCWD, "no", ts, AT_SYMLINK_NOFOLLOW);
  struct timeval tv[2] = {{1, 2}, {3, 4}};
  syscall(SYS_utimes, "no", tv);
  link("no", "no2");
  symlink("file", "link");
  readlink("link", b, 100);
  readlink("link", b, 3);
  readlink("no", b, 3);
  linkat(AT_FDCWD, "no", AT_FDCWD, "x", AT_SYMLINK_FOLLOW);
  rename("no", "x");
  renameat2(AT_FDCWD, "no", AT_FDCWD, "b", 1);
  unlinkat(AT_FDCWD, "no", AT_REMOVEDIR);
  mkdir("directory", 0777);
  rmdir("directory");
  chown("no", 1, 2);
  lchown("no", -1, 0);
  fchownat(AT_FDCWD, "no", 0, 0, AT_EMPTY_PATH);
  fchmodat(AT_FDCWD, "no", 0777, 0);
  fchmod(99, 01777);
  access("no", R_OK);
  faccessat(AT_FDCWD, "no", F_OK, AT_EACCESS);
  setxattr("no", "user.a", "v", 1, XATTR_CREATE);
  getxattr("no", "user.a", b, 10);
  chdir("no");
  getcwd(b, 2);
  open("no", O_PATH | O_SYNC | O_NOFOLLOW | O_DIRECTORY, 0600);
  open("no", O_TMPFILE | O_RDWR, 0600);
  creat("no/x", 0600);
  memfd_create("name", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  syscall(SYS_close_range, 1000, 2000, 4);
}
static void directories(void) {
  mkdir("d", 0700);
  int d = open("d", O_RDONLY | O_DIRECTORY);
  syscall(SYS_getdents64, d, b, 1000);
  syscall(SYS_getdents64, d, b, 1000);
  syscall(SYS_getdents64, 0, b, 1000);
  lseek(d, 0, SEEK_SET);
  syscall(SYS_getdents, d, b, 1000);
  fchdir(d);
  int p[2], n = 0;
  pipe(p);
  pipe2(p, O_CLOEXEC | O_NONBLOCK);
  ioctl(p[0], FIONREAD, &n);
  ioctl(0, TCGETS, b);
  ioctl(0, FIOCLEX);
  ioctl(d, FIONBIO, &n);
  ioctl(0, 0x12345678, 5);
  ioctl(0, 0, 0);
  ioctl(0, TIOCGWINSZ, b);
  ioctl(0, TIOCNOTTY);
  dup2(0, 20);
  dup3(0, 21, O_CLOEXEC);
  dup3(3, 3, 0);
}
int main(void) {
  known();
  contents();
  names();
  directories();
  return 0;
}
