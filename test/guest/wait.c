// Children: how they end, stop and go on, and what wait4 and waitid tell; orphans, subreapers, groups and sessions.
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "say.h"

static siginfo_t last;
static int children;
static void chld(int s, siginfo_t *si, void *c) {
  last = *si;
  children++;
}
static void tell(const char *what, int r, int st) {
  printf("%s: %d", what, r > 0);
  if (WIFEXITED(st)) printf(" exit %d", WEXITSTATUS(st));
  if (WIFSIGNALED(st)) printf(" signal %d core %d", WTERMSIG(st), !!WCOREDUMP(st));
  if (WIFSTOPPED(st)) printf(" stopped %d", WSTOPSIG(st));
  if (WIFCONTINUED(st)) printf(" continued");
  printf("\n");
}
static pid_t spawn(void (*f)(void)) {
  pid_t p = fork();
  if (p == 0) {
    f();
    _exit(0);
  }
  return p;
}
static void sleeper(void) { pause(); }
static void stops(void) {
  raise(SIGSTOP);
  _exit(3);
}

int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  struct sigaction sa = {.sa_sigaction = chld, .sa_flags = SA_SIGINFO | SA_RESTART};
  sigaction(SIGCHLD, &sa, NULL);
  int st = 0;
  siginfo_t si;
  struct rusage ru;
  puts("# refused");
  SAY(wait4(-1, &st, 0, NULL));
  SAY(wait4(-1, &st, 0x100, NULL));
  SAY(wait4(99999999, &st, WNOHANG, NULL));
  SAY(wait4((pid_t)0x80000000, &st, 0, NULL));
  SAY(waitid(P_ALL, 0, &si, 0));
  SAY(waitid(P_ALL, 0, &si, WNOHANG));
  SAY(waitid(9, 0, &si, WEXITED));
  SAY(waitid(P_PID, 0, &si, WEXITED));
  SAY(waitid(P_PGID, -1, &si, WEXITED));
  SAY(waitid(P_PIDFD, 99, &si, WEXITED));
  SAY(waitid(P_PIDFD, 1, &si, WEXITED));
  SAY(waitid(P_ALL, 0, &si, WEXITED | WNOHANG));

  puts("# ends");
  int sigs[] = {0, SIGTERM, SIGKILL, SIGSEGV, SIGABRT, 34, SIGPIPE};
  for (int i = 0; i < 7; i++) {
    pid_t p = fork();
    if (p == 0) {
      if (sigs[i] == 0) _exit(0x1234);
      raise(sigs[i]);
      pause();
    }
    int r = waitpid(p, &st, 0);
    tell("end", r, st);
    printf("  SIGCHLD %d code %d status %d pid %d uid %d\n", last.si_signo, last.si_code, last.si_status, last.si_pid == p, last.si_uid == getuid());
  }

  puts("# stop and go on");
  pid_t p = spawn(stops);
  tell("stopped", waitpid(p, &st, WUNTRACED), st);
  printf("  code %d status %d\n", last.si_code, last.si_status);
  SAY(waitpid(p, &st, WUNTRACED | WNOHANG));
  kill(p, SIGCONT);
  st = 0x1200;
  tell("continued", waitpid(p, &st, WCONTINUED), st);
  tell("ended", waitpid(p, &st, 0), st);
  p = spawn(sleeper);
  usleep(20000);
  kill(p, SIGTSTP);
  memset(&si, 0, sizeof si);
  SAY(waitid(P_PID, p, &si, WSTOPPED | WNOWAIT));
  printf("  %d %d %d\n", si.si_code, si.si_status, si.si_pid == p);
  SAY(waitid(P_PID, p, &si, WSTOPPED));
  SAY(waitid(P_PID, p, &si, WSTOPPED | WNOHANG));
  printf("  %d %d\n", si.si_signo, si.si_pid);
  kill(p, SIGTERM);
  SAY(waitid(P_PID, p, &si, WEXITED | WNOHANG));
  kill(p, SIGCONT);
  SAY(waitid(P_PID, p, &si, WCONTINUED | WEXITED));
  printf("  %d %d\n", si.si_code, si.si_status);
  while (waitpid(p, &st, 0) > 0) tell("then", 1, st);

  puts("# whose");
  p = spawn(sleeper);
  setpgid(p, p);
  pid_t q = spawn(sleeper);
  SAY(waitpid(0, &st, WNOHANG));
  kill(-p, SIGTERM);
  SAY(waitpid(-p, &st, 0) == p);
  int fd = syscall(SYS_pidfd_open, q, 0);
  SAY(fcntl(fd, F_GETFD));
  SAY(waitid(P_PIDFD, fd, &si, WEXITED | WNOHANG));
  SAY(syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0));
  SAY(waitid(P_PIDFD, fd, &si, WEXITED));
  printf("  %d %d\n", si.si_code, si.si_status);
  SAY(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
  SAY(wait4(-1, NULL, 0, NULL));

  puts("# nobody waits");
  struct sigaction ign = {.sa_handler = SIG_IGN}, nocld = {.sa_sigaction = chld, .sa_flags = SA_SIGINFO | SA_NOCLDWAIT | SA_NOCLDSTOP};
  sigaction(SIGCHLD, &ign, NULL);
  p = fork();
  if (p == 0) _exit(1);
  SAY(waitpid(p, &st, 0));
  sigaction(SIGCHLD, &nocld, NULL);
  children = 0;
  p = fork();
  if (p == 0) _exit(1);
  SAY(waitpid(p, &st, 0));
  printf("told %d\n", children);
  children = 0;
  nocld.sa_flags &= ~SA_NOCLDWAIT;
  sigaction(SIGCHLD, &nocld, NULL);
  p = spawn(stops);
  waitpid(p, &st, WUNTRACED);
  printf("told of the stop %d\n", children);
  kill(p, SIGCONT);
  waitpid(p, &st, 0);
  sigaction(SIGCHLD, &sa, NULL);

  puts("# grandchildren");
  int pipes[2];
  pipe(pipes);
  SAY(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
  if (fork() == 0) {
    if (fork() == 0) {
      usleep(30000);
      char c = getppid() == 1 ? 'i' : 's';
      write(pipes[1], &c, 1);
      _exit(7);
    }
    _exit(0);
  }
  wait(&st);
  char c;
  read(pipes[0], &c, 1);
  printf("parent is %s\n", c == 's' ? "the subreaper" : "init");
  tell("orphan", wait(&st), st);
  if ((p = fork()) == 0) {
    prctl(PR_SET_PDEATHSIG, SIGUSR1, 0, 0, 0);
    int sig;
    prctl(PR_GET_PDEATHSIG, &sig, 0, 0, 0);
    printf("death signal %d\n", sig);
    if (fork() == 0) {
      prctl(PR_GET_PDEATHSIG, &sig, 0, 0, 0);
      printf("in its child %d\n", sig);
      prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
      sleep(5);
      _exit(1);
    }
    usleep(50000);
    _exit(0);
  }
  waitpid(p, &st, 0);
  tell("killed by its parent's end", wait(&st), st);

  puts("# groups and sessions");
  p = spawn(sleeper);
  SAY(setpgid(99999999, 0));
  SAY(setpgid(0, -1));
  SAY(setpgid(p, 99999999));
  SAY(setpgid(p, 0));
  SAY(getpgid(p) == p);
  SAY(getpgid(99999999));
  SAY(getsid(99999999));
  SAY(getsid(p) == getsid(0));
  q = fork();
  if (q == 0) {
    SAY(setsid() == getpid());
    SAY(setsid());
    SAY(setpgid(0, 0));
    SAY(getpgrp() == getpid());
    pid_t child = fork();
    if (child == 0) {
      char *a[] = {"true", NULL};
      usleep(30000);
      _exit(0);
    }
    SAY(setpgid(child, child));
    waitpid(child, NULL, 0);
    _exit(0);
  }
  waitpid(q, &st, 0);
  pid_t e = fork();
  if (e == 0) {
    char *a[] = {"sleep", "1", NULL};
    execv("/bin/sleep", a);
  }
  usleep(200000);
  SAY(setpgid(e, e));
  kill(e, SIGKILL);
  kill(p, SIGKILL);
  while (wait(&st) > 0) {}
  return 0;
}
