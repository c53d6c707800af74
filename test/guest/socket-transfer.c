// Sockets in sendfile, splice, vectors and the positioned calls.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "say.h"

static unsigned long drain(int fd, unsigned long *total) {
  static unsigned char b[30000];
  unsigned long sum = 0;
  int n;
  *total = 0;
  while ((n = read(fd, b, sizeof b)) > 0)
    for (int i = 0; i < n; i++, ++*total) sum += b[i] * (*total % 5 + 1);
  return sum;
}
int main(void) {
  int sv[2], p[2], n;
  setvbuf(stdout, NULL, _IOLBF, 0);
  char b[1000];
  unsigned long total, sum;
  signal(SIGPIPE, SIG_IGN);
  char name[] = "/tmp/transfer-XXXXXX";
  int f = mkstemp(name);
  unlink(name);
  static char big[300000];
  for (int i = 0; i < sizeof big; i++) big[i] = i * 7;
  write(f, big, sizeof big);
  pipe2(p, O_NONBLOCK);
  for (int kind = 0; kind < 3; kind++) {
    if (kind < 2) socketpair(AF_UNIX, kind ? SOCK_SEQPACKET : SOCK_STREAM, 0, sv);
    else {
      struct sockaddr_in a = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}};
      socklen_t len = sizeof a;
      int l = socket(AF_INET, SOCK_STREAM, 0);
      bind(l, (void *)&a, sizeof a), listen(l, 1), getsockname(l, (void *)&a, &len);
      sv[0] = socket(AF_INET, SOCK_STREAM, 0);
      connect(sv[0], (void *)&a, sizeof a);
      sv[1] = accept(l, NULL, NULL);
      close(l);
    }
    off_t at = 10;
    SAY(sendfile(sv[0], f, &at, 100));
    printf("at %ld, position %d\n", (long)at, (int)lseek(f, 0, SEEK_CUR));
    SAY(recv(sv[1], b, sizeof b, 0));
    SAY(sendfile(f, sv[0], NULL, 10));
    SAY(sendfile(sv[0], sv[1], NULL, 10));
    SAY(copy_file_range(f, NULL, sv[0], NULL, 10, 0));
    SAY(send(sv[1], "through a pipe", 14, 0));
    SAY(splice(sv[0], NULL, p[1], NULL, 100, 0));
    SAY(splice(p[0], NULL, sv[0], NULL, 100, 0));
    n = SAY(recv(sv[1], b, sizeof b, 0));
    printf("'%.*s'\n", n, b);
    SAY(splice(sv[0], &at, p[1], NULL, 100, 0));
    SAY(splice(sv[0], NULL, sv[1], NULL, 100, 0));
    struct iovec v[3] = {{"one ", 4}, {"", 0}, {"two", 3}};
    SAY(writev(sv[0], v, 3));
    struct iovec w[2] = {{b, 3}, {b + 3, 500}};
    SAY(readv(sv[1], w, 2));
    printf("'%.7s'\n", b);
    SAY(pwritev(sv[0], v, 3, 0));
    SAY(preadv2(sv[1], w, 2, -1, RWF_NOWAIT));
    SAY(pread(sv[0], b, 1, 0));
    SAY(read(sv[0], b, 0));
    fcntl(sv[0], F_SETFL, O_APPEND);
    SAY(sendfile(sv[0], f, &at, 1));
    fcntl(sv[0], F_SETFL, 0);
    if (kind != 1) {
      pid_t child = fork();
      if (child == 0) {
        close(sv[0]);
        sum = drain(sv[1], &total);
        printf("child read %lu, sum %lu\n", total, sum);
        fflush(stdout);
        _exit(0);
      }
      fflush(stdout);
      close(sv[1]);
      lseek(f, 0, SEEK_SET);
      long sent = 0;
      while (sent < sizeof big && (n = sendfile(sv[0], f, NULL, sizeof big - sent)) > 0) sent += n;
      printf("sent %ld\n", sent);
      fflush(stdout);
      close(sv[0]);
      waitpid(child, NULL, 0);
    } else {
      lseek(f, 0, SEEK_SET);
      SAY(sendfile(sv[0], f, NULL, 100000));
      SAY(recv(sv[1], big, sizeof big, 0));
      close(sv[1]);
      SAY(sendfile(sv[0], f, NULL, 10));
      close(sv[0]);
    }
  }
  return 0;
}
