// inotify: refusals, and what each thing done to files says.
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <dirent.h>
#include <unistd.h>
#include <utime.h>
#include "say.h"

static unsigned cookie;
static void events(const char *what, int fd) {
  static char b[65536] __attribute__((aligned(8)));
  int n = read(fd, b, sizeof b);
  printf("%s:", what);
  for (char *p = b; n > 0 && p < b + n;) {
    struct inotify_event *e = (void *)p;
    printf(" %d/%#x/%d%s%s", e->wd, e->mask, e->len, e->len ? "/" : "", e->len ? e->name : "");
    if (e->cookie) printf(e->cookie == cookie ? "/same" : "/new"), cookie = e->cookie;
    p += sizeof *e + e->len;
  }
  printf("\n");
}
int main(void) {
  char b[100], dir[] = "/tmp/inotify-XXXXXX";
  chdir(mkdtemp(dir));
  SAY(inotify_init1(1));
  int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC), n;
  SAY(fcntl(fd, F_GETFL));
  SAY(read(fd, b, 100));
  SAY(write(fd, b, 100));
  SAY(inotify_add_watch(fd, ".", 0));
  SAY(inotify_add_watch(99, ".", IN_OPEN));
  SAY(inotify_add_watch(1, ".", IN_OPEN));
  SAY(inotify_add_watch(fd, "none", IN_OPEN));
  SAY(syscall(SYS_inotify_add_watch, fd, 8, IN_OPEN));
  SAY(inotify_add_watch(fd, ".", IN_OPEN | IN_MASK_ADD | IN_MASK_CREATE));
  SAY(inotify_rm_watch(fd, 1));
  SAY(inotify_rm_watch(99, 1));
  close(open("file", O_CREAT | O_WRONLY, 0644));
  SAY(inotify_add_watch(fd, "file", IN_OPEN | IN_ONLYDIR));
  int d = inotify_add_watch(fd, ".", IN_ALL_EVENTS), f = inotify_add_watch(fd, "file", IN_ALL_EVENTS);
  SAY(inotify_add_watch(fd, "file", IN_ALL_EVENTS) == f);
  SAY(inotify_add_watch(fd, "file", IN_ALL_EVENTS | IN_MASK_CREATE));
  int h = open("file", O_RDWR);
  events("open", fd);
  write(h, "hello", 5);
  events("write", fd);
  pread(h, b, 5, 0);
  pread(h, b, 5, 0);
  events("read twice", fd);
  pread(h, b, 5, 100);
  events("read nothing", fd);
  SAY(ftruncate(h, 3));
  events("ftruncate", fd);
  SAY(truncate("file", 3));
  events("truncate", fd);
  fchmod(h, 0600);
  chmod("file", 0640);
  events("chmod twice", fd);
  chown("file", -1, -1);
  events("chown", fd);
  utime("file", NULL);
  events("utime", fd);
  futimens(h, (struct timespec[]){{1, 0}, {0, UTIME_OMIT}});
  events("access time alone", fd);
  setxattr("file", "user.x", "1", 1, 0);
  events("xattr", fd);
  close(h);
  events("close", fd);
  close(open("file", O_RDONLY));
  events("open and close", fd);
  close(open("file", O_WRONLY | O_TRUNC));
  events("open and truncate", fd);
  close(open("new", O_CREAT | O_WRONLY, 0600));
  events("create", fd);
  mkdir("sub", 0700);
  events("mkdir", fd);
  symlink("file", "link");
  mknod("fifo", S_IFIFO | 0600, 0);
  events("symlink and fifo", fd);
  link("file", "hard");
  events("link", fd);
  unlink("hard");
  events("unlink one of two", fd);
  rename("new", "newer");
  events("rename", fd);
  rename("newer", "file2");
  rename("file2", "sub/inside");
  events("out of sight", fd);
  int s = inotify_add_watch(fd, "sub", IN_ALL_EVENTS);
  rename("sub/inside", "back");
  events("between two", fd);
  rename("sub", "sub2");
  events("a directory", fd);
  DIR *list = opendir("sub2");
  readdir(list);
  closedir(list);
  events("listing", fd);
  rmdir("sub2");
  events("rmdir", fd);
  rename("back", "file");
  events("replaced", fd);
  f = inotify_add_watch(fd, "file", IN_ALL_EVENTS);
  h = open("file", O_RDWR);
  events("open", fd);
  unlink("file");
  events("unlink while open", fd);
  write(h, "x", 1);
  events("write without a name", fd);
  close(h);
  events("last close", fd);
  SAY(inotify_rm_watch(fd, f));
  close(open("one", O_CREAT | O_WRONLY, 0600));
  events("create", fd);
  f = inotify_add_watch(fd, "one", IN_ATTRIB | IN_ONESHOT);
  chmod("one", 0600);
  chmod("one", 0600);
  events("one shot", fd);
  f = inotify_add_watch(fd, "one", IN_MODIFY);
  inotify_add_watch(fd, "one", IN_ATTRIB | IN_MASK_ADD);
  chmod("one", 0600);
  truncate("one", 5);
  events("added", fd);
  SAY(inotify_rm_watch(fd, f));
  events("removed", fd);
  inotify_add_watch(fd, ".", IN_OPEN | IN_EXCL_UNLINK);
  h = open("one", O_RDWR);
  unlink("one");
  close(open("/proc/self/fd/0", O_RDONLY));
  SAY(ioctl(fd, FIONREAD, &n));
  printf("bytes %d\n", n);
  SAY(poll(&(struct pollfd){fd, POLLIN | POLLOUT}, 1, 0));
  SAY(read(fd, b, 15));
  SAY(read(fd, b, 31));
  SAY(read(fd, b, 32));
  close(h);
  int a = open("a", O_CREAT | O_RDWR, 0600), c = open("c", O_CREAT | O_RDWR, 0600);
  inotify_add_watch(fd, ".", IN_ACCESS | IN_MODIFY);
  write(a, "data", 4);
  events("writes", fd);
  lseek(a, 0, SEEK_SET);
  sendfile(c, a, NULL, 4);
  events("sendfile", fd);
  struct iovec v = {b, 2};
  writev(c, &v, 1);
  pwrite(c, b, 1, 0);
  events("writev, pwrite", fd);
  char *m = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, c, 0);
  m[0] = 1;
  events("through memory", fd);
  inotify_add_watch(fd, ".", IN_ALL_EVENTS);
  unlink("a"), unlink("c"), unlink("link"), unlink("fifo");
  events("many", fd);
  chdir("/");
  SAY(rmdir(dir));
  events("the directory itself", fd);
  return 0;
}
