// build: -D_GNU_SOURCE
// /proc and /dev: what programs read there and may write.
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "say.h"

static char text[100000];
static long slurp(const char *path) {
  int fd = open(path, O_RDONLY);
  if (fd < 0) return -1;
  long n = 0, r;
  while ((r = read(fd, text + n, 1000)) > 0) n += r;
  text[n] = 0;
  close(fd);
  return r < 0 ? -1 : n;
}
static void show(const char *path) {
  errno = 0;
  long n = slurp(path);
  printf("%s: %ld %s\n", path, n, n < 0 ? strerrorname_np(errno) : "");
  if (n > 0) printf("[%s]\n", text);
}
static int put(const char *path, const char *what) {
  int fd = open(path, O_WRONLY | O_TRUNC);
  if (fd < 0) return -1;
  int r = write(fd, what, strlen(what)), e = errno;
  close(fd);
  errno = e;
  return r;
}
/** The names in front of the colons: which lines there are. */
static void keys(const char *path, const char *only) {
  slurp(path);
  printf("%s:", path);
  for (char *line = strtok(text, "\n"); line; line = strtok(0, "\n")) {
    char *colon = strchr(line, ':');
    if (!colon) continue;
    *colon = 0;
    char with[100];
    snprintf(with, sizeof with, " %s ", line);
    if (strstr(only, with)) printf("%s", with);
  }
  printf("\n");
}
static void look(const char *path) {
  struct stat st;
  if (lstat(path, &st)) printf("%s: %s\n", path, strerrorname_np(errno));
  else printf("%s: %o %ld %d:%d\n", path, st.st_mode, (long)st.st_size, major(st.st_rdev), minor(st.st_rdev));
}

