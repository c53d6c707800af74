// Strings and a hash table: makes words, counts them, and prints the most frequent ones; memory is allocated for each.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS 8192
struct word {
  struct word *next;
  unsigned count;
  char text[];
};
static struct word *table[SLOTS];

static void count(const char *text) {
  unsigned h = 5381;
  for (const char *p = text; *p; p++) h = h * 33 + (unsigned char)*p;
  struct word **at = &table[h % SLOTS];
  for (struct word *w = *at; w; w = w->next)
    if (!strcmp(w->text, text)) {
      w->count++;
      return;
    }
  struct word *w = malloc(sizeof *w + strlen(text) + 1);
  strcpy(w->text, text);
  w->count = 1;
  w->next = *at;
  *at = w;
}
static int order(const void *a, const void *b) {
  const struct word *x = *(struct word *const *)a, *y = *(struct word *const *)b;
  return x->count != y->count ? (x->count < y->count) - (x->count > y->count) : strcmp(x->text, y->text);
}
int main(int argc, char **argv) {
  long n = argc > 1 ? atol(argv[1]) : 1000;
  unsigned x = 7;
  char line[256];
  for (long i = 0; i < n; i++) {
    size_t length = 0;
    for (int k = 0; k < 8; k++) {
      x = x * 1103515245 + 12345;
      unsigned r = x >> 16;
      length += snprintf(line + length, sizeof line - length, "%s%c%u", k ? " " : "", 'a' + r % 7, (r % 61) * (r % 53));
    }
    for (char *rest = line, *w; (w = strsep(&rest, " "));) count(w);
  }
  static struct word *all[1 << 16];
  size_t found = 0;
  for (int i = 0; i < SLOTS; i++)
    for (struct word *w = table[i]; w && found < 1 << 16; w = w->next) all[found++] = w;
  qsort(all, found, sizeof *all, order);
  for (size_t i = 0; i < 5 && i < found; i++) printf("%s %u\n", all[i]->text, all[i]->count);
  printf("%zu\n", found);
  return 0;
}
