// futex: every operation and its refusals, robust and priority-inheritance locks, several words at once.
// build: -pthread
#define _GNU_SOURCE
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "say.h"

static uint32_t word, other, third;
static long fu(void *a, int op, uint32_t val, void *t, void *b, uint32_t v3) { return syscall(SYS_futex, a, op, val, t, b, v3); }
#define N(n) ((void *)(long)(n))
static struct timespec soon = {0, 20000000}, bad = {0, 2000000000}, past = {1, 0};
// Four times as long as an idle machine needs.
static void pause_ms(int ms) { usleep(ms * 4000); }
static void *waiter(void *bits) {
  long r = fu(&word, FUTEX_WAIT_BITSET, 7, NULL, NULL, (uint32_t)(long)bits);
  return (void *)(r == 0 ? 0L : (long)errno);
}
static void *locker(void *a) {
  long r = fu(a, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0);
  uint32_t now = *(uint32_t *)a;
  fu(a, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0);
  return (void *)(r == 0 && (now & FUTEX_TID_MASK) == gettid() ? 0L : 1L);
}
static void *dies(void *m) {
  pthread_mutex_lock(m);
  return NULL;
}
static void *dies_pi(void *a) {
  fu(a, FUTEX_LOCK_PI, 0, NULL, NULL, 0);
  pause_ms(60);
  return NULL;
}
static void *conditional(void *a) {
  long r = fu(&word, FUTEX_WAIT_REQUEUE_PI, 7, NULL, &other, 0);
  int mine = (other & FUTEX_TID_MASK) == gettid();
  fu(&other, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0);
  return (void *)(long)(r == 0 && mine);
}
static void *any(void *a) {
  struct futex_waitv v[3] = {{7, (uintptr_t)&word, 2 | 128}, {0, (uintptr_t)&other, 2 | 128}, {0, (uintptr_t)&third, 2 | 128}};
  return (void *)syscall(SYS_futex_waitv, v, 3, 0, NULL, 0);
}
static void nothing(int s) {}
int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  word = 7;
  puts("# refused");
  SAY(fu((char *)&word + 1, FUTEX_WAIT, 7, NULL, NULL, 0));
  SAY(fu(NULL, FUTEX_WAIT, 7, NULL, NULL, 0));
  SAY(fu(NULL, FUTEX_WAKE, 1, NULL, NULL, 0));
  SAY(fu(NULL, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
  SAY(fu(&word, FUTEX_WAIT, 8, NULL, NULL, 0));
  SAY(fu(&word, FUTEX_WAIT, 7, &bad, NULL, 0));
  SAY(fu(&word, FUTEX_WAIT, 7, N(8), NULL, 0));
  SAY(fu(&word, FUTEX_WAIT, 7, &soon, NULL, 0));
  SAY(fu(&word, FUTEX_WAIT_BITSET, 7, &past, NULL, 1));
  SAY(fu(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 7, &past, NULL, 1));
  SAY(fu(&word, FUTEX_WAIT_BITSET, 7, NULL, NULL, 0));
  SAY(fu(&word, FUTEX_WAIT | FUTEX_CLOCK_REALTIME, 7, &soon, NULL, 0));
  SAY(fu(&word, FUTEX_WAKE | FUTEX_CLOCK_REALTIME, 7, NULL, NULL, 0));
  SAY(fu(&word, FUTEX_WAKE_BITSET, 1, NULL, NULL, 0));
  SAY(fu(&word, FUTEX_FD, 0, NULL, NULL, 0));
  SAY(fu(&word, 77, 0, NULL, NULL, 0));
  SAY(fu(&word, FUTEX_REQUEUE, -1, NULL, &other, 0));
  SAY(fu(&word, FUTEX_CMP_REQUEUE, 1, N(1), &other, 8));
  SAY(fu(&word, FUTEX_CMP_REQUEUE, 1, N(1), &other, 7));
  SAY(fu(&word, FUTEX_WAKE, 0, NULL, NULL, 0));

  puts("# wake");
  pthread_t t[4];
  void *r;
  for (long i = 0; i < 4; i++) pthread_create(&t[i], NULL, waiter, N(i < 2 ? 1 : 2));
  pause_ms(50);
  SAY(fu(&word, FUTEX_WAKE_BITSET, INT_MAX, NULL, NULL, 4));
  SAY(fu(&word, FUTEX_WAKE_BITSET, INT_MAX, NULL, NULL, 1));
  SAY(fu(&word, FUTEX_WAKE, 1, NULL, NULL, 0));
  SAY(fu(&word, FUTEX_WAKE, 10, NULL, NULL, 0));
  for (int i = 0; i < 4; i++) pthread_join(t[i], &r), printf("joined %ld\n", (long)r);
  for (long i = 0; i < 4; i++) pthread_create(&t[i], NULL, waiter, N(-1));
  pause_ms(50);
  SAY(fu(&word, FUTEX_CMP_REQUEUE, 1, N(2), &other, 7));
  SAY(fu(&other, FUTEX_WAKE, 10, NULL, NULL, 0));
  SAY(fu(&word, FUTEX_WAKE, 10, NULL, NULL, 0));
  for (int i = 0; i < 4; i++) pthread_join(t[i], &r);
  pthread_create(&t[0], NULL, waiter, N(-1));
  pause_ms(50);
  other = 5;
  SAY(fu(&other, FUTEX_WAKE_OP, 1, N(5), &word, FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_EQ, 7)));
  printf("word %u\n", word);
  pthread_join(t[0], &r);
  SAY(fu(&other, FUTEX_WAKE_OP, 1, N(5), &word, FUTEX_OP(FUTEX_OP_SET, 7, FUTEX_OP_CMP_LT, 3)));
  SAY(fu(&other, FUTEX_WAKE_OP, 1, N(5), &word, FUTEX_OP(FUTEX_OP_OR, 8, FUTEX_OP_CMP_GE, 3)));
  SAY(fu(&other, FUTEX_WAKE_OP, 1, N(5), &word, FUTEX_OP(FUTEX_OP_ANDN, 8, FUTEX_OP_CMP_NE, 3)));
  SAY(fu(&other, FUTEX_WAKE_OP, 1, N(5), &word, FUTEX_OP(FUTEX_OP_XOR | FUTEX_OP_OPARG_SHIFT, 4, FUTEX_OP_CMP_GT, -1)));
  SAY(fu(&other, FUTEX_WAKE_OP, 1, N(5), &word, FUTEX_OP(6, 4, FUTEX_OP_CMP_GT, -1)));
  SAY(fu(&other, FUTEX_WAKE_OP, 1, N(5), &word, FUTEX_OP(FUTEX_OP_SET, 7, 9, -1)));
  printf("word %u\n", word);
  word = 7;

  puts("# between processes");
  uint32_t *shared = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pid_t child = fork();
  if (child == 0) _exit(fu(shared, FUTEX_WAIT, 0, NULL, NULL, 0) == 0 ? 3 : 4);
  pause_ms(50);
  SAY(fu(shared, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
  SAY(fu(shared, FUTEX_WAKE, 1, NULL, NULL, 0));
  int st;
  waitpid(child, &st, 0);
  printf("exit %d\n", WEXITSTATUS(st));

  puts("# interrupted");
  struct sigaction sa = {.sa_handler = nothing};
  sigaction(SIGALRM, &sa, NULL);
  ualarm(30000, 0);
  SAY(fu(&word, FUTEX_WAIT, 7, NULL, NULL, 0));
  ualarm(30000, 0);
  struct timespec long_time = {5, 0};
  SAY(fu(&word, FUTEX_WAIT, 7, &long_time, NULL, 0));

  puts("# locks with an owner");
  other = 0;
  SAY(fu(&other, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
  printf("mine %d\n", other == gettid());
  SAY(fu(&other, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
  SAY(fu(&other, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0));
  SAY(fu(&other, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
  printf("free %u\n", other);
  SAY(fu(&other, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
  other = 0x3ffffff0;
  SAY(fu(&other, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
  other = gettid();
  for (int i = 0; i < 3; i++) pthread_create(&t[i], NULL, locker, &other);
  pause_ms(50);
  printf("waiters %d\n", (other & FUTEX_WAITERS) != 0);
  SAY(fu(&other, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
  SAY(fu(&other, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0));
  for (int i = 0; i < 3; i++) pthread_join(t[i], &r), printf("had it %d\n", r == NULL);
  other = gettid();
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += 60;
  other = 0;
  pthread_create(&t[0], NULL, dies_pi, &other);
  pause_ms(20);
  SAY(fu(&other, FUTEX_LOCK_PI, 0, &past, NULL, 0));
  SAY(fu(&other, FUTEX_LOCK_PI, 0, &until, NULL, 0));
  printf("owner died %d, mine %d\n", (other & FUTEX_OWNER_DIED) != 0, (other & FUTEX_TID_MASK) == gettid());
  pthread_join(t[0], NULL);
  other = gettid();
  for (int i = 0; i < 2; i++) pthread_create(&t[i], NULL, conditional, NULL);
  pause_ms(50);
  SAY(fu(&word, FUTEX_WAKE, 1, NULL, NULL, 0));
  SAY(fu(&word, FUTEX_CMP_REQUEUE_PI, 2, N(5), &other, 7));
  SAY(fu(&word, FUTEX_CMP_REQUEUE_PI, 1, N(5), &other, 8));
  SAY(fu(&word, FUTEX_CMP_REQUEUE_PI, 1, N(5), &other, 7));
  SAY(fu(&other, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
  for (int i = 0; i < 2; i++) pthread_join(t[i], &r), printf("woken with the lock %ld\n", (long)r);

  puts("# robust");
  pthread_mutex_t m;
  pthread_mutexattr_t at;
  pthread_mutexattr_init(&at);
  pthread_mutexattr_setrobust(&at, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_init(&m, &at);
  pthread_create(&t[0], NULL, dies, &m);
  pthread_join(t[0], NULL);
  printf("lock: %s\n", strerrorname_np(pthread_mutex_lock(&m)));
  void *head;
  size_t len;
  SAY(syscall(SYS_get_robust_list, 0, &head, &len));
  printf("%d %zu\n", head != NULL, len);
  SAY(syscall(SYS_get_robust_list, 99999999, &head, &len));
  SAY(syscall(SYS_set_robust_list, head, 23));

  puts("# any of several");
  other = third = 0;
  pthread_create(&t[0], NULL, any, NULL);
  pause_ms(50);
  SAY(fu(&third, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
  pthread_join(t[0], &r);
  printf("woken by %ld\n", (long)r);
  struct futex_waitv v[2] = {{8, (uintptr_t)&word, 2 | 128}, {0, (uintptr_t)&other, 2 | 128}};
  SAY(syscall(SYS_futex_waitv, v, 2, 0, NULL, 0));
  SAY(syscall(SYS_futex_waitv, v, 0, 0, NULL, 0));
  SAY(syscall(SYS_futex_waitv, v, 2, 1, NULL, 0));
  v[0].val = 7;
  SAY(syscall(SYS_futex_waitv, v, 2, 0, &past, CLOCK_MONOTONIC));
  SAY(syscall(SYS_futex_waitv, v, 2, 0, &past, CLOCK_BOOTTIME));
  v[1].flags = 1;
  SAY(syscall(SYS_futex_waitv, v, 2, 0, NULL, 0));
  return 0;
}
