// Calls that the C library hides behind others' names, made by their numbers.
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "say.h"

int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  char b[8] = "abcdefg";
  int fd = open("file", O_RDWR | O_CREAT, 0600);
  SAY(syscall(SYS_pwrite64, fd, b, 7, 3));
  SAY(syscall(SYS_pread64, fd, b, 4, 5));
  printf("%.4s\n", b);
  SAY(syscall(SYS_pread64, fd, b, 4, -1));
  SAY(syscall(SYS_pwrite64, 99, b, 4, 0));
  SAY(syscall(SYS_fadvise64, fd, 0, 10, 0));
  SAY(syscall(SYS_fadvise64, fd, 0, 10, 77));
  SAY(syscall(SYS_fadvise64, fd, 0, -1, 0));
  SAY(syscall(SYS_fadvise64, 99, 0, 10, 0));
  SAY(syscall(SYS_mkdirat, AT_FDCWD, "dir", 0700));
  SAY(syscall(SYS_mkdirat, AT_FDCWD, "dir", 0700));
  SAY(syscall(SYS_mknodat, AT_FDCWD, "fifo", S_IFIFO | 0600, 0));
  SAY(syscall(SYS_renameat, AT_FDCWD, "fifo", AT_FDCWD, "dir/fifo"));
  SAY(syscall(SYS_symlinkat, "file", AT_FDCWD, "link"));
  SAY(syscall(SYS_faccessat2, AT_FDCWD, "link", R_OK, AT_SYMLINK_NOFOLLOW));
  SAY(syscall(SYS_faccessat2, AT_FDCWD, "link", R_OK, 0x8));
  SAY(syscall(452, AT_FDCWD, "file", 0640, 0));  // fchmodat2
  SAY(syscall(452, AT_FDCWD, "file", 0640, 1));
  SAY(syscall(SYS_eventfd2, 1, 0x1000));
  if (fork() == 0) {
    setuid(65534);
    SAY(syscall(SYS_umount2, "dir", 0x100));
    SAY(syscall(SYS_pivot_root, "/no/such", "/"));
    int handle[8] = {8, 1};
    SAY(syscall(SYS_open_by_handle_at, AT_FDCWD, handle, 0) == -1);
    fflush(stdout);
    _exit(0);
  }
  wait(NULL);
  SAY(syscall(SYS_inotify_init) > 0);
  SAY(syscall(SYS_restart_syscall));
  SAY(syscall(SYS_pkey_alloc, 1, 0));
  SAY(syscall(SYS_pkey_alloc, 0, 8));
  char *m = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  m[0] = m[4096] = 1;
  struct iovec v[2] = {{m, 4096}, {m + 4096, 4096}};
  int self = syscall(SYS_pidfd_open, getpid(), 0);
  SAY(syscall(SYS_process_madvise, self, v, 2, MADV_COLD, 0));
  SAY(syscall(SYS_process_madvise, self, v, 2, MADV_COLD, 1));
  SAY(syscall(SYS_process_madvise, self, v, 2, 77, 0));
  SAY(syscall(SYS_process_madvise, fd, v, 2, MADV_COLD, 0));
  v[0].iov_base = m + 1;
  SAY(syscall(SYS_process_madvise, self, v, 2, MADV_COLD, 0));
  SAY(syscall(SYS_process_madvise, self, 8, 2, MADV_COLD, 0));
  return 0;
}
