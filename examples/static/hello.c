/* Static programs need nothing but themselves. */
#include <stdio.h>

int main(void) {
    return puts("hello from an empty file system") < 0;
}
