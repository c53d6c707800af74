// build: -static
// Exit status and both streams.
#include <stdio.h>

int main(int argc, char **argv) {
  fprintf(stderr, "%d %s\n", argc, argc > 0 ? "named" : "nameless");
  printf("Hello, %s!\n", "static world");
  return 7;
}
