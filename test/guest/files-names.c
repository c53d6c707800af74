// build: -D_GNU_SOURCE
// Making, linking, renaming and removing names; what each refuses, in which order.
#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "say.h"

static void kind(const char *path) {
  struct stat st;
  if (lstat(path, &st)) {
    printf("%s: %s\n", path, strerrorname_np(errno));
    return;
  }
  printf("%s: %o nlink %ld size %ld\n", path, st.st_mode, (long)st.st_nlink, S_ISDIR(st.st_mode) ? 0 : (long)st.st_size);
}
static char here[4096];
static int compare(const void *a, const void *b) { return strcmp(*(char **)a, *(char **)b); }
static void list(const char *path) {
  DIR *d = opendir(path);
  char *names[100];
  int n = 0;
  for (struct dirent *e; (e = readdir(d));) {
    struct stat st;
    fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW);
    char text[300];
    sprintf(text, "%s/%d/%d", e->d_name, e->d_type, strcmp(e->d_name, "..") ? e->d_ino == st.st_ino : 1);
    names[n++] = strdup(text);
  }
  closedir(d);
  qsort(names, n, sizeof *names, compare);
  printf("%s:", path);
  for (int i = 0; i < n; i++) printf(" %s", names[i]);
  printf("\n");
}

int main(void) {
  umask(022);
  static char text[5000];
  memset(text, 'n', sizeof text - 1);
  SAY(mkdir("d", 0777));
  SAY(mkdir("d/", 0777));
  SAY(mkdir("d/e/", 0700));
  SAY(mkdir("", 0700));
  SAY(mkdir(".", 0700));
  SAY(mkdir("d/..", 0700));
  SAY(mkdir("no/x", 0700));
  SAY(mkdir(text, 0700));
  text[300] = 0;
  SAY(mkdir(text, 0700));
  text[300] = '/';
  SAY(open(text, O_RDONLY));
  text[300] = 'n';
  text[4094] = 0;
  SAY(mkdir(text, 0700));
  SAY(mkdir("s", 07777));
  kind("d"), kind("d/e"), kind("s");
  close(open("f", O_CREAT | O_WRONLY, 0666));
  SAY(mkdir("f/x", 0700));
  SAY(mkdir("f", 0700));
  kind("f");
  SAY(open("f/", O_RDONLY));
  SAY(open("g/", O_CREAT | O_WRONLY, 0600));
  SAY(open("d/", O_CREAT | O_WRONLY, 0600));
  SAY(open("d", O_CREAT | O_RDONLY, 0600));
  SAY(open("d", O_RDWR));
  SAY(open("d", O_CREAT | O_DIRECTORY, 0600));
  SAY(open("f", O_DIRECTORY));
  SAY(open("f", O_CREAT | O_EXCL, 0600));
  SAY(open(".", O_TMPFILE | O_RDONLY, 0600));
  SAY(open("f", O_TMPFILE | O_RDWR, 0600));
  SAY(open("nope", O_TMPFILE | O_RDWR, 0600));

  SAY(symlink("f", "l"));
  SAY(symlink("f", "l"));
  SAY(symlink("", "m"));
  SAY(symlink("x", ""));
  SAY(symlink("x", "m/"));
  SAY(symlink("loop", "loop"));
  SAY(symlink("nowhere", "dangling"));
  SAY(symlink("d", "ld"));
  SAY(open("loop", O_RDONLY));
  SAY(open("loop", O_RDONLY | O_NOFOLLOW));
  SAY(open("dangling", O_CREAT | O_EXCL | O_WRONLY, 0600));
  SAY(open("ld/", O_RDONLY | O_NOFOLLOW) > 0);
  SAY(open("ld", O_RDONLY | O_NOFOLLOW));
  SAY(open("l", O_PATH | O_NOFOLLOW) > 0);
  SAY(mkdir("dangling", 0700));
  SAY(mkdir("dangling/", 0700));
  SAY(rmdir("ld"));
  SAY(rmdir("ld/"));
  SAY(unlink("ld/"));
  SAY(unlink("l/"));
  SAY(close(open("dangling", O_CREAT | O_WRONLY, 0600)));
  kind("nowhere"), kind("dangling"), kind("ld"), kind("ld/");
  char out[100];
  SAY(readlink("ld", out, 1));
  SAY(readlink("ld", out, 100));
  SAY(readlink("f", out, 100));
  SAY(readlink("", out, 100));
  SAY(readlink("ld", out, 0));
  SAY(readlink("ld/", out, 10));
  int lfd = open("l", O_PATH | O_NOFOLLOW);
  SAY(readlinkat(lfd, "", out, 100));
  SAY(readlinkat(open("f", O_RDONLY), "", out, 100));
  char chain[50], before[50] = "f";
  for (int i = 0; i < 42; i++) {
    sprintf(chain, "c%d", i);
    symlink(before, chain);
    strcpy(before, chain);
  }
  SAY(access("c39", F_OK));
  SAY(access("c40", F_OK));

  SAY(link("f", "h"));
  SAY(link("f", "h"));
  SAY(link("d", "hd"));
  SAY(link("f", "h2/"));
  SAY(link("f/", "h2"));
  SAY(link("nope", "h2"));
  SAY(link("l", "hl"));
  kind("f"), kind("hl");
  SAY(linkat(AT_FDCWD, "l", AT_FDCWD, "hf", AT_SYMLINK_FOLLOW));
  SAY(linkat(AT_FDCWD, "l", AT_FDCWD, "hf2", 0x8000));
  kind("hf");
  int tmp = open(".", O_TMPFILE | O_RDWR, 0640);
  write(tmp, "temporary", 9);
  char proc[50];
  sprintf(proc, "/proc/self/fd/%d", tmp);
  SAY(linkat(AT_FDCWD, proc, AT_FDCWD, "made", AT_SYMLINK_FOLLOW));
  kind("made");
  tmp = open(".", O_TMPFILE | O_EXCL | O_RDWR, 0640);
  sprintf(proc, "/proc/self/fd/%d", tmp);
  SAY(linkat(AT_FDCWD, proc, AT_FDCWD, "made2", AT_SYMLINK_FOLLOW));

  SAY(mknod("fifo", S_IFIFO | 0666, 0));
  SAY(mknod("sock", S_IFSOCK | 0666, 0));
  SAY(mknod("reg", 0666, 0));
  SAY(mknod("dir", S_IFDIR | 0666, 0));
  SAY(mknod("odd", 0150000, 0));
  SAY(mknod("fifo", S_IFIFO | 0666, 0));
  SAY(mknod("fifo/", S_IFIFO | 0666, 0));
  SAY(open("sock", O_RDONLY));
  SAY(open("fifo", O_WRONLY | O_NONBLOCK));
  kind("fifo"), kind("sock"), kind("reg");

  SAY(rename("f", "f"));
  SAY(rename("f", "h"));
  kind("f"), kind("h");
  SAY(rename("f", "f2"));
  SAY(rename("f2", "d"));
  SAY(rename("d", "f2"));
  SAY(rename("d", "d/e/x"));
  SAY(rename("d/e", "d"));
  SAY(rename("nope", "x"));
  SAY(rename("f2/", "x"));
  SAY(rename("f2", "x/"));
  SAY(rename("d", "d3/"));
  SAY(rename("d3/.", "d"));
  SAY(rename("d3", "."));
  SAY(rename("d3/e", "d4"));
  kind("d3"), kind("d4");
  SAY(rename("d3", "d4"));
  SAY(mkdir("d4/sub", 0700));
  SAY(mkdir("d5", 0700));
  SAY(rename("d5", "d4"));
  SAY(rename("ld", "ld2"));
  SAY(syscall(SYS_renameat2, AT_FDCWD, "f2", AT_FDCWD, "h", 1));
  SAY(syscall(SYS_renameat2, AT_FDCWD, "f2", AT_FDCWD, "d5/moved", 1));
  SAY(syscall(SYS_renameat2, AT_FDCWD, "d4", AT_FDCWD, "h", 2));
  SAY(syscall(SYS_renameat2, AT_FDCWD, "d4", AT_FDCWD, "none", 2));
  SAY(syscall(SYS_renameat2, AT_FDCWD, "d5", AT_FDCWD, "d5/moved", 2));
  SAY(syscall(SYS_renameat2, AT_FDCWD, "d4", AT_FDCWD, "h", 3));
  SAY(syscall(SYS_renameat2, AT_FDCWD, "d4", AT_FDCWD, "h", 8));
  kind("d4"), kind("h"), kind("h/sub"), kind("d5"), kind("d5/moved");
  SAY(rename("d4", "/proc/x"));
  SAY(rename("d4", "/dev/shm/x/y"));

  SAY(rmdir("h"));
  SAY(rmdir("h/sub"));
  SAY(rmdir("h/."));
  SAY(rmdir("h/.."));
  SAY(rmdir("/"));
  SAY(rmdir("d4"));
  SAY(rmdir("none"));
  SAY(unlink("h"));
  SAY(unlink("none"));
  SAY(unlink("."));
  SAY(unlink("/"));
  SAY(unlinkat(AT_FDCWD, "h", AT_REMOVEDIR));
  SAY(unlinkat(AT_FDCWD, "h", 1));

  // A directory in use goes.
  SAY(mkdir("gone", 0700));
  SAY(chdir("gone"));
  SAY(rmdir("../gone"));
  SAY(getcwd(here, sizeof here) == NULL);
  SAY(open("x", O_CREAT | O_WRONLY, 0600));
  SAY(mkdir("x", 0700));
  SAY(chdir(".."));
  SAY(open(".", O_RDONLY) > 0);
  kind(".");
  SAY(chdir("../nope"));
  list(".");
  SAY(syscall(SYS_creat, "made-by-creat", 0600) > 0);
  struct open_how how = {.flags = O_RDONLY, .resolve = RESOLVE_NO_SYMLINKS};
  SAY(syscall(SYS_openat2, AT_FDCWD, "l", &how, sizeof how));
  SAY(syscall(SYS_openat2, AT_FDCWD, "made", &how, sizeof how) > 0);
  how.resolve = RESOLVE_BENEATH;
  SAY(syscall(SYS_openat2, AT_FDCWD, "d5/../made", &how, sizeof how) > 0);
  SAY(syscall(SYS_openat2, AT_FDCWD, "d5/../../made", &how, sizeof how));
  SAY(syscall(SYS_openat2, AT_FDCWD, "/made", &how, sizeof how));
  how.resolve = RESOLVE_IN_ROOT;
  int d5 = open("d5", O_PATH);
  symlink("/moved", "d5/absolute");
  SAY(syscall(SYS_openat2, d5, "/../moved", &how, sizeof how) > 0);
  SAY(syscall(SYS_openat2, d5, "absolute", &how, sizeof how) > 0);
  how.resolve = RESOLVE_NO_XDEV;
  SAY(syscall(SYS_openat2, AT_FDCWD, "/proc/self/status", &how, sizeof how));
  how.resolve = RESOLVE_NO_MAGICLINKS;
  SAY(syscall(SYS_openat2, AT_FDCWD, "/proc/self/exe", &how, sizeof how));
  how.resolve = 0x100;
  SAY(syscall(SYS_openat2, AT_FDCWD, "made", &how, sizeof how));
  how.resolve = 0;
  how.mode = 0600;
  SAY(syscall(SYS_openat2, AT_FDCWD, "made", &how, sizeof how));
  how.flags = O_CREAT | O_RDWR;
  SAY(syscall(SYS_openat2, AT_FDCWD, "made3", &how, sizeof how) > 0);
  SAY(syscall(SYS_openat2, AT_FDCWD, "made3", &how, 8));
  char longer[32] = {0};
  SAY(syscall(SYS_openat2, AT_FDCWD, "made", longer, sizeof longer) > 0);
  longer[31] = 1;
  SAY(syscall(SYS_openat2, AT_FDCWD, "made", longer, sizeof longer));
  SAY(syscall(SYS_name_to_handle_at, 99, "x", longer, longer, 0));
  SAY(umask(077));
  SAY(umask(01777));
  SAY(umask(0));
  return 0;
}
