// Sockets of the machine's own: addresses, messages, options.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(void) {
  char b[100], control[CMSG_SPACE(8)];
  struct sockaddr_un un = {AF_UNIX, "no.sock"};
  struct sockaddr_in in = {AF_INET, htons(80), {htonl(0x7f000001)}};
  struct sockaddr_in6 in6 = {AF_INET6, htons(80), 5, IN6ADDR_LOOPBACK_INIT, 2};
  int pair[2], one = 1;
  socklen_t length = 4;
  socket(99, 99, 99);
  int u = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  connect(u, (void *)&un, sizeof un);
  connect(u, (void *)&un, 2);
  connect(99, (void *)"\1\2abc", 5);
  connect(99, (void *)&in, sizeof in);
  connect(99, (void *)&in, 2);
  connect(99, (void *)&in6, sizeof in6);
  connect(99, 0, 0);
  un.sun_path[0] = 0;
  connect(u, (void *)&un, 13);
  setsockopt(u, SOL_SOCKET, SO_REUSEADDR, &one, 4);
  getsockopt(u, SOL_SOCKET, SO_TYPE, &one, &length);
  getsockopt(99, SOL_SOCKET, SO_ERROR, &one, &length);
  setsockopt(99, 99, 99, &one, 4);
  socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
  struct iovec out[2] = {{"one", 3}, {"two\n", 4}}, into = {b, 64};
  struct msghdr m;
  memset(&m, 0, sizeof m);
  m.msg_iov = out;
  m.msg_iovlen = 2;
  sendmsg(pair[0], &m, MSG_NOSIGNAL);
  recvfrom(pair[1], b, 64, MSG_DONTWAIT, 0, 0);
  recvfrom(pair[1], b, 64, MSG_DONTWAIT, 0, 0);
  send(pair[0], "hello", 5, 0);
  recv(pair[1], b, 3, MSG_PEEK);
  m.msg_iov = &into;
  m.msg_iovlen = 1;
  recvmsg(pair[1], &m, 0);
  m.msg_iov = out;
  m.msg_control = control;
  m.msg_controllen = sizeof control;
  struct cmsghdr *c = CMSG_FIRSTHDR(&m);
  c->cmsg_level = SOL_SOCKET;
  c->cmsg_type = SCM_RIGHTS;
  c->cmsg_len = CMSG_LEN(8);
  ((int *)CMSG_DATA(c))[0] = 1;
  ((int *)CMSG_DATA(c))[1] = 2;
  sendmsg(pair[0], &m, 0);
  m.msg_iov = &into;
  recvmsg(pair[1], &m, MSG_CMSG_CLOEXEC);
  recvmsg(99, &m, 0);
  shutdown(pair[0], SHUT_WR);
  shutdown(pair[0], 9);
  read(pair[1], b, 10);
  return 0;
}
