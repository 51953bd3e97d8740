/* The text of stdlib/, embedded in the binary. */
#ifndef CSTDLIB_H
#define CSTDLIB_H
#include <stddef.h>

typedef struct {
  const char *path; /* below stdlib/, as in jax/numpy/__init__.jx */
  const char *text; /* UTF-8, ending in a zero byte */
  size_t length;    /* in bytes, without that zero */
} JXStdlibFile;

/* Sorted by path, in the order of bytes. */
extern const JXStdlibFile jxStdlibFiles[];
extern const size_t jxStdlibFileCount;

/* The bytes of the file at `path` and, in `count`, their number; null where there is none. */
const unsigned char *jx_stdlib_find(const char *path, long *count);
#endif
