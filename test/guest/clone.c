// clone, clone3, fork and vfork: what they refuse, what tasks share, thread ids, exec from a thread.
// build: -pthread
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "say.h"

#undef CLONE_PIDFD
#define CLONE_PIDFD 0x1000
static char stack[65536] __attribute__((aligned(16)));
static volatile int shared, tid_there;
static long raw(unsigned long flags, void *st, int *ptid, int *ctid, long tls) { return syscall(SYS_clone, flags, st, ptid, ctid, tls); }
static int child(void *a) {
  shared++;
  chdir("/");
  umask(0);
  close(100);
  return 9;
}
static void run(const char *what, int flags) {
  shared = 0;
  dup2(1, 100);
  umask(022);
  int st = 0, p = clone(child, stack + sizeof stack, flags | SIGCHLD, NULL);
  waitpid(p, &st, 0);
  mode_t m = umask(022);
  char cwd[100];
  printf("%s: made %d exit %d, memory %d, files %d, umask %o, cwd %d\n", what, p > 0, WEXITSTATUS(st), shared, fcntl(100, F_GETFD) < 0, m, strcmp(getcwd(cwd, 100), "/") == 0);
}
static void *thread(void *a) {
  printf("thread: pid same %d, tid differs %d, ppid same %d\n", getpid() == *(int *)a, gettid() != getpid(), getppid() > 0);
  return NULL;
}
static void *execs(void *a) {
  char *argv[] = {"sh", "-c", "echo executed by a thread; exit 4", NULL};
  execv("/bin/sh", argv);
  return NULL;
}
static void *leaves(void *a) {
  usleep(30000);
  syscall(SYS_exit, 5);
  return NULL;
}
static void usr1(int s) {}
int main(int argc, char **argv) {
  setvbuf(stdout, NULL, _IONBF, 0);
  int st, ptid = 0, ctid = 0;
  puts("# refused");
  SAY(raw(CLONE_THREAD, 0, 0, 0, 0));
  SAY(raw(CLONE_SIGHAND, 0, 0, 0, 0));
  SAY(raw(CLONE_THREAD | CLONE_SIGHAND, 0, 0, 0, 0));
  SAY(raw(CLONE_FS | CLONE_NEWNS, 0, 0, 0, 0));
  SAY(raw(CLONE_PIDFD | CLONE_PARENT_SETTID, 0, 0, 0, 0));
  SAY(raw(CLONE_PIDFD | CLONE_DETACHED, 0, 0, 0, 0));
  struct clone_args ca = {0};
  SAY(syscall(SYS_clone3, &ca, 8));
  SAY(syscall(SYS_clone3, &ca, 5000));
  SAY(syscall(SYS_clone3, 8, sizeof ca));
  ca.exit_signal = 65;
  SAY(syscall(SYS_clone3, &ca, sizeof ca));
  ca = (struct clone_args){.stack = 4096};
  SAY(syscall(SYS_clone3, &ca, sizeof ca));
  ca = (struct clone_args){.flags = CLONE_DETACHED};
  SAY(syscall(SYS_clone3, &ca, sizeof ca));
  ca = (struct clone_args){.flags = 1};
  SAY(syscall(SYS_clone3, &ca, sizeof ca));
  ca = (struct clone_args){.flags = CLONE_THREAD, .exit_signal = 17};
  SAY(syscall(SYS_clone3, &ca, sizeof ca));
  ca = (struct clone_args){.set_tid_size = 1};
  SAY(syscall(SYS_clone3, &ca, sizeof ca));
  char more[128] = {0};
  more[100] = 1;
  SAY(syscall(SYS_clone3, more, 128));

  puts("# what is shared");
  run("nothing", 0);
  run("memory", CLONE_VM);
  chdir("/tmp");
  run("files", CLONE_FILES);
  run("fs", CLONE_FS);
  chdir("/tmp");
  run("all", CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND);
  chdir("/tmp");
  run("vfork", CLONE_VM | CLONE_VFORK);

  puts("# thread ids");
  long r = raw(CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | SIGCHLD, 0, &ptid, &ctid, 0);
  if (r == 0) _exit(ctid == getpid() && ptid == ctid ? 1 : 2);
  waitpid(r, &st, 0);
  printf("parent %d child %d: %d\n", ptid == r, ctid, WEXITSTATUS(st));
  int fd = -1;
  r = raw(CLONE_PIDFD | SIGCHLD, 0, &fd, 0, 0);
  if (r == 0) _exit(3);
  printf("pidfd %d, cloexec %d\n", fd >= 0, fcntl(fd, F_GETFD));
  siginfo_t si;
  SAY(waitid(P_PIDFD, fd, &si, WEXITED));
  printf("%d %d\n", si.si_pid == r, si.si_status);
  ca = (struct clone_args){.exit_signal = SIGCHLD, .flags = CLONE_CLEAR_SIGHAND};
  signal(SIGUSR1, usr1);
  signal(SIGUSR2, SIG_IGN);
  r = syscall(SYS_clone3, &ca, sizeof ca);
  if (r == 0) {
    struct sigaction a, b;
    sigaction(SIGUSR1, NULL, &a);
    sigaction(SIGUSR2, NULL, &b);
    _exit((a.sa_handler == SIG_DFL) + 2 * (b.sa_handler == SIG_IGN));
  }
  waitpid(r, &st, 0);
  printf("handlers cleared: %d\n", WEXITSTATUS(st));

  puts("# no exit signal");
  r = raw(0, 0, 0, 0, 0);
  if (r == 0) _exit(6);
  usleep(20000);
  SAY(waitpid(r, &st, WNOHANG));
  SAY(waitpid(r, &st, __WCLONE) == r);
  printf("%d\n", WEXITSTATUS(st));

  puts("# vfork");
  volatile int order = 0;
  if (vfork() == 0) {
    order = 1;
    _exit(0);
  }
  printf("the child was first %d\n", order);
  wait(NULL);
  if (vfork() == 0) {
    char *a[] = {"true", NULL};
    execv("/bin/true", a);
    _exit(1);
  }
  wait(&st);
  printf("exit %d\n", st);

  puts("# threads");
  pthread_t t;
  int me = getpid();
  pthread_create(&t, NULL, thread, &me);
  pthread_join(t, NULL);
  if (fork() == 0) {
    pthread_create(&t, NULL, leaves, NULL);
    syscall(SYS_exit, 2);
  }
  wait(&st);
  printf("first thread gone, the other went on: exit %d\n", WEXITSTATUS(st));
  if (fork() == 0) {
    pthread_create(&t, NULL, execs, NULL);
    pause();
  }
  wait(&st);
  printf("exit %d\n", WEXITSTATUS(st));
  if (fork() == 0) {
    pthread_create(&t, NULL, leaves, NULL);
    kill(getpid(), SIGTERM);
    pause();
  }
  wait(&st);
  printf("killed by %d\n", WTERMSIG(st));

  puts("# limits");
  struct rlimit l = {0, 0};
  if (fork() == 0) {
    setrlimit(RLIMIT_NPROC, &l);
    if (getuid() == 0) setuid(65534);
    SAY(fork());
    _exit(0);
  }
  wait(&st);
  return 0;
}
