// UDP on the loopback: names, refusals, peers, cut messages, errors that come back, what goes along with a datagram.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "say.h"

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
static int send4(int s, unsigned host, int port, const char *text) {
  struct sockaddr_in a = v4(host, port);
  return sendto(s, text, strlen(text), 0, (void *)&a, sizeof a);
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
static void on(int s, int level, int option) {
  int one = 1;
  printf("option %d %d: %d\n", level, option, setsockopt(s, level, option, &one, sizeof one));
}
static void receive(const char *what, int s, int length, int flags) {
  char text[100] = "", room[500];
  union { struct sockaddr_in v4; struct sockaddr_in6 v6; } from;
  struct iovec iov = {text, length};
  struct msghdr m = {&from, sizeof from, &iov, 1, room, sizeof room, 0};
  int r = recvmsg(s, &m, flags);
  printf("%s: %d", what, r);
  if (r < 0) {
    printf(" %s\n", strerrorname_np(errno));
    return;
  }
  printf(" '%s' flags %#x name %d control %d:", text, m.msg_flags, m.msg_namelen, (int)m.msg_controllen);
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
    printf(" {%d %d %d:", (int)c->cmsg_len, c->cmsg_level, c->cmsg_type);
    unsigned char *d = CMSG_DATA(c);
    int n = c->cmsg_len - CMSG_LEN(0);
    if (c->cmsg_level != SOL_SOCKET && c->cmsg_type != IP_ORIGDSTADDR)
      for (int i = 0; i < n; i++) printf(" %x", c->cmsg_type == IP_RECVERR && i > 18 && i < 20 ? 0 : d[i]);
    printf("}");
  }
  printf("\n");
}

