// Dynamic, through the C library's buffered output.
#include <stdio.h>

int main(void) {
  puts("Hello, world!");
  return 0;
}
