// epoll: refusals, level and edge, one shot, exclusive, nested sets, files that go, masks; eventfd beside it.
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "say.h"

static struct epoll_event out[16];
static int look(const char *what, int ep) {
  int n = epoll_wait(ep, out, 16, 0);
  printf("%s: %d", what, n);
  for (int i = 0; i < n; i++) printf(" %#x/%llx", out[i].events, (unsigned long long)out[i].data.u64);
  printf("\n");
  return n;
}
static int ctl(int ep, int op, int fd, uint32_t events, uint64_t data) {
  struct epoll_event e = {events, {.u64 = data}};
  return epoll_ctl(ep, op, fd, &e);
}
static volatile int handled;
static void handler(int s) { handled = s; }

int main(void) {
  int p[2], q[2];
  char b[100];
  pipe2(p, O_NONBLOCK);
  pipe2(q, O_NONBLOCK);
  SAY(epoll_create(0));
  SAY(epoll_create(-1));
  SAY(epoll_create1(1));
  int ep = epoll_create1(EPOLL_CLOEXEC), ep2 = epoll_create(1);
  SAY(fcntl(ep, F_GETFD));
  SAY(fcntl(ep, F_GETFL));
  SAY(read(ep, b, 1));
  SAY(write(ep, b, 1));
  SAY(ioctl(ep, FIONREAD, b));
  SAY(lseek(ep, 5, SEEK_SET));
  SAY(ctl(99, EPOLL_CTL_ADD, p[0], EPOLLIN, 1));
  SAY(ctl(ep, EPOLL_CTL_ADD, 99, EPOLLIN, 1));
  SAY(ctl(p[0], EPOLL_CTL_ADD, p[1], EPOLLIN, 1));
  SAY(ctl(ep, EPOLL_CTL_ADD, ep, EPOLLIN, 1));
  SAY(ctl(ep, 7, p[0], EPOLLIN, 1));
  SAY(ctl(ep, EPOLL_CTL_MOD, p[0], EPOLLIN, 1));
  SAY(ctl(ep, EPOLL_CTL_DEL, p[0], EPOLLIN, 1));
  SAY(syscall(SYS_epoll_ctl, ep, EPOLL_CTL_ADD, p[0], 8));
  SAY(ctl(ep, EPOLL_CTL_ADD, open("/", O_RDONLY), EPOLLIN, 1));
  SAY(ctl(ep, EPOLL_CTL_ADD, open("/proc/self/exe", O_RDONLY), EPOLLIN, 1));
  SAY(ctl(ep, EPOLL_CTL_ADD, open("/dev/null", O_RDONLY), EPOLLIN, 1));
  SAY(epoll_wait(99, out, 1, 0));
  SAY(epoll_wait(p[0], out, 1, 0));
  SAY(epoll_wait(ep, out, 0, 0));
  SAY(epoll_wait(ep, out, -1, 0));
  SAY(epoll_wait(ep, out, 1 << 29, 0));
  SAY(epoll_wait(ep, (void *)-4096L, 1, 0));
  SAY(epoll_wait(p[0], (void *)-4096L, 0, 0));

  // Level and edge.
  SAY(ctl(ep, EPOLL_CTL_ADD, p[0], EPOLLIN, 0x1111));
  SAY(ctl(ep, EPOLL_CTL_ADD, p[1], EPOLLOUT | EPOLLET, 0x2222));
  look("writable once", ep);
  look("and no more", ep);
  write(p[1], "ab", 2);
  look("readable", ep);
  look("still", ep);
  SAY(syscall(SYS_epoll_wait, ep, 8, 1, 0));
  read(p[0], b, 1);
  look("one byte left; the writer heard of room", ep);
  read(p[0], b, 1);
  look("empty", ep);
  SAY(ctl(ep, EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLET, 0x3333));
  write(p[1], "ab", 2);
  look("edge", ep);
  look("edge again", ep);
  read(p[0], b, 1);
  look("edge after reading some", ep);
  write(p[1], "c", 1);
  look("edge after more came", ep);
  SAY(ctl(ep, EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLET, 0x4444));
  look("edge after a change", ep);
  SAY(ctl(ep, EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLONESHOT, 0x5555));
  look("one shot", ep);
  look("gone off", ep);
  write(p[1], "c", 1);
  look("whatever comes", ep);
  SAY(ctl(ep, EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLONESHOT, 0x6666));
  look("armed", ep);
  SAY(ctl(ep, EPOLL_CTL_MOD, p[0], 0, 0x7777));
  look("nothing wanted", ep);
  close(p[1]);
  look("writer gone", ep);
  SAY(ctl(ep, EPOLL_CTL_DEL, p[0], 0, 0));
  SAY(syscall(SYS_epoll_ctl, ep, EPOLL_CTL_DEL, p[0], NULL));

  // The same file under two descriptors; a closed one with a copy goes on telling.
  int copy = dup(q[0]);
  SAY(ctl(ep, EPOLL_CTL_ADD, q[0], EPOLLIN, 1));
  SAY(ctl(ep, EPOLL_CTL_ADD, copy, EPOLLIN, 2));
  write(q[1], "x", 1);
  look("both", ep);
  close(copy);
  look("both, though one is closed", ep);
  SAY(ctl(ep, EPOLL_CTL_DEL, copy, 0, 0));
  int again = dup(q[0]);
  printf("same number %d\n", again == copy);
  SAY(ctl(ep, EPOLL_CTL_ADD, again, EPOLLIN, 3));
  close(again);
  close(q[0]);
  look("all closed", ep);

  // Fairness: what was handed out goes to the end.
  int ev[3];
  for (int i = 0; i < 3; i++) ev[i] = eventfd(1, EFD_NONBLOCK), ctl(ep, EPOLL_CTL_ADD, ev[i], EPOLLIN, i);
  for (int i = 0; i < 5; i++) {
    int n = epoll_wait(ep, out, 2, 0);
    printf("two of three: %d, %d %d\n", n, (int)out[0].data.u64, (int)out[1].data.u64);
  }
  uint64_t v;
  read(ev[1], &v, 8);
  look("two left", ep);
  for (int i = 0; i < 3; i++) close(ev[i]);

  // Nested.
  int e = eventfd(0, 0);
  SAY(ctl(ep2, EPOLL_CTL_ADD, ep, EPOLLIN, 0xaa));
  SAY(ctl(ep, EPOLL_CTL_ADD, ep2, EPOLLIN, 0xbb));
  SAY(ctl(ep, EPOLL_CTL_ADD, e, EPOLLIN | EPOLLET, 0xcc));
  look("inner empty", ep2);
  v = 1;
  write(e, &v, 8);
  look("outer", ep2);
  look("outer", ep2);
  look("inner", ep);
  look("outer behind", ep2);
  int chain[8];
  for (int i = 0; i < 8; i++) {
    chain[i] = epoll_create1(0);
    if (i) SAY(ctl(chain[i], EPOLL_CTL_ADD, chain[i - 1], EPOLLIN, i));
  }
  int down[8];
  for (int i = 0; i < 8; i++) {
    down[i] = epoll_create1(0);
    if (i) SAY(ctl(down[i - 1], EPOLL_CTL_ADD, down[i], EPOLLIN, i));
  }
  SAY(ctl(chain[1], EPOLL_CTL_ADD, chain[0], EPOLLIN, 0));
  SAY(ctl(chain[0], EPOLL_CTL_ADD, chain[2], EPOLLIN, 0));

  // Exclusive.
  int x = eventfd(0, EFD_NONBLOCK);
  int a = epoll_create1(0), c = epoll_create1(0);
  SAY(ctl(a, EPOLL_CTL_ADD, x, EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT, 1));
  SAY(ctl(a, EPOLL_CTL_ADD, x, EPOLLIN | EPOLLEXCLUSIVE | EPOLLRDHUP, 1));
  SAY(ctl(a, EPOLL_CTL_ADD, c, EPOLLIN | EPOLLEXCLUSIVE, 1));
  SAY(ctl(a, EPOLL_CTL_ADD, x, EPOLLIN | EPOLLEXCLUSIVE, 1));
  SAY(ctl(a, EPOLL_CTL_MOD, x, EPOLLIN, 1));
  SAY(ctl(a, EPOLL_CTL_MOD, x, EPOLLIN | EPOLLEXCLUSIVE, 1));
  SAY(ctl(c, EPOLL_CTL_ADD, x, EPOLLIN | EPOLLEXCLUSIVE | EPOLLET, 2));
  SAY(eventfd_write(x, 1));
  look("a", a);
  look("c", c);

  // eventfd's refusals.
  SAY(eventfd(0, 4));
  SAY(read(x, &v, 7));
  SAY(read(x, b, 100));
  SAY(read(x, &v, 8));
  v = ~0ul;
  SAY(write(x, &v, 8));
  SAY(write(x, &v, 4));
  v = ~0ul - 1;
  SAY(write(x, &v, 8));
  v = 1;
  SAY(write(x, &v, 8));
  int s = eventfd(0, EFD_SEMAPHORE | EFD_NONBLOCK);
  uint64_t two[2] = {2, 5};
  SAY(write(s, two, 16));
  SAY(read(s, b, 16));
  SAY(read(s, b, 16));
  SAY(read(s, b, 16));
  ctl(c, EPOLL_CTL_ADD, s, EPOLLIN | EPOLLOUT, 9);
  look("full and empty", c);

  // Time and signals.
  struct timespec t0, t1;
  clock_gettime(CLOCK_MONOTONIC, &t0);
  int nothing = epoll_create1(0);
  SAY(epoll_wait(nothing, out, 1, 30));
  clock_gettime(CLOCK_MONOTONIC, &t1);
  long ms = (t1.tv_sec - t0.tv_sec) * 1000 + (t1.tv_nsec - t0.tv_nsec) / 1000000;
  printf("waited %d\n", ms >= 29 && ms < 2000);
  signal(SIGUSR1, handler);
  sigset_t block, none;
  sigemptyset(&none), sigemptyset(&block), sigaddset(&block, SIGUSR1);
  sigprocmask(SIG_BLOCK, &block, NULL);
  kill(getpid(), SIGUSR1);
  SAY(epoll_pwait(nothing, out, 1, 1000, &none));
  printf("handled %d\n", handled);
  struct timespec limit = {0, 1000};
  SAY(syscall(SYS_epoll_pwait2, nothing, out, 1, &limit, &none, 8));
  SAY(syscall(SYS_epoll_pwait2, nothing, out, 1, &limit, &none, 4));
  limit.tv_nsec = -1;
  SAY(syscall(SYS_epoll_pwait2, nothing, out, 1, &limit, NULL, 0L));
  SAY(syscall(SYS_epoll_pwait2, nothing, out, 1, 8, NULL, 0L));
  SAY(syscall(SYS_epoll_pwait, nothing, out, 1, 0, 8L, 8L));
  return 0;
}
