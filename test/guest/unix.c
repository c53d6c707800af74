// Unix sockets: names, states and refusals, descriptors and identity in messages, half closes, what polls see.
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "say.h"
#ifndef SO_PASSPIDFD
#define SO_PASSPIDFD 76
#define SO_PEERPIDFD 77
#endif
#define SO_PASSRIGHTS 83

static struct sockaddr_un un(const char *name) {
  struct sockaddr_un a = {AF_UNIX};
  strcpy(a.sun_path, name);
  return a;
}
static int bind_to(int s, const char *name) {
  struct sockaddr_un a = un(name);
  return bind(s, (void *)&a, sizeof a);
}
static int connect_to(int s, const char *name) {
  struct sockaddr_un a = un(name);
  return connect(s, (void *)&a, sizeof a);
}
static int send_to(int s, const char *name, const char *text, int flags) {
  struct sockaddr_un a = un(name);
  return sendto(s, text, strlen(text), flags, (void *)&a, sizeof a);
}
static void name_of(const char *what, int s, int (*get)(int, struct sockaddr *, socklen_t *)) {
  struct sockaddr_un a;
  socklen_t n = sizeof a;
  memset(&a, 'z', sizeof a);
  int r = get(s, (void *)&a, &n);
  printf("%s: %d", what, r);
  if (r) printf(" %s\n", strerrorname_np(errno));
  else printf(" length %d family %d %c%s\n", n, a.sun_family, n > 2 && !a.sun_path[0] ? '@' : ' ', n > 3 ? a.sun_path + !a.sun_path[0] : "");
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
static int send_fds(int s, const int *fds, int n, const char *text) {
  union { char room[CMSG_SPACE(sizeof(int) * 300)]; struct cmsghdr align; } u = {0};
  struct iovec iov = {(char *)text, strlen(text)};
  struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = u.room, .msg_controllen = CMSG_SPACE(sizeof(int) * n)};
  struct cmsghdr *c = CMSG_FIRSTHDR(&m);
  c->cmsg_level = SOL_SOCKET, c->cmsg_type = SCM_RIGHTS, c->cmsg_len = CMSG_LEN(sizeof(int) * n);
  memcpy(CMSG_DATA(c), fds, sizeof(int) * n);
  return sendmsg(s, &m, 0);
}
static void receive(const char *what, int s, int length, int control, int flags) {
  char text[200] = "", room[500];
  struct sockaddr_un from;
  memset(room, 0x77, sizeof room);
  struct iovec iov[2] = {{text, 2}, {text + 2, length - 2}};
  struct msghdr m = {&from, sizeof from, iov, 2, control ? room : NULL, control, 0x5555};
  if (length < 2) iov[0].iov_len = length, m.msg_iovlen = 1;
  int r = recvmsg(s, &m, flags);
  printf("%s: %d", what, r);
  if (r < 0) {
    printf(" %s\n", strerrorname_np(errno));
    return;
  }
  printf(" '%s' flags %#x name %d control %d:", text, m.msg_flags, m.msg_namelen, (int)m.msg_controllen);
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
    printf(" {%d %d %d:", (int)c->cmsg_len, c->cmsg_level, c->cmsg_type);
    if (c->cmsg_type == SCM_RIGHTS)
      for (int i = 0; i < (c->cmsg_len - CMSG_LEN(0)) / 4; i++) {
        int fd = ((int *)CMSG_DATA(c))[i];
        printf(" %s%s", fcntl(fd, F_GETFD) >= 0 ? "open" : "?", fcntl(fd, F_GETFD) > 0 ? "/cloexec" : "");
        close(fd);
      }
    else if (c->cmsg_type == SCM_CREDENTIALS) {
      struct ucred *u = (void *)CMSG_DATA(c);
      printf(" %s %d %d", u->pid == getpid() ? "own" : u->pid == 0 ? "none" : "other", u->uid == getuid(), u->gid == getgid());
    }
    printf("}");
  }
  printf("\n");
}

