/* The text of stdlib/, embedded in the binary. */
#ifndef CSTDLIB_H
#define CSTDLIB_H
#include <stddef.h>
#endif
