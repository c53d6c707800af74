// build: -static
// Makes processes until there are enough or the system refuses; prints how many and why no more, and that another one can be had when they are gone.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  enum { ENOUGH = 300 };
  static pid_t children[ENOUGH];
  int n = 0;
  const char *why = "enough";
  for (; n < ENOUGH; n++) {
    children[n] = fork();
    if (children[n] == 0)
      for (;;) pause();
    if (children[n] < 0) {
      why = errno == ENOMEM ? "ENOMEM" : errno == EAGAIN ? "EAGAIN" : "another";
      break;
    }
  }
  for (int i = 0; i < n; i++) kill(children[i], SIGKILL);
  for (int i = 0; i < n; i++) waitpid(children[i], 0, 0);
  pid_t again = fork();
  if (again == 0) _exit(0);
  int status = 1;
  waitpid(again, &status, 0);
  printf("%d %s\n", n, why);
  return again < 0 || status != 0;
}
