// Scheduling and priorities: what is kept and told, and who may change it.
#define _GNU_SOURCE
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "say.h"

struct attr { uint32_t size, policy; uint64_t flags; int32_t nice; uint32_t priority; uint64_t runtime, deadline, period; uint32_t min, max; };
static void scheduling(void) {
  struct sched_param p = {5}, zero = {0}, neg = {-1}, big = {100};
  SAY(sched_getscheduler(0));
  SAY(sched_getscheduler(-1));
  SAY(sched_getscheduler(99999999));
  SAY(sched_setscheduler(0, SCHED_OTHER, &p));
  SAY(sched_setscheduler(0, SCHED_FIFO, &zero));
  SAY(sched_setscheduler(0, SCHED_FIFO, &big));
  SAY(sched_setscheduler(0, SCHED_FIFO, &neg));
  SAY(sched_setscheduler(0, 77, &zero));
  SAY(sched_setscheduler(0, SCHED_OTHER, NULL));
  SAY(sched_setscheduler(-1, SCHED_OTHER, &zero));
  SAY(sched_setscheduler(0, -1, &zero));
  SAY(syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, 8));
  SAY(sched_setscheduler(0, SCHED_BATCH, &zero));
  SAY(sched_getscheduler(0));
  SAY(sched_setscheduler(0, SCHED_RR, &p));
  SAY(sched_getscheduler(0));
  p.sched_priority = 0;
  SAY(sched_getparam(0, &p));
  printf("%d\n", p.sched_priority);
  SAY(sched_getparam(0, NULL));
  SAY(sched_getparam(99999999, &p));
  p.sched_priority = 3;
  SAY(sched_setparam(0, &p));
  SAY(sched_setparam(0, NULL));
  struct timespec ts = {9, 9};
  SAY(sched_rr_get_interval(-1, &ts));
  SAY(sched_rr_get_interval(99999999, &ts));
  SAY(syscall(SYS_sched_rr_get_interval, 0, 8));
  SAY(sched_setscheduler(0, SCHED_OTHER | SCHED_RESET_ON_FORK, &zero));
  SAY(sched_getscheduler(0));
  if (fork() == 0) {
    SAY(sched_getscheduler(0));
    _exit(0);
  }
  wait(NULL);
  SAY(sched_setscheduler(0, SCHED_OTHER, &zero));
  struct attr a = {.size = 48};
  SAY(syscall(SYS_sched_getattr, 0, &a, 48, 0));
  printf("%u %u %lx %d %u\n", a.size, a.policy, a.flags, a.nice, a.priority);
  SAY(syscall(SYS_sched_getattr, 0, &a, 40, 0));
  SAY(syscall(SYS_sched_getattr, 0, &a, 48, 1));
  SAY(syscall(SYS_sched_getattr, 0, NULL, 48, 0));
  SAY(syscall(SYS_sched_getattr, 99999999, &a, 48, 0));
  a = (struct attr){.size = 48, .nice = 7};
  SAY(syscall(SYS_sched_setattr, 0, &a, 0));
  SAY(getpriority(PRIO_PROCESS, 0));
  a.size = 10;
  SAY(syscall(SYS_sched_setattr, 0, &a, 0));
  SAY(a.size >= 56);
  a.size = 48;
  SAY(syscall(SYS_sched_setattr, 0, &a, 1));
  SAY(syscall(SYS_sched_setattr, 0, NULL, 0));
  a.policy = 77;
  SAY(syscall(SYS_sched_setattr, 0, &a, 0));
  for (int i = 0; i < 7; i++) printf("%d..%d ", sched_get_priority_min(i), sched_get_priority_max(i));
  puts("");
}
static void priorities(void) {
  SAY(getpriority(PRIO_PROCESS, 0));
  SAY(setpriority(PRIO_PROCESS, 0, 5));
  SAY(getpriority(PRIO_PROCESS, 0));
  SAY(setpriority(PRIO_PROCESS, 0, 100));
  SAY(getpriority(PRIO_PROCESS, 0));
  SAY(setpriority(PRIO_PROCESS, 0, 3));
  SAY(syscall(SYS_getpriority, PRIO_PROCESS, 0));
  SAY(syscall(SYS_getpriority, 7, 0));
  SAY(syscall(SYS_getpriority, PRIO_PROCESS, 99999999));
  SAY(syscall(SYS_setpriority, 7, 0, 0));
  SAY(syscall(SYS_setpriority, PRIO_PROCESS, 99999999, 0));
  SAY(syscall(SYS_setpriority, PRIO_PGRP, 99999999, 0));
  SAY(syscall(SYS_getpriority, PRIO_USER, 99999999));
  SAY(syscall(SYS_ioprio_get, 1, 0));
  SAY(syscall(SYS_ioprio_get, 9, 0));
  SAY(syscall(SYS_ioprio_get, 1, 99999999));
  SAY(syscall(SYS_ioprio_set, 1, 0, (2 << 13) | 3));
  SAY(syscall(SYS_ioprio_get, 1, 0));
  SAY(syscall(SYS_ioprio_set, 1, 0, (5 << 13) | 3));
  SAY(syscall(SYS_ioprio_set, 1, 0, 3));
  SAY(syscall(SYS_ioprio_set, 9, 0, 0));
  SAY(syscall(SYS_ioprio_set, 1, 0, 1 << 13));
}
int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  SAY(sched_yield());
  puts("# as we are");
  if (fork() == 0) {
    scheduling();
    priorities();
    _exit(0);
  }
  wait(NULL);
  puts("# without rights");
  if (fork() == 0) {
    setuid(65534);
    scheduling();
    priorities();
    SAY(setpriority(PRIO_PROCESS, getppid(), 5));
    _exit(0);
  }
  wait(NULL);
  puts("# affinity");
  cpu_set_t s;
  CPU_ZERO(&s);
  CPU_SET(0, &s);
  SAY(sched_setaffinity(0, sizeof s, &s));
  CPU_ZERO(&s);
  SAY(sched_getaffinity(0, sizeof s, &s));
  SAY(CPU_COUNT(&s));
  SAY(syscall(SYS_sched_getaffinity, 0, 4, &s));
  SAY(syscall(SYS_sched_getaffinity, 0, 12, &s));
  SAY(syscall(SYS_sched_getaffinity, 99999999, 128, &s));
  SAY(syscall(SYS_sched_getaffinity, 0, 128, 8));
  CPU_ZERO(&s);
  SAY(sched_setaffinity(0, sizeof s, &s));
  SAY(syscall(SYS_sched_setaffinity, 0, 8, 8));
  SAY(syscall(SYS_sched_setaffinity, 99999999, 8, &s));
  return 0;
}
