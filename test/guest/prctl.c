// prctl's sub-commands, personality, unshare, kcmp, getcpu and other small settings of a task.
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "say.h"

int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  char name[32] = "";
  int n = 7;
  SAY(prctl(PR_SET_NAME, "a name that is too long"));
  SAY(prctl(PR_GET_NAME, name));
  puts(name);
  SAY(prctl(PR_SET_NAME, 8));
  SAY(prctl(PR_GET_NAME, 8));
  if (fork() == 0) {
    prctl(PR_GET_NAME, name);
    printf("in a child: %s\n", name);
    _exit(0);
  }
  wait(NULL);
  SAY(prctl(PR_SET_PDEATHSIG, 9));
  SAY(prctl(PR_GET_PDEATHSIG, &n));
  printf("%d\n", n);
  SAY(prctl(PR_SET_PDEATHSIG, 65));
  SAY(prctl(PR_GET_PDEATHSIG, 8));
  SAY(prctl(PR_SET_PDEATHSIG, 0));
  SAY(prctl(PR_GET_DUMPABLE));
  SAY(prctl(PR_SET_DUMPABLE, 2));
  SAY(prctl(PR_SET_DUMPABLE, 0));
  SAY(prctl(PR_GET_DUMPABLE));
  SAY(prctl(PR_SET_DUMPABLE, 1));
  SAY(prctl(PR_GET_UNALIGN, &n));
  SAY(prctl(PR_GET_FPEMU, &n));
  SAY(prctl(PR_GET_ENDIAN, &n));
  SAY(prctl(PR_GET_TIMING));
  SAY(prctl(PR_SET_TIMING, 1));
  SAY(prctl(PR_GET_SECCOMP));
  SAY(prctl(PR_GET_TSC, &n));
  printf("%d\n", n);
  SAY(prctl(PR_SET_TSC, 1));
  SAY(prctl(PR_SET_TSC, 7));
  SAY(prctl(PR_GET_TIMERSLACK));
  SAY(prctl(PR_SET_TIMERSLACK, 123));
  SAY(prctl(PR_GET_TIMERSLACK));
  SAY(prctl(PR_SET_TIMERSLACK, 0));
  SAY(prctl(PR_GET_TIMERSLACK));
  SAY(prctl(PR_MCE_KILL_GET, 0, 0, 0, 0));
  SAY(prctl(PR_MCE_KILL_GET, 1, 0, 0, 0));
  SAY(prctl(PR_SET_CHILD_SUBREAPER, 5));
  SAY(prctl(PR_GET_CHILD_SUBREAPER, &n));
  printf("%d\n", n);
  SAY(prctl(PR_SET_NO_NEW_PRIVS, 2, 0, 0, 0));
  SAY(prctl(PR_SET_NO_NEW_PRIVS, 1, 1, 0, 0));
  SAY(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  SAY(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  SAY(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  SAY(prctl(PR_GET_NO_NEW_PRIVS, 1, 0, 0, 0));
  SAY(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));
  SAY(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0));
  SAY(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));
  SAY(prctl(PR_SET_THP_DISABLE, 1, 1, 0, 0));
  void *at = NULL;
  SAY(prctl(PR_GET_TID_ADDRESS, &at));
  SAY(syscall(SYS_set_tid_address, &n) == gettid());
  SAY(prctl(PR_GET_TID_ADDRESS, &at));
  printf("%d\n", at == &n);
  SAY(prctl(9999));
  SAY(prctl(-1));
  puts("# personality");
  SAY(personality(0xffffffff));
  SAY(personality(ADDR_NO_RANDOMIZE));
  SAY(personality(0));
  puts("# unshare, setns, kcmp");
  SAY(unshare(0));
  SAY(unshare(CLONE_FS | CLONE_FILES | CLONE_SYSVSEM));
  SAY(unshare(CLONE_VM | CLONE_THREAD | CLONE_SIGHAND));
  SAY(unshare(1));
  SAY(setns(0, 0));
  SAY(setns(99, 0));
  int a = open("/dev/null", O_RDONLY), b = dup(a), c = open("/dev/null", O_RDONLY), me = getpid();
  SAY(syscall(SYS_kcmp, me, me, 0, a, b));
  SAY(syscall(SYS_kcmp, me, me, 0, a, c) > 0);
  SAY(syscall(SYS_kcmp, me, me, 0, a, c) + syscall(SYS_kcmp, me, me, 0, c, a));
  for (int t = 1; t < 5; t++) SAY(syscall(SYS_kcmp, me, me, t, 0, 0));
  SAY(syscall(SYS_kcmp, me, 99999999, 1, 0, 0));
  SAY(syscall(SYS_kcmp, me, me, 0, a, 99));
  SAY(syscall(SYS_kcmp, me, me, 77, 0, 0));
  puts("# pidfds");
  int fd = syscall(SYS_pidfd_open, me, 0);
  SAY(syscall(SYS_pidfd_open, 0, 0));
  SAY(syscall(SYS_pidfd_open, 99999999, 0));
  SAY(syscall(SYS_pidfd_open, me, 1));
  char link[100] = "", path[100];
  sprintf(path, "/proc/self/fd/%d", fd);
  readlink(path, link, 99);
  puts(link);
  SAY(syscall(SYS_pidfd_getfd, fd, a, 0) > 0);
  SAY(syscall(SYS_pidfd_getfd, fd, 99, 0));
  SAY(syscall(SYS_pidfd_getfd, fd, a, 1));
  SAY(syscall(SYS_pidfd_getfd, a, a, 0));
  SAY(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
  int proc = open("/proc/self", O_RDONLY | O_DIRECTORY), task = open("/proc/self/task", O_RDONLY | O_DIRECTORY);
  SAY(syscall(SYS_pidfd_send_signal, proc, 0, NULL, 0));
  SAY(syscall(SYS_pidfd_send_signal, task, 0, NULL, 0));
  SAY(syscall(SYS_pidfd_getfd, proc, 0, 0));
  SAY(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 9));
  SAY(syscall(SYS_pidfd_send_signal, fd, 65, NULL, 0));
  SAY(syscall(SYS_pidfd_send_signal, a, 0, NULL, 0));
  siginfo_t si = {.si_signo = SIGURG, .si_code = SI_QUEUE};
  SAY(syscall(SYS_pidfd_send_signal, fd, SIGUSR1, &si, 0));
  SAY(syscall(SYS_pidfd_send_signal, fd, SIGURG, &si, 0));
  puts("# arch_prctl");
  unsigned long base = 0;
  SAY(syscall(SYS_arch_prctl, 0x1003, &base));
  SAY(base != 0);
  SAY(syscall(SYS_arch_prctl, 0x1003, 8));
  SAY(syscall(SYS_arch_prctl, 0x1001, 0x7fffffffffff));
  SAY(syscall(SYS_arch_prctl, 0x1001, 0x1234000));
  SAY(syscall(SYS_arch_prctl, 0x1004, &base));
  printf("%lx\n", base);
  SAY(syscall(SYS_arch_prctl, 0x77, 0));
  unsigned cpu = 9, node = 9;
  SAY(syscall(SYS_getcpu, NULL, &node, NULL));
  SAY(syscall(SYS_getcpu, 8, NULL, NULL));
  puts("# restartable sequences");
  struct { unsigned cs, id; unsigned long seq; unsigned flags, more[11]; } __attribute__((aligned(32))) rs = {0};
  SAY(syscall(SYS_rseq, &rs, 16, 0, 1));
  SAY(syscall(SYS_rseq, &rs, 32, 2, 1));
  SAY(syscall(SYS_rseq, &rs, 32, 1, 1));
  puts("# absent calls");
  SAY(syscall(9999));
  SAY(syscall(SYS_uselib, "x"));
  SAY(syscall(SYS_create_module, 0, 0));
  SAY(syscall(SYS_reboot, 0, 0, 0, 0));
  return 0;
}
