// A program that sends itself SIGHUP by number and dies of it.
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
  puts("before");
  fflush(stdout);
  syscall(SYS_tgkill, getpid(), (pid_t)syscall(SYS_gettid), SIGHUP);
  puts("never");
  return 0;
}
