// System V shared memory, semaphores and message queues.
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "say.h"

#define P 4096L
static int key;
static void alarmed(int s) {}
static void shm(void) {
  struct shmid_ds d;
  puts("# shared memory");
  SAY(shmget(IPC_PRIVATE, 0, 0600));
  SAY(shmget(key, 100, 0600));
  int id = shmget(key, 5000, IPC_CREAT | 0640);
  SAY(id >= 0);
  SAY(shmget(key, 100, 0) == id);
  SAY(shmget(key, 9000, 0));
  SAY(shmget(key, 100, IPC_CREAT | IPC_EXCL));
  char *a = shmat(id, NULL, 0), *b = shmat(id, NULL, SHM_RDONLY);
  SAY(a != b);
  strcpy(a, "in both");
  puts(b);
  SAY(shmctl(id, IPC_STAT, &d));
  printf("size %zu attached %ld mode %o key %d creator %d last %d\n", d.shm_segsz, (long)d.shm_nattch, d.shm_perm.mode, d.shm_perm.__key == key, d.shm_cpid == getpid(), d.shm_lpid == getpid());
  if (fork() == 0) {
    shmctl(id, IPC_STAT, &d);
    printf("in a child attached %ld\n", (long)d.shm_nattch);
    strcpy(a, "by a child");
    _exit(0);
  }
  wait(NULL);
  puts(b);
  SAY(shmat(-1, NULL, 0));
  SAY(shmat(id, a + 1, 0));
  SAY(shmat(id, a, 0));
  SAY(shmat(id, NULL, SHM_REMAP));
  char *room = shmat(id, NULL, 0);
  SAY(shmdt(room));
  SAY(shmat(id, room + 100, SHM_RND) == room);
  SAY(shmat(id, room, SHM_REMAP) == room);
  SAY(shmdt(room));
  SAY(shmdt(room));
  SAY(shmdt(room + 1));
  SAY(shmdt(&d));
  SAY(shmctl(id, 77, &d));
  SAY(shmctl(-1, IPC_STAT, &d));
  SAY(shmctl(id, IPC_STAT, (void *)8));
  SAY(shmctl(id, SHM_LOCK, NULL));
  SAY(shmctl(id, SHM_UNLOCK, NULL));
  d.shm_perm.mode = 0600;
  d.shm_perm.uid = 5;
  SAY(shmctl(id, IPC_SET, &d));
  SAY(shmctl(id, IPC_STAT, &d));
  printf("mode %o uid %d\n", d.shm_perm.mode, d.shm_perm.uid);
  if (fork() == 0) {
    setuid(65534);
    SAY(shmat(id, NULL, 0));
    SAY(shmctl(id, IPC_RMID, NULL));
    SAY(shmget(key, 10, 0600));
    _exit(0);
  }
  wait(NULL);
  SAY(shmctl(id, IPC_RMID, NULL));
  SAY(shmctl(id, IPC_STAT, &d));
  printf("removed: attached %ld mode %o key %d\n", (long)d.shm_nattch, d.shm_perm.mode, d.shm_perm.__key);
  strcpy(a, "still there");
  puts(b);
  SAY(shmdt(a));
  SAY(shmdt(b));
  SAY(shmctl(id, IPC_STAT, &d));
}
static void sem(void) {
  union { int val; struct semid_ds *buf; unsigned short *array; } u;
  struct semid_ds d;
  unsigned short all[3] = {1, 2, 3};
  puts("# semaphores");
  SAY(semget(IPC_PRIVATE, 0, 0600));
  SAY(semget(IPC_PRIVATE, -1, 0600));
  SAY(semget(IPC_PRIVATE, 99999, 0600));
  SAY(semget(key, 1, 0));
  int id = semget(key, 3, IPC_CREAT | 0600);
  SAY(semget(key, 4, 0));
  u.array = all;
  SAY(semctl(id, 0, SETALL, u));
  SAY(semctl(id, 1, GETVAL));
  SAY(semctl(id, 3, GETVAL));
  u.val = 40000;
  SAY(semctl(id, 0, SETVAL, u));
  u.val = 0;
  SAY(semctl(id, 0, SETVAL, u));
  memset(all, 9, sizeof all);
  u.array = all;
  SAY(semctl(id, 0, GETALL, u));
  printf("%d %d %d\n", all[0], all[1], all[2]);
  struct sembuf ops[3] = {{1, -1, 0}, {2, -3, 0}, {0, 0, 0}}, bad = {7, 1, 0}, down = {0, -1, IPC_NOWAIT}, big = {1, 32767, 0}, wait_for = {0, -1, 0}, zero = {2, 0, 0}, undo = {0, 5, SEM_UNDO};
  SAY(semop(id, ops, 3));
  SAY(semctl(id, 1, GETVAL) * 10 + semctl(id, 2, GETVAL));
  SAY(semop(id, &bad, 1));
  SAY(semop(id, &down, 1));
  SAY(semop(id, &big, 1));
  SAY(semop(id, ops, 0));
  SAY(semop(id, ops, 501));
  SAY(semop(id, (void *)8, 1));
  SAY(semop(-1, ops, 1));
  struct timespec soon = {0, 20000000}, nonsense = {0, -1};
  SAY(semtimedop(id, &wait_for, 1, &soon));
  SAY(semtimedop(id, &wait_for, 1, &nonsense));
  struct sigaction sa = {.sa_handler = alarmed, .sa_flags = SA_RESTART};
  sigaction(SIGALRM, &sa, NULL);
  ualarm(20000, 0);
  SAY(semop(id, &wait_for, 1));
  pid_t p = fork();
  if (p == 0) _exit(semop(id, &wait_for, 1) ? 1 : 3);
  usleep(50000);
  SAY(semctl(id, 0, GETNCNT));
  SAY(semctl(id, 0, GETZCNT));
  u.val = 1;
  SAY(semctl(id, 0, SETVAL, u));
  int st;
  waitpid(p, &st, 0);
  printf("woken %d, by whom %d\n", WEXITSTATUS(st), semctl(id, 0, GETPID) == p);
  p = fork();
  if (p == 0) {
    semop(id, &undo, 1);
    SAY(semctl(id, 0, GETVAL));
    _exit(0);
  }
  waitpid(p, &st, 0);
  SAY(semctl(id, 0, GETVAL));
  u.buf = &d;
  SAY(semctl(id, 0, IPC_STAT, u));
  printf("%ld %o %d\n", (long)d.sem_nsems, d.sem_perm.mode, d.sem_otime > 0);
  SAY(semctl(id, 0, 77));
  p = fork();
  if (p == 0) {
    int r = semop(id, &wait_for, 1);
    _exit(r ? errno : 0);
  }
  usleep(50000);
  SAY(semctl(id, 0, IPC_RMID));
  waitpid(p, &st, 0);
  printf("waiter: %s\n", strerrorname_np(WEXITSTATUS(st)));
  SAY(semctl(id, 0, GETVAL));
}
static void msg(void) {
  struct { long type; char text[100]; } m = {1, "first"}, got;
  struct msqid_ds d;
  puts("# messages");
  SAY(msgget(key, 0));
  int id = msgget(key, IPC_CREAT | 0600);
  SAY(msgget(key, IPC_CREAT | IPC_EXCL | 0600));
  SAY(msgsnd(id, &m, 6, 0));
  m.type = 3;
  strcpy(m.text, "third");
  msgsnd(id, &m, 6, 0);
  m.type = 2;
  strcpy(m.text, "second");
  msgsnd(id, &m, 7, 0);
  m.type = 0;
  SAY(msgsnd(id, &m, 1, 0));
  m.type = 1;
  SAY(msgsnd(id, &m, 9000, 0));
  SAY(msgsnd(-1, &m, 1, 0));
  SAY(msgsnd(id, (void *)8, 1, 0));
  SAY(msgctl(id, IPC_STAT, &d));
  printf("%ld messages, %ld bytes of %ld, from %d\n", (long)d.msg_qnum, (long)d.__msg_cbytes, (long)d.msg_qbytes, d.msg_lspid == getpid());
  SAY(msgrcv(id, &got, 2, 0, 0));
  SAY(msgrcv(id, &got, 2, 3, MSG_NOERROR));
  printf("%ld %.2s\n", got.type, got.text);
  SAY(msgrcv(id, &got, 100, 1, MSG_EXCEPT));
  printf("%ld %s\n", got.type, got.text);
  m.type = 9;
  msgsnd(id, &m, 0, 0);
  SAY(msgrcv(id, &got, 100, -5, 0));
  printf("%ld %s\n", got.type, got.text);
  SAY(msgrcv(id, &got, 100, 5, IPC_NOWAIT));
  SAY(msgrcv(id, &got, 100, 0, 0));
  SAY(msgrcv(id, &got, -1, 0, 0));
  SAY(msgrcv(-1, &got, 100, 0, 0));
  while (msgsnd(id, &m, 100, IPC_NOWAIT) == 0) {}
  printf("full: %s\n", strerrorname_np(errno));
  ualarm(20000, 0);
  struct sigaction sa = {.sa_handler = alarmed, .sa_flags = SA_RESTART};
  sigaction(SIGALRM, &sa, NULL);
  SAY(msgsnd(id, &m, 100, 0));
  pid_t p = fork();
  if (p == 0) _exit(msgsnd(id, &m, 100, 0) ? 1 : 4);
  usleep(30000);
  SAY(msgrcv(id, &got, 100, 0, 0));
  int st;
  waitpid(p, &st, 0);
  printf("sent %d\n", WEXITSTATUS(st));
  p = fork();
  if (p == 0) _exit(msgrcv(id, &got, 100, 77, 0) < 0 ? errno : 0);
  usleep(30000);
  SAY(msgctl(id, 99, &d));
  SAY(msgctl(id, IPC_RMID, NULL));
  waitpid(p, &st, 0);
  printf("waiter: %s\n", strerrorname_np(WEXITSTATUS(st)));
  SAY(msgctl(id, IPC_STAT, &d));
}
int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  key = 0x52330000 + getpid() % 65536;
  shm();
  sem();
  msg();
  return 0;
}
