// build: -static -O2 -pthread
// Hot loops that are interrupted anywhere: by timers whose handlers compute as well, by other threads, by a child that goes on with a copy of everything.
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

typedef uint64_t u64;
#define APART __attribute__((noipa))

/** Integers, flags, floating point in both kinds of registers and a table in memory: one number for all of it. */
APART static u64 work(u64 seed, int n) {
  u64 x = seed | 1, sum = 0, table[16] = {0};
  double d = 1;
  float f = 1;
  long double l = 1;
  for (int i = 0; i < n; i++) {
    x ^= x << 13, x ^= x >> 7, x ^= x << 17;
    unsigned char carry = __builtin_add_overflow(sum, x, &sum);
    table[x & 15] += carry + (sum >> 60);
    d = d * 1.0000001 + (double)(int)x * 1e-12;
    f = f * 0.999f + carry;
    if (i % 16 == 0) l = l * 1.0000003L + f;
    if ((int)x < 0) sum -= table[sum & 15];
  }
  u64 bits;
  memcpy(&bits, &d, 8);
  unsigned single;
  memcpy(&single, &f, 4);
  for (int i = 0; i < 16; i++) sum = sum * 31 + table[i];
  return sum ^ bits ^ (u64)single << 20 ^ (u64)(l * 1e10L);
}

static volatile int ticks;
static volatile u64 wrong;
static u64 expected;
static void on_tick(int number) {
  (void)number;
  ticks++;
  unsigned usual = 0x1f80, rounding = 0x7f80, before;
  __asm__ volatile("stmxcsr %0\n\tldmxcsr %1" : "=m"(before) : "m"(rounding));
  __asm__ volatile("ldmxcsr %0" : : "m"(usual));
  wrong += work(99, 300) != expected;
  wrong += (before & 0xffc0) != 0x1f80;
}

static u64 results[4];
static volatile int shared;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int guarded;
static void *thread(void *argument) {
  long n = (long)argument;
  for (int i = 0; i < 40; i++) {
    results[n] = results[n] * 3 + work(n * 7 + i, 2000);
    for (int k = 0; k < 300; k++) __atomic_fetch_add(&shared, 1, __ATOMIC_SEQ_CST);
    pthread_mutex_lock(&mutex);
    guarded++;
    pthread_mutex_unlock(&mutex);
  }
  return 0;
}

int main(void) {
  expected = work(99, 300);
  struct sigaction action = {.sa_handler = on_tick, .sa_flags = SA_RESTART};
  sigaction(SIGALRM, &action, 0);
  sigaction(SIGPROF, &action, 0);
  setitimer(ITIMER_REAL, &(struct itimerval){{0, 1000}, {0, 1000}}, 0);
  setitimer(ITIMER_PROF, &(struct itimerval){{0, 1700}, {0, 1700}}, 0);
  u64 sum = 0;
  for (int i = 0; i < 20 || (ticks < 10 && i < 100000); i++) {
    u64 r = work(i % 20, 20000);
    if (i < 20) sum = sum * 3 + r;
    // The same again, without the ticks of the first time.
    wrong += r != work(i % 20, 20000);
  }
  setitimer(ITIMER_REAL, &(struct itimerval){0}, 0);
  setitimer(ITIMER_PROF, &(struct itimerval){0}, 0);
  printf("ticks: %d, sum %016lx, %lu wrong\n", ticks >= 10, sum, wrong);
  pthread_t threads[4];
  for (long i = 0; i < 4; i++) pthread_create(&threads[i], 0, thread, (void *)i);
  for (int i = 0; i < 4; i++) pthread_join(threads[i], 0);
  for (int i = 0; i < 4; i++) printf("thread %d: %016lx\n", i, results[i]);
  printf("together: %d, %d\n", shared, guarded);
  fflush(stdout);
  if (fork() == 0) _exit(work(5, 30000) % 251);
  u64 own = work(5, 30000) % 251;
  int status;
  wait(&status);
  printf("a child's: %d\n", WEXITSTATUS(status) == (int)own);
  return 0;
}
