// poll, ppoll, select, pselect6: results, refusals, time limits, signals and masks.
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "say.h"

static volatile int handled;
static void handler(int s) { handled = s; }
static long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}
static void show(const char *what, struct pollfd *p, int n) {
  printf("%s:", what);
  for (int i = 0; i < n; i++) printf(" %#x", (unsigned short)p[i].revents);
  printf("\n");
}
int main(void) {
  int p[2], q[2];
  pipe(p);
  pipe(q);
  char *hole = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mprotect(hole + 4096, 4096, PROT_NONE);
  struct pollfd f[6] = {{p[0], POLLIN | POLLOUT}, {p[1], POLLIN | POLLOUT | POLLWRNORM}, {-7, POLLIN}, {100, 0}, {p[0], 0}, {q[0], 0}};
  close(q[1]);
  SAY(poll(f, 6, 0));
  show("revents", f, 6);
  write(p[1], "x", 1);
  f[0].events = -1;
  SAY(poll(f, 2, -1));
  show("revents", f, 2);
  SAY(syscall(SYS_poll, 0, 0, 0));
  SAY(syscall(SYS_poll, 8, 1, 0));
  SAY(syscall(SYS_poll, f, 1 << 30, 0));
  memcpy(hole + 4096 - 12, f, 12);
  SAY(syscall(SYS_poll, hole + 4096 - 12, 1, 0));
  SAY(syscall(SYS_poll, hole + 4096 - 12, 2, 0));
  int path = open("/", O_PATH), file = open("/proc/self/exe", O_RDONLY), dir = open("/", O_RDONLY);
  struct pollfd g[3] = {{path, POLLIN}, {file, POLLIN | POLLOUT | POLLPRI}, {dir, POLLIN | POLLRDNORM}};
  SAY(poll(g, 3, -1));
  show("no path, file, directory", g, 3);

  long t0 = now();
  struct pollfd one = {q[0], POLLIN};
  one.fd = p[0];
  char c;
  read(p[0], &c, 1);
  SAY(poll(&one, 1, 40));
  printf("waited: %d\n", now() - t0 >= 40 && now() - t0 < 2000);
  struct timespec ts = {0, 20000000};
  SAY(ppoll(&one, 1, &ts, NULL));
  printf("left %ld.%09ld\n", ts.tv_sec, ts.tv_nsec);
  ts = (struct timespec){-1, 0};
  SAY(ppoll(&one, 1, &ts, NULL));
  ts = (struct timespec){0, 1000000000};
  SAY(ppoll(&one, 1, &ts, NULL));
  sigset_t none;
  sigemptyset(&none);
  SAY(syscall(SYS_ppoll, &one, 1, 8, &none, 8));
  ts = (struct timespec){0, 0};
  SAY(syscall(SYS_ppoll, &one, 1, &ts, &none, 4));
  SAY(syscall(SYS_ppoll, &one, 1, &ts, 8, 8));

  // A signal that the mask lets through, blocked otherwise.
  struct sigaction sa = {.sa_handler = handler, .sa_flags = SA_RESTART};
  sigaction(SIGUSR1, &sa, NULL);
  sigset_t set, old;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, NULL);
  kill(getpid(), SIGUSR1);
  ts = (struct timespec){5, 0};
  SAY(syscall(SYS_ppoll, &one, 1, &ts, &none, 8));
  printf("handled %d, time left %d\n", handled, ts.tv_sec == 4);
  sigprocmask(SIG_BLOCK, NULL, &old);
  printf("blocked again %d\n", sigismember(&old, SIGUSR1));
  handled = 0;
  kill(getpid(), SIGUSR1);
  write(p[1], "y", 1);
  SAY(syscall(SYS_ppoll, &one, 1, &ts, &none, 8));
  printf("ready first: handled %d\n", handled);
  read(p[0], &c, 1);
  SAY(syscall(SYS_pselect6, 0, 0, 0, 0, &ts, (long[]){(long)&none, 8}));
  printf("handled %d\n", handled);
  handled = 0;
  kill(getpid(), SIGUSR1);
  ts = (struct timespec){0, 0};
  SAY(syscall(SYS_pselect6, 0, 0, 0, 0, &ts, (long[]){(long)&none, 8}));
  printf("no time, signal: handled %d\n", handled);
  SAY(syscall(SYS_pselect6, 0, 0, 0, 0, &ts, (long[]){(long)&none, 7}));
  SAY(syscall(SYS_pselect6, 0, 0, 0, 0, &ts, (long[]){0, 7}));
  SAY(syscall(SYS_pselect6, 0, 0, 0, 0, &ts, 8L));
  SAY(syscall(SYS_pselect6, -1, 0, 0, 0, 8L, 0L));
  SAY(syscall(SYS_pselect6, -1, 0, 0, 0, 0L, 0L));
  sigprocmask(SIG_UNBLOCK, &set, NULL);

  // select
  fd_set r, w, e;
  FD_ZERO(&r);
  FD_ZERO(&w);
  FD_ZERO(&e);
  FD_SET(p[0], &r), FD_SET(p[1], &r), FD_SET(p[1], &w), FD_SET(p[0], &w), FD_SET(q[0], &r), FD_SET(q[0], &e), FD_SET(file, &r);
  struct timeval tv = {0, 0};
  SAY(select(30, &r, &w, &e, &tv));
  for (int i = 0; i < 12; i++) printf("%d%d%d ", !!FD_ISSET(i, &r), !!FD_ISSET(i, &w), !!FD_ISSET(i, &e));
  printf("\n");
  FD_ZERO(&r);
  FD_SET(40, &r);
  SAY(select(41, &r, NULL, NULL, &tv));
  FD_ZERO(&r);
  FD_SET(500, &r);
  SAY(select(1024, &r, NULL, NULL, &tv));
  printf("bit %d\n", !!FD_ISSET(500, &r));
  SAY(select(-1, NULL, NULL, NULL, &tv));
  SAY(syscall(SYS_select, 5, 8, 0, 0, &tv));
  SAY(syscall(SYS_select, 5, 0, 0, 0, 8));
  tv = (struct timeval){-1, 0};
  SAY(syscall(SYS_select, 0, 0, 0, 0, &tv));
  tv = (struct timeval){0, -1};
  SAY(syscall(SYS_select, 0, 0, 0, 0, &tv));
  tv = (struct timeval){0, 15000};
  SAY(syscall(SYS_select, 0, 0, 0, 0, &tv));
  printf("left %ld.%06ld\n", tv.tv_sec, tv.tv_usec);
  FD_ZERO(&r);
  FD_SET(p[0], &r);
  write(p[1], "z", 1);
  tv = (struct timeval){7, 999999};
  SAY(select(p[0] + 1, &r, NULL, NULL, &tv));
  printf("left %d\n", tv.tv_sec == 7);
  FD_ZERO(&r);
  FD_SET(path, &r);
  SAY(select(path + 1, &r, NULL, NULL, &tv));
  return 0;
}
