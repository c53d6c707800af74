// Clocks, sleeping, interval and POSIX timers.
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "say.h"

static volatile int rings;
static siginfo_t last;
static void ring(int s, siginfo_t *si, void *c) {
  rings++;
  last = *si;
}
// Uses up CPU time in user mode.
static void spin(int ms) {
  struct timespec a, b;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
  do {
    for (volatile int i = 0; i < 300000; i++) {}
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
  } while ((b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000 < ms);
}
static long ms_since(struct timespec *a) {
  struct timespec b;
  clock_gettime(CLOCK_MONOTONIC, &b);
  return (b.tv_sec - a->tv_sec) * 1000 + (b.tv_nsec - a->tv_nsec) / 1000000;
}
int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  struct sigaction sa = {.sa_sigaction = ring, .sa_flags = SA_SIGINFO};
  for (int s = 1; s < 65; s++)
    if (s != SIGKILL && s != SIGSTOP && s != SIGCHLD) sigaction(s, &sa, NULL);
  puts("# clocks");
  for (int c = -9; c < 17; c++) {
    struct timespec t = {0}, r = {0}, set = {-1, 0}, nap = {0, 1};
    printf("%d:", c);
    errno = 0, syscall(SYS_clock_gettime, c, &t), printf(" get %s", strerrorname_np(errno));
    errno = 0, syscall(SYS_clock_getres, c, &r), printf(" res %s", strerrorname_np(errno));
    errno = 0, syscall(SYS_clock_settime, c, &set), printf(" set %s", strerrorname_np(errno));
    if (c >= 0 && c != 2) errno = 0, syscall(SYS_clock_nanosleep, c, 0, &nap, NULL), printf(" sleep %s", strerrorname_np(errno));
    timer_t id;
    errno = 0, syscall(SYS_timer_create, c, NULL, &id), printf(" timer %s", strerrorname_np(errno));
    printf(" %s\n", r.tv_nsec == 1 ? "fine" : r.tv_nsec ? "coarse" : "");
  }
  SAY(syscall(SYS_clock_gettime, 0, 8));
  SAY(syscall(SYS_clock_getres, 0, 8));
  SAY(syscall(SYS_clock_getres, 0, NULL));
  struct timeval tv, badtv = {0, 2000000};
  SAY(syscall(SYS_gettimeofday, &tv, NULL));
  SAY(syscall(SYS_gettimeofday, 8, NULL));
  SAY(syscall(SYS_gettimeofday, NULL, NULL));
  SAY(syscall(SYS_settimeofday, &badtv, NULL));
  time_t now;
  SAY(syscall(SYS_time, &now) == now);
  SAY(syscall(SYS_time, 8));
  struct tms tms;
  SAY(syscall(SYS_times, NULL) > 0);
  SAY(syscall(SYS_times, &tms) > 0);
  SAY(syscall(SYS_times, 8));
  struct timex tx = {0};
  SAY(syscall(SYS_adjtimex, 8));
  SAY(syscall(SYS_clock_adjtime, CLOCK_MONOTONIC, &tx));
  SAY(syscall(SYS_clock_adjtime, 99, &tx));
  struct timespec a, b, bad = {0, 1000000000}, neg = {-1, 0}, ten = {0, 10000000};
  clock_gettime(CLOCK_MONOTONIC, &a);
  puts("# sleeping");
  SAY(nanosleep(&ten, NULL));
  SAY(ms_since(&a) >= 10);
  SAY(nanosleep(&bad, NULL));
  SAY(nanosleep(&neg, NULL));
  SAY(syscall(SYS_nanosleep, 8, NULL));
  clock_gettime(CLOCK_REALTIME, &b);
  SAY(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &b, NULL));
  b.tv_nsec += 10000000;
  if (b.tv_nsec > 999999999) b.tv_sec++, b.tv_nsec -= 1000000000;
  SAY(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &b, NULL));
  SAY(clock_nanosleep(CLOCK_MONOTONIC, 0, &bad, NULL));
  SAY(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &ten, NULL));

  puts("# interval timers");
  struct itimerval it = {{0, 0}, {0, 20000}}, old, off = {0}, badit = {{0, 0}, {0, 1000000}};
  SAY(setitimer(7, &it, NULL));
  SAY(getitimer(7, &old));
  SAY(setitimer(0, &badit, NULL));
  SAY(syscall(SYS_setitimer, 0, 8, NULL));
  SAY(syscall(SYS_getitimer, 0, 8));
  SAY(setitimer(ITIMER_REAL, &it, &old));
  printf("%ld %ld\n", (long)old.it_value.tv_sec, (long)old.it_value.tv_usec);
  SAY(getitimer(ITIMER_REAL, &old));
  printf("%d\n", old.it_value.tv_usec > 0 && old.it_value.tv_usec <= 20000);
  pause();
  printf("rang %d signo %d code %d\n", rings, last.si_signo, last.si_code);
  it.it_interval.tv_usec = 5000;
  setitimer(ITIMER_REAL, &it, NULL);
  for (rings = 0; rings < 4;) pause();
  SAY(setitimer(ITIMER_REAL, &off, &old));
  printf("interval %ld\n", (long)old.it_interval.tv_usec);
  rings = 0;
  it = (struct itimerval){{0, 0}, {0, 10000}};
  setitimer(ITIMER_VIRTUAL, &it, NULL);
  spin(60);
  printf("virtual rang %d signo %d code %d\n", rings, last.si_signo, last.si_code);
  rings = 0;
  setitimer(ITIMER_PROF, &it, NULL);
  spin(60);
  printf("prof rang %d signo %d code %d\n", rings, last.si_signo, last.si_code);
  SAY(alarm(10));
  SAY(alarm(0));
  SAY(alarm(0));

  puts("# POSIX timers");
  timer_t id, other;
  struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN, .sigev_value.sival_ptr = (void *)0x1234};
  struct itimerspec spec = {{0, 5000000}, {0, 5000000}}, was;
  SAY(timer_create(CLOCK_MONOTONIC, &ev, &id));
  SAY(syscall(SYS_timer_settime, 12345, 0, &spec, NULL));
  SAY(syscall(SYS_timer_gettime, 12345, &was));
  SAY(syscall(SYS_timer_getoverrun, 12345));
  SAY(syscall(SYS_timer_delete, 12345));
  ev.sigev_signo = 77;
  SAY(timer_create(CLOCK_MONOTONIC, &ev, &other));
  ev.sigev_signo = SIGRTMIN;
  ev.sigev_notify = 9;
  SAY(syscall(SYS_timer_create, CLOCK_MONOTONIC, &ev, &other));
  ev.sigev_notify = SIGEV_THREAD_ID;
  ev._sigev_un._tid = 1;
  SAY(syscall(SYS_timer_create, CLOCK_MONOTONIC, &ev, &other));
  SAY(syscall(SYS_timer_create, CLOCK_MONOTONIC, 8, &other));
  rings = 0;
  SAY(timer_settime(id, 0, &spec, &was));
  while (rings < 3) pause();
  printf("signo %d code %d value %lx\n", last.si_signo - SIGRTMIN, last.si_code, (long)last.si_value.sival_ptr);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGRTMIN);
  sigprocmask(SIG_BLOCK, &set, NULL);
  struct timespec nap = {0, 60000000};
  nanosleep(&nap, NULL);
  rings = 0;
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  printf("one signal %d, overrun at least 8 %d, same as told %d\n", rings, last.si_overrun >= 8, timer_getoverrun(id) == last.si_overrun);
  spec = (struct itimerspec){{0, 0}, {0, 0}};
  SAY(timer_settime(id, 0, &spec, &was));
  printf("interval was %ld\n", was.it_interval.tv_nsec);
  spec.it_value.tv_nsec = 1000000000;
  SAY(timer_settime(id, 0, &spec, NULL));
  SAY(syscall(SYS_timer_settime, id, 0, NULL, NULL));
  SAY(syscall(SYS_timer_settime, id, 0, 8, NULL));
  clock_gettime(CLOCK_MONOTONIC, &spec.it_value);
  spec.it_value.tv_nsec += 10000000;
  if (spec.it_value.tv_nsec > 999999999) spec.it_value.tv_sec++, spec.it_value.tv_nsec -= 1000000000;
  rings = 0;
  SAY(timer_settime(id, TIMER_ABSTIME, &spec, NULL));
  pause();
  printf("rang %d\n", rings);
  SAY(timer_delete(id));
  SAY(timer_delete(id));
  ev.sigev_notify = SIGEV_SIGNAL;
  SAY(timer_create(CLOCK_PROCESS_CPUTIME_ID, &ev, &id));
  spec = (struct itimerspec){{0, 0}, {0, 10000000}};
  rings = 0;
  SAY(timer_settime(id, 0, &spec, NULL));
  spin(60);
  printf("CPU timer rang %d\n", rings);
  ev.sigev_notify = SIGEV_NONE;
  SAY(timer_create(CLOCK_MONOTONIC, &ev, &other));
  spec = (struct itimerspec){{1, 0}, {100, 0}};
  SAY(timer_settime(other, 0, &spec, NULL));
  SAY(timer_gettime(other, &was));
  printf("%ld %ld\n", (long)was.it_value.tv_sec, (long)was.it_interval.tv_sec);

  puts("# CPU time limit");
  if (fork() == 0) {
    struct rlimit l = {1, 3};
    setrlimit(RLIMIT_CPU, &l);
    signal(SIGXCPU, SIG_DFL);
    for (;;) {}
  }
  int st;
  wait(&st);
  printf("killed by %d\n", WTERMSIG(st));
  clockid_t of;
  SAY(clock_getcpuclockid(0, &of));
  SAY(clock_gettime(of, &a));
  SAY(pthread_getcpuclockid(pthread_self(), &of));
  SAY(clock_gettime(of, &a));
  return 0;
}
