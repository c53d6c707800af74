// Users, groups and capabilities: who may become whom, and what root loses and gains by it. Each part in a child, since there is no way back.
#define _GNU_SOURCE
#include <grp.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "say.h"

static void ids(void) {
  unsigned r, e, s, rg, eg, sg;
  getresuid(&r, &e, &s);
  getresgid(&rg, &eg, &sg);
  struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct d[2] = {0};
  syscall(SYS_capget, &h, d);
  printf("  uid %u %u %u fs %d gid %u %u %u fs %d cap %x %x %x dumpable %d\n", r, e, s, (int)syscall(SYS_setfsuid, -1), rg, eg, sg,
         (int)syscall(SYS_setfsgid, -1), d[0].effective, d[0].permitted, d[0].inheritable, prctl(PR_GET_DUMPABLE));
}
#define PART(name, ...)                         \
  do {                                          \
    printf("# %s\n", name);                     \
    if (fork() == 0) {                          \
      __VA_ARGS__;                              \
      _exit(0);                                 \
    }                                           \
    wait(NULL);                                 \
  } while (0)
#define U(call) SAY(call), ids()
static long caps(unsigned e, unsigned p, unsigned i) {
  struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct d[2] = {{e, p, i}, {0, 0, 0}};
  return syscall(SYS_capset, &h, d);
}
int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  ids();
  SAY(getuid());
  SAY(geteuid());
  SAY(getgid());
  SAY(getegid());
  PART("setuid", U(syscall(SYS_setuid, 1000)); U(syscall(SYS_setuid, 0)); U(syscall(SYS_setuid, 1000)); U(syscall(SYS_setuid, -1)));
  PART("setreuid", U(syscall(SYS_setreuid, 1000, 1001)); U(syscall(SYS_setreuid, 1001, 1000)); U(syscall(SYS_setreuid, 5, -1)); U(syscall(SYS_setreuid, -1, -1)));
  PART("setreuid, saved", U(syscall(SYS_setreuid, -1, 1000)); U(syscall(SYS_setreuid, -1, 0)); U(syscall(SYS_setreuid, 0, -1)));
  PART("setresuid", U(syscall(SYS_setresuid, 1, 2, 3)); U(syscall(SYS_setresuid, 3, 1, 2)); U(syscall(SYS_setresuid, 4, -1, -1)); U(syscall(SYS_setresuid, -1, -1, -1)));
  PART("effective user only", U(syscall(SYS_setresuid, -1, 1000, -1)); U(syscall(SYS_setuid, 1001)); U(syscall(SYS_setresuid, -1, 0, -1)));
  PART("setgid", U(syscall(SYS_setgid, 10)); U(syscall(SYS_setuid, 1000)); U(syscall(SYS_setgid, 11)); U(syscall(SYS_setgid, 10)));
  PART("setregid", U(syscall(SYS_setregid, 10, 11)); U(syscall(SYS_setregid, -1, 12)); U(syscall(SYS_setuid, 1000)); U(syscall(SYS_setregid, 12, 10)); U(syscall(SYS_setregid, 77, -1)));
  PART("setresgid", U(syscall(SYS_setresgid, 1, 2, 3)); U(syscall(SYS_setuid, 7)); U(syscall(SYS_setresgid, 3, 1, 2)); U(syscall(SYS_setresgid, 9, -1, -1)));
  PART("setfsuid", U(syscall(SYS_setfsuid, 1000)); U(syscall(SYS_setfsuid, 0)); U(syscall(SYS_setfsgid, 5)); U(syscall(SYS_setuid, 9)); U(syscall(SYS_setfsuid, 4)));
  PART("keeping capabilities", SAY(prctl(PR_SET_KEEPCAPS, 1)); U(syscall(SYS_setuid, 1000)); U(caps(0xff, 0xff, 0)); U(caps(0, 0x1ff, 0)); SAY(prctl(PR_GET_KEEPCAPS)));
  PART("no fixup", SAY(prctl(PR_SET_SECUREBITS, 4)); U(syscall(SYS_setuid, 1000)); SAY(prctl(PR_GET_SECUREBITS)); U(syscall(SYS_setuid, 0)));
  PART("locked bits", SAY(prctl(PR_SET_SECUREBITS, 0x30)); SAY(prctl(PR_SET_KEEPCAPS, 0)); SAY(prctl(PR_SET_SECUREBITS, 0)); SAY(prctl(PR_SET_SECUREBITS, 0x100)));
  PART("capset", U(caps(0xf, 0xf, 0)); U(caps(0xff, 0xf, 0)); U(caps(1, 0xff, 0)); U(caps(1, 3, 2)); U(caps(0, 0, 0)); SAY(prctl(PR_CAPBSET_DROP, 3)));
  PART("bounding", SAY(prctl(PR_CAPBSET_READ, 3)); SAY(prctl(PR_CAPBSET_DROP, 3)); SAY(prctl(PR_CAPBSET_READ, 3)); SAY(prctl(PR_CAPBSET_READ, 41)); SAY(prctl(PR_CAPBSET_DROP, 41)); SAY(caps(1, 1, 8)));
  PART("ambient", SAY(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 5, 0, 0)); SAY(caps(0x20, 0x20, 0x20)); SAY(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 5, 0, 0));
       SAY(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 5, 0, 0)); SAY(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, 5, 0, 0)); SAY(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 5, 0, 0));
       SAY(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)); SAY(prctl(PR_CAP_AMBIENT, 9, 0, 0, 0)); SAY(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 99, 0, 0)));
  puts("# groups");
  gid_t g[4] = {30, 10, 20, 10};
  PART("setgroups", SAY(syscall(SYS_setgroups, 4, g)); SAY(syscall(SYS_getgroups, 0, NULL)); SAY(syscall(SYS_getgroups, 3, g)); SAY(syscall(SYS_getgroups, 4, g));
       printf("%d %d %d %d\n", g[0], g[1], g[2], g[3]); SAY(syscall(SYS_getgroups, -1, g)); SAY(syscall(SYS_setgroups, 65537, g)); SAY(syscall(SYS_setgroups, 4, 8));
       SAY(syscall(SYS_getgroups, 4, 8)); SAY(syscall(SYS_setuid, 5)); SAY(syscall(SYS_setgroups, 0, NULL)));
  puts("# capget");
  struct __user_cap_header_struct h = {0, 0};
  struct __user_cap_data_struct d[2];
  SAY(syscall(SYS_capget, &h, NULL));
  printf("%x\n", h.version);
  h.version = 1;
  SAY(syscall(SYS_capget, &h, d));
  SAY(syscall(SYS_capget, &h, d));
  h.pid = -1;
  SAY(syscall(SYS_capget, &h, d));
  h.pid = 99999999;
  SAY(syscall(SYS_capget, &h, d));
  SAY(syscall(SYS_capset, &h, d));
  h.version = _LINUX_CAPABILITY_VERSION_1;
  h.pid = 0;
  SAY(syscall(SYS_capget, &h, d));
  SAY(syscall(SYS_capget, &h, 8));
  SAY(syscall(SYS_capget, 8, d));
  puts("# over exec");
  PART("setuid 1000", syscall(SYS_setuid, 1000); char *a[] = {"grep", "-E", "^(Uid|CapPrm|CapEff|CapBnd|CapAmb|NoNewPrivs)", "/proc/self/status", NULL}; execv("/bin/grep", a));
  PART("ambient", caps(0x20, 0x20, 0x20); prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 5, 0, 0); prctl(PR_SET_KEEPCAPS, 1); prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
       char *a[] = {"grep", "-E", "^(Uid|CapPrm|CapEff|CapBnd|CapAmb|NoNewPrivs)", "/proc/self/status", NULL}; execv("/bin/grep", a));
  return 0;
}
