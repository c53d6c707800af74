// chain N: works a while, then executes itself anew N times; its child ran before each.
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  int n = argc > 1 ? atoi(argv[1]) : 0;
  volatile unsigned x = 1;
  for (int i = 0; i < 400000; i++) x = x * 3 + (x >> 5);
  if (n == 0) return 0;
  if (!fork()) _exit(x == 0);
  wait(NULL);
  char rest[16];
  snprintf(rest, sizeof rest, "%d", n - 1);
  execl(argv[0], argv[0], rest, (char *)NULL);
  return 1;
}
