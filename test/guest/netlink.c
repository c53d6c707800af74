// Netlink's routing family, and what else tells of interfaces: the loopback's part of it.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "say.h"

static int ask(int s, int type, int flags, const void *body, int n) {
  struct {
    struct nlmsghdr h;
    char body[100];
  } q = {{NLMSG_LENGTH(n), type, flags | NLM_F_REQUEST, 77, 0}};
  memcpy(q.body, body, n);
  return send(s, &q, q.h.nlmsg_len, 0);
}
static void answers(const char *what, int s) {
  char b[20000];
  for (int done = 0; !done;) {
    int n = recv(s, b, sizeof b, 0);
    for (struct nlmsghdr *h = (void *)b; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
      if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR || !(h->nlmsg_flags & NLM_F_MULTI)) done = 1;
      if (h->nlmsg_type == RTM_NEWADDR) {
        struct ifaddrmsg *a = NLMSG_DATA(h);
        if (a->ifa_index != 1) continue;
        printf("%s: address %d/%d flags %#x scope %d\n", what, a->ifa_family, a->ifa_prefixlen, a->ifa_flags, a->ifa_scope);
      } else if (h->nlmsg_type == RTM_NEWLINK) {
        struct ifinfomsg *i = NLMSG_DATA(h);
        if (i->ifi_index != 1) continue;
        printf("%s: link type %d flags %#x\n", what, i->ifi_type, i->ifi_flags);
        int left = IFLA_PAYLOAD(h);
        for (struct rtattr *r = IFLA_RTA(i); RTA_OK(r, left); r = RTA_NEXT(r, left))
          if (r->rta_type == IFLA_IFNAME) printf(" name %s\n", (char *)RTA_DATA(r));
          else if (r->rta_type == IFLA_MTU) printf(" mtu %d\n", *(int *)RTA_DATA(r));
      } else if (h->nlmsg_type == NLMSG_ERROR)
        printf("%s: error %d, about %d\n", what, ((struct nlmsgerr *)NLMSG_DATA(h))->error, ((struct nlmsgerr *)NLMSG_DATA(h))->msg.nlmsg_type);
      else printf("%s: type %d flags %#x seq %d for me %d\n", what, h->nlmsg_type, h->nlmsg_flags, h->nlmsg_seq, h->nlmsg_pid == getpid());
    }
  }
}
int main(void) {
  char b[4096];
  SAY(socket(AF_NETLINK, SOCK_STREAM, 0));
  SAY(socket(AF_NETLINK, SOCK_RAW, 99));
  int s = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), s2 = socket(AF_NETLINK, SOCK_DGRAM, NETLINK_ROUTE);
  struct sockaddr_nl a = {AF_NETLINK};
  SAY(bind(s, (void *)&a, 11));
  SAY(bind(s, (void *)&a, sizeof a));
  SAY(bind(s, (void *)&a, sizeof a));
  socklen_t n = sizeof a;
  SAY(getsockname(s, (void *)&a, &n));
  printf("own number %d length %d\n", a.nl_pid == getpid(), n);
  SAY(bind(s2, (void *)&a, sizeof a));
  SAY(listen(s, 1));
  struct ifinfomsg link = {0};
  struct ifaddrmsg addr = {0};
  SAY(ask(s, RTM_GETLINK, NLM_F_DUMP, &link, sizeof link));
  answers("links", s);
  SAY(ask(s, RTM_GETADDR, NLM_F_DUMP, &addr, sizeof addr));
  answers("addresses", s);
  link.ifi_index = 1;
  SAY(ask(s, RTM_GETLINK, 0, &link, sizeof link));
  answers("one link", s);
  link.ifi_index = 12345;
  SAY(ask(s, RTM_GETLINK, NLM_F_ACK, &link, sizeof link));
  answers("no link", s);
  SAY(ask(s, 120, NLM_F_ACK, &link, sizeof link));
  answers("unknown", s);
  SAY(ask(s, 200, NLM_F_ACK, &link, sizeof link));
  answers("beyond", s);
  SAY(ask(s, NLMSG_NOOP, NLM_F_ACK, &link, 0));
  answers("nothing", s);
  SAY(recv(s, b, sizeof b, MSG_DONTWAIT));
  SAY(poll(&(struct pollfd){s, POLLIN | POLLOUT}, 1, 0));

  struct ifaddrs *list;
  getifaddrs(&list);
  for (struct ifaddrs *i = list; i; i = i->ifa_next)
    if (!strcmp(i->ifa_name, "lo"))
      printf("%s flags %#x family %d\n", i->ifa_name, i->ifa_flags, i->ifa_addr ? i->ifa_addr->sa_family : -1);
  SAY(if_nametoindex("lo"));
  SAY(if_nametoindex("nosuch"));
  printf("%s\n", if_indextoname(1, b));
  struct ifreq r = {"lo"};
  int d = socket(AF_INET, SOCK_DGRAM, 0);
  SAY(ioctl(d, SIOCGIFFLAGS, &r));
  printf("%#x\n", r.ifr_flags);
  SAY(ioctl(d, SIOCGIFADDR, &r));
  printf("%s\n", inet_ntoa(((struct sockaddr_in *)&r.ifr_addr)->sin_addr));
  SAY(ioctl(d, SIOCGIFNETMASK, &r));
  printf("%s\n", inet_ntoa(((struct sockaddr_in *)&r.ifr_addr)->sin_addr));
  SAY(ioctl(d, SIOCGIFMTU, &r));
  printf("%d\n", r.ifr_mtu);
  SAY(ioctl(d, SIOCGIFHWADDR, &r));
  printf("%d\n", r.ifr_hwaddr.sa_family);
  strcpy(r.ifr_name, "nosuch");
  SAY(ioctl(d, SIOCGIFFLAGS, &r));
  SAY(ioctl(d, SIOCGIFFLAGS, 8));
  SAY(ioctl(d, 0x5413, b));
  struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM}, *found;
  SAY(getaddrinfo("::1", "80", &hints, &found));
  SAY(getaddrinfo("127.0.0.1", "80", &hints, &found));

  // The socket's line in /proc.
  struct sockaddr_in in = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}};
  int l = socket(AF_INET, SOCK_STREAM, 0);
  bind(l, (void *)&in, sizeof in);
  listen(l, 5);
  n = sizeof in;
  getsockname(l, (void *)&in, &n);
  sprintf(b, "0100007F:%04X", ntohs(in.sin_port));
  FILE *f = fopen("/proc/net/tcp", "r");
  char line[300];
  while (fgets(line, sizeof line, f)) {
    char *at = strstr(line, b);
    if (at) printf("%.60s\n", at + 13);
  }
  return 0;
}
