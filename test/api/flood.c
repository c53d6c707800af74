// build: -static
// Writes more than is buffered anywhere.
#include <unistd.h>

int main(void) {
  static char block[1 << 16];
  for (int i = 0; i < 128; i++)
    for (long n = 0; n < (long)sizeof block;) {
      long done = write(1, block + n, sizeof block - n);
      if (done < 0) return 1;
      n += done;
    }
  return 0;
}
