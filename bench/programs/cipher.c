// Integers, shifts and rotations on 32 bits: a stream cipher's rounds (ChaCha, RFC 8439) over a counter.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint32_t rotate(uint32_t v, int n) { return v << n | v >> (32 - n); }
static void quarter(uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d) {
  *a += *b, *d = rotate(*d ^ *a, 16);
  *c += *d, *b = rotate(*b ^ *c, 12);
  *a += *b, *d = rotate(*d ^ *a, 8);
  *c += *d, *b = rotate(*b ^ *c, 7);
}
int main(int argc, char **argv) {
  long blocks = argc > 1 ? atol(argv[1]) : 1000;
  uint32_t key[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574}, sum[16] = {0};
  for (int i = 4; i < 16; i++) key[i] = i * 0x9e3779b9u;
  for (long n = 0; n < blocks; n++) {
    uint32_t s[16];
    key[12] = n;
    for (int i = 0; i < 16; i++) s[i] = key[i];
    for (int round = 0; round < 10; round++) {
      for (int i = 0; i < 4; i++) quarter(&s[i], &s[4 + i], &s[8 + i], &s[12 + i]);
      for (int i = 0; i < 4; i++) quarter(&s[i], &s[4 + (i + 1) % 4], &s[8 + (i + 2) % 4], &s[12 + (i + 3) % 4]);
    }
    for (int i = 0; i < 16; i++) sum[i] ^= s[i] + key[i];
  }
  for (int i = 0; i < 16; i++) printf("%08x%c", sum[i], i == 15 ? '\n' : ' ');
  return 0;
}
