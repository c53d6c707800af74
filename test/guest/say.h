// What the guest tests print with: an expression, its value, the error's name.
#ifndef SAY_H
#define SAY_H
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *error_name(long r) { return r == -1 ? strerrorname_np(errno) : ""; }
#define SAY(call)                                                     \
  ({                                                                  \
    errno = 0;                                                        \
    long say_result = (long)(call);                                   \
    printf("%s: %ld %s\n", #call, say_result, error_name(say_result)); \
    say_result;                                                       \
  })
#endif
