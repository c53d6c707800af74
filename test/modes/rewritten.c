// Code that is written, run, and written again: from outside, and by itself within the block that runs.
// build: -static -nostdlib -ffreestanding -fno-stack-protector -fno-pie -no-pie
#include "bare.h"
static u64 sum;
static void run(void) {
  unsigned char *code = (unsigned char *)call(SYS_mmap, 0, 8192, 7, 0x22, -1, 0);
  for (u32 i = 0; i < 60; i++) {
    code[0] = 0xb8;
    *(u32 *)(code + 1) = i * 77;
    code[5] = 0xc3;
    for (u32 k = 0; k < i % 40; k++) sum = sum * 5 + ((u32(*)(void))code)();
  }
  show("rewritten", sum);
  // incl 1f+1(%rip); 1: mov $imm, %eax; ret
  static const unsigned char self[] = {0xff, 0x05, 0x01, 0x00, 0x00, 0x00, 0xb8, 0, 0, 0, 0, 0xc3};
  for (u32 i = 0; i < sizeof self; i++) code[4096 + i] = self[i];
  for (u32 i = 0; i < 100; i++) sum = sum * 3 + ((u32(*)(void))(code + 4096))();
  show("by itself", sum);
}
