/* What the files of the run-time library share. */
#ifndef JX_INTERNAL_H
#define JX_INTERNAL_H
#include "JXRuntime.h"

/* The bytes of an element. */
size_t jx_size_of(int64_t type);

#endif
