// build: -D_GNU_SOURCE
// A pseudo-terminal: line editing, echo, signals from keys, raw reads, sizes, hang-up.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include "say.h"

static char buf[1000];
static void show(int fd) {
  long n = read(fd, buf, sizeof buf - 1);
  printf("%ld:", n);
  for (long i = 0; i < n; i++) buf[i] < 32 || buf[i] == 127 ? printf(" <%d>", buf[i]) : printf(" %c", buf[i]);
  printf("%s\n", n < 0 ? strerrorname_np(errno) : "");
}
static void type(int fd, const char *keys) { write(fd, keys, strlen(keys)); }
static int ready(int fd) {
  struct pollfd p = {fd, POLLIN};
  return poll(&p, 1, 0) > 0 ? p.revents : 0;
}
static void on_signal(int s) { dprintf(1, "signal %d\n", s); }

int main(void) {
  struct timespec moment = {0, 50000000};
  int m = posix_openpt(O_RDWR | O_NOCTTY);
  char *name = ptsname(m);
  printf("%.9s\n", name);
  SAY(open(name, O_RDWR | O_NOCTTY));
  SAY(grantpt(m));
  SAY(unlockpt(m));
  int s = open(name, O_RDWR | O_NOCTTY);
  SAY(isatty(s));
  SAY(isatty(m));
  SAY(strcmp(ttyname(s), name));
  type(m, "hello\n"), show(s), show(m);
  type(m, "abd\177c\027one two\027\027\025xyz\ttab\177\177\177\177!\n"), show(s), show(m);
  type(m, "part"), SAY(ready(s));
  type(m, "\004"), show(s);
  type(m, "\004"), show(s);
  type(m, "\026\003v\n"), show(s), show(m);
  type(s, "out\n\tput\n"), show(m);
  struct termios t;
  tcgetattr(s, &t);
  printf("%o %o %o %o\n", t.c_iflag, t.c_oflag, t.c_cflag, t.c_lflag);
  t.c_lflag &= ~ECHO;
  tcsetattr(s, TCSANOW, &t);
  type(m, "secret\n"), show(s), SAY(ready(m));
  cfmakeraw(&t);
  tcsetattr(s, TCSANOW, &t);
  type(m, "\003\r\004x"), show(s);
  type(s, "a\nb"), show(m);
  t.c_cc[VMIN] = 3;
  tcsetattr(s, TCSANOW, &t);
  type(m, "12"), SAY(ready(s));
  type(m, "34"), show(s);
  t.c_cc[VMIN] = 0, t.c_cc[VTIME] = 1;
  tcsetattr(s, TCSANOW, &t);
  SAY(read(s, buf, 10));
  type(m, "unread"), tcflush(s, TCIFLUSH), SAY(ready(s));
  int n = -1;
  type(m, "12345"), nanosleep(&moment, 0);
  SAY(ioctl(s, FIONREAD, &n));
  printf("%d\n", n);
  struct winsize w = {10, 20, 30, 40};
  SAY(ioctl(m, TIOCSWINSZ, &w));
  memset(&w, 0, sizeof w);
  SAY(ioctl(s, TIOCGWINSZ, &w));
  printf("%d %d %d %d\n", w.ws_row, w.ws_col, w.ws_xpixel, w.ws_ypixel);
  SAY(tcgetpgrp(s));
  SAY(tcsetpgrp(s, getpgrp()));
  close(s);
  show(m);
  SAY(ready(m));
  s = open(name, O_RDWR | O_NOCTTY);
  SAY(s >= 0);
  t.c_lflag |= ISIG | ICANON, t.c_oflag |= OPOST;
  tcsetattr(s, TCSANOW, &t);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    close(m);
    signal(SIGINT, on_signal);
    signal(SIGWINCH, on_signal);
    signal(SIGHUP, on_signal);
    setsid();
    SAY(ioctl(s, TIOCSCTTY, 0));
    SAY(tcgetpgrp(s) == getpgrp());
    SAY(tcgetsid(s) == getpid());
    SAY(open("/dev/tty", O_RDWR) >= 0);
    fflush(stdout);
    type(s, "ready");
    for (int i = 0; i < 3; i++) pause();
    SAY(read(s, buf, 10));
    SAY(write(s, buf, 1));
    fflush(stdout);
    _exit(0);
  }
  read(m, buf, 10);
  nanosleep(&moment, 0);
  type(m, "\003"), nanosleep(&moment, 0);
  w.ws_row = 11;
  ioctl(m, TIOCSWINSZ, &w), nanosleep(&moment, 0);
  close(s), close(m);
  wait(0);
  SAY(access(name, F_OK));
  return 0;
}
