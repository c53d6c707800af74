// Bytes in a grid: generations of Conway's game of life.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE 256
static unsigned char now[SIZE + 2][SIZE + 2], next[SIZE + 2][SIZE + 2];

int main(int argc, char **argv) {
  int turns = argc > 1 ? atoi(argv[1]) : 10;
  unsigned x = 1;
  for (int i = 1; i <= SIZE; i++)
    for (int j = 1; j <= SIZE; j++) now[i][j] = (x = x * 69069 + 1) >> 30 == 0;
  for (int t = 0; t < turns; t++) {
    for (int i = 1; i <= SIZE; i++)
      for (int j = 1; j <= SIZE; j++) {
        int n = 0;
        for (int k = 0; k < 9; k++) n += k == 4 ? 0 : now[i + k / 3 - 1][j + k % 3 - 1];
        if (n == 3) next[i][j] = 1;
        else next[i][j] = n == 2 && now[i][j];
      }
    memcpy(now, next, sizeof now);
  }
  int alive = 0;
  for (int i = 1; i <= SIZE; i++)
    for (int j = 1; j <= SIZE; j++) alive += now[i][j];
  printf("%d\n", alive);
  return 0;
}
