// The least that uses the C library, by the dynamic linker.
#include <stdio.h>
int main(void) { return puts("hello") < 0; }
