// Faults and traps of the CPU as signals: number, code, where, what the handler finds in the registers.
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

static sigjmp_buf back;
static volatile int steps;
static int step_limit;
static uintptr_t code_at, data_at;

static void handler(int number, siginfo_t *info, void *context) {
  ucontext_t *uc = context;
  greg_t *g = uc->uc_mcontext.gregs;
  if (number == SIGTRAP && info->si_code == TRAP_TRACE && step_limit) {
    if (++steps == step_limit) g[REG_EFL] &= ~0x100;
    return;
  }
  // Addresses relative to what the program placed; others that differ from run to run are left out.
  uintptr_t address = (uintptr_t)info->si_addr;
  long where = address - code_at < 4096 ? (long)(address - code_at) : address - data_at < 3 * 4096 ? (long)(address - data_at) : (long)address;
  printf("signal %d code %d address %lx rip +%ld trapno %ld error %lx\n", number, info->si_code, where,
      (long)(g[REG_RIP] - code_at) & 4095, (long)g[REG_TRAPNO], (long)g[REG_ERR]);
  siglongjmp(back, 1);
}

static void *code;
static void run(const char *what, const unsigned char *bytes, size_t length) {
  memset(code, 0xc3, 4096);
  memcpy(code, bytes, length);
  printf("%s: ", what);
  if (sigsetjmp(back, 1) == 0) {
    // rdi: memory to use; rsi: an address that is not canonical; rcx: 0.
    register uintptr_t rdi __asm__("rdi") = data_at;
    register uintptr_t rsi __asm__("rsi") = 0x800000000000;
    register uintptr_t rcx __asm__("rcx") = 0;
    __asm__ volatile("call *%3" : "+r"(rdi), "+r"(rsi), "+r"(rcx) : "r"(code) : "rax", "rdx", "r8", "r9", "r10", "r11", "memory", "cc", "xmm0");
    printf("goes through\n");
  }
}
#define RUN(what, ...) run(what, (const unsigned char[]){__VA_ARGS__}, sizeof((const unsigned char[]){__VA_ARGS__}))

int main(void) {
  code = mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  char *data = mmap(0, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mprotect(data + 4096, 4096, PROT_READ);
  munmap(data + 8192, 4096);
  data[0] = data[4096 - 1] = 1;
  volatile char touched = data[4096];
  (void)touched;
  code_at = (uintptr_t)code;
  data_at = (uintptr_t)data;
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_NODEFER};
  const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
  for (int i = 0; i < 5; i++) sigaction(signals[i], &action, 0);

  RUN("ud2", 0x0f, 0x0b);
  RUN("int3", 0x90, 0xcc);
  RUN("int 3", 0xcd, 0x03);
  RUN("int 4", 0xcd, 0x04);
  RUN("int 0x81", 0xcd, 0x81);
  RUN("hlt", 0xf4);
  RUN("in", 0xec);
  RUN("div by 0", 0xf7, 0xf1);
  RUN("overflowing idiv", 0xb8, 0, 0, 0, 0x80, 0x99, 0x83, 0xc9, 0xff, 0xf7, 0xf9);
  RUN("not canonical", 0x8b, 0x06);
  RUN("read-only", 0x88, 0x87, 0, 0x10, 0, 0);
  RUN("across into read-only", 0x48, 0x89, 0x87, 0xfc, 0x0f, 0, 0);
  RUN("across into nothing", 0x48, 0x8b, 0x87, 0xfc, 0x1f, 0, 0);
  RUN("locked on read-only", 0xf0, 0xff, 0x87, 0, 0x10, 0, 0);
  RUN("misaligned", 0x0f, 0x28, 0x47, 0x08);
  RUN("kernel", 0x48, 0xc7, 0xc0, 0, 0, 0xff, 0xff, 0x8b, 0x00);
  RUN("jump into data", 0xff, 0xe7);
  RUN("jump nowhere", 0xff, 0xe6);
  RUN("16 bytes", 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x90);
  // ldmxcsr with all exceptions unmasked, then 0/0.
  RUN("sse", 0x68, 0, 0, 0, 0, 0x0f, 0xae, 0x14, 0x24, 0x58, 0x0f, 0x57, 0xc0, 0x0f, 0x5e, 0xc0);
  RUN("sse as before", 0x68, 0x80, 0x1f, 0, 0, 0x0f, 0xae, 0x14, 0x24, 0x58);
  RUN("smsw", 0x0f, 0x01, 0xe0);

  // Stepped: pushf; or [rsp], 0x100; popf; three nops. The handler clears the flag at its last step.
  steps = 0;
  step_limit = 4;
  RUN("stepping", 0x9c, 0x48, 0x81, 0x0c, 0x24, 0, 1, 0, 0, 0x9d, 0x90, 0x90, 0x90, 0x90, 0x90);
  printf("%d steps\n", steps);
  steps = 0;
  step_limit = 7;
  // The same over rep movsb of five bytes.
  RUN("stepping through a repetition", 0x48, 0x89, 0xfe, 0xb9, 5, 0, 0, 0, 0x9c, 0x48, 0x81, 0x0c, 0x24, 0, 1, 0, 0, 0x9d, 0xf3, 0xa4, 0x90, 0x90, 0x90);
  printf("%d steps\n", steps);

  // Code that writes to the instruction after it: mov byte [rip+1], 7; mov eax, 5; ret.
  unsigned char patch[] = {0xc6, 0x05, 0x01, 0, 0, 0, 7, 0xb8, 5, 0, 0, 0, 0xc3};
  memcpy(code, patch, sizeof patch);
  printf("self-modified: %d\n", ((int (*)(void))code)());
  return 0;
}
