/* The table by which the compiler's process links code that it just made. A separate file: objects
   compiled ahead of time do not pull it in. */
#include <math.h>
#include <string.h>
#include "JXRuntime.h"

static jx_host_function handler;

void jx_set_host_handler(jx_host_function function) { handler = function; }

static int32_t jx_host_call(void *callbacks, int64_t index, void *const *buffers) {
  return handler ? handler(callbacks, index, buffers) : -3;
}

/* Conversions that processors without f16 arithmetic call. */
float __extendhfsf2(_Float16);
_Float16 __truncsfhf2(float);

#define SYMBOL(name) {#name, (void *)name}
static const jx_symbol jx_symbols[] = {
    SYMBOL(jx_parallel_for), SYMBOL(jx_matrix_product),
    SYMBOL(jx_integer_product), SYMBOL(jx_convolution), SYMBOL(jx_sort), SYMBOL(jx_top_k),
    SYMBOL(jx_fft), SYMBOL(jx_cholesky), SYMBOL(jx_triangular_solve), SYMBOL(jx_lu),
    SYMBOL(jx_geqrf), SYMBOL(jx_householder_product), SYMBOL(jx_householder_multiply), SYMBOL(jx_eigh), SYMBOL(jx_svd),
    SYMBOL(jx_eig), SYMBOL(jx_schur), SYMBOL(jx_hessenberg), SYMBOL(jx_tridiagonal),
    SYMBOL(jx_tridiagonal_solve), SYMBOL(jx_pivoted_qr), SYMBOL(jx_float_from_f8),
    SYMBOL(jx_f8_from_float), SYMBOL(jx_host_call),
    SYMBOL(memcpy), SYMBOL(memset), SYMBOL(memmove),
    SYMBOL(fmod), SYMBOL(fmodf), SYMBOL(nextafter), SYMBOL(nextafterf), SYMBOL(fma), SYMBOL(fmaf),
    SYMBOL(floor), SYMBOL(floorf), SYMBOL(ceil), SYMBOL(ceilf), SYMBOL(rint), SYMBOL(rintf),
    SYMBOL(round), SYMBOL(roundf), SYMBOL(trunc), SYMBOL(truncf),
    SYMBOL(__extendhfsf2), SYMBOL(__truncsfhf2),
};
const int32_t jx_symbol_count = sizeof jx_symbols / sizeof *jx_symbols;
const jx_symbol *jx_symbol_table(void) { return jx_symbols; }
