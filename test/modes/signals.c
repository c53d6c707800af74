// A timer's signals come between the same two instructions each time: where a loop was then is what is shown.
// build: -static -nostdlib -ffreestanding -fno-stack-protector -fno-pie -no-pie
#include "bare.h"
static volatile u64 at, places[20];
static volatile int count;
__attribute__((naked)) static void back(void) { __asm__("mov $15, %eax\n syscall"); }
static void handler(int signal) { places[count++] = at; }
static const struct { void (*handler)(int); u64 flags; void (*restorer)(void); u64 mask; } action = {handler, 0x04000000, back, 0};
static const u64 often[4] = {0, 300, 0, 300};

static void run(void) {
  call(SYS_rt_sigaction, 14, (long)&action, 0, 8, 0, 0);
  CALL(SYS_setitimer, 0, often, 0);
  u64 x = 1;
  while (count < 10) at++, x = x * 3 + at;
  for (int i = 0; i < 10; i++) show("signal", places[i]);
  show("sum", x);
  for (int i = 0; i < 3; i++) show("stamp", stamp());
}
