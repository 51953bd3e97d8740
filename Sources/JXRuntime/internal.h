/* What the files of the run-time library share. */
#ifndef JX_INTERNAL_H
#define JX_INTERNAL_H
#include "JXRuntime.h"

/* The bytes of an element. */
size_t jx_size_of(int64_t type);

/* A function with versions for wider vectors, one of which is chosen when it is loaded. */
#if defined(__x86_64__) && defined(__linux__)
#define VERSIONS __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define VERSIONS
#endif

#endif
