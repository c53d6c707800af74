// An interpreter's loop: a switch over the instructions of a stack machine, which counts primes by trial division.
#include <stdio.h>
#include <stdlib.h>

enum op { PUSH, LOAD, STORE, ADD, MUL, MOD, LESS, JUMP, UNLESS, HALT };
enum { N, D, FOUND, LIMIT };
struct instruction {
  enum op op;
  long arg;
};
static const struct instruction program[] = {
    [0] = {PUSH, 2},    {STORE, N},
    [2] = {LOAD, N},    {LOAD, LIMIT}, {LESS},     {UNLESS, 25},            // while n < limit
    [6] = {PUSH, 2},    {STORE, D},
    [8] = {LOAD, N},    {LOAD, D},     {LOAD, D},  {MUL},        {LESS}, {UNLESS, 19}, // n < d * d: prime
    [14] = {LOAD, FOUND}, {PUSH, 1},   {ADD},      {STORE, FOUND}, {JUMP, 26},
    [19] = {LOAD, N},   {LOAD, D},     {MOD},      {UNLESS, 26}, // d divides n: none
    [23] = {JUMP, 30},  {HALT},
    [25] = {HALT},
    [26] = {LOAD, N},   {PUSH, 1},     {ADD},      {JUMP, 34},
    [30] = {LOAD, D},   {PUSH, 1},     {ADD},      {JUMP, 36},
    [34] = {STORE, N},  {JUMP, 2},
    [36] = {STORE, D},  {JUMP, 8},
};

static long run(long limit) {
  long variables[4] = {[LIMIT] = limit}, stack[16], *top = stack;
  for (const struct instruction *i = program;; i++) switch (i->op) {
      case PUSH: *top++ = i->arg; break;
      case LOAD: *top++ = variables[i->arg]; break;
      case STORE: variables[i->arg] = *--top; break;
      case ADD: top--, top[-1] += *top; break;
      case MUL: top--, top[-1] *= *top; break;
      case MOD: top--, top[-1] %= *top; break;
      case LESS: top--, top[-1] = top[-1] < *top; break;
      case JUMP: i = program + i->arg - 1; break;
      case UNLESS:
        if (!*--top) i = program + i->arg - 1;
        break;
      case HALT: return variables[FOUND];
    }
}
int main(int argc, char **argv) {
  printf("%ld\n", run(argc > 1 ? atol(argv[1]) : 1000));
  return 0;
}
