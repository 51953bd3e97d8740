/* What the files of the run-time library share. */
#ifndef JX_INTERNAL_H
#define JX_INTERNAL_H
#include "JXRuntime.h"

/* Statuses, as in the headers of compiled functions. */
enum {
  JX_UNSUPPORTED_TYPE = -1, JX_OUT_OF_MEMORY = -2, JX_NO_HOST = -3, JX_NO_DEVICE = -8,
  JX_DEVICE_FAILED = -9
};

/* Notes why a call failed, for `jx_device_message`; gives `status`. */
int32_t jx_device_fails(int32_t status, const char *reason);

/* The bytes of an element. */
size_t jx_size_of(int64_t type);

/* A function with versions for wider vectors, one of which is chosen when it is loaded. */
#if defined(__x86_64__) && defined(__linux__)
#define VERSIONS __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define VERSIONS
#endif

/* A function for processors with vectors of 64 bytes, and whether this one has them. Clang would
   halve such vectors even there, and has no versions that do not. */
#if defined(__x86_64__)
#define HAS_WIDE 1
#if defined(__clang__)
#define WIDE __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))
#else
#define WIDE __attribute__((target("arch=x86-64-v4")))
#endif
#define IS_WIDE __builtin_cpu_supports("x86-64-v4")
#endif

#endif
