// Descriptors that only messages hold: what can't be received any more is closed, in rings and in long chains.
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include "say.h"

static int send_fd(int s, int fd) {
  union { char room[CMSG_SPACE(sizeof(int))]; struct cmsghdr h; } u = {.h = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
  struct iovec iov = {"x", 1};
  struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &u, .msg_controllen = sizeof u};
  memcpy(CMSG_DATA(&u.h), &fd, sizeof fd);
  return sendmsg(s, &m, 0);
}
static int gone(int reader) {
  struct pollfd p = {reader, POLLIN};
  poll(&p, 1, 2000);
  return p.revents;
}
int main(void) {
  int a[2], b[2], p[2], other[2];
  // A socket in its own queue, with a pipe's end beside it.
  socketpair(AF_UNIX, SOCK_STREAM, 0, a);
  pipe(p);
  SAY(send_fd(a[0], a[1]));
  SAY(send_fd(a[0], p[1]));
  close(p[1]);
  close(a[0]), close(a[1]);
  socketpair(AF_UNIX, SOCK_STREAM, 0, other);
  close(other[0]), close(other[1]);
  printf("alone: %#x\n", gone(p[0]));
  // Two that hold one another.
  socketpair(AF_UNIX, SOCK_STREAM, 0, a);
  socketpair(AF_UNIX, SOCK_DGRAM, 0, b);
  pipe(p);
  SAY(send_fd(a[0], b[1]));
  SAY(send_fd(b[0], a[1]));
  SAY(send_fd(b[0], p[1]));
  close(p[1]);
  close(a[1]), close(b[1]), close(a[0]), close(b[0]);
  socketpair(AF_UNIX, SOCK_STREAM, 0, other);
  close(other[0]), close(other[1]);
  printf("two: %#x\n", gone(p[0]));
  // Held from outside: nothing is lost.
  socketpair(AF_UNIX, SOCK_STREAM, 0, a);
  pipe(p);
  send_fd(a[0], a[1]);
  send_fd(a[0], p[1]);
  close(p[1]);
  close(a[0]);
  socketpair(AF_UNIX, SOCK_STREAM, 0, other);
  close(other[0]), close(other[1]);
  struct pollfd f = {p[0], POLLIN};
  SAY(poll(&f, 1, 50));
  close(a[1]);
  socketpair(AF_UNIX, SOCK_STREAM, 0, other);
  close(other[0]), close(other[1]);
  printf("now: %#x\n", gone(p[0]));
  // A chain.
  int last = -1, length = 0;
  pipe(p);
  last = p[1];
  for (; length < 3000; length++) {
    socketpair(AF_UNIX, SOCK_DGRAM, 0, a);
    if (send_fd(a[0], last) < 0) break;
    close(last), close(a[0]);
    last = a[1];
  }
  printf("chain %d\n", length);
  close(last);
  printf("fallen: %#x\n", gone(p[0]));
  return 0;
}
