// Sending, masks, queues, waiting, restarting: what each call answers and in which order things happen.
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "say.h"

static volatile int ran;
static char order[200];
static void note(int sig) {
  char b[8];
  sprintf(b, " %d", sig);
  strcat(order, b);
  ran++;
}
static void install(int sig, void (*f)(int), int flags) {
  struct sigaction sa = {.sa_handler = f, .sa_flags = flags};
  sigaction(sig, &sa, NULL);
}
static sigset_t only(int a, int b) {
  sigset_t s;
  sigemptyset(&s);
  sigaddset(&s, a);
  if (b) sigaddset(&s, b);
  return s;
}
static void flush(const char *what) {
  printf("%s:%s\n", what, order);
  order[0] = 0;
}
int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  siginfo_t si = {0};
  sigset_t set, got;
  long raw[4] = {0};
  puts("# refused");
  SAY(syscall(SYS_rt_sigaction, 0, NULL, NULL, 8));
  SAY(syscall(SYS_rt_sigaction, 65, NULL, NULL, 8));
  SAY(syscall(SYS_rt_sigaction, SIGKILL, NULL, raw, 8));
  SAY(syscall(SYS_rt_sigaction, SIGKILL, raw, NULL, 8));
  SAY(syscall(SYS_rt_sigaction, SIGSTOP, raw, NULL, 8));
  SAY(syscall(SYS_rt_sigaction, SIGUSR1, NULL, NULL, 4));
  SAY(syscall(SYS_rt_sigaction, SIGUSR1, 8, NULL, 8));
  SAY(syscall(SYS_rt_sigaction, SIGUSR1, NULL, 8, 8));
  SAY(syscall(SYS_rt_sigprocmask, 7, raw, NULL, 8));
  SAY(syscall(SYS_rt_sigprocmask, 7, NULL, NULL, 8));
  SAY(syscall(SYS_rt_sigprocmask, 0, 8, NULL, 8));
  SAY(syscall(SYS_rt_sigprocmask, 0, NULL, 8, 8));
  SAY(syscall(SYS_rt_sigprocmask, 0, NULL, raw, 4));
  SAY(syscall(SYS_rt_sigpending, raw, 9));
  SAY(syscall(SYS_rt_sigpending, raw, 4));
  SAY(syscall(SYS_rt_sigpending, 8, 8));
  SAY(syscall(SYS_rt_sigsuspend, raw, 4));
  SAY(syscall(SYS_rt_sigsuspend, 8, 8));
  SAY(syscall(SYS_rt_sigtimedwait, raw, NULL, NULL, 4));
  SAY(syscall(SYS_rt_sigtimedwait, 8, NULL, NULL, 8));
  struct timespec bad = {0, -1}, zero = {0, 0}, soon = {0, 20000000}, later = {3, 0};
  SAY(sigtimedwait(&set, NULL, &bad));
  SAY(kill(getpid(), 65));
  SAY(kill(getpid(), -1));
  SAY(kill(99999999, 0));
  SAY(kill(99999999, 65));
  SAY(kill(-99999999, 0));
  SAY(kill((pid_t)0x80000000, 0));
  SAY(kill(getpid(), 0));
  SAY(syscall(SYS_tgkill, getpid(), 0, 0));
  SAY(syscall(SYS_tgkill, 0, gettid(), 0));
  SAY(syscall(SYS_tgkill, getpid() + 1, gettid(), 0));
  SAY(syscall(SYS_tgkill, getpid(), gettid(), 65));
  SAY(syscall(SYS_tkill, 0, 0));
  SAY(syscall(SYS_tkill, 99999999, 0));
  SAY(syscall(SYS_tkill, gettid(), 0));
  si.si_code = SI_QUEUE;
  SAY(syscall(SYS_rt_sigqueueinfo, getpid(), 65, &si));
  SAY(syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, 8));
  SAY(syscall(SYS_rt_sigqueueinfo, 99999999, SIGUSR1, &si));
  SAY(syscall(SYS_rt_tgsigqueueinfo, getpid(), 0, SIGUSR1, &si));
  si.si_code = SI_USER;
  SAY(syscall(SYS_rt_sigqueueinfo, getppid(), 0, &si));
  si.si_code = SI_TKILL;
  SAY(syscall(SYS_rt_tgsigqueueinfo, getppid(), getppid(), 0, &si));

  puts("# flags that no kernel knows");
  struct { void *h; unsigned long flags; void *r; unsigned long mask; } k = {(void *)1, ~0UL, NULL, ~0UL}, back;
  SAY(syscall(SYS_rt_sigaction, SIGUSR2, &k, NULL, 8));
  SAY(syscall(SYS_rt_sigaction, SIGUSR2, NULL, &back, 8));
  printf("%lx %lx\n", back.flags, back.mask);

  puts("# order");
  for (int s = 1; s <= 64; s++)
    if (s != 9 && s != 19 && s != 32 && s != 33) install(s, note, 0);
  sigfillset(&set);
  sigprocmask(SIG_SETMASK, &set, NULL);
  int sent[] = {40, 12, 11, 36, 17, 36, 12, 4, 60, 2};
  for (int i = 0; i < 10; i++) kill(getpid(), sent[i]);
  raise(1);
  raise(11);
  raise(37);
  sigpending(&got);
  for (int s = 1; s <= 64; s++)
    if (sigismember(&got, s)) printf("%d ", s);
  puts("pending");
  sigemptyset(&set);
  sigprocmask(SIG_SETMASK, &set, NULL);
  flush("handlers ran, the last delivered first");

  puts("# waiting");
  set = only(SIGUSR1, SIGUSR2);
  sigprocmask(SIG_BLOCK, &set, NULL);
  SAY(sigtimedwait(&set, &si, &zero));
  SAY(sigtimedwait(&set, &si, &soon));
  kill(getpid(), SIGUSR2);
  raise(SIGUSR1);
  SAY(sigtimedwait(&set, &si, NULL));
  printf("%d %d %d\n", si.si_signo, si.si_code, si.si_pid == getpid());
  SAY(sigwaitinfo(&set, &si));
  printf("%d %d\n", si.si_signo, si.si_code);
  ualarm(100000, 0);
  SAY(sigtimedwait(&set, &si, &later));
  flush("the other signal's handler");
  kill(getpid(), SIGUSR1);
  sigemptyset(&got);
  SAY(sigsuspend(&got));
  flush("sigsuspend");
  sigprocmask(SIG_BLOCK, NULL, &got);
  printf("mask is back %d\n", sigismember(&got, SIGUSR1));
  ualarm(100000, 0);
  SAY(pause());
  sigprocmask(SIG_UNBLOCK, &set, NULL);

  puts("# interrupted calls");
  int p[2];
  char c;
  pipe(p);
  for (int flags = 0; flags <= SA_RESTART; flags += SA_RESTART) {
    order[0] = 0;
    install(SIGALRM, note, flags);
    struct timespec rem = {0, 0}, want = {0, 400000000};
    ualarm(100000, 0);
    SAY(nanosleep(&want, &rem));
    printf("left %d\n", rem.tv_nsec > 10000000);
    ualarm(100000, 0);
    SAY(clock_nanosleep(CLOCK_MONOTONIC, 0, &want, &rem));
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += 400000000;
    if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
    ualarm(100000, 0);
    SAY(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL));
    struct pollfd fd = {p[0], POLLIN};
    ualarm(100000, 0);
    SAY(poll(&fd, 1, 400));
    if (fork() == 0) {
      usleep(300000);
      write(p[1], "x", 1);
      _exit(5);
    }
    ualarm(100000, 0);
    SAY(read(p[0], &c, 1));
    int st;
    while (wait(&st) < 0) printf("wait again\n");
    fcntl(p[0], F_SETFL, O_NONBLOCK);
    while (read(p[0], &c, 1) > 0) {}
    fcntl(p[0], F_SETFL, 0);
    if (fork() == 0) {
      usleep(300000);
      _exit(6);
    }
    ualarm(100000, 0);
    SAY(wait(&st) > 0);
    if (WEXITSTATUS(st) != 6) wait(&st);
    flush("handlers");
  }
  puts("# a signal without a handler interrupts nothing");
  install(SIGURG, SIG_DFL, 0);
  install(SIGWINCH, SIG_IGN, 0);
  pid_t me = getpid();
  if (fork() == 0) {
    usleep(10000);
    kill(me, SIGURG);
    kill(me, SIGWINCH);
    kill(me, SIGSTOP);
    usleep(10000);
    kill(me, SIGCONT);
    _exit(0);
  }
  install(SIGCHLD, SIG_DFL, 0);
  install(SIGCONT, SIG_DFL, 0);
  struct timespec want = {0, 80000000};
  SAY(nanosleep(&want, NULL));
  SAY(wait(NULL) > 0);
  flush("nothing");

  puts("# ignoring drops what is pending");
  set = only(SIGUSR1, 0);
  sigprocmask(SIG_BLOCK, &set, NULL);
  raise(SIGUSR1);
  install(SIGUSR1, SIG_IGN, 0);
  install(SIGUSR1, note, 0);
  sigpending(&got);
  printf("%d\n", sigismember(&got, SIGUSR1));
  return 0;
}
