// Strings and their escapes, names too long, buffers that can't be read, modes.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void) {
  static char name[8192];
  umask(0);
  umask(07);
  umask(022);
  open("no\"\\\n\t\1\0019\377x<>", O_RDWR);
  open("new", O_CREAT | O_RDONLY, 0);
  open("new", 0x80000003);
  chmod("no", 07);
  chmod("no", 0);
  chmod("no", 010644);
  mknod("no/x", 0, 0);
  mknod("no/x", S_IFCHR | 0666, 0x103);
  mknod("no/x", S_IFREG | 06644, 0x103);
  access("no", F_OK);
  access("no", 8);
  lseek(0, 5000000000, 9);
  write(1, "", 0);
  write(1, 0, 5);
  write(-1, (void *)1, 0);
  write(-1, "abc", 3);
  write(-1, "0123456789012345678901234567890", 31);
  write(-1, "01234567890123456789012345678901", 32);
  write(-1, "012345678901234567890123456789012", 33);
  write(-1, "\0\0017\0018\n\r\v\f\33", 9);
  read(-1, name, 0);
  for (int i = 0; i < 8191; i++) name[i] = 'a';
  open(name, 0);
  name[4096] = 0;
  open(name, 0);
  name[4095] = 0;
  open(name, 0);
  return 0;
}
