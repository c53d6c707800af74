// Programs that take all they can. Never run this on the machine itself. Argument: which.
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static void memory(void) {
  int st;
  if (fork() == 0)
    for (;;) {
      char *p = mmap(0, 16 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      for (long at = 0; at < 16 << 20; at += 4096) p[at] = 1;
    }
  wait(&st);
  printf("memory: killed by %d\n", WTERMSIG(st));
}
static void processes(void) {
  int n = 0, p;
  while ((p = fork()) > 0) n++;
  if (p == 0) {
    pause();
    _exit(0);
  }
  printf("processes: refused after many %d\n", n > 100);
  signal(SIGTERM, SIG_IGN);
  kill(0, SIGTERM);
  while (wait(NULL) > 0) n--;
  printf("all gone: %d\n", n);
}
static void handler(int s) { raise(s); }
static void signals(void) {
  int st;
  if (fork() == 0) {
    struct sigaction sa = {.sa_handler = handler, .sa_flags = SA_NODEFER};
    sigaction(SIGUSR1, &sa, NULL);
    raise(SIGUSR1);
    _exit(0);
  }
  wait(&st);
  printf("signals: killed by %d\n", WTERMSIG(st));
}
static void deep(void) {
  int depth = 0, st;
  if (fork() == 0) {
    while (vfork() == 0)
      if (++depth > 500) _exit(0);
    _exit(0);
  }
  wait(&st);
  printf("vfork in vfork: %d\n", WIFEXITED(st));
}
int main(int argc, char **argv) {
  setvbuf(stdout, NULL, _IONBF, 0);
  setpgid(0, 0);
  memory();
  signals();
  deep();
  processes();
  return 0;
}
