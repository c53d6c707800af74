// Recursion and branches: the ways to put queens on a board.
#include <stdio.h>
#include <stdlib.h>

static int place(int all, int columns, int left, int right) {
  if (columns == all) return 1;
  int ways = 0;
  for (int free = all & ~(columns | left | right); free; free &= free - 1) {
    int one = free & -free;
    ways += place(all, columns | one, (left | one) << 1, (right | one) >> 1);
  }
  return ways;
}
int main(int argc, char **argv) {
  int boards = argc > 1 ? atoi(argv[1]) : 1, ways = 0;
  for (int i = 0; i < boards; i++) ways += place((1 << (8 + i % 3)) - 1, 0, 0, 0);
  printf("%d\n", ways);
  return 0;
}
