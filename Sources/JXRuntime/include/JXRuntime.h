/* The few symbols that compiled code may call. */
#ifndef JXRUNTIME_H
#define JXRUNTIME_H
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Element types, numbered as in the compiler. */
enum {
  JX_BOOL, JX_I2, JX_I4, JX_I8, JX_I16, JX_I32, JX_I64,
  JX_U2, JX_U4, JX_U8, JX_U16, JX_U32, JX_U64,
  JX_F4E2M1FN, JX_F6E2M3FN, JX_F6E3M2FN,
  JX_F8E3M4, JX_F8E4M3, JX_F8E4M3FN, JX_F8E4M3FNUZ, JX_F8E4M3B11FNUZ, JX_F8E5M2, JX_F8E5M2FNUZ,
  JX_F8E8M0FNU,
  JX_BF16, JX_F16, JX_F32, JX_F64, JX_C64, JX_C128
};

/* -- Threads ---------------------------------------------------------------------------------- */

/* Runs body(context, b, e) over disjoint ranges that cover [begin, end), each at most `grain` long,
   on the threads of the pool and the caller, and waits. The ranges depend on `grain` alone. Calls
   from inside a body run on the calling thread. */
void jx_parallel_for(void (*body)(void *, int64_t, int64_t), void *context, int64_t begin,
                     int64_t end, int64_t grain);

/* The number of threads: JXC_NUM_THREADS, or what affinity and cgroup allow. */
int32_t jx_thread_count(void);
/* Sets that number; 0 restores the default. Not while parallel code runs. */
void jx_set_thread_count(int32_t count);

/* -- Routines ---------------------------------------------------------------------------------
   All have the form int32_t f(const int64_t *p, void *const *buffers): p holds the element type and
   sizes, buffers what is read, then what is written. They return 0, or a negative status. */

/* p: type, batch, rows, columns, inner, stride of a, of b, transpose a, b. a, b -> c */
int32_t jx_matrix_product(const int64_t *p, void *const *buffers);
/* The same for integers and Booleans, without BLAS. */
int32_t jx_integer_product(const int64_t *p, void *const *buffers);
/* p: type, groups, batch, features and outputs of a group, then of three axes the window, the extents of
   result and input, window strides, padding, dilations of input and window, then in elements the
   strides of the input (group, batch, feature, axes), of the kernel (group, feature, output, axes), the
   start of the kernel, and the strides of the result (group, batch, output, axes).
   input, kernel -> result */
int32_t jx_convolution(const int64_t *p, void *const *buffers);
/* p: outer, size, inner, order (0 ascending, 1 descending, 2 comparator), keys, count, types…
   operands… -> results…; before them the comparator int8_t f(void *const *elements), if any. */
int32_t jx_sort(const int64_t *p, void *const *buffers);
/* p: type, rows, columns, k. operand -> values, int32 indices */
int32_t jx_top_k(const int64_t *p, void *const *buffers);
/* p: real type, kind (0 fft, 1 ifft, 2 rfft, 3 irfft), batch, three lengths. operand -> result */
int32_t jx_fft(const int64_t *p, void *const *buffers);
/* p: type, batch, size, lower. a -> factor */
int32_t jx_cholesky(const int64_t *p, void *const *buffers);
/* p: type, batch, rows, columns, transpose (0, 1, 2 adjoint), left, lower, unit diagonal.
   a, b -> x */
int32_t jx_triangular_solve(const int64_t *p, void *const *buffers);
/* p: type, batch, rows, columns. a -> factors, int32 pivots, int32 permutation */
int32_t jx_lu(const int64_t *p, void *const *buffers);
/* p: type, batch, rows, columns. a -> packed, taus */
int32_t jx_geqrf(const int64_t *p, void *const *buffers);
/* p: type, batch, rows, columns, reflectors. packed, taus -> product */
int32_t jx_householder_product(const int64_t *p, void *const *buffers);
/* p: type, batch, size, columns, reflectors, rows and columns of c, left, adjoint.
   packed, taus, c -> product */
int32_t jx_householder_multiply(const int64_t *p, void *const *buffers);
/* p: type, batch, size, lower. a -> vectors, values */
int32_t jx_eigh(const int64_t *p, void *const *buffers);
/* p: type, batch, rows, columns, vectors, full. a -> values[, u, vt] */
int32_t jx_svd(const int64_t *p, void *const *buffers);
/* p: type, batch, size, left, right. a -> values[, left][, right] */
int32_t jx_eig(const int64_t *p, void *const *buffers);
/* p: type, batch, size, vectors. a -> t[, z] */
int32_t jx_schur(const int64_t *p, void *const *buffers);
/* p: type, batch, size. a -> packed, taus */
int32_t jx_hessenberg(const int64_t *p, void *const *buffers);
/* p: type, batch, size, lower. a -> packed, diagonal, neighbours of the diagonal, taus */
int32_t jx_tridiagonal(const int64_t *p, void *const *buffers);
/* p: type, batch, size, columns. lower, diagonal, upper, b -> the same four, b as x */
int32_t jx_tridiagonal_solve(const int64_t *p, void *const *buffers);
/* p: type, batch, rows, columns. a, int32 first columns -> packed, int32 pivots from 1, taus */
int32_t jx_pivoted_qr(const int64_t *p, void *const *buffers);

/* -- 8-bit floating point ------------------------------------------------------------------- */

float jx_float_from_f8(int32_t type, uint8_t bits);
/* Rounds to nearest even. */
uint8_t jx_f8_from_float(int32_t type, float value);

/* -- Memory ----------------------------------------------------------------------------------- */

/* Memory for large arrays, kept for reuse when it is freed; aligned to 64 bytes at least. */
void *jx_allocate(size_t byte_count);
void jx_free(void *memory, size_t byte_count);

/* -- For the compiler's own process ------------------------------------------------------------ */

/* The symbols above with their addresses, and those of libm that code may call. */
typedef struct {
  const char *name;
  void *address;
} jx_symbol;
const jx_symbol *jx_symbol_table(void);
extern const int32_t jx_symbol_count;

/* What compiled code calls for a host call; set by the process that runs it. */
typedef int32_t (*jx_host_function)(void *callbacks, int64_t index, void *const *buffers);
void jx_set_host_handler(jx_host_function handler);

#ifdef __cplusplus
}
#endif
#include "device.h"
#endif
