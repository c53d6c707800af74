// Two processes take turns by instructions: how far each has come when the other looks is the same each time.
// build: -static -nostdlib -ffreestanding -fno-stack-protector -fno-pie -no-pie
#include "bare.h"
static void run(void) {
  volatile u64 *shared = (u64 *)call(SYS_mmap, 0, 4096, 3, 0x21, -1, 0);
  u64 random;
  CALL(SYS_getrandom, &random, 8, 0);
  show("random", random);
  long child = CALL(SYS_fork, 0, 0, 0);
  u64 sum = random, seen = 0, changes = 0;
  for (u64 i = 0; i < 400000; i++) {
    sum = sum * 3 + i;
    if (i % 64 == 0) {
      u64 other = shared[child ? 1 : 0];
      if (other != seen) seen = other, changes++, sum ^= other;
      shared[child ? 0 : 1] = i;
    }
  }
  if (!child) {
    show("child", sum), show("changes", changes);
    return;
  }
  call(SYS_wait4, child, 0, 0, 0, 0, 0);
  show("parent", sum), show("changes", changes), show("pid", CALL(SYS_getpid, 0, 0, 0));
}
