// Calls through pointers: objects of several kinds, sorted by a callback and asked in turn.
#include <stdio.h>
#include <stdlib.h>

struct shape {
  long (*area)(const struct shape *);
  void (*grow)(struct shape *, long);
  long a, b;
};
static long square(const struct shape *s) { return s->a * s->a; }
static long rectangle(const struct shape *s) { return s->a * s->b; }
static long frame(const struct shape *s) { return s->a * s->b - (s->a - 1) * (s->b - 1); }
static void wider(struct shape *s, long n) { s->a = (s->a + n) & 1023; }
static void higher(struct shape *s, long n) { s->b = (s->b + n) & 1023; }
static int order(const void *x, const void *y) {
  const struct shape *a = x, *b = y;
  long p = a->area(a), q = b->area(b);
  return (p > q) - (p < q);
}
#define COUNT 512
int main(int argc, char **argv) {
  static long (*const areas[])(const struct shape *) = {square, rectangle, frame};
  static struct shape all[COUNT];
  int turns = argc > 1 ? atoi(argv[1]) : 10;
  long sum = 0;
  for (int i = 0; i < COUNT; i++) all[i] = (struct shape){areas[i % 3], i % 2 ? wider : higher, i % 37, i % 41};
  for (int t = 0; t < turns; t++) {
    for (int i = 0; i < COUNT; i++) all[i].grow(&all[i], (i * 7 + t) % 101), sum += all[i].area(&all[i]);
    qsort(all, COUNT, sizeof *all, order);
    sum ^= all[COUNT / 2].area(&all[COUNT / 2]);
  }
  printf("%ld\n", sum);
  return 0;
}
