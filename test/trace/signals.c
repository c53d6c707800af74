// Sets of signals, dispositions, what comes with a signal, and death by one.
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void handler(int n) {
  (void)n;
}
int main(void) {
  sigset_t set;
  struct sigaction sa;
  stack_t alternate = {"", 0, 8192};
  sigemptyset(&set);
  sigprocmask(SIG_BLOCK, 0, &set);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, 36);
  sigprocmask(SIG_BLOCK, &set, 0);
  sigprocmask(9, &set, &set);
  syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, &set, 4);
  sigfillset(&set);
  sigprocmask(SIG_UNBLOCK, &set, 0);
  sigaction(SIGUSR1, 0, &sa);
  memset(&sa, 0, sizeof sa);
  sa.sa_handler = SIG_IGN;
  sigaction(SIGUSR2, &sa, 0);
  sa.sa_handler = handler;
  sa.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK | SA_RESTART;
  sigaction(SIGUSR1, &sa, 0);
  sigaction(36, &sa, &sa);
  syscall(SYS_rt_sigaction, 99, 0, 0, 8);
  sigaltstack(&alternate, 0);
  sigaltstack(0, &alternate);
  raise(SIGUSR1);
  raise(36);
  kill(getpid(), SIGUSR1);
  kill(getpid(), SIGWINCH);
  kill(getpid(), SIGUSR2);
  kill(getpid(), 0);
  kill(getpid(), 99);
  *(volatile int *)8 = 1;
  return 0;
}
