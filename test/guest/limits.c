// Resource limits, usage, and what the machine says of itself.
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>
#include "say.h"

static void as_nobody(void) {
  setuid(65534);
  struct rlimit l = {100, 200}, more = {100, 300}, get;
  SAY(setrlimit(RLIMIT_NOFILE, &l));
  SAY(setrlimit(RLIMIT_NOFILE, &more));
  SAY(prlimit(getppid(), RLIMIT_NOFILE, NULL, &get));
  SAY(prlimit(getpid(), RLIMIT_NOFILE, NULL, &get));
  printf("%ld %ld\n", (long)get.rlim_cur, (long)get.rlim_max);
  SAY(sethostname("x", 1));
  SAY(setdomainname("x", 1));
  SAY(syscall(SYS_syslog, 10, NULL, 0));
  SAY(syscall(SYS_reboot, 0xfee1dead, 672274793, 0, 0));
  long sent = 0;
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, NULL);
  l.rlim_cur = l.rlim_max = 5;
  setrlimit(RLIMIT_SIGPENDING, &l);
  while (sigqueue(getpid(), SIGRTMIN, (union sigval){0}) == 0 && sent < 100) sent++;
  printf("queued some %d, then %s\n", sent < 100, strerrorname_np(errno));
  SAY(kill(getpid(), SIGUSR1));
  _exit(0);
}
int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  struct rlimit l = {10, 5}, get;
  puts("# limits");
  SAY(getrlimit(16, &get));
  SAY(syscall(SYS_getrlimit, 0, 8));
  SAY(syscall(SYS_setrlimit, 0, 8));
  SAY(setrlimit(RLIMIT_CORE, &l));
  SAY(setrlimit(99, &l));
  SAY(prlimit(99999999, RLIMIT_CORE, NULL, &get));
  SAY(syscall(SYS_prlimit64, 0, RLIMIT_CORE, 8, NULL));
  SAY(syscall(SYS_prlimit64, 0, RLIMIT_CORE, NULL, 8));
  l = (struct rlimit){20, RLIM_INFINITY};
  SAY(prlimit(0, RLIMIT_CORE, &l, &get));
  SAY(getrlimit(RLIMIT_CORE, &get));
  printf("%ld %lx\n", (long)get.rlim_cur, (long)get.rlim_max);
  if (fork() == 0) {
    getrlimit(RLIMIT_CORE, &get);
    printf("in a child %ld\n", (long)get.rlim_cur);
    _exit(0);
  }
  wait(NULL);
  l = (struct rlimit){8, 8};
  SAY(setrlimit(RLIMIT_NOFILE, &l));
  int fd, n = 0;
  while ((fd = open("/dev/null", O_RDONLY)) >= 0) n++;
  printf("opened to %d, then %s\n", 8, strerrorname_np(errno));
  SAY(dup2(0, 8));
  SAY(dup2(0, 7));
  l = (struct rlimit){2000000, 2000000};
  SAY(setrlimit(RLIMIT_NOFILE, &l));
  if (fork() == 0) as_nobody();
  wait(NULL);
  puts("# file size");
  for (int i = 3; i < 8; i++) close(i);
  if (fork() == 0) {
    l = (struct rlimit){100, 100};
    setrlimit(RLIMIT_FSIZE, &l);
    fd = open("file", O_CREAT | O_WRONLY, 0600);
    char data[200] = {0};
    SAY(write(fd, data, 200));
    signal(SIGXFSZ, SIG_IGN);
    SAY(write(fd, data, 1));
    SAY(ftruncate(fd, 101));
    signal(SIGXFSZ, SIG_DFL);
    write(fd, data, 1);
    _exit(0);
  }
  int st;
  wait(&st);
  printf("killed by %d\n", WIFSIGNALED(st) ? WTERMSIG(st) : 0);
  puts("# usage");
  struct rusage ru;
  SAY(getrusage(RUSAGE_SELF, &ru));
  SAY(ru.ru_maxrss > 500 && ru.ru_minflt > 20);
  SAY(getrusage(RUSAGE_CHILDREN, &ru));
  SAY(ru.ru_maxrss > 100);
  SAY(getrusage(RUSAGE_THREAD, &ru));
  SAY(getrusage(7, &ru));
  SAY(syscall(SYS_getrusage, 0, 8));
  puts("# the machine");
  struct utsname u;
  SAY(uname(&u));
  printf("%s %s\n", u.sysname, u.machine);
  SAY(syscall(SYS_uname, 8));
  struct sysinfo si;
  SAY(sysinfo(&si));
  SAY(si.totalram > 100000000 && si.freeram > 0 && si.procs > 0 && si.mem_unit == 1);
  SAY(syscall(SYS_sysinfo, 8));
  char b[600];
  SAY(getrandom(b, 600, 0));
  SAY(getrandom(b, 10, GRND_NONBLOCK | GRND_RANDOM));
  SAY(getrandom(b, 0, 0));
  SAY(getrandom(b, 10, 8));
  SAY(getrandom(b, 10, GRND_RANDOM | 4));
  SAY(syscall(SYS_getrandom, 8, 10, 0));
  SAY(sethostname(b, -1));
  SAY(sethostname(b, 65));
  SAY(sethostname((char *)8, 1));
  SAY(setdomainname(b, 65));
  return 0;
}