int main(void) {
  int sv[2], on = 1, off = 0, null = open("/dev/null", O_RDWR);
  char b[300];
  struct stat st;
  signal(SIGPIPE, SIG_IGN);
  chdir("/tmp");
  char dir[] = "unix-test-XXXXXX";
  mkdtemp(dir);
  chdir(dir);

  SAY(socket(AF_UNIX, SOCK_STREAM, 1) > 0);
  SAY(socket(AF_UNIX, SOCK_STREAM, 2));
  SAY(socket(AF_UNIX, SOCK_RDM, 0));
  SAY(socket(AF_UNIX, 0, 0));
  SAY(socket(AF_UNIX, 11, 0));
  SAY(socket(AF_UNIX, 0x40000001, 0));
  SAY(socket(99, SOCK_STREAM, 0));
  SAY(socket(-1, SOCK_STREAM, 0));
  SAY(socket(45, 99, 0));
  SAY(socketpair(AF_UNIX, SOCK_STREAM, 5, sv));
  SAY(socketpair(AF_UNIX, SOCK_STREAM | 0x100, 0, sv));
  SAY(syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, 8));
  SAY(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, sv));
  SAY(fcntl(sv[0], F_GETFD));
  SAY(fcntl(sv[1], F_GETFL));
  fstat(sv[0], &st);
  printf("mode %o links %d size %d\n", st.st_mode, (int)st.st_nlink, (int)st.st_size);
  SAY(lseek(sv[0], 0, SEEK_SET));
  SAY(pread(sv[0], b, 1, 0));
  SAY(ftruncate(sv[0], 0));
  SAY(fsync(sv[0]));

  // Names.
  int s = socket(AF_UNIX, SOCK_STREAM, 0), d = socket(AF_UNIX, SOCK_DGRAM, 0);
  struct sockaddr_un a = un("name");
  SAY(bind(null, (void *)&a, sizeof a));
  SAY(bind(99, (void *)&a, sizeof a));
  SAY(bind(s, (void *)&a, 1));
  SAY(bind(s, (void *)&a, 111));
  SAY(bind(s, (void *)&a, 200));
  SAY(bind(s, (void *)&a, -1));
  SAY(bind(s, (void *)8, 20));
  a.sun_family = AF_INET;
  SAY(bind(s, (void *)&a, sizeof a));
  a.sun_family = AF_UNIX;
  SAY(bind_to(s, "no/such"));
  SAY(bind_to(s, "."));
  name_of("unnamed", s, getsockname);
  name_of("unconnected", s, getpeername);
  SAY(bind_to(s, "name"));
  SAY(bind_to(s, "other"));
  SAY(bind_to(d, "name"));
  SAY(access("other", F_OK));
  name_of("named", s, getsockname);
  stat("name", &st);
  printf("file mode %o\n", st.st_mode & ~022);
  SAY(open("name", O_RDWR));
  SAY(bind(d, (void *)&a, 2));
  socklen_t n = sizeof a;
  getsockname(d, (void *)&a, &n);
  printf("by itself: length %d, first %d\n", n, a.sun_path[0]);
  int d2 = socket(AF_UNIX, SOCK_DGRAM, 0), d3 = socket(AF_UNIX, SOCK_DGRAM, 0);
  memcpy(&a, &(struct sockaddr_un){AF_UNIX, "\0ring3-of-the-test"}, sizeof a);
  SAY(bind(d2, (void *)&a, 2 + 18));
  SAY(bind(d3, (void *)&a, 2 + 18));
  SAY(bind(d3, (void *)&a, 2 + 19));
  name_of("abstract", d2, getsockname);
  n = 4;
  memset(&a, 'z', sizeof a);
  SAY(getsockname(s, (void *)&a, &n));
  printf("cut: length %d, %c %c %c\n", n, a.sun_path[0], a.sun_path[1], a.sun_path[2]);
  n = -1;
  SAY(getsockname(s, (void *)&a, &n));
  SAY(getsockname(s, (void *)&a, (void *)8));
  n = 10;
  SAY(getsockname(s, (void *)8, &n));

  // Connecting.
  int c = socket(AF_UNIX, SOCK_STREAM, 0), c2 = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0), e;
  SAY(connect_to(c, "nowhere"));
  SAY(connect_to(c, "name"));
  SAY(connect_to(c, "."));
  close(open("plain", O_CREAT | O_RDWR, 0600));
  SAY(connect_to(c, "plain"));
  SAY(connect_to(d3, "name"));
  SAY(accept(s, NULL, NULL));
  SAY(listen(c, 1));
  SAY(listen(d, 1));
  SAY(listen(null, 1));
  SAY(listen(s, 0));
  SAY(listen(s, 1));
  EVENTS(c);
  EVENTS(s);
  EVENTS(d);
  SAY(connect_to(s, "name"));
  SAY(connect_to(c, "name"));
  SAY(connect_to(c, "name"));
  SAY(connect_to(c2, "name"));
  e = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
  SAY(connect_to(e, "name"));
  EVENTS(e);
  EVENTS(s);
  name_of("connected", c, getpeername);
  SAY(write(c, "early", 5));
  SAY(accept4(s, NULL, NULL, 1));
  SAY(accept4(null, NULL, NULL, 1));
  n = sizeof a;
  int x = SAY(accept4(s, (void *)&a, &n, SOCK_CLOEXEC | SOCK_NONBLOCK) > 0);
  x = e + 1;
  printf("accepted: length %d family %d, %d %o\n", n, a.sun_family, fcntl(x, F_GETFD), fcntl(x, F_GETFL));
  name_of("its name", x, getsockname);
  name_of("its peer", x, getpeername);
  SAY(read(x, b, 100));
  SAY(connect_to(e, "name"));
  SAY(accept(s, (void *)8, &n));
  fcntl(s, F_SETFL, O_NONBLOCK);
  SAY(accept(s, NULL, NULL) > 0);
  SAY(accept(s, NULL, NULL));
  SAY(read(s, b, 1));
  SAY(write(s, b, 1));
  SAY(error_of(c2));
  SAY(recv(c2, b, 1, 0));
  SAY(send(c2, b, 1, 0));
  struct ucred cr;
  n = sizeof cr;
  SAY(getsockopt(c, SOL_SOCKET, SO_PEERCRED, &cr, &n));
  printf("peer %d %d\n", cr.pid == getpid(), cr.uid == getuid());

  // Data and half closes.
  SAY(send(c, "hello", 5, 0));
  SAY(sendto(c, "hello", 5, 0, (void *)&a, sizeof a));
  SAY(sendto(d3, "hello", 5, 0, NULL, 0));
  SAY(send(e = socket(AF_UNIX, SOCK_STREAM, 0), "hello", 5, 0));
  SAY(recv(e, b, 5, 0));
  SAY(recv(x, b, 2, MSG_PEEK));
  SAY(recv(x, b, 0, 0));
  SAY(ioctl(x, FIONREAD, &on));
  printf("waiting %d\n", on);
  SAY(recv(x, b, 3, MSG_TRUNC));
  SAY(recv(x, b, 30, MSG_OOB));
  SAY(recv(x, b, 30, 0));
  SAY(recv(x, b, 30, 0));
  on = 1;
  EVENTS(x);
  SAY(shutdown(x, 3));
  SAY(shutdown(c, SHUT_WR));
  EVENTS(x);
  EVENTS(c);
  SAY(read(x, b, 3));
  SAY(write(c, b, 3));
  SAY(write(x, "back", 4));
  SAY(shutdown(c, SHUT_RD));
  SAY(write(x, "back", 4));
  SAY(read(c, b, 10));
  SAY(read(c, b, 10));
  EVENTS(x);
  SAY(close(x));
  EVENTS(c);
  name_of("peer closed", c, getpeername);
  close(sv[0]), close(sv[1]);
  socketpair(AF_UNIX, SOCK_STREAM, 0, sv);
  write(sv[0], "unread", 6);
  close(sv[1]);
  EVENTS(sv[0]);
  SAY(read(sv[0], b, 1));
  SAY(read(sv[0], b, 1));
  SAY(write(sv[0], b, 1));
  close(s);
  SAY(connect_to(e, "name"));
  unlink("name");
  SAY(connect_to(e, "name"));

  // Datagrams.
  socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, sv);
  SAY(send(sv[0], "", 0, 0));
  SAY(send(sv[0], "four", 4, 0));
  SAY(recv(sv[1], b, 10, 0));
  receive("cut", sv[1], 2, 0, 0);
  send(sv[0], "four", 4, 0);
  receive("real length", sv[1], 3, 0, MSG_TRUNC | MSG_PEEK);
  SAY(recv(sv[1], (void *)8, 4, 0));
  SAY(recv(sv[1], b, 4, 0));
  SAY(shutdown(sv[1], SHUT_RD));
  EVENTS(sv[1]);
  EVENTS(sv[0]);
  SAY(send(sv[0], "x", 1, 0));
  SAY(recv(sv[1], b, 1, 0));
  SAY(send(sv[1], "x", 1, 0));
  SAY(shutdown(sv[1], SHUT_WR));
  SAY(send(sv[1], "x", 1, 0));
  close(sv[1]);
  EVENTS(sv[0]);
  SAY(recv(sv[0], b, 1, 0));
  SAY(error_of(sv[0]));
  SAY(send(sv[0], "x", 1, 0));
  SAY(send(sv[0], "x", 1, 0));
  close(d);
  d = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  bind_to(d, "mail");
  SAY(send_to(d3, "mail", "letter", 0));
  SAY(send_to(d3, "nobody", "letter", 0));
  SAY(send_to(d3, "plain", "letter", 0));
  receive("from an abstract name", d, 100, 0, 0);
  for (x = 0; send_to(d3, "mail", "more", MSG_DONTWAIT) > 0; x++) continue;
  printf("%d letters, then %s\n", x, strerrorname_np(errno));
  SAY(connect_to(d3, "mail"));
  EVENTS(d3);
  recv(d, b, 10, 0);
  EVENTS(d3);
  SAY(connect_to(d, "mail"));
  SAY(send(d3, "a", 1, 0));
  SAY(connect_to(d2, "mail"));
  a.sun_family = AF_UNSPEC;
  SAY(connect(d3, (void *)&a, 2));
  name_of("disconnected", d3, getpeername);
  static char huge[400000];
  socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, sv);
  SAY(send(sv[0], huge, sizeof huge, 0));
  SAY(send(sv[0], huge, 200000, 0));
  SAY(send(sv[0], huge, 1000, 0));
  SAY(send(sv[0], huge, 100000, 0));
  EVENTS(sv[0]);
  SAY(recv(sv[1], huge, sizeof huge, 0));
  EVENTS(sv[0]);
  close(sv[0]);
  EVENTS(sv[1]);
  SAY(recv(sv[1], b, 1, 0));
  SAY(recv(sv[1], b, 1, 0));
  SAY(recv(sv[1], b, 1, 0));
  SAY(send(sv[1], b, 1, 0));
  e = socket(AF_UNIX, SOCK_SEQPACKET, 0);
  EVENTS(e);
  SAY(recv(e, b, 1, 0));
  SAY(send(e, b, 1, 0));

  // Descriptors and identity.
  socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sv);
  int fds[300];
  for (int i = 0; i < 300; i++) fds[i] = 1;
  SAY(send_fds(sv[0], fds, 2, "two"));
  SAY(send(sv[0], "plain", 5, 0));
  receive("two come, and the mark stops it", sv[1], 100, 200, MSG_CMSG_CLOEXEC);
  receive("the rest", sv[1], 100, 200, 0);
  send_fds(sv[0], fds, 3, "three");
  receive("peek", sv[1], 2, 200, MSG_PEEK);
  receive("room for one", sv[1], 100, CMSG_LEN(4), 0);
  send_fds(sv[0], fds, 1, "one");
  receive("no room", sv[1], 100, 0, 0);
  send_fds(sv[0], fds, 1, "one");
  SAY(read(sv[1], b, 2));
  receive("taken already", sv[1], 100, 200, 0);
  SAY(send_fds(sv[0], fds, 253, "many"));
  receive("253", sv[1], 10, 20, 0);
  SAY(send_fds(sv[0], fds, 254, "many"));
  fds[1] = 999;
  SAY(send_fds(sv[0], fds, 2, "bad"));
  SAY(send_fds(sv[0], fds, 0, "none"));
  receive("none", sv[1], 10, 20, 0);
  SAY(setsockopt(sv[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof on));
  send(sv[0], "who", 3, 0);
  if (fork() == 0) {
    send(sv[0], "child", 5, 0);
    _exit(0);
  }
  wait(NULL);
  receive("own", sv[1], 100, 200, 0);
  receive("the child's", sv[1], 100, 200, 0);
  send_fds(sv[0], fds, 1, "both");
  receive("both", sv[1], 100, 200, 0);
  send_fds(sv[0], fds, 1, "both");
  receive("room for one kind", sv[1], 100, CMSG_LEN(12), 0);
  SAY(setsockopt(sv[1], SOL_SOCKET, SO_PASSCRED, &off, sizeof off));

  // Descriptors of processes.
  SAY(setsockopt(sv[1], SOL_SOCKET, SO_PASSPIDFD, &on, sizeof on));
  send(sv[0], "pidfd", 5, 0);
  union { char room[CMSG_SPACE(64)]; struct cmsghdr h; } u = {0};
  struct iovec pv = {b, 10};
  struct msghdr pm = {.msg_iov = &pv, .msg_iovlen = 1, .msg_control = &u, .msg_controllen = sizeof u};
  SAY(recvmsg(sv[1], &pm, 0));
  printf("type %d length %d signal to it %d\n", u.h.cmsg_type, (int)u.h.cmsg_len, (int)syscall(SYS_pidfd_send_signal, *(int *)CMSG_DATA(&u.h), 0, NULL, 0));
  SAY(setsockopt(sv[1], SOL_SOCKET, SO_PASSPIDFD, &off, sizeof off));
  n = sizeof x;
  SAY(getsockopt(sv[1], SOL_SOCKET, SO_PEERPIDFD, &x, &n));
  SAY(syscall(SYS_pidfd_send_signal, x, 0, NULL, 0));
  SAY(getsockopt(d, SOL_SOCKET, SO_PEERPIDFD, &x, &n));
  off = 0;
  SAY(setsockopt(sv[1], SOL_SOCKET, SO_PASSRIGHTS, &off, sizeof off));
  fds[1] = 1;
  SAY(send_fds(sv[0], fds, 1, "refused"));

  // Bad headers.
  struct msghdr m = {0};
  SAY(syscall(SYS_sendmsg, sv[0], 8, 0));
  SAY(syscall(SYS_recvmsg, sv[0], 8, 0));
  m.msg_iovlen = 1025;
  SAY(sendmsg(sv[0], &m, 0));
  m.msg_iovlen = 1;
  m.msg_iov = (void *)8;
  SAY(sendmsg(sv[0], &m, 0));
  m.msg_iovlen = 0;
  m.msg_control = b;
  m.msg_controllen = 20;
  memset(b, 0, sizeof b);
  SAY(sendmsg(sv[0], &m, 0));
  ((struct cmsghdr *)b)->cmsg_len = 30;
  SAY(sendmsg(sv[0], &m, 0));
  *(struct cmsghdr *)b = (struct cmsghdr){17, SOL_SOCKET, 77};
  SAY(sendmsg(sv[0], &m, 0));
  ((struct cmsghdr *)b)->cmsg_level = 99;
  SAY(sendmsg(sv[0], &m, 0));
  m.msg_controllen = 1 << 20;
  SAY(sendmsg(sv[0], &m, 0));
  m.msg_controllen = 0;
  m.msg_name = &a;
  m.msg_namelen = -1;
  SAY(sendmsg(sv[0], &m, 0));
  SAY(sendto(sv[0], (void *)8, 4, 0, NULL, 0));
  SAY(sendto(sv[0], (void *)-1L, 4, 0, NULL, 0));
  SAY(sendto(sv[0], b, -1, 0, NULL, 0));
  SAY(sendto(sv[0], b, 0, 0, NULL, 0));
  SAY(sendto(null, b, 1, 0, NULL, 0));
  SAY(recvfrom(99, b, 1, 0, NULL, 0));
  SAY(shutdown(null, 0));
  SAY(shutdown(99, 5));

  // Several at once.
  struct iovec one[3] = {{"a", 1}, {"bc", 2}, {"def", 3}};
  struct mmsghdr mm[4] = {{{0, 0, one, 1}}, {{0, 0, one + 1, 1}}, {{0, 0, one + 2, 1}}};
  socketpair(AF_UNIX, SOCK_DGRAM, 0, sv);
  SAY(sendmmsg(sv[0], mm, 3, 0));
  printf("%d %d %d\n", mm[0].msg_len, mm[1].msg_len, mm[2].msg_len);
  for (int i = 0; i < 3; i++) one[i] = (struct iovec){b + 10 * i, 10};
  SAY(recvmmsg(sv[1], mm, 2, 0, NULL));
  printf("%d %d\n", mm[0].msg_len, mm[1].msg_len);
  SAY(recvmmsg(sv[1], mm, 2, MSG_WAITFORONE, NULL));
  SAY(recvmmsg(sv[1], mm, 2, MSG_DONTWAIT, NULL));
  SAY(recvmmsg(sv[1], mm, 2, MSG_DONTWAIT, &(struct timespec){0, -1}));
  struct timeval tv = {0, 20000};
  setsockopt(sv[1], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
  SAY(recv(sv[1], b, 1, 0));
  fflush(stdout);
  SAY(system("ls -1; rm -f mail other plain"));
  chdir("..");
  rmdir(dir);
  return 0;
}
