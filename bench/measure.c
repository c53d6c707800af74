// measure SECONDS FILE PROGRAM [ARG...]: runs a program, killed after SECONDS, and writes to FILE what it took, with all it started and waited for:
// wall, user and system seconds, the most memory resident (KiB), exit status (128 + signal).
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pid_t child;
static void late(int n) { (void)n, kill(child, SIGKILL); }
static double seconds(struct timeval t) { return t.tv_sec + t.tv_usec / 1e6; }

int main(int argc, char **argv) {
  struct timespec from, to;
  struct rusage used;
  int status;
  if (argc < 4) return 2;
  FILE *out = fopen(argv[2], "w");
  if (!out) return 2;
  clock_gettime(CLOCK_MONOTONIC, &from);
  if (!(child = fork())) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execv(argv[3], argv + 3);
    perror(argv[3]);
    _exit(127);
  }
  signal(SIGALRM, late);
  alarm(atoi(argv[1]));
  while (wait4(child, &status, 0, &used) != child);
  clock_gettime(CLOCK_MONOTONIC, &to);
  fprintf(out, "%.6f %.6f %.6f %ld %d\n", to.tv_sec - from.tv_sec + (to.tv_nsec - from.tv_nsec) / 1e9, seconds(used.ru_utime),
          seconds(used.ru_stime), used.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  return fclose(out) != 0;
}
