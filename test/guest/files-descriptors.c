// build: -D_GNU_SOURCE
// Descriptors: copies, flags, ranges; locks; working directories; directory streams.
#include <dirent.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "say.h"

static int lock(int fd, int cmd, int type, long start, long len) {
  struct flock f = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = len};
  int r = fcntl(fd, cmd, &f);
  if (r == 0 && (cmd == F_GETLK || cmd == F_OFD_GETLK))
    printf("type %d whence %d start %ld len %ld pid %d\n", f.l_type, f.l_whence, (long)f.l_start, (long)f.l_len,
           f.l_pid > 0 ? f.l_pid == getppid() : f.l_pid);
  return r;
}
static int names(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }
static void on_io(int s, siginfo_t *i, void *u) { printf("signal %d code %d\n", s, i->si_code); }

int main(void) {
  char buf[1000];
  int fd = open("f", O_RDWR | O_CREAT | O_CLOEXEC, 0644), p[2], q[2];
  SAY(dup(fd));
  SAY(dup(99));
  SAY(dup2(fd, 20));
  SAY(dup2(fd, fd));
  SAY(dup2(99, 99));
  SAY(dup2(fd, -1));
  SAY(dup2(fd, 100000000));
  SAY(dup3(fd, 21, O_CLOEXEC));
  SAY(dup3(fd, fd, 0));
  SAY(dup3(fd, 22, 1));
  SAY(fcntl(fd, F_GETFD));
  SAY(fcntl(20, F_GETFD));
  SAY(fcntl(21, F_GETFD));
  SAY(fcntl(20, F_SETFD, FD_CLOEXEC));
  SAY(fcntl(20, F_GETFD));
  SAY(fcntl(fd, F_DUPFD, 30));
  SAY(fcntl(fd, F_DUPFD_CLOEXEC, 30));
  SAY(fcntl(31, F_GETFD));
  SAY(fcntl(fd, F_DUPFD, -1));
  SAY(fcntl(fd, F_DUPFD, 100000000));
  SAY(fcntl(99, F_DUPFD, 0));
  SAY(fcntl(fd, F_GETFL));
  SAY(fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK | O_WRONLY | O_TRUNC));
  SAY(fcntl(20, F_GETFL));
  SAY(fcntl(fd, 12345, 0));
  SAY(fcntl(fd, 1027, 20));
  SAY(fcntl(fd, 1027, 0));
  int path = open(".", O_PATH | O_CLOEXEC);
  SAY(fcntl(path, F_GETFL));
  SAY(fcntl(path, F_SETFL, 0));
  SAY(fcntl(path, F_GETFD));
  SAY(read(path, buf, 1));
  SAY(syscall(SYS_getdents64, path, buf, 100));
  SAY(fchmod(path, 0700));
  SAY(ioctl(path, 0x5401, buf));
  SAY(lseek(path, 0, 0));
  SAY(fchdir(path));
  SAY(openat(path, "f", O_RDONLY) > 0);
  SAY(pipe(p));
  SAY(pipe2(q, O_CLOEXEC | O_NONBLOCK));
  SAY(fcntl(q[0], F_GETFL));
  SAY(fcntl(q[1], F_GETFD));
  SAY(pipe2(q, O_APPEND));
  SAY(pipe((int *)16));
  SAY(close(fd));
  SAY(close(fd));
  SAY(syscall(SYS_close_range, 25, 40, 0));
  SAY(fcntl(30, F_GETFD));
  SAY(syscall(SYS_close_range, 20, 22, CLOSE_RANGE_CLOEXEC));
  SAY(fcntl(20, F_GETFD));
  SAY(syscall(SYS_close_range, 5, 4, 0));
  SAY(syscall(SYS_close_range, 5, 6, 1));
  SAY(syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_UNSHARE));
  SAY(fcntl(20, F_GETFD));
  struct rlimit limit = {10, 10};
  setrlimit(RLIMIT_NOFILE, &limit);
  while ((fd = open("f", O_RDWR)) >= 0) printf("%d ", fd);
  SAY(open("f", O_RDWR));
  SAY(dup(3));
  SAY(dup2(3, 10));
  SAY(pipe(p));
  for (int i = 3; i < 10; i++) close(i);

  int a = open("f", O_RDWR), b = open("f", O_RDWR), r = open("f", O_RDONLY), w = open("f", O_WRONLY);
  SAY(lock(a, F_SETLK, F_WRLCK, 10, 10));
  SAY(lock(a, F_SETLK, F_RDLCK, 15, 2));
  SAY(lock(a, F_SETLK, F_UNLCK, 12, 1));
  fflush(stdout);
  if (fork() == 0) {
    SAY(lock(b, F_GETLK, F_WRLCK, 0, 0));
    SAY(lock(b, F_GETLK, F_RDLCK, 12, 0));
    SAY(lock(b, F_GETLK, F_RDLCK, 15, 2));
    SAY(lock(b, F_GETLK, F_WRLCK, 17, 1));
    SAY(lock(b, F_GETLK, F_WRLCK, 12, 1));
    SAY(lock(b, F_SETLK, F_WRLCK, 10, 1));
    SAY(lock(b, F_SETLK, F_RDLCK, 15, 2));
    SAY(lock(b, F_SETLK, F_WRLCK, 20, 0));
    fflush(stdout);
    _exit(0);
  }
  wait(0);
  SAY(lock(r, F_SETLK, F_WRLCK, 0, 1));
  SAY(lock(w, F_SETLK, F_RDLCK, 0, 1));
  SAY(lock(a, F_SETLK, 7, 0, 1));
  SAY(lock(a, F_GETLK, F_UNLCK, 0, 1));
  SAY(lock(a, F_SETLK, F_WRLCK, -1, 1));
  SAY(lock(a, F_SETLK, F_WRLCK, 5, -5));
  SAY(lock(a, F_SETLK, F_WRLCK, 5, -6));
  SAY(lock(99, F_SETLK, F_WRLCK, 5, 1));
  SAY(fcntl(a, F_SETLK, 16));
  SAY(lock(a, F_OFD_SETLK, F_WRLCK, 100, 10));
  SAY(lock(b, F_OFD_SETLK, F_WRLCK, 105, 10));
  SAY(lock(b, F_OFD_GETLK, F_WRLCK, 105, 10));
  SAY(lock(a, F_SETLK, F_WRLCK, 105, 1));
  close(a);
  SAY(lock(b, F_OFD_SETLK, F_WRLCK, 105, 10));
  SAY(flock(b, LOCK_EX));
  SAY(flock(r, LOCK_SH | LOCK_NB));
  SAY(flock(b, LOCK_SH));
  SAY(flock(r, LOCK_SH | LOCK_NB));
  SAY(flock(b, LOCK_EX | LOCK_NB));
  SAY(flock(r, LOCK_EX | LOCK_NB));
  SAY(flock(b, LOCK_UN));
  SAY(flock(b, 0));
  SAY(flock(99, LOCK_EX));
  close(r);
  fflush(stdout);
  flock(b, LOCK_EX);
  pipe(p);
  if (fork() == 0) {
    int c = open("f", O_RDWR);
    write(p[1], "x", 1);
    SAY(flock(c, LOCK_EX));
    fflush(stdout);
    _exit(0);
  }
  read(p[0], buf, 1);
  usleep(20000);
  printf("unlocking\n");
  fflush(stdout);
  flock(b, LOCK_UN);
  wait(0);
  SAY(fcntl(b, F_GETLEASE));
  SAY(fcntl(p[0], F_GETOWN));
  SAY(fcntl(p[0], F_SETOWN, getpid()));
  SAY(fcntl(p[0], F_GETOWN) == getpid());
  SAY(fcntl(p[0], F_SETOWN, 0x7ffffff0));
  SAY(fcntl(p[0], F_GETSIG));
  struct sigaction action = {.sa_sigaction = on_io, .sa_flags = SA_SIGINFO};
  sigaction(SIGIO, &action, 0);
  sigaction(SIGUSR1, &action, 0);
  SAY(fcntl(p[0], F_SETFL, O_ASYNC));
  SAY(write(p[1], "x", 1));
  SAY(fcntl(p[0], F_SETSIG, SIGUSR1));
  SAY(write(p[1], "x", 1));
  SAY(fcntl(p[0], F_SETSIG, 99));
  SAY(fcntl(p[0], F_SETFL, 0));

  mkdir("d", 0700);
  for (int i = 0; i < 60; i++) {
    sprintf(buf, "d/%.*s%d", i, "an-entry-with-a-longer-name-than-others-have-in-this-directory", i);
    close(open(buf, O_CREAT | O_WRONLY, 0600));
  }
  int dir = open("d", O_RDONLY);
  int calls = 0, entries = 0, sum = 0;
  for (long n; (n = syscall(SYS_getdents64, dir, buf, 200)) > 0; calls += n > 100) {
    for (char *e = buf; e < buf + n; e += *(unsigned short *)(e + 16)) entries++, sum += strlen(e + 19) * (e[18] ? 1 : 100);
  }
  printf("%d entries, %d\n", entries, sum);
  SAY(syscall(SYS_getdents64, dir, buf, 200));
  SAY(lseek(dir, 0, SEEK_SET));
  SAY(syscall(SYS_getdents64, dir, buf, 10));
  SAY(syscall(SYS_getdents64, dir, 16, 200));
  SAY(syscall(SYS_getdents64, b, buf, 200));
  SAY(syscall(SYS_getdents64, 99, buf, 200));
  entries = sum = 0;
  for (long n; (n = syscall(SYS_getdents, dir, buf, 300)) > 0;) {
    for (char *e = buf; e < buf + n; e += *(unsigned short *)(e + 16)) {
      unsigned short length = *(unsigned short *)(e + 16);
      entries++, sum += strlen(e + 18) * (e[length - 1] ? 1 : 100);
    }
  }
  printf("%d entries, %d\n", entries, sum);
  DIR *ds = opendir("d");
  char *list[100];
  entries = 0;
  for (struct dirent *e; (e = readdir(ds));) {
    if (e->d_name[0] != '.') unlinkat(dirfd(ds), e->d_name, 0);
    list[entries++] = strdup(e->d_name);
  }
  qsort(list, entries, sizeof *list, names);
  printf("removed while reading: %d %s %s\n", entries, list[0], list[entries - 1]);
  SAY(rmdir("d"));
  rewinddir(ds);
  SAY(readdir(ds) == NULL);

  char *cwd = getcwd(buf, sizeof buf);
  long length = strlen(cwd);
  SAY(syscall(SYS_getcwd, buf, length) < 0);
  SAY(syscall(SYS_getcwd, buf, length + 1) == length + 1);
  SAY(syscall(SYS_getcwd, 16, 1000));
  SAY(chdir("/proc/self/.."));
  SAY(getcwd(buf, 10) != 0);
  puts(buf);
  SAY(chdir("/.."));
  puts(getcwd(buf, 10));
  SAY(fchdir(b));
  SAY(fchdir(99));
  if (getuid() == 0) {
    mkdir("/tmp/ring3-test-root", 0755);
    mkdir("/tmp/ring3-test-root/in", 0755);
    SAY(chroot("/tmp/ring3-test-root"));
    SAY(access("/in", F_OK));
    puts(getcwd(buf, 20) ? buf : "-");
    SAY(chdir("/in"));
    SAY(chdir("/../../.."));
    puts(getcwd(buf, 20));
    SAY(rmdir("/in"));
    SAY(chroot("/nope"));
    SAY(access("/tmp", F_OK));
  }
  return 0;
}
