// Work for the CPU alone: built without a library, started at _start with the kernel's number in rdi and its size in rsi; the checksum goes to exit.
typedef unsigned int u32;
typedef unsigned long u64;
typedef unsigned char u8;

static u8 buffer[1 << 16];
static u32 table[4096];
static struct node { struct node *next; u64 value; } nodes[4096];
static double vector[1024];

static u64 hash(u64 n) {
  u32 h = 0;
  for (u64 k = 0; k < n; k++)
    for (int i = 0; i < 4096; i++) {
      table[i] = table[i] * 1103515245u + 12345u + i;
      h ^= table[i] >> 3;
      h = (h << 5) | (h >> 27);
    }
  return h;
}
static u64 bytes(u64 n) {
  u32 h = 1;
  for (u64 k = 0; k < n; k++)
    for (int i = 0; i < 65536; i++) {
      buffer[i] = (u8)(buffer[i] + h + i);
      if (buffer[i] & 1) h += buffer[i];
      else h ^= i;
    }
  return h;
}
static u64 primes(u64 n) {
  u64 found = 0;
  for (u64 i = 2; i < n; i++) {
    int p = 1;
    for (u64 j = 2; j * j <= i; j++)
      if (i % j == 0) {
        p = 0;
        break;
      }
    found += p;
  }
  return found;
}
static u64 list(u64 n) {
  for (int i = 0; i < 4096; i++) {
    nodes[i].next = &nodes[(i * 1657 + 1) & 4095];
    nodes[i].value = i * 2654435761u;
  }
  u64 s = 0;
  struct node *p = nodes;
  for (u64 k = 0; k < n; k++, p = p->next) s += p->value ^ k;
  return s;
}
__attribute__((noinline)) static u64 fib(u64 n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
static u64 sort(u64 n) {
  u64 s = 0;
  for (u64 k = 0; k < n; k++) {
    for (int i = 0; i < 512; i++) table[i] = (u32)((i + k) * 2654435761u);
    for (int i = 1; i < 512; i++) {
      u32 x = table[i];
      int j = i;
      for (; j > 0 && table[j - 1] > x; j--) table[j] = table[j - 1];
      table[j] = x;
    }
    s += table[k & 511];
  }
  return s;
}
static u64 floats(u64 n) {
  for (int i = 0; i < 1024; i++) vector[i] = i * 0.37;
  double s = 0;
  for (u64 k = 0; k < n; k++)
    for (int i = 1; i < 1023; i++) {
      vector[i] = (vector[i - 1] + vector[i] * 1.5 + vector[i + 1]) * 0.28;
      s += vector[i];
    }
  return (u64)s;
}

__attribute__((force_align_arg_pointer)) void _start(void) {
  u64 which, size;
  __asm__("" : "=D"(which), "=S"(size));
  u64 (*const all[])(u64) = {hash, bytes, primes, list, fib, sort, floats};
  u64 r = all[which](size);
  __asm__ volatile("syscall" ::"a"(60), "D"(r));
  __builtin_unreachable();
}
