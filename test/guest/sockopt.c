// Socket options: what each is at first, what it takes, what it is then.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "say.h"

static void read_one(int s, int level, int o, int room) {
  unsigned char b[64];
  socklen_t n = room;
  memset(b, 0xee, sizeof b);
  if (getsockopt(s, level, o, b, &n)) {
    printf(" %s", strerrorname_np(errno));
    return;
  }
  printf(" [%d]", n);
  if (n == 4) printf("%d", *(int *)b);
  else for (int i = 0; i < n; i++) printf("%02x", b[i]);
}
static void options(const char *what, int family, int type, int level, const int *list) {
  static const int values[] = {-1, 0, 1, 2, 5, 100, 300, 70000};
  for (; *list; list++) {
    int s = socket(family, type, 0);
    printf("%s %d %d:", what, level, *list);
    read_one(s, level, *list, 64);
    printf(" |");
    read_one(s, level, *list, 1);
    read_one(s, level, *list, 0);
    printf(" |");
    for (int i = 0; i < sizeof values / sizeof *values; i++) {
      int v = values[i];
      if (setsockopt(s, level, *list, &v, sizeof v)) printf(" %s", strerrorname_np(errno));
      else read_one(s, level, *list, 4);
    }
    int v = 1;
    printf(" | %s", setsockopt(s, level, *list, &v, 3) ? strerrorname_np(errno) : "ok");
    printf(" %s", setsockopt(s, level, *list, &v, 0) ? strerrorname_np(errno) : "ok");
    printf(" %s\n", setsockopt(s, level, *list, (void *)8, 64) ? strerrorname_np(errno) : "ok");
    close(s);
  }
}
int main(void) {
  static const int sol[] = {1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 14, 15, 16, 19, 28, 29, 30, 31, 34, 35, 36, 38, 39, 40, 42, 43, 46, 47, 48, 49, 60, 62, 63, 64, 72, 99, 0};
  static const int tcp[] = {1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 17, 18, 23, 25, 27, 30, 34, 36, 99, 0};
  static const int ip[] = {1, 2, 6, 7, 8, 10, 11, 12, 13, 14, 15, 20, 21, 24, 33, 34, 49, 50, 120, 0};
  static const int ip6[] = {16, 18, 19, 23, 24, 25, 26, 29, 49, 51, 66, 67, 78, 99, 0};
  options("tcp", AF_INET, SOCK_STREAM, SOL_SOCKET, sol);
  options("unix", AF_UNIX, SOCK_STREAM, SOL_SOCKET, sol);
  options("udp", AF_INET, SOCK_DGRAM, SOL_SOCKET, (int[]){3, 6, 15, 16, 40, 42, 60, 0});
  options("tcp", AF_INET, SOCK_STREAM, IPPROTO_TCP, tcp);
  options("udp", AF_INET, SOCK_DGRAM, IPPROTO_IP, ip);
  options("tcp", AF_INET, SOCK_STREAM, IPPROTO_IP, (int[]){1, 33, 0});
  options("udp6", AF_INET6, SOCK_DGRAM, IPPROTO_IPV6, ip6);
  options("tcp4", AF_INET, SOCK_STREAM, IPPROTO_IPV6, (int[]){26, 0});
  options("unix", AF_UNIX, SOCK_STREAM, IPPROTO_TCP, (int[]){1, 0});
  options("udp", AF_INET, SOCK_DGRAM, IPPROTO_TCP, (int[]){1, 0});
  options("udp", AF_INET, SOCK_DGRAM, IPPROTO_UDP, (int[]){1, 101, 102, 103, 104, 99, 0});

  int s = socket(AF_INET, SOCK_STREAM, 0);
  unsigned char b[100];
  socklen_t n;
  for (int o = SO_SNDBUF; o <= SO_RCVBUF; o++)
    for (int i = 0; i < 4; i++) {
      int v = ((int[]){0, 1, 5000, 100000})[i];
      setsockopt(s, SOL_SOCKET, o, &v, sizeof v);
      read_one(s, SOL_SOCKET, o, 64);
    }
  printf("\n");
  struct linger l = {1, 30};
  SAY(setsockopt(s, SOL_SOCKET, SO_LINGER, &l, 4));
  SAY(setsockopt(s, SOL_SOCKET, SO_LINGER, &l, sizeof l));
  read_one(s, SOL_SOCKET, SO_LINGER, 64);
  l.l_onoff = 0;
  SAY(setsockopt(s, SOL_SOCKET, SO_LINGER, &l, sizeof l));
  read_one(s, SOL_SOCKET, SO_LINGER, 64);
  struct timeval tv = {1, 500000};
  SAY(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &tv, 8));
  SAY(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv));
  read_one(s, SOL_SOCKET, SO_RCVTIMEO, 64);
  tv.tv_usec = 1000000;
  SAY(setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv));
  SAY(setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
  read_one(s, SOL_SOCKET, SO_BINDTODEVICE, 64);
  read_one(s, SOL_SOCKET, SO_BINDTODEVICE, 4);
  SAY(setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, "nosuch", 7));
  SAY(setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, "", 0));
  read_one(s, SOL_SOCKET, SO_BINDTODEVICE, 64);
  SAY(setsockopt(s, IPPROTO_TCP, TCP_CONGESTION, "nosuch", 6));
  SAY(setsockopt(s, IPPROTO_TCP, TCP_CONGESTION, "reno", 4));
  read_one(s, IPPROTO_TCP, TCP_CONGESTION, 64);
  for (int i = 0; i < 5; i++) {
    int v = ((int[]){1, 2, 10, 60, 1000})[i];
    setsockopt(s, IPPROTO_TCP, TCP_DEFER_ACCEPT, &v, sizeof v);
    read_one(s, IPPROTO_TCP, TCP_DEFER_ACCEPT, 64);
  }
  n = -1;
  SAY(getsockopt(s, SOL_SOCKET, SO_TYPE, b, &n));
  SAY(getsockopt(s, SOL_SOCKET, SO_TYPE, b, (void *)8));
  n = 4;
  SAY(getsockopt(s, SOL_SOCKET, SO_TYPE, (void *)8, &n));
  SAY(setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, b, -1));
  SAY(setsockopt(99, SOL_SOCKET, SO_KEEPALIVE, b, 4));
  SAY(getsockopt(99, SOL_SOCKET, SO_KEEPALIVE, b, &n));
  SAY(setsockopt(s, 99, 1, b, 4));
  SAY(getsockopt(s, 99, 1, b, &n));
  int sv[2];
  socketpair(AF_UNIX, SOCK_STREAM, 0, sv);
  SAY(setsockopt(sv[0], 99, 1, b, 4));
  SAY(getsockopt(sv[0], 99, 1, b, &n));

  // Peeking onwards.
  for (int kind = SOCK_STREAM; kind <= SOCK_DGRAM; kind++) {
    int zero = 2;
    socketpair(AF_UNIX, kind, 0, sv);
    send(sv[0], "abcd", 4, 0);
    send(sv[0], "efgh", 4, 0);
    SAY(setsockopt(sv[1], SOL_SOCKET, SO_PEEK_OFF, &zero, sizeof zero));
    for (int i = 0; i < 4; i++) {
      int r = recv(sv[1], b, 3, i == 2 ? 0 : MSG_PEEK | MSG_DONTWAIT);
      printf("%d '%.*s'", r, r, b);
      read_one(sv[1], SOL_SOCKET, SO_PEEK_OFF, 4);
      printf("\n");
    }
  }
  return 0;
}
