// Double precision: heat spreads over a plate (Gauss-Seidel), then a sum of square roots of what it has become.
// build: -lm
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define SIZE 200
static double t[SIZE][SIZE];

int main(int argc, char **argv) {
  int turns = argc > 1 ? atoi(argv[1]) : 10;
  for (int i = 0; i < SIZE; i++) t[i][0] = 100, t[0][i] = 50;
  double change = 0;
  for (int k = 0; k < turns; k++) {
    change = 0;
    for (int i = 1; i < SIZE - 1; i++)
      for (int j = 1; j < SIZE - 1; j++) {
        double is = (t[i - 1][j] + t[i + 1][j] + t[i][j - 1] + t[i][j + 1]) * 0.25;
        change += fabs(is - t[i][j]);
        t[i][j] = is;
      }
  }
  double sum = 0;
  for (int i = 0; i < SIZE; i++)
    for (int j = 0; j < SIZE; j++) sum += sqrt(t[i][j]);
  printf("%.12g %.12g\n", change, sum);
  return 0;
}
