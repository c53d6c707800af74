// Pointers and allocation: a balanced tree that takes keys in and gives them up again.
#include <stdio.h>
#include <stdlib.h>

struct node {
  struct node *left, *right;
  unsigned key, rank;
};
static unsigned x = 99;
static unsigned chance(void) { return x = x * 1664525 + 1013904223; }

static void split(struct node *t, unsigned key, struct node **low, struct node **high) {
  if (!t) *low = *high = NULL;
  else if (t->key < key) split(t->right, key, &t->right, high), *low = t;
  else split(t->left, key, low, &t->left), *high = t;
}
static struct node *merge(struct node *a, struct node *b) {
  if (!a || !b) return a ? a : b;
  if (a->rank > b->rank) return a->right = merge(a->right, b), a;
  return b->left = merge(a, b->left), b;
}
static unsigned depth(const struct node *t) {
  if (!t) return 0;
  unsigned l = depth(t->left), r = depth(t->right);
  return 1 + (l > r ? l : r);
}
int main(int argc, char **argv) {
  long n = argc > 1 ? atol(argv[1]) : 1000, size = 0;
  struct node *root = NULL, *low, *mid, *high;
  for (long i = 0; i < n; i++) {
    unsigned key = chance() >> 16;
    split(root, key, &low, &high);
    split(high, key + 1, &mid, &high);
    if (mid) free(mid), mid = NULL, size--;
    else {
      mid = malloc(sizeof *mid);
      *mid = (struct node){.key = key, .rank = chance()};
      size++;
    }
    root = merge(merge(low, mid), high);
  }
  printf("%ld %u\n", size, depth(root));
  return 0;
}
