// build: -static
// Changes files, or looks whether they are as they were left.
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int failures;
static void check(int good, const char *what) {
  if (good) return;
  fprintf(stderr, "%s\n", what);
  failures++;
}
static void put(const char *path, int flags, const char *text) {
  int fd = open(path, flags | O_WRONLY, 0640);
  check(fd >= 0 && write(fd, text, strlen(text)) == (long)strlen(text), path);
  close(fd);
}
static void holds(const char *path, const char *text) {
  char b[100] = "";
  int fd = open(path, O_RDONLY);
  check(fd >= 0 && read(fd, b, sizeof b) == (long)strlen(text) && !strcmp(b, text), path);
  close(fd);
}

int main(int argc, char **argv) {
  struct stat s, t;
  if (!strcmp(argv[1], "change")) {
    put("/data/old", O_APPEND, "er");
    check(!unlink("/data/gone"), "unlink");
    check(!mkdir("/data/é", 0711), "mkdir");
    put("/data/é/new", O_CREAT, "new");
    check(!link("/data/é/new", "/data/é/again"), "link");
    check(!symlink("../same", "/data/é/to"), "symlink");
    check(!chown("/data/é/new", 12, 34), "chown");
    check(!mkfifo("/data/é/fifo", 0600), "mkfifo");
    put("/data/é/sparse", O_CREAT, "");
    check(!truncate("/data/é/sparse", 1L << 40), "truncate");
    struct timespec times[2] = {{1000, 0}, {2000, 5}};
    check(!utimensat(AT_FDCWD, "/data/é/new", times, 0), "utimensat");
    return failures;
  }
  holds("/data/old", "older");
  holds("/data/same", "same");
  holds("/data/é/new", "new");
  holds("/data/é/again", "new");
  holds("/data/é/to", "same");
  check(access("/data/gone", F_OK), "gone is there");
  check(access("/data/é/fifo", F_OK), "a fifo is there");
  check(access("/data/é/sparse", F_OK), "what is larger than memory is there");
  check(!stat("/data/é", &s) && s.st_mode == (S_IFDIR | 0711) && s.st_nlink == 2, "the directory's mode");
  check(!stat("/data", &s) && s.st_nlink == 3, "links of the directory above");
  check(!stat("/data/é/new", &s) && !stat("/data/é/again", &t) && s.st_ino == t.st_ino && s.st_nlink == 2, "two names");
  check(s.st_mode == (S_IFREG | 0640) && s.st_uid == 12 && s.st_gid == 34, "mode and owner");
  check(s.st_mtim.tv_sec == 2000 && s.st_mtim.tv_nsec == 5, "time of change");
  return failures;
}
