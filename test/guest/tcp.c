// TCP on the loopback: binding, refusals, states, half closes, resets, urgent data, what polls see, IPv4 and IPv6.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "say.h"

static volatile int piped;
static void on_pipe(int s) { piped++; }
static struct sockaddr_in v4(unsigned host, int port) {
  struct sockaddr_in a = {AF_INET, htons(port), {htonl(host)}};
  return a;
}
static int bind4(int s, unsigned host, int port) {
  struct sockaddr_in a = v4(host, port);
  return bind(s, (void *)&a, sizeof a);
}
static int connect4(int s, unsigned host, int port) {
  struct sockaddr_in a = v4(host, port);
  return connect(s, (void *)&a, sizeof a);
}
static int port_of(int s) {
  struct sockaddr_in6 a;
  socklen_t n = sizeof a;
  getsockname(s, (void *)&a, &n);
  return ntohs(a.sin6_port);
}
static void name(const char *what, int s, int (*get)(int, struct sockaddr *, socklen_t *)) {
  union { struct sockaddr_in v4; struct sockaddr_in6 v6; } a;
  socklen_t n = sizeof a;
  char text[100];
  if (get(s, (void *)&a, &n)) {
    printf("%s: %s\n", what, strerrorname_np(errno));
    return;
  }
  if (a.v4.sin_family == AF_INET) inet_ntop(AF_INET, &a.v4.sin_addr, text, sizeof text);
  else inet_ntop(AF_INET6, &a.v6.sin6_addr, text, sizeof text);
  printf("%s: length %d family %d %s port %d\n", what, n, a.v4.sin_family, text, a.v4.sin_port != 0);
}
static int events(int s) {
  struct pollfd p = {s, POLLIN | POLLOUT | POLLPRI | POLLRDHUP | POLLRDNORM | POLLWRNORM | POLLRDBAND | POLLWRBAND};
  poll(&p, 1, 0);
  return p.revents;
}
#define EVENTS(s) printf("events of %s: %#x\n", #s, events(s))
static int error_of(int s) {
  int e = -1;
  socklen_t n = sizeof e;
  getsockopt(s, SOL_SOCKET, SO_ERROR, &e, &n);
  return e;
}
static int state(int s) {
  struct tcp_info i;
  socklen_t n = sizeof i;
  memset(&i, 0, sizeof i);
  getsockopt(s, IPPROTO_TCP, TCP_INFO, &i, &n);
  return i.tcpi_state;
}
#define STATE(s) printf("state of %s: %d\n", #s, state(s))
static int tcp(int flags) { return socket(AF_INET, SOCK_STREAM | flags, 0); }
static int listener(void) {
  int s = tcp(0), on = 1;
  setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  bind4(s, INADDR_LOOPBACK, 0);
  listen(s, 5);
  return s;
}
static int pair(int l, int *client, int *server) {
  *client = tcp(0);
  connect4(*client, INADDR_LOOPBACK, port_of(l));
  *server = accept(l, NULL, NULL);
  return 0;
}

