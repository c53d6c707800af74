// build: -D_GNU_SOURCE
// Modes, owners, times, rights; stat in all its forms; extended attributes.
#include <fcntl.h>
#include <linux/stat.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utime.h>
#include "say.h"

struct statx_timestamp_;
static void show(const char *path) {
  struct stat st;
  if (fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW)) {
    printf("%s: %s\n", path, strerrorname_np(errno));
    return;
  }
  printf("%s: %o %d:%d", path, st.st_mode, st.st_uid, st.st_gid);
  if (st.st_mtime < 2000000) printf(" m %ld.%ld", st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
  if (st.st_atime < 2000000) printf(" a %ld.%ld", st.st_atim.tv_sec, st.st_atim.tv_nsec);
  printf("\n");
}
static void as_nobody(void) {
  if (setgid(100) || setuid(65534)) printf("not root\n");
}
#define IN_CHILD(what) do { fflush(stdout); if (fork() == 0) { what; fflush(stdout); _exit(0); } wait(0); } while (0)

int main(void) {
  umask(022);
  if (getuid() != 0) {
    printf("needs root\n");
    return 0;
  }
  int fd = open("f", O_CREAT | O_RDWR, 0644);
  mkdir("d", 0755);
  mkdir("sticky", 01777);
  chmod("sticky", 01777);
  mkdir("setgid", 0755);
  chmod("setgid", 02775);
  chown("setgid", 0, 100);
  symlink("f", "l");
  symlink("nowhere", "dangling");
  show("sticky"), show("setgid");

  SAY(chmod("f", 0600));
  SAY(chmod("l", 0640));
  show("f"), show("l");
  SAY(chmod("nope", 0600));
  SAY(chmod("dangling", 0600));
  SAY(fchmod(fd, 07777));
  show("f");
  SAY(fchmod(99, 0600));
  SAY(fchmod(open("f", O_PATH), 0600));
  SAY(syscall(452, AT_FDCWD, "l", 0600, AT_SYMLINK_NOFOLLOW));
  SAY(syscall(452, AT_FDCWD, "f", 0604, AT_SYMLINK_NOFOLLOW));
  SAY(syscall(452, fd, "", 0606, AT_EMPTY_PATH));
  SAY(syscall(452, fd, "", 0606, 0x4000));
  show("f");
  SAY(chmod("f", 06755));
  SAY(chown("f", 10, 20));
  show("f");
  SAY(chmod("f", 02644));
  SAY(chown("f", -1, 30));
  show("f");
  SAY(lchown("l", 5, 6));
  show("l"), show("f");
  SAY(fchown(fd, -1, -1));
  SAY(fchownat(AT_FDCWD, "l", 7, 8, AT_SYMLINK_NOFOLLOW));
  SAY(fchownat(fd, "", 9, -1, AT_EMPTY_PATH));
  SAY(fchownat(fd, "", 9, -1, 0));
  SAY(fchownat(AT_FDCWD, "f", 9, -1, 0x8000));
  show("l"), show("f");
  SAY(chmod("f", 06755));
  SAY(write(fd, "x", 1));
  show("f");
  SAY(chmod("f", 02745));
  SAY(ftruncate(fd, 0));
  show("f");

  SAY(mkdir("setgid/sub", 0700));
  close(open("setgid/file", O_CREAT | O_WRONLY, 0600));
  show("setgid/sub"), show("setgid/file");

  struct timespec ts[2] = {{86400, 5}, {1000, 123456789}};
  SAY(utimensat(AT_FDCWD, "f", ts, 0));
  show("f");
  ts[0].tv_nsec = UTIME_OMIT;
  ts[1].tv_sec = 2000;
  SAY(futimens(fd, ts));
  show("f");
  SAY(utimensat(AT_FDCWD, "l", ts, AT_SYMLINK_NOFOLLOW));
  show("l");
  ts[1].tv_nsec = 1000000000;
  SAY(utimensat(AT_FDCWD, "f", ts, 0));
  ts[1].tv_nsec = UTIME_OMIT;
  SAY(utimensat(AT_FDCWD, "nope", ts, 0));
  ts[1].tv_nsec = UTIME_NOW;
  SAY(utimensat(AT_FDCWD, "nope", ts, 0));
  SAY(syscall(SYS_utimensat, 99, 0, ts, 0));
  SAY(syscall(SYS_utimensat, fd, 0, ts, AT_SYMLINK_NOFOLLOW));
  SAY(syscall(SYS_utimensat, AT_FDCWD, 0, ts, 0));
  show("f");
  struct timeval tv[2] = {{100, 5}, {200, 999999}};
  SAY(utimes("f", tv));
  show("f");
  tv[1].tv_usec = 1000000;
  SAY(utimes("f", tv));
  tv[1].tv_usec = -1;
  SAY(syscall(SYS_futimesat, AT_FDCWD, "f", tv));
  struct utimbuf ut = {-5, 7};
  SAY(utime("f", &ut));
  show("f");
  SAY(utime("f", 0));
  show("f");

  // Another user.
  chmod("f", 0644);
  chown("f", 0, 0);
  close(open("sticky/theirs", O_CREAT | O_WRONLY, 0666));
  mkdir("closed", 0700);
  close(open("closed/x", O_CREAT | O_WRONLY, 0666));
  mkdir("unreadable", 0311);
  close(open("unreadable/x", O_CREAT | O_WRONLY, 0644));
  chmod(".", 0755);
  IN_CHILD({
    as_nobody();
    SAY(open("f", O_WRONLY));
    SAY(open("f", O_RDONLY) > 0);
    SAY(open("new", O_CREAT | O_WRONLY, 0600));
    SAY(open("f", O_CREAT | O_EXCL | O_WRONLY, 0600));
    SAY(open("closed/x", O_RDONLY));
    SAY(open("closed/nope", O_RDONLY));
    SAY(open("unreadable", O_RDONLY));
    SAY(open("unreadable/x", O_RDONLY) > 0);
    SAY(chdir("unreadable"));
    SAY(chdir(".."));
    SAY(access("f", R_OK));
    SAY(access("f", W_OK));
    SAY(access("f", X_OK));
    SAY(access("closed/x", F_OK));
    SAY(faccessat(AT_FDCWD, "f", W_OK, AT_EACCESS));
    SAY(chmod("f", 0666));
    SAY(chown("f", 65534, -1));
    SAY(chown("f", -1, -1));
    SAY(utime("f", 0));
    SAY(utime("f", &ut));
    SAY(mkdir("x", 0700));
    SAY(unlink("f"));
    SAY(rename("f", "g"));
    SAY(link("f", "sticky/hard"));
    SAY(unlink("sticky/theirs"));
    SAY(rename("sticky/theirs", "sticky/mine"));
    SAY(close(open("sticky/mine", O_CREAT | O_WRONLY, 0600)));
    SAY(rename("sticky/mine", "sticky/theirs"));
    SAY(link("sticky/mine", "sticky/mine2"));
    SAY(unlink("sticky/mine"));
    SAY(chown("sticky/mine2", -1, 100));
    SAY(chown("sticky/mine2", -1, 0));
    SAY(chown("sticky/mine2", 0, -1));
    SAY(chmod("sticky/mine2", 02755));
    show("sticky/mine2");
    SAY(open("f", O_RDONLY | O_NOATIME));
    SAY(truncate("f", 0));
    SAY(mknod("sticky/dev", S_IFCHR | 0600, 0x103));
    SAY(mknod("sticky/fifo", S_IFIFO | 0600, 0));
    SAY(setxattr("sticky/mine2", "user.a", "b", 1, 0));
    SAY(setxattr("f", "user.a", "b", 1, 0));
    SAY(setxattr("sticky/mine2", "trusted.a", "b", 1, 0));
    SAY(setxattr("sticky/mine2", "security.a", "b", 1, 0));
    SAY(chroot("."));
  });
  IN_CHILD({
    setreuid(65534, 0);
    SAY(access("closed/x", F_OK));
    SAY(faccessat(AT_FDCWD, "closed/x", F_OK, AT_EACCESS));
    SAY(syscall(439, AT_FDCWD, "f", W_OK, 0));
    SAY(syscall(439, AT_FDCWD, "f", W_OK, AT_EACCESS));
    SAY(syscall(439, fd, "", R_OK, AT_EMPTY_PATH));
    SAY(syscall(439, AT_FDCWD, "f", 8, 0));
    SAY(syscall(439, AT_FDCWD, "f", 0, 8));
  });
  SAY(chmod("f", 0));
  SAY(access("f", R_OK | W_OK));
  SAY(access("f", X_OK));
  SAY(access("closed", X_OK));

  char v[100];
  SAY(setxattr("f", "user.one", "value", 5, 0));
  SAY(setxattr("f", "user.one", "other", 5, XATTR_CREATE));
  SAY(setxattr("f", "user.two", "", 0, XATTR_REPLACE));
  SAY(setxattr("f", "user.two", "", 0, XATTR_CREATE));
  SAY(setxattr("f", "user.", "", 0, 0));
  SAY(setxattr("f", "", "", 0, 0));
  SAY(setxattr("f", "nope.x", "", 0, 0));
  SAY(setxattr("f", "user.x", "", 0, 4));
  SAY(setxattr("f", "user.x", "", 65537, 0));
  SAY(lsetxattr("l", "user.x", "v", 1, 0));
  SAY(lsetxattr("l", "trusted.x", "v", 1, 0));
  SAY(getxattr("f", "user.one", v, 100));
  SAY(getxattr("f", "user.one", v, 0));
  SAY(getxattr("f", "user.one", v, 3));
  SAY(getxattr("f", "user.none", v, 100));
  SAY(fgetxattr(fd, "user.two", v, 100));
  SAY(lgetxattr("l", "trusted.x", v, 100));
  SAY(getxattr("f", "system.posix_acl_access", v, 100));
  SAY(listxattr("f", v, 100));
  SAY(listxattr("f", v, 0));
  SAY(listxattr("f", v, 5));
  SAY(flistxattr(fd, v, 100));
  SAY(llistxattr("l", v, 100));
  SAY(fsetxattr(fd, "trusted.t", "v", 1, 0));
  SAY(removexattr("f", "user.one"));
  SAY(removexattr("f", "user.one"));
  SAY(fremovexattr(fd, "user.two"));
  SAY(lremovexattr("l", "trusted.x"));
  SAY(listxattr("f", v, 100));

  struct statx sx;
  SAY(statx(AT_FDCWD, "l", AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &sx));
  printf("%o %d mask %x\n", sx.stx_mode, (int)sx.stx_size, sx.stx_mask & 0xfff);
  SAY(statx(fd, "", AT_EMPTY_PATH, STATX_ALL, &sx));
  printf("%o %d %d\n", sx.stx_mode, sx.stx_uid, sx.stx_nlink);
  SAY(statx(fd, "", 0, STATX_ALL, &sx));
  SAY(statx(fd, "", 0x8000, STATX_ALL, &sx));
  SAY(statx(AT_FDCWD, "f", 0x6000, STATX_ALL, &sx));
  SAY(statx(AT_FDCWD, "f", 0, 0x80000000, &sx));
  SAY(statx(AT_FDCWD, "/dev/null", 0, STATX_ALL, &sx));
  printf("%d:%d\n", sx.stx_rdev_major, sx.stx_rdev_minor);
  SAY(syscall(SYS_statx, fd, 0, AT_EMPTY_PATH, STATX_ALL, &sx));
  struct stat st;
  SAY(syscall(SYS_stat, "l", &st));
  SAY(syscall(SYS_lstat, "l", &st));
  SAY(syscall(SYS_stat, "l", 16));
  SAY(syscall(SYS_newfstatat, fd, "", &st, AT_EMPTY_PATH));
  SAY(syscall(SYS_newfstatat, fd, "x", &st, 0));
  SAY(syscall(SYS_newfstatat, 99, "/", &st, 0));
  struct statfs sf;
  SAY(statfs("f", &sf));
  SAY(statfs("nope", &sf));
  SAY(fstatfs(99, &sf));
  SAY(statfs("/proc", &sf));
  printf("%lx %ld\n", sf.f_type, sf.f_namelen);
  SAY(statfs("/dev/shm", &sf));
  printf("%lx\n", sf.f_type);
  SAY(syscall(SYS_ustat, 0x1234567, &sf));
  return 0;
}
