/* Factorisations and eigenvalue problems, through LAPACK's Fortran symbols. */
#include <complex.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <cblas.h>
#include "internal.h"

/* Larger matrices are LAPACK's. */
enum { SMALL_LU = 24 };

#define T float
#define R float
#define F(name) s##name##_
#define N(name) name##_f32
#define COMPLEX 0
#define CREAL(x) (x)
#include "linalg_template.h"

#define T double
#define R double
#define F(name) d##name##_
#define N(name) name##_f64
#define COMPLEX 0
#define CREAL(x) (x)
#include "linalg_template.h"

#define T float complex
#define R float
#define F(name) c##name##_
#define N(name) name##_c64
#define COMPLEX 1
#define CREAL(x) crealf(x)
#include "linalg_template.h"

#define T double complex
#define R double
#define F(name) z##name##_
#define N(name) name##_c128
#define COMPLEX 1
#define CREAL(x) creal(x)
#include "linalg_template.h"

static void use_one_thread(void) { openblas_set_num_threads(1); }
static pthread_once_t once = PTHREAD_ONCE_INIT;

#define DISPATCH(name)                                                                            \
  int32_t jx_##name(const int64_t *p, void *const *buffers) {                                     \
    pthread_once(&once, use_one_thread);                                                          \
    switch (p[0]) {                                                                               \
    case JX_F32: return name##_f32(p, buffers);                                                   \
    case JX_F64: return name##_f64(p, buffers);                                                   \
    case JX_C64: return name##_c64(p, buffers);                                                   \
    case JX_C128: return name##_c128(p, buffers);                                                 \
    default: return -1;                                                                           \
    }                                                                                             \
  }
DISPATCH(cholesky)
DISPATCH(lu)
DISPATCH(geqrf)
DISPATCH(householder_product)
DISPATCH(householder_multiply)
DISPATCH(eigh)
DISPATCH(svd)
DISPATCH(eig)
DISPATCH(schur)
DISPATCH(hessenberg)
DISPATCH(tridiagonal)
DISPATCH(tridiagonal_solve)
DISPATCH(pivoted_qr)

int32_t jx_triangular_solve(const int64_t *p, void *const *buffers) {
  pthread_once(&once, use_one_thread);
  int64_t rows = p[2], columns = p[3], n = p[5] ? rows : columns;
  size_t size = jx_size_of(p[0]), matrix = rows * columns * size;
  if (rows * columns == 0) return 0;
  CBLAS_SIDE side = p[5] ? CblasLeft : CblasRight;
  CBLAS_UPLO triangle = p[6] ? CblasLower : CblasUpper;
  CBLAS_TRANSPOSE transpose = p[4] == 0 ? CblasNoTrans : p[4] == 1 ? CblasTrans : CblasConjTrans;
  CBLAS_DIAG diagonal = p[7] ? CblasUnit : CblasNonUnit;
  for (int64_t b = 0; b < p[1]; b++) {
    void *a = (char *)buffers[0] + b * n * n * size, *x = (char *)buffers[2] + b * matrix;
    memmove(x, (char *)buffers[1] + b * matrix, matrix);
    double one[2] = {1, 0};
    float single_one[2] = {1, 0};
    switch (p[0]) {
    case JX_F32:
      cblas_strsm(CblasRowMajor, side, triangle, transpose, diagonal, rows, columns, 1, a, n, x,
                  columns);
      break;
    case JX_F64:
      cblas_dtrsm(CblasRowMajor, side, triangle, transpose, diagonal, rows, columns, 1, a, n, x,
                  columns);
      break;
    case JX_C64:
      cblas_ctrsm(CblasRowMajor, side, triangle, transpose, diagonal, rows, columns, single_one, a,
                  n, x, columns);
      break;
    case JX_C128:
      cblas_ztrsm(CblasRowMajor, side, triangle, transpose, diagonal, rows, columns, one, a, n, x,
                  columns);
      break;
    default: return -1;
    }
  }
  return 0;
}
