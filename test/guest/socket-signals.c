// Sockets that tell by signal: SIGIO, SIGURG, owners by fcntl and ioctl; calls on sockets that signals interrupt.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>
#include "say.h"

static volatile int count[65], code, band, from;
static void handler(int s, siginfo_t *i, void *c) {
  count[s]++;
  if (s != SIGALRM) code = i->si_code, band = i->si_band, from = i->si_fd;
}
static void install(int s, int flags) {
  struct sigaction sa = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags};
  sigaction(s, &sa, NULL);
}
static void alarm_in(int ms) {
  struct itimerval t = {{0}, {0, ms * 1000}};
  setitimer(ITIMER_REAL, &t, NULL);
}
int main(void) {
  int sv[2], on = 1, n = -1, file = open("/proc/self/exe", O_RDONLY);
  char b[100];
  install(SIGIO, 0), install(SIGURG, 0), install(SIGALRM, 0), install(SIGRTMIN, 0);
  socketpair(AF_UNIX, SOCK_STREAM, 0, sv);
  SAY(ioctl(sv[0], FIOASYNC, &on));
  SAY(ioctl(file, FIOASYNC, &on));
  SAY(fcntl(sv[0], F_GETFL));
  SAY(fcntl(sv[0], F_GETOWN));
  write(sv[1], "a", 1);
  printf("without an owner: %d\n", count[SIGIO]);
  int me = getpid();
  SAY(ioctl(sv[0], FIOSETOWN, &me));
  SAY(ioctl(sv[0], FIOGETOWN, &n));
  printf("owner %d\n", n == me);
  write(sv[1], "a", 1);
  printf("data: %d code %#x\n", count[SIGIO], code);
  SAY(fcntl(sv[0], F_SETSIG, SIGRTMIN));
  write(sv[1], "b", 1);
  printf("with a signal of its own: %d code %d band %#x fd %d\n", count[SIGRTMIN], code, band & ~0x8, from == sv[0]);
  me = 12345678;
  SAY(ioctl(sv[0], SIOCSPGRP, &me));
  SAY(ioctl(sv[0], SIOCSPGRP, 8));
  on = 0;
  SAY(ioctl(sv[0], FIOASYNC, &on));
  write(sv[1], "b", 1);
  printf("off: %d\n", count[SIGRTMIN]);

  int l = socket(AF_INET, SOCK_STREAM, 0), c = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in a = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}};
  socklen_t len = sizeof a;
  bind(l, (void *)&a, sizeof a);
  listen(l, 5);
  getsockname(l, (void *)&a, &len);
  connect(c, (void *)&a, sizeof a);
  int x = accept(l, NULL, NULL);
  send(c, "!", 1, MSG_OOB);
  printf("urgent, no owner: %d\n", count[SIGURG]);
  fcntl(x, F_SETOWN, getpid());
  send(c, "!", 1, MSG_OOB);
  printf("urgent: %d\n", count[SIGURG]);

  // Interrupted calls.
  alarm_in(30);
  SAY(recv(sv[0], b, 100, MSG_WAITALL));
  alarm_in(30);
  SAY(recv(sv[0], b, 100, 0));
  alarm_in(30);
  SAY(accept(l, NULL, NULL));
  struct timeval tv = {5, 0};
  setsockopt(sv[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
  install(SIGALRM, SA_RESTART);
  alarm_in(30);
  SAY(recv(sv[0], b, 100, 0));
  tv = (struct timeval){0, 100000};
  setsockopt(sv[1], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
  SAY(recv(sv[1], b, 100, 0));
  tv = (struct timeval){0};
  setsockopt(sv[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
  alarm_in(30);
  if (fork() == 0) {
    usleep(100000);
    write(sv[1], "late", 4);
    _exit(0);
  }
  SAY(recv(sv[0], b, 100, 0));
  printf("alarms %d\n", count[SIGALRM]);
  return 0;
}
