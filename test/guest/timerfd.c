// timerfd and signalfd: refusals, one shot and periodic, absolute times, what a read gives; signals of the reader, of a child, real-time ones.
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "say.h"

static int ready(int fd, int ms) {
  struct pollfd p = {fd, POLLIN | POLLOUT};
  poll(&p, 1, ms);
  return p.revents;
}
static int set(int fd, int flags, long value, long interval) {
  struct itimerspec t = {{interval / 1000000000, interval % 1000000000}, {value / 1000000000, value % 1000000000}};
  return timerfd_settime(fd, flags, &t, NULL);
}
#define MS 1000000L
int main(void) {
  uint64_t v = 0;
  struct itimerspec was;
  SAY(timerfd_create(2, 0));
  SAY(timerfd_create(99, 0));
  SAY(timerfd_create(CLOCK_MONOTONIC, 1));
  int t = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), r = timerfd_create(CLOCK_REALTIME, 0);
  SAY(fcntl(t, F_GETFD));
  SAY(fcntl(t, F_GETFL));
  SAY(timerfd_settime(t, 4, &(struct itimerspec){0}, NULL));
  SAY(timerfd_settime(99, 0, &(struct itimerspec){0}, NULL));
  SAY(timerfd_settime(1, 0, &(struct itimerspec){0}, NULL));
  SAY(syscall(SYS_timerfd_settime, t, 0, 8, 0L));
  SAY(set(t, 0, -1, 0));
  SAY(timerfd_settime(t, 0, &(struct itimerspec){{0, 1000000000}, {1, 0}}, NULL));
  SAY(syscall(SYS_timerfd_gettime, t, 8));
  SAY(timerfd_gettime(1, &was));
  SAY(read(t, &v, 8));
  SAY(read(t, &v, 4));
  SAY(write(t, &v, 8));
  SAY(lseek(t, 3, SEEK_CUR));
  SAY(ioctl(t, FIONREAD, &v));
  SAY(timerfd_gettime(t, &was));
  printf("unarmed %ld %ld\n", was.it_value.tv_nsec, was.it_interval.tv_nsec);
  SAY(ready(t, 0));
  SAY(set(t, 0, 20 * MS, 0));
  SAY(timerfd_gettime(t, &was));
  printf("left: %d\n", was.it_value.tv_nsec > 0 && was.it_value.tv_nsec <= 20 * MS);
  SAY(ready(t, 2000));
  SAY(ready(t, 0));
  SAY(timerfd_gettime(t, &was));
  printf("over %ld\n", was.it_value.tv_nsec);
  SAY(read(t, &v, 8));
  printf("expired %d\n", (int)v);
  SAY(read(t, &v, 8));
  SAY(set(t, 0, 5 * MS, 5 * MS));
  ready(-1, 28);
  SAY(read(t, &v, 8));
  printf("several %d\n", v >= 5 && v < 100);
  SAY(timerfd_gettime(t, &was));
  printf("periodic %d %ld\n", was.it_value.tv_nsec > 0 && was.it_value.tv_nsec <= 5 * MS, was.it_interval.tv_nsec);
  SAY(set(t, 0, 0, 0));
  ready(-1, 10);
  SAY(read(t, &v, 8));
  SAY(set(t, TFD_TIMER_ABSTIME, 1, 0));
  SAY(ready(t, 0));
  SAY(read(t, &v, 8));
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  SAY(set(r, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, now.tv_sec * 1000000000 + now.tv_nsec + 15 * MS, 0));
  SAY(read(r, &v, 8));
  printf("expired %d\n", (int)v);
  struct epoll_event e = {EPOLLIN | EPOLLET}, out;
  int ep = epoll_create1(0);
  epoll_ctl(ep, EPOLL_CTL_ADD, t, &e);
  SAY(set(t, 0, MS, MS));
  SAY(epoll_wait(ep, &out, 1, 1000));
  SAY(epoll_wait(ep, &out, 1, 20));

  sigset_t set, old;
  sigemptyset(&set);
  for (int s = SIGRTMIN; s < SIGRTMIN + 2; s++) sigaddset(&set, s);
  sigaddset(&set, SIGUSR1), sigaddset(&set, SIGCHLD), sigaddset(&set, SIGKILL);
  sigprocmask(SIG_BLOCK, &set, NULL);
  SAY(signalfd(-1, &set, 1));
  SAY(signalfd(1, &set, 0));
  SAY(signalfd(99, &set, 0));
  SAY(syscall(SYS_signalfd4, -1, &set, 4, 0));
  SAY(syscall(SYS_signalfd4, -1, 8, 8, 0));
  int s = signalfd(-1, &set, SFD_NONBLOCK);
  SAY(fcntl(s, F_GETFL));
  struct signalfd_siginfo si[4];
  SAY(read(s, si, 127));
  SAY(read(s, si, sizeof si));
  SAY(write(s, si, 128));
  SAY(ready(s, 0));
  kill(getpid(), SIGRTMIN + 1);
  kill(getpid(), SIGRTMIN);
  kill(getpid(), SIGRTMIN);
  kill(getpid(), SIGUSR1);
  kill(getpid(), SIGUSR1);
  SAY(ready(s, 0));
  int n = SAY(read(s, si, 300));
  for (int i = 0; i < n / 128; i++)
    printf("signal %d code %d int %d mine %d\n", si[i].ssi_signo, si[i].ssi_code, si[i].ssi_int, si[i].ssi_pid == getpid());
  n = SAY(read(s, si, sizeof si));
  for (int i = 0; i < n / 128; i++)
    printf("signal %d code %d int %d mine %d\n", si[i].ssi_signo, si[i].ssi_code, si[i].ssi_int, si[i].ssi_pid == getpid());
  SAY(ready(s, 0));
  e.events = EPOLLIN;
  epoll_ctl(ep, EPOLL_CTL_ADD, s, &e);
  set.__val[0] = 0;
  sigaddset(&set, SIGCHLD);
  SAY(signalfd(s, &set, 0) == s);
  close(t);
  pid_t child = fork();
  if (child == 0) _exit(9);
  SAY(epoll_wait(ep, &out, 1, 5000));
  n = SAY(read(s, si, sizeof si));
  printf("child: %d %d %d %d\n", si->ssi_signo, si->ssi_code, si->ssi_status, si->ssi_pid == child);
  kill(getpid(), SIGUSR1);
  SAY(ready(s, 0));
  SAY(wait(NULL) == child);
  return 0;
}