int main(void) {
  char b[1000];
  int on = 1, n;
  socklen_t len;
  signal(SIGPIPE, on_pipe);
  SAY(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP));
  SAY(socket(AF_INET, SOCK_SEQPACKET, 0));
  SAY(socket(AF_INET, SOCK_STREAM, -1));
  SAY(socket(AF_INET, SOCK_STREAM, 300));
  SAY(socket(AF_INET, 0, 0));
  SAY(socketpair(AF_INET, SOCK_STREAM, 0, &on));
  on = 1;

  int s = tcp(0);
  EVENTS(s);
  STATE(s);
  struct sockaddr_in a = v4(INADDR_LOOPBACK, 0);
  SAY(bind(s, (void *)&a, 15));
  a.sin_family = AF_INET6;
  SAY(bind(s, (void *)&a, sizeof a));
  SAY(bind4(s, 0x08080808, 0));
  name("unbound", s, getsockname);
  name("unconnected", s, getpeername);
  SAY(send(s, "x", 1, 0));
  SAY(send(s, "x", 1, MSG_NOSIGNAL));
  printf("SIGPIPE %d\n", piped);
  SAY(recv(s, b, 1, 0));
  SAY(shutdown(s, SHUT_RDWR));
  SAY(accept(s, NULL, NULL));
  SAY(connect(s, (void *)&a, 2));
  SAY(connect(s, (void *)&a, 1));
  SAY(connect(s, (void *)&a, sizeof a));
  close(s), s = tcp(0);
  SAY(bind4(s, 0x7f000203, 0));
  SAY(bind4(s, INADDR_LOOPBACK, 0));
  name("bound", s, getsockname);
  int port = port_of(s), s2 = tcp(0);
  SAY(bind4(s2, 0x7f000203, port));
  SAY(bind4(s2, INADDR_ANY, port));
  SAY(connect4(s2, 0x7f000203, port));
  SAY(error_of(s2));
  SAY(bind4(s2, INADDR_LOOPBACK, port));
  close(s2);

  // Who may share a port.
  int r1 = tcp(0), r2 = tcp(0);
  setsockopt(r1, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  SAY(bind4(r1, INADDR_LOOPBACK, 0));
  SAY(bind4(r2, INADDR_LOOPBACK, port_of(r1)));
  setsockopt(r2, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  SAY(bind4(r2, INADDR_LOOPBACK, port_of(r1)));
  SAY(listen(r1, 1));
  SAY(listen(r2, 1));
  close(r1), close(r2), r1 = tcp(0), r2 = tcp(0);
  setsockopt(r1, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  setsockopt(r2, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  bind4(r1, INADDR_LOOPBACK, 0);
  SAY(bind4(r2, INADDR_LOOPBACK, port_of(r1)));
  SAY(listen(r1, 1));
  SAY(listen(r2, 1));
  close(r1), close(r2);

  // Listening and connecting.
  SAY(listen(s, 1));
  STATE(s);
  EVENTS(s);
  SAY(recv(s, b, 1, 0));
  SAY(connect4(s, INADDR_LOOPBACK, 1));
  SAY(ioctl(s, FIONREAD, &n));
  int c = tcp(0), c2 = tcp(SOCK_NONBLOCK);
  SAY(connect4(c, 0x7f000203, port));
  SAY(connect4(c, 0x7f000203, port));
  name("client", c, getsockname);
  name("its peer", c, getpeername);
  SAY(connect4(c2, 0x7f000203, port));
  SAY(poll(&(struct pollfd){c2, POLLOUT}, 1, 2000));
  SAY(connect4(c2, 0x7f000203, port));
  SAY(connect4(c2, 0x7f000203, port));
  EVENTS(s);
  len = sizeof a;
  int x = accept4(s, (void *)&a, &len, SOCK_CLOEXEC);
  printf("from port %d length %d\n", a.sin_port == htons(port_of(c)), len);
  name("server's end", x, getsockname);
  fcntl(s, F_SETFL, O_NONBLOCK);
  int y = accept(s, NULL, NULL);
  printf("inherits no flags: %#o\n", fcntl(y, F_GETFL));
  SAY(accept(s, NULL, NULL));
  SAY(connect4(c2, INADDR_LOOPBACK, port));
  close(y);

  // Nobody there.
  int r = tcp(SOCK_NONBLOCK);
  SAY(connect4(r, INADDR_LOOPBACK, port));
  SAY(poll(&(struct pollfd){r, POLLOUT}, 1, 2000));
  EVENTS(r);
  SAY(connect4(r, INADDR_LOOPBACK, port));
  SAY(connect4(r, INADDR_LOOPBACK, port));
  SAY(poll(&(struct pollfd){r, POLLOUT}, 1, 2000));
  SAY(error_of(r) == ECONNREFUSED);
  EVENTS(r);
  SAY(connect4(r, INADDR_LOOPBACK, port));
  close(r), r = tcp(0);
  SAY(connect4(r, INADDR_LOOPBACK, port));
  SAY(send(r, "x", 1, 0));
  SAY(connect4(r, 0x7f000203, port));
  close(r);

  // Data.
  SAY(send(c, "hello world", 11, 0));
  SAY(recv(x, b, 5, MSG_PEEK));
  SAY(ioctl(x, FIONREAD, &n));
  printf("waiting %d\n", n);
  SAY(recv(x, b, 6, MSG_WAITALL));
  SAY(recv(x, NULL, 2, MSG_TRUNC));
  SAY(recv(x, (void *)8, 1, 0));
  len = 100;
  SAY(recvfrom(x, b, 100, 0, (void *)&a, &len));
  printf("'%.3s' name length %d\n", b, len);
  SAY(recv(x, b, 1, MSG_DONTWAIT));
  SAY(recv(x, b, 1, MSG_OOB));
  struct timeval tv = {0, 30000};
  setsockopt(x, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
  SAY(recv(x, b, 1, 0));
  setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
  fcntl(s, F_SETFL, 0);
  SAY(accept(s, NULL, NULL));

  // Urgent data.
  send(c, "ab", 2, 0);
  SAY(send(c, "cU", 2, MSG_OOB));
  send(c, "de", 2, 0);
  EVENTS(x);
  SAY(ioctl(x, SIOCATMARK, &n));
  printf("at mark %d\n", n);
  SAY(recv(x, b, 100, 0));
  ioctl(x, SIOCATMARK, &n);
  printf("'%.3s' at mark %d\n", b, n);
  SAY(recv(x, b, 5, MSG_OOB));
  printf("urgent '%c'\n", b[0]);
  SAY(recv(x, b, 5, MSG_OOB));
  EVENTS(x);
  SAY(recv(x, b, 100, 0));
  printf("'%.2s'\n", b);
  setsockopt(x, SOL_SOCKET, SO_OOBINLINE, &on, sizeof on);
  send(c, "aU", 2, MSG_OOB);
  send(c, "b", 1, 0);
  SAY(recv(x, b, 100, 0));
  SAY(recv(x, b, 100, MSG_OOB));
  SAY(recv(x, b, 100, 0));
  printf("'%.2s'\n", b);

  // Half closes.
  EVENTS(x);
  SAY(shutdown(c, SHUT_WR));
  usleep(100000);
  STATE(c);
  STATE(x);
  EVENTS(c);
  EVENTS(x);
  SAY(recv(x, b, 10, 0));
  SAY(send(c, "x", 1, 0));
  SAY(send(x, "more", 4, 0));
  SAY(recv(c, b, 10, 0));
  SAY(shutdown(x, SHUT_WR));
  usleep(1000);
  STATE(c);
  STATE(x);
  EVENTS(c);
  SAY(recv(c, b, 10, 0));
  name("after both ends", c, getpeername);
  SAY(shutdown(c, SHUT_WR));
  close(c), close(x);

  // Resets.
  int l = listener();
  pair(l, &c, &x);
  send(c, "unread", 6, 0);
  close(x);
  usleep(1000);
  EVENTS(c);
  STATE(c);
  SAY(send(c, "x", 1, 0));
  SAY(recv(c, b, 1, 0));
  SAY(recv(c, b, 1, 0));
  piped = 0;
  SAY(send(c, "x", 1, 0));
  printf("SIGPIPE %d\n", piped);
  close(c);
  pair(l, &c, &x);
  send(x, "last words", 10, 0);
  close(x);
  usleep(1000);
  EVENTS(c);
  STATE(c);
  SAY(send(c, "x", 1, 0));
  usleep(1000);
  EVENTS(c);
  SAY(send(c, "x", 1, 0));
  SAY(recv(c, b, 100, 0));
  SAY(recv(c, b, 100, 0));
  close(c);
  pair(l, &c, &x);
  struct linger hard = {1, 0};
  setsockopt(x, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  send(x, "data", 4, 0);
  close(x);
  usleep(1000);
  EVENTS(c);
  SAY(recv(c, b, 100, 0));
  SAY(recv(c, b, 100, 0));
  SAY(recv(c, b, 100, 0));
  close(c);
  c = tcp(0);
  connect4(c, INADDR_LOOPBACK, port_of(l));
  port = port_of(l);
  close(l);
  usleep(1000);
  EVENTS(c);
  SAY(recv(c, b, 1, 0));
  close(c);

  // A port is kept for a while by the side that closed first.
  l = tcp(0);
  bind4(l, INADDR_LOOPBACK, 0);
  listen(l, 1);
  port = port_of(l);
  pair(l, &c, &x);
  close(x);
  usleep(1000);
  close(c);
  close(l);
  l = tcp(0);
  SAY(bind4(l, INADDR_LOOPBACK, port));
  setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  SAY(bind4(l, INADDR_LOOPBACK, port));
  close(l);

  // Stopping to listen, and starting anew.
  l = listener();
  SAY(shutdown(l, SHUT_WR));
  SAY(shutdown(l, SHUT_RD));
  EVENTS(l);
  SAY(accept(l, NULL, NULL));
  STATE(l);
  SAY(listen(l, 3));
  pair(l, &c, &x);
  a.sin_family = AF_UNSPEC;
  SAY(connect(c, (void *)&a, sizeof a));
  usleep(1000);
  EVENTS(c);
  SAY(recv(x, b, 1, 0));
  SAY(connect4(c, INADDR_LOOPBACK, port_of(l)));
  close(c), close(x);
  x = accept(l, NULL, NULL);
  close(x);

  // Much data, both ends at once, and edges of a full buffer.
  pair(l, &c, &x);
  int ep = epoll_create1(0);
  struct epoll_event ev = {EPOLLOUT | EPOLLET}, got;
  epoll_ctl(ep, EPOLL_CTL_ADD, c, &ev);
  fcntl(c, F_SETFL, O_NONBLOCK);
  static char big[1 << 16];
  long sent = 0, read_ = 0;
  SAY(epoll_wait(ep, &got, 1, 0));
  SAY(epoll_wait(ep, &got, 1, 0));
  while ((n = send(c, big, sizeof big, 0)) > 0) sent += n;
  printf("full: %s, more than 100000: %d\n", strerrorname_np(errno), sent > 100000);
  EVENTS(c);
  SAY(epoll_wait(ep, &got, 1, 0));
  while (read_ < sent && (n = recv(x, big, sizeof big, MSG_DONTWAIT)) > 0) read_ += n;
  while (read_ < sent && (n = recv(x, big, sizeof big, 0)) > 0) read_ += n;
  printf("all read: %d\n", read_ == sent);
  SAY(epoll_wait(ep, &got, 1, 2000));
  fcntl(c, F_SETFL, 0);
  if (fork() == 0) {
    for (int i = 0; i < 100; i++) {
      memset(big, i, sizeof big);
      write(c, big, sizeof big);
    }
    _exit(0);
  }
  close(c);
  unsigned long sum = 0, total = 0;
  while ((n = read(x, big, 50000)) > 0)
    for (int i = 0; i < n; i++, total++) sum += (unsigned char)big[i] * (total % 7 + 1);
  printf("%ld bytes, sum %lu\n", total, sum);
  wait(NULL);
  close(x), close(l);

  // IPv6, and IPv4 through it.
  struct sockaddr_in6 a6 = {AF_INET6};
  int l6 = socket(AF_INET6, SOCK_STREAM, 0);
  SAY(bind(l6, (void *)&a6, 20));
  SAY(bind(l6, (void *)&a6, sizeof a6));
  SAY(listen(l6, 5));
  c = tcp(0);
  SAY(connect4(c, INADDR_LOOPBACK, port_of(l6)));
  x = accept(l6, NULL, NULL);
  name("IPv4 client", c, getsockname);
  name("seen by IPv6", x, getpeername);
  name("own name", x, getsockname);
  close(c), close(x);
  SAY(bind4(c = tcp(0), INADDR_ANY, port_of(l6)));
  close(c);
  c = socket(AF_INET6, SOCK_STREAM, 0);
  a6.sin6_port = htons(port_of(l6));
  SAY(connect(c, (void *)&a6, sizeof a6));
  name("to any", c, getpeername);
  name("from", c, getsockname);
  close(c);
  c = socket(AF_INET6, SOCK_STREAM, 0);
  inet_pton(AF_INET6, "::ffff:127.0.0.1", &a6.sin6_addr);
  SAY(connect(c, (void *)&a6, sizeof a6));
  name("mapped", c, getpeername);
  close(c), close(l6);
  l6 = socket(AF_INET6, SOCK_STREAM, 0);
  SAY(setsockopt(l6, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on));
  SAY(bind(l6, (void *)&a6, sizeof a6));
  a6 = (struct sockaddr_in6){AF_INET6, 0, 0, IN6ADDR_LOOPBACK_INIT};
  SAY(bind(l6, (void *)&a6, sizeof a6));
  SAY(setsockopt(l6, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on));
  SAY(listen(l6, 5));
  SAY(connect4(c = tcp(0), INADDR_LOOPBACK, port_of(l6)));
  SAY(bind4(c, INADDR_ANY, port_of(l6)));
  return 0;
}