int main(int argc, char **argv, char **envp) {
  char link[300];
  show("/proc/self/comm");
  SAY(put("/proc/self/comm", "renamed"));
  show("/proc/self/comm");
  SAY(prctl(PR_GET_NAME, link));
  puts(link);
  SAY(put("/proc/self/comm", "a-name-that-is-too-long-by-far"));
  show("/proc/thread-self/comm");
  SAY(put("/proc/1/comm", "x") < 0);
  SAY(slurp("/proc/self/cmdline") == (long)strlen(argv[0]) + 1);
  SAY(slurp("/proc/self/environ") > 10);
  printf("%s\n", text + (memcmp(text, envp[0], strlen(envp[0])) != 0));
  SAY(slurp("/proc/self/auxv") % 16);
  keys("/proc/self/status",
       " Name Umask State Tgid Pid PPid TracerPid Uid Gid FDSize Groups VmPeak VmSize VmLck VmHWM VmRSS VmData VmStk VmExe VmLib "
       "VmPTE VmSwap Threads SigQ SigPnd ShdPnd SigBlk SigIgn SigCgt CapInh CapPrm CapEff CapBnd CapAmb NoNewPrivs Seccomp "
       "Cpus_allowed Cpus_allowed_list Mems_allowed_list voluntary_ctxt_switches nonvoluntary_ctxt_switches ");
  keys("/proc/meminfo",
       " MemTotal MemFree MemAvailable Buffers Cached SwapCached Active Inactive SwapTotal SwapFree Dirty Writeback AnonPages "
       "Mapped Shmem Slab CommitLimit Committed_AS HugePages_Total HugePages_Free Hugepagesize ");
  slurp("/proc/self/stat");
  int fields = 1;
  for (char *p = strrchr(text, ')'); *p; p++) fields += *p == ' ';
  printf("stat: %d fields, pid %d, ppid %d\n", fields + 1, atoi(text) == getpid(), atoi(strrchr(text, ')') + 4) == getppid());
  slurp("/proc/uptime");
  double up = 0, idle = 0;
  printf("uptime: %d\n", sscanf(text, "%lf %lf", &up, &idle));
  slurp("/proc/loadavg");
  double one, five, fifteen;
  int running, all, last;
  printf("loadavg: %d\n", sscanf(text, "%lf %lf %lf %d/%d %d", &one, &five, &fifteen, &running, &all, &last));
  slurp("/proc/self/statm");
  long v[7];
  printf("statm: %d\n", sscanf(text, "%ld %ld %ld %ld %ld %ld %ld", v, v + 1, v + 2, v + 3, v + 4, v + 5, v + 6));
  slurp("/proc/self/maps");
  printf("maps: program %d, stack %d, vdso %d\n", strstr(text, argv[0]) != 0, strstr(text, "[stack]") != 0, strstr(text, "[vdso]") != 0);
  slurp("/proc/self/limits");
  printf("%.73s|\n", text);
  slurp("/proc/self/mounts");
  printf("mounts: proc %d, dev %d\n", strstr(text, "proc /proc proc ") != 0, strstr(text, " /dev devtmpfs ") != 0);
  slurp("/proc/version");
  printf("%.14s\n", text);
  slurp("/proc/cpuinfo");
  printf("%.12s\n", text);
  show("/proc/self/oom_score_adj");
  SAY(put("/proc/self/oom_score_adj", "500"));
  show("/proc/self/oom_score_adj");
  SAY(put("/proc/self/oom_score_adj", "5000"));
  SAY(put("/proc/self/oom_score_adj", "many"));
  show("/proc/sys/kernel/ostype");
  show("/proc/sys/fs/pipe-max-size");
  show("/proc/sys/vm/overcommit_memory");
  show("/proc/sys/kernel/cap_last_cap");
  show("/proc/self/uid_map");
  show("/proc/self/attr/current");
  show("/proc/self/nothing");
  show("/proc/0");
  show("/proc/99999999/comm");
  show("/proc/self");
  SAY(put("/proc/version", "x"));
  SAY(open("/proc/new", O_CREAT | O_WRONLY, 0600));
  SAY(mkdir("/proc/new", 0700));
  SAY(unlink("/proc/version"));
  SAY(rename("/proc/version", "/proc/other"));
  SAY(symlink("x", "/proc/self/x"));
  SAY(truncate("/proc/version", 0));

  int fd = open("file", O_RDWR | O_CREAT, 0600);
  write(fd, "contents", 8);
  char self[50], name[100];
  sprintf(self, "/proc/self/fd/%d", fd);
  long n = readlink(self, link, sizeof link);
  printf("%d\n", strcmp(strrchr((link[n] = 0, link), '/'), "/file"));
  look(self);
  int again = open(self, O_RDONLY);
  SAY(read(again, name, 100));
  SAY(lseek(fd, 0, SEEK_CUR));
  unlink("file");
  n = readlink(self, link, sizeof link);
  link[n] = 0;
  puts(strrchr(link, '/'));
  again = open(self, O_RDWR);
  SAY(read(again, name, 100));
  sprintf(name, "/proc/self/fdinfo/%d", fd);
  slurp(name);
  printf("%.27s\n", text);
  int p[2];
  pipe(p);
  write(p[1], "through", 7);
  sprintf(self, "/proc/self/fd/%d", p[0]);
  n = readlink(self, link, 6);
  printf("%.6s\n", link);
  look(self);
  again = open(self, O_RDONLY | O_NONBLOCK);
  SAY(read(again, name, 100));
  SAY(open(self, O_WRONLY) > 0);
  SAY(access("/proc/self/fd/77", F_OK));
  SAY(chdir("/proc/self/fd"));
  SAY(open("0", O_PATH) > 0);
  SAY(chdir("/"));
  DIR *d = opendir("/proc/self/fd");
  int count = 0;
  for (struct dirent *e; (e = readdir(d));) count += e->d_type == DT_LNK;
  printf("%d\n", count > 6);
  d = opendir("/proc/self/task");
  count = 0;
  for (struct dirent *e; (e = readdir(d));) count += atoi(e->d_name) == getpid();
  printf("%d task\n", count);

  look("/proc/self");
  look("/proc/self/");
  look("/proc/self/exe");
  look("/proc/self/environ");
  look("/proc/self/fdinfo");
  look("/proc/mounts");
  look("/proc/net");
  look("/proc/sys/kernel");
  look("/proc/sys/kernel/hostname");
  look("/dev/null");
  look("/dev/zero");
  look("/dev/full");
  look("/dev/random");
  look("/dev/urandom");
  look("/dev/tty");
  look("/dev/fd");
  look("/dev/stdin");
  look("/dev/stderr");
  look("/dev/shm");
  SAY(open("/dev/tty", O_RDWR) < 0);
  int shm = open("/dev/shm/ring3-test", O_RDWR | O_CREAT | O_EXCL, 0600);
  SAY(write(shm, "x", 1));
  SAY(unlink("/dev/shm/ring3-test"));
  SAY(open("/dev/nothing", O_RDONLY));
  SAY(open("/dev/null/x", O_RDONLY));
  SAY(open("/dev/stdin", O_RDONLY) > 0);
  return 0;
}