int main(void) {
  char b[1000];
  int n;
  socklen_t len;
  struct sockaddr_in a;
  SAY(socket(AF_INET, SOCK_DGRAM, IPPROTO_TCP));
  SAY(socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP) > 0);
  int s = socket(AF_INET, SOCK_DGRAM, 0), c = socket(AF_INET, SOCK_DGRAM, 0);
  EVENTS(s);
  SAY(listen(s, 1));
  SAY(accept(s, NULL, NULL));
  SAY(send(s, "x", 1, 0));
  SAY(shutdown(s, SHUT_RD));
  close(s), s = socket(AF_INET, SOCK_DGRAM, 0);
  name("unbound", s, getsockname);
  name("unconnected", s, getpeername);
  SAY(bind4(s, 0x08080808, 0));
  SAY(bind4(s, INADDR_LOOPBACK, 0));
  SAY(bind4(s, INADDR_LOOPBACK, 0));
  int port = port_of(s), t = socket(AF_INET, SOCK_DGRAM, 0);
  SAY(bind4(t, INADDR_ANY, port));
  on(s, SOL_SOCKET, SO_REUSEADDR);
  on(t, SOL_SOCKET, SO_REUSEADDR);
  SAY(bind4(t, INADDR_ANY, port));
  close(t);
  a = v4(INADDR_LOOPBACK, port);
  SAY(sendto(c, "x", 1, 0, (void *)&a, 15));
  SAY(sendto(c, "x", 1, MSG_OOB, (void *)&a, sizeof a));
  SAY(sendto(c, (void *)8, 1, 0, (void *)&a, sizeof a));
  a.sin_family = AF_INET6;
  SAY(sendto(c, "x", 1, 0, (void *)&a, sizeof a));
  a.sin_family = AF_UNSPEC;
  SAY(sendto(c, "unspecified", 11, 0, (void *)&a, sizeof a));
  SAY(send4(c, INADDR_LOOPBACK, 0, "x"));
  SAY(send4(c, INADDR_BROADCAST, port, "x"));
  static char big[70000];
  a.sin_family = AF_INET;
  SAY(sendto(c, big, 65508, 0, (void *)&a, sizeof a));
  SAY(sendto(c, big, 70000, 0, (void *)&a, sizeof a));
  SAY(sendto(c, big, 65507, 0, (void *)&a, sizeof a));
  name("bound by sending", c, getsockname);
  SAY(recv(s, b, 100, 0));
  SAY(recv(s, b, 100, MSG_TRUNC));
  SAY(recv(s, b, 1, MSG_DONTWAIT));
  SAY(send4(c, 0, port, "to any"));
  SAY(send4(c, INADDR_LOOPBACK, port, ""));
  SAY(ioctl(s, FIONREAD, &n));
  printf("waiting %d\n", n);
  len = 8;
  SAY(recvfrom(s, b, 3, MSG_PEEK, (void *)&a, &len));
  printf("name %d\n", len);
  receive("peeked", s, 3, MSG_PEEK | MSG_TRUNC);
  receive("cut", s, 3, 0);
  receive("empty", s, 3, 0);
  EVENTS(s);

  // Peers.
  SAY(connect4(c, INADDR_LOOPBACK, port));
  name("connected", c, getpeername);
  name("its own", c, getsockname);
  SAY(send(c, "one", 3, 0));
  SAY(write(c, "two", 3));
  SAY(send4(c, INADDR_LOOPBACK, port, "three"));
  t = socket(AF_INET, SOCK_DGRAM, 0);
  SAY(send4(t, INADDR_LOOPBACK, port_of(c), "stranger"));
  SAY(send4(s, INADDR_LOOPBACK, port_of(c), "friend"));
  SAY(recv(c, b, 100, 0));
  SAY(recv(c, b, 100, MSG_DONTWAIT));
  SAY(read(s, b, 100));
  SAY(read(s, b, 100));
  SAY(read(s, b, 100));
  a.sin_family = AF_UNSPEC;
  SAY(connect(c, (void *)&a, sizeof a));
  name("disconnected", c, getpeername);
  name("its own", c, getsockname);
  SAY(shutdown(c, SHUT_RD));
  SAY(connect4(c, INADDR_LOOPBACK, port));
  SAY(shutdown(c, SHUT_WR));
  SAY(send(c, "x", 1, 0));
  EVENTS(c);
  SAY(recv(c, b, 1, 0));
  close(c);

  // Nobody there.
  close(t), t = socket(AF_INET, SOCK_DGRAM, 0);
  bind4(t, INADDR_LOOPBACK, 0);
  int gone = port_of(t);
  close(t), t = socket(AF_INET, SOCK_DGRAM, 0);
  SAY(send4(t, INADDR_LOOPBACK, gone, "x"));
  SAY(send4(t, INADDR_LOOPBACK, gone, "x"));
  SAY(connect4(t, INADDR_LOOPBACK, gone));
  SAY(send(t, "x", 1, 0));
  EVENTS(t);
  SAY(send(t, "x", 1, 0));
  SAY(send(t, "x", 1, 0));
  SAY(recv(t, b, 1, 0));
  SAY(send(t, "x", 1, 0));
  SAY(error_of(t) == ECONNREFUSED);
  SAY(recv(t, b, 1, MSG_DONTWAIT));
  on(t, IPPROTO_IP, IP_RECVERR);
  SAY(send(t, "lost", 4, 0));
  EVENTS(t);
  receive("error queue", t, 100, MSG_ERRQUEUE);
  EVENTS(t);
  receive("error queue", t, 100, MSG_ERRQUEUE);
  SAY(recv(t, b, 1, MSG_DONTWAIT));
  close(t);

  // What goes along.
  c = socket(AF_INET, SOCK_DGRAM, 0);
  connect4(c, INADDR_LOOPBACK, port);
  on(s, IPPROTO_IP, IP_PKTINFO);
  on(s, IPPROTO_IP, IP_RECVTTL);
  on(s, IPPROTO_IP, IP_RECVTOS);
  on(s, IPPROTO_IP, IP_RECVORIGDSTADDR);
  on(s, SOL_SOCKET, SO_TIMESTAMP);
  n = 0x48;
  setsockopt(c, IPPROTO_IP, IP_TOS, &n, sizeof n);
  n = 33;
  setsockopt(c, IPPROTO_IP, IP_TTL, &n, sizeof n);
  send(c, "info", 4, 0);
  receive("with everything", s, 100, 0);
  union { char room[CMSG_SPACE(4)]; struct cmsghdr h; } u = {.h = {CMSG_LEN(4), IPPROTO_IP, IP_TTL}};
  *(int *)CMSG_DATA(&u.h) = 7;
  struct iovec iov = {"ttl 7", 5};
  struct msghdr m = {NULL, 0, &iov, 1, &u, sizeof u};
  SAY(sendmsg(c, &m, 0));
  receive("with its own ttl", s, 100, 0);
  u.h.cmsg_type = 99;
  SAY(sendmsg(c, &m, 0));
  u.h.cmsg_type = IP_TTL, *(int *)CMSG_DATA(&u.h) = 0;
  SAY(sendmsg(c, &m, 0));
  u.h.cmsg_level = SOL_SOCKET, u.h.cmsg_type = SCM_RIGHTS;
  SAY(sendmsg(c, &m, 0));
  u.h.cmsg_type = 77;
  SAY(sendmsg(c, &m, 0));

  // Several calls, one datagram; one call, several datagrams.
  close(s), close(c);
  s = socket(AF_INET, SOCK_DGRAM, 0), c = socket(AF_INET, SOCK_DGRAM, 0);
  bind4(s, INADDR_LOOPBACK, 0);
  connect4(c, INADDR_LOOPBACK, port_of(s));
  SAY(send(c, "first, ", 7, MSG_MORE));
  SAY(recv(s, b, 100, MSG_DONTWAIT));
  SAY(send(c, "second", 6, 0));
  SAY(recv(s, b, 100, MSG_DONTWAIT));
  on(c, IPPROTO_UDP, UDP_CORK);
  send(c, "abc", 3, 0);
  n = 0;
  SAY(setsockopt(c, IPPROTO_UDP, UDP_CORK, &n, sizeof n));
  SAY(recv(s, b, 100, MSG_DONTWAIT));
  n = 4;
  SAY(setsockopt(c, IPPROTO_UDP, UDP_SEGMENT, &n, sizeof n));
  SAY(send(c, "0123456789", 10, 0));
  for (int i = 0; i < 4; i++) printf("part %d\n", (int)recv(s, b, 100, MSG_DONTWAIT));

  // IPv6.
  struct sockaddr_in6 a6 = {AF_INET6};
  int s6 = socket(AF_INET6, SOCK_DGRAM, 0), c6 = socket(AF_INET6, SOCK_DGRAM, 0);
  SAY(bind(s6, (void *)&a6, sizeof a6));
  on(s6, IPPROTO_IPV6, IPV6_RECVPKTINFO);
  on(s6, IPPROTO_IPV6, IPV6_RECVHOPLIMIT);
  on(s6, IPPROTO_IPV6, IPV6_RECVTCLASS);
  close(c), c = socket(AF_INET, SOCK_DGRAM, 0);
  SAY(send4(c, INADDR_LOOPBACK, port_of(s6), "four"));
  receive("from IPv4", s6, 100, 0);
  a6 = (struct sockaddr_in6){AF_INET6, htons(port_of(s6)), 0, IN6ADDR_LOOPBACK_INIT};
  SAY(sendto(c6, "six", 3, 0, (void *)&a6, sizeof a6));
  receive("from IPv6", s6, 100, 0);
  SAY(sendto(c6, big, 65528, 0, (void *)&a6, sizeof a6));
  SAY(send4(c6, INADDR_LOOPBACK, port_of(s6), "four over six"));
  receive("from a mapped address", s6, 100, 0);
  a6.sin6_family = 99;
  SAY(sendto(c6, "x", 1, 0, (void *)&a6, sizeof a6));
  a6.sin6_family = AF_INET6;
  SAY(connect(c6, (void *)&a6, sizeof a6));
  name("own", c6, getsockname);
  return 0;
}
