/* LAPACK for one element type; included four times by linalg.c, which defines
     T        the element type            R  its real type
     F(name)  the Fortran symbol, e.g. spotrf_ for F(potrf)
     N(name)  the name of the function here
     COMPLEX  0 or 1
   LAPACK's matrices are column-major: operands are transposed on the way in and out. */

#define DECLARE(name, ...) extern void F(name)(__VA_ARGS__)
DECLARE(potrf, const char *, const int *, T *, const int *, int *);
DECLARE(getrf, const int *, const int *, T *, const int *, int *, int *);
DECLARE(geqrf, const int *, const int *, T *, const int *, T *, T *, const int *, int *);
DECLARE(gtsv, const int *, const int *, T *, T *, T *, T *, const int *, int *);
DECLARE(gehrd, const int *, const int *, const int *, T *, const int *, T *, T *, const int *,
        int *);
#if COMPLEX
DECLARE(ungqr, const int *, const int *, const int *, T *, const int *, const T *, T *,
        const int *, int *);
DECLARE(unmqr, const char *, const char *, const int *, const int *, const int *, const T *,
        const int *, const T *, T *, const int *, T *, const int *, int *);
DECLARE(geqp3, const int *, const int *, T *, const int *, int *, T *, T *, const int *, R *, int *);
DECLARE(hetrd, const char *, const int *, T *, const int *, R *, R *, T *, T *, const int *, int *);
DECLARE(heevd, const char *, const char *, const int *, T *, const int *, R *, T *, const int *,
        R *, const int *, int *, const int *, int *);
DECLARE(gesdd, const char *, const int *, const int *, T *, const int *, R *, T *, const int *,
        T *, const int *, T *, const int *, R *, int *, int *);
DECLARE(geev, const char *, const char *, const int *, T *, const int *, T *, T *, const int *,
        T *, const int *, T *, const int *, R *, int *);
DECLARE(gees, const char *, const char *, void *, const int *, T *, const int *, int *, T *, T *,
        const int *, T *, const int *, R *, int *, int *);
#else
DECLARE(orgqr, const int *, const int *, const int *, T *, const int *, const T *, T *,
        const int *, int *);
DECLARE(ormqr, const char *, const char *, const int *, const int *, const int *, const T *,
        const int *, const T *, T *, const int *, T *, const int *, int *);
DECLARE(geqp3, const int *, const int *, T *, const int *, int *, T *, T *, const int *, int *);
DECLARE(sytrd, const char *, const int *, T *, const int *, R *, R *, T *, T *, const int *, int *);
DECLARE(syevd, const char *, const char *, const int *, T *, const int *, R *, T *, const int *,
        int *, const int *, int *);
DECLARE(gesdd, const char *, const int *, const int *, T *, const int *, R *, T *, const int *,
        T *, const int *, T *, const int *, int *, int *);
DECLARE(geev, const char *, const char *, const int *, T *, const int *, T *, T *, T *,
        const int *, T *, const int *, T *, const int *, int *);
DECLARE(gees, const char *, const char *, void *, const int *, T *, const int *, int *, T *, T *,
        T *, const int *, T *, const int *, int *, int *);
#endif

/* rows × columns row-major into column-major; the other way round with the sizes exchanged. */
static void N(flip)(const T *from, T *to, int rows, int columns) {
  enum { TILE = 16 };
  for (int top = 0; top < rows; top += TILE)
    for (int left = 0; left < columns; left += TILE)
      for (int i = top; i < rows && i < top + TILE; i++)
        for (int j = left; j < columns && j < left + TILE; j++)
          to[(size_t)j * rows + i] = from[(size_t)i * columns + j];
}

/* How LAPACK compares pivots. */
static inline R N(magnitude)(T x) {
#if COMPLEX
  R re = CREAL(x), im = __imag__ x;
  return (re < 0 ? -re : re) + (im < 0 ? -im : im);
#else
  return x < 0 ? -x : x;
#endif
}

static void N(fill_nan)(T *to, size_t count) {
  for (size_t i = 0; i < count; i++) to[i] = NAN;
}

/* Transposes the upper triangle into the lower one, and leaves zeros above the diagonal. */
static void N(lower)(T *a, int n) {
  enum { TILE = 16 };
  for (int top = 0; top < n; top += TILE)
    for (int left = top; left < n; left += TILE)
      for (int i = top; i < n && i < top + TILE; i++)
        for (int j = left > i ? left : i + 1; j < n && j < left + TILE; j++) {
          a[(size_t)j * n + i] = a[(size_t)i * n + j];
          a[(size_t)i * n + j] = 0;
        }
}

static int32_t N(cholesky)(const int64_t *p, void *const *buffers) {
  int n = (int)p[2], info;
  size_t size = (size_t)n * n;
  for (int64_t b = 0; b < p[1]; b++) {
    const T *from = (const T *)buffers[0] + b * size;
    T *a = (T *)buffers[1] + b * size;
    /* OpenBLAS is twice as fast with lower triangles. The row-major upper triangle is a column-major
       lower one, that of the conjugate; the lower one becomes one when it is transposed. */
    if (!p[3]) memmove(a, from, size * sizeof(T));
    else if (from != a) N(flip)(from, a, n, n);
    else
      for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++) a[(size_t)j * n + i] = a[(size_t)i * n + j];
    F(potrf)("L", &n, a, &n, &info);
    if (info != 0) N(fill_nan)(a, size);
    if (p[3]) N(lower)(a, n);
    else for (int i = 1; i < n; i++) memset(a + (size_t)i * n, 0, i * sizeof(T));
  }
  return 0;
}

/* LU of a matrix so small that LAPACK takes longer to begin than to compute; in place, row-major,
   pivots from 1 as LAPACK's. */
static void N(small_lu)(T *a, int m, int n, int32_t *pivots) {
  int least = m < n ? m : n;
  for (int k = 0; k < least; k++) {
    int pivot = k;
    R largest = -1;
    for (int i = k; i < m; i++) {
      R size = N(magnitude)(a[(size_t)i * n + k]);
      if (size > largest) largest = size, pivot = i;
    }
    pivots[k] = pivot + 1;
    T *row = a + (size_t)k * n, *other = a + (size_t)pivot * n;
    if (pivot != k)
      for (int j = 0; j < n; j++) {
        T kept = row[j];
        row[j] = other[j], other[j] = kept;
      }
    if (row[k] == 0) continue;
    for (int i = k + 1; i < m; i++) {
      T *below = a + (size_t)i * n, factor = below[k] / row[k];
      below[k] = factor;
      for (int j = k + 1; j < n; j++) below[j] -= factor * row[j];
    }
  }
}

static int32_t N(lu)(const int64_t *p, void *const *buffers) {
  int m = (int)p[2], n = (int)p[3], least = m < n ? m : n, info;
  size_t size = (size_t)m * n;
  T *work = malloc((size + 1) * sizeof(T));
  if (!work) return -2;
  for (int64_t b = 0; b < p[1]; b++) {
    T *factors = (T *)buffers[1] + b * size;
    int32_t *pivots = (int32_t *)buffers[2] + b * least, *order = (int32_t *)buffers[3] + b * m;
    if (m <= SMALL_LU && n <= SMALL_LU) {
      memmove(factors, (T *)buffers[0] + b * size, size * sizeof(T));
      N(small_lu)(factors, m, n, pivots);
    } else {
      N(flip)((T *)buffers[0] + b * size, work, m, n);
      F(getrf)(&m, &n, work, &m, pivots, &info);
      N(flip)(work, factors, n, m);
    }
    for (int i = 0; i < m; i++) order[i] = i;
    for (int i = 0; i < least; i++) {
      int32_t other = --pivots[i], kept = order[i];
      order[i] = order[other];
      order[other] = kept;
    }
  }
  free(work);
  return 0;
}

static int32_t N(geqrf)(const int64_t *p, void *const *buffers) {
  int m = (int)p[2], n = (int)p[3], least = m < n ? m : n, query = -1, info;
  size_t size = (size_t)m * n;
  T best;
  F(geqrf)(&m, &n, NULL, &m, NULL, &best, &query, &info);
  int count = (int)CREAL(best) + 1;
  T *a = malloc((size + count) * sizeof(T)), *work = a + size;
  if (!a) return -2;
  for (int64_t b = 0; b < p[1]; b++) {
    N(flip)((T *)buffers[0] + b * size, a, m, n);
    F(geqrf)(&m, &n, a, &m, (T *)buffers[2] + b * least, work, &count, &info);
    N(flip)(a, (T *)buffers[1] + b * size, n, m);
  }
  free(a);
  return 0;
}

static int32_t N(householder_product)(const int64_t *p, void *const *buffers) {
  int m = (int)p[2], n = (int)p[3], k = (int)p[4], query = -1, info;
  size_t size = (size_t)m * n;
  T best;
#if COMPLEX
  F(ungqr)(&m, &n, &k, NULL, &m, NULL, &best, &query, &info);
#else
  F(orgqr)(&m, &n, &k, NULL, &m, NULL, &best, &query, &info);
#endif
  int count = (int)CREAL(best) + 1;
  T *a = malloc((size + count) * sizeof(T)), *work = a + size;
  if (!a) return -2;
  for (int64_t b = 0; b < p[1]; b++) {
    N(flip)((T *)buffers[0] + b * size, a, m, n);
#if COMPLEX
    F(ungqr)(&m, &n, &k, a, &m, (T *)buffers[1] + b * k, work, &count, &info);
#else
    F(orgqr)(&m, &n, &k, a, &m, (T *)buffers[1] + b * k, work, &count, &info);
#endif
    N(flip)(a, (T *)buffers[2] + b * size, n, m);
  }
  free(a);
  return 0;
}

#if COMPLEX
#define MULTIPLY F(unmqr)
#define ADJOINT "C"
#else
#define MULTIPLY F(ormqr)
#define ADJOINT "T"
#endif

static int32_t N(householder_multiply)(const int64_t *p, void *const *buffers) {
  int m = (int)p[2], n = (int)p[3], k = (int)p[4], rows = (int)p[5], columns = (int)p[6];
  const char *side = p[7] ? "L" : "R", *transpose = p[8] ? ADJOINT : "N";
  int query = -1, info;
  size_t size = (size_t)m * n, other = (size_t)rows * columns;
  if (other == 0) return 0;
  T best;
  MULTIPLY(side, transpose, &rows, &columns, &k, NULL, &m, NULL, NULL, &rows, &best, &query, &info);
  int count = (int)CREAL(best) + 1;
  T *a = malloc((size + other + count) * sizeof(T)), *c = a + size, *work = c + other;
  if (!a) return -2;
  for (int64_t b = 0; b < p[1]; b++) {
    N(flip)((T *)buffers[0] + b * size, a, m, n);
    N(flip)((T *)buffers[2] + b * other, c, rows, columns);
    MULTIPLY(side, transpose, &rows, &columns, &k, a, &m, (T *)buffers[1] + b * k, c, &rows, work,
             &count, &info);
    N(flip)(c, (T *)buffers[3] + b * other, columns, rows);
  }
  free(a);
  return 0;
}
#undef MULTIPLY
#undef ADJOINT

static int32_t N(eigh)(const int64_t *p, void *const *buffers) {
  int n = (int)p[2], query = -1, info, best_integers;
  const char *triangle = p[3] ? "L" : "U";
  size_t size = (size_t)n * n;
  if (n == 0) return 0;
  T best;
#if COMPLEX
  R best_reals;
  F(heevd)("V", triangle, &n, NULL, &n, NULL, &best, &query, &best_reals, &query, &best_integers,
           &query, &info);
  int reals = (int)best_reals + 1;
  R *real_work = malloc(reals * sizeof(R));
#else
  F(syevd)("V", triangle, &n, NULL, &n, NULL, &best, &query, &best_integers, &query, &info);
#endif
  int count = (int)CREAL(best) + 1;
  T *a = malloc((size + count) * sizeof(T)), *work = a + size;
  int *integers = malloc(best_integers * sizeof(int));
  for (int64_t b = 0; b < p[1]; b++) {
    R *values = (R *)buffers[2] + b * n;
    T *vectors = (T *)buffers[1] + b * size;
    N(flip)((T *)buffers[0] + b * size, a, n, n);
#if COMPLEX
    F(heevd)("V", triangle, &n, a, &n, values, work, &count, real_work, &reals, integers,
             &best_integers, &info);
#else
    F(syevd)("V", triangle, &n, a, &n, values, work, &count, integers, &best_integers, &info);
#endif
    N(flip)(a, vectors, n, n);
    if (info != 0) {
      N(fill_nan)(vectors, size);
      for (int i = 0; i < n; i++) values[i] = NAN;
    }
  }
#if COMPLEX
  free(real_work);
#endif
  free(a), free(integers);
  return 0;
}

static int32_t N(svd)(const int64_t *p, void *const *buffers) {
  int m = (int)p[2], n = (int)p[3], least = m < n ? m : n, most = m < n ? n : m;
  int query = -1, info;
  const char *job = !p[4] ? "N" : p[5] ? "A" : "S";
  int u_columns = !p[4] ? 1 : p[5] ? m : least, v_rows = !p[4] ? 1 : p[5] ? n : least;
  if (least == 0) return 0;
  size_t size = (size_t)m * n;
  size_t u_size = p[4] ? (size_t)m * u_columns : 1, v_size = p[4] ? (size_t)v_rows * n : 1;
  T best;
  int *integers = malloc(8 * (size_t)least * sizeof(int));
#if COMPLEX
  size_t reals = (size_t)least * (5 * (size_t)least + 7) + 2 * (size_t)most * least + 64;
  R *real_work = malloc(reals * sizeof(R));
  F(gesdd)(job, &m, &n, NULL, &m, NULL, NULL, &m, NULL, &v_rows, &best, &query, real_work,
           integers, &info);
#else
  (void)most;
  F(gesdd)(job, &m, &n, NULL, &m, NULL, NULL, &m, NULL, &v_rows, &best, &query, integers, &info);
#endif
  int count = (int)CREAL(best) + 1;
  T *a = malloc((size + u_size + v_size + count) * sizeof(T));
  T *u = a + size, *v = u + u_size, *work = v + v_size;
  for (int64_t b = 0; b < p[1]; b++) {
    R *values = (R *)buffers[1] + b * least;
    N(flip)((T *)buffers[0] + b * size, a, m, n);
#if COMPLEX
    F(gesdd)(job, &m, &n, a, &m, values, u, &m, v, &v_rows, work, &count, real_work, integers,
             &info);
#else
    F(gesdd)(job, &m, &n, a, &m, values, u, &m, v, &v_rows, work, &count, integers, &info);
#endif
    if (info != 0) {
      for (int i = 0; i < least; i++) values[i] = NAN;
      N(fill_nan)(u, u_size);
      N(fill_nan)(v, v_size);
    }
    if (p[4]) {
      N(flip)(u, (T *)buffers[2] + b * u_size, u_columns, m);
      N(flip)(v, (T *)buffers[3] + b * v_size, n, v_rows);
    }
  }
#if COMPLEX
  free(real_work);
#endif
  free(a), free(integers);
  return 0;
}

static int32_t N(eig)(const int64_t *p, void *const *buffers) {
  int n = (int)p[2], query = -1, info;
  if (n == 0) return 0;
  size_t size = (size_t)n * n;
  const char *left = p[3] ? "V" : "N", *right = p[4] ? "V" : "N";
  void *outputs[2] = {p[3] ? buffers[2] : NULL, p[4] ? buffers[p[3] ? 3 : 2] : NULL};
  T best;
#if COMPLEX
  R *real_work = malloc(2 * (size_t)n * sizeof(R));
  F(geev)(left, right, &n, NULL, &n, NULL, NULL, &n, NULL, &n, &best, &query, real_work, &info);
#else
  F(geev)(left, right, &n, NULL, &n, NULL, NULL, NULL, &n, NULL, &n, &best, &query, &info);
#endif
  int count = (int)CREAL(best) + 1;
  T *a = malloc((3 * size + 2 * (size_t)n + count) * sizeof(T));
  T *vectors[2] = {a + size, a + 2 * size}, *real = a + 3 * size, *imaginary = real + n;
  T *work = imaginary + n;
  for (int64_t b = 0; b < p[1]; b++) {
    R *values = (R *)buffers[1] + 2 * b * n;
    N(flip)((T *)buffers[0] + b * size, a, n, n);
#if COMPLEX
    F(geev)(left, right, &n, a, &n, (T *)values, vectors[0], &n, vectors[1], &n, work, &count,
            real_work, &info);
    (void)real;
    for (int side = 0; side < 2; side++)
      if (outputs[side]) N(flip)(vectors[side], (T *)outputs[side] + b * size, n, n);
#else
    F(geev)(left, right, &n, a, &n, real, imaginary, vectors[0], &n, vectors[1], &n, work, &count,
            &info);
    for (int i = 0; i < n; i++) values[2 * i] = real[i], values[2 * i + 1] = imaginary[i];
    for (int side = 0; side < 2; side++) {
      if (!outputs[side]) continue;
      R *to = (R *)outputs[side] + 2 * b * size;
      for (int j = 0; j < n; j++)
        for (int i = 0; i < n; i++) {
          /* Conjugate pairs share two real columns. */
          T x = vectors[side][(size_t)j * n + i], y = 0;
          if (imaginary[j] > 0) y = vectors[side][(size_t)(j + 1) * n + i];
          if (imaginary[j] < 0) {
            x = vectors[side][(size_t)(j - 1) * n + i];
            y = -vectors[side][(size_t)j * n + i];
          }
          to[2 * ((size_t)i * n + j)] = x;
          to[2 * ((size_t)i * n + j) + 1] = y;
        }
    }
#endif
    if (info != 0)
      for (int i = 0; i < 2 * n; i++) values[i] = NAN;
  }
#if COMPLEX
  free(real_work);
#endif
  free(a);
  return 0;
}

static int32_t N(schur)(const int64_t *p, void *const *buffers) {
  int n = (int)p[2], query = -1, info, ignored;
  if (n == 0) return 0;
  size_t size = (size_t)n * n;
  const char *job = p[3] ? "V" : "N";
  T best;
#if COMPLEX
  R *real_work = malloc((size_t)n * sizeof(R));
  F(gees)(job, "N", NULL, &n, NULL, &n, &ignored, NULL, NULL, &n, &best, &query, real_work, NULL,
          &info);
#else
  F(gees)(job, "N", NULL, &n, NULL, &n, &ignored, NULL, NULL, NULL, &n, &best, &query, NULL,
          &info);
#endif
  int count = (int)CREAL(best) + 1;
  T *a = malloc((2 * size + 2 * (size_t)n + count) * sizeof(T));
  T *z = a + size, *values = z + size, *work = values + 2 * n;
  for (int64_t b = 0; b < p[1]; b++) {
    N(flip)((T *)buffers[0] + b * size, a, n, n);
#if COMPLEX
    F(gees)(job, "N", NULL, &n, a, &n, &ignored, values, z, &n, work, &count, real_work, NULL,
            &info);
#else
    F(gees)(job, "N", NULL, &n, a, &n, &ignored, values, values + n, z, &n, work, &count, NULL,
            &info);
#endif
    if (info != 0) N(fill_nan)(a, size);
    N(flip)(a, (T *)buffers[1] + b * size, n, n);
    if (p[3]) N(flip)(z, (T *)buffers[2] + b * size, n, n);
  }
#if COMPLEX
  free(real_work);
#endif
  free(a);
  return 0;
}

static int32_t N(hessenberg)(const int64_t *p, void *const *buffers) {
  int n = (int)p[2], one = 1, query = -1, info, taus = n > 1 ? n - 1 : 0;
  if (n == 0) return 0;
  size_t size = (size_t)n * n;
  T best;
  F(gehrd)(&n, &one, &n, NULL, &n, NULL, &best, &query, &info);
  int count = (int)CREAL(best) + 1;
  T *a = malloc((size + count) * sizeof(T)), *work = a + size;
  if (!a) return -2;
  for (int64_t b = 0; b < p[1]; b++) {
    N(flip)((T *)buffers[0] + b * size, a, n, n);
    F(gehrd)(&n, &one, &n, a, &n, (T *)buffers[2] + b * taus, work, &count, &info);
    N(flip)(a, (T *)buffers[1] + b * size, n, n);
  }
  free(a);
  return 0;
}

static int32_t N(tridiagonal_solve)(const int64_t *p, void *const *buffers) {
  int n = (int)p[2], columns = (int)p[3], info;
  size_t size = (size_t)n * columns;
  if (size == 0) return 0;
  T *x = malloc(size * sizeof(T));
  if (!x) return -2;
  for (int64_t b = 0; b < p[1]; b++) {
    T *diagonals[3];
    for (int i = 0; i < 3; i++) {
      diagonals[i] = (T *)buffers[4 + i] + b * n;
      memmove(diagonals[i], (T *)buffers[i] + b * n, n * sizeof(T));
    }
    N(flip)((T *)buffers[3] + b * size, x, n, columns);
    // The first element below the diagonal is that of no row.
    F(gtsv)(&n, &columns, diagonals[0] + 1, diagonals[1], diagonals[2], x, &n, &info);
    if (info > 0) N(fill_nan)(x, size);
    N(flip)(x, (T *)buffers[7] + b * size, columns, n);
  }
  free(x);
  return 0;
}

static int32_t N(pivoted_qr)(const int64_t *p, void *const *buffers) {
  int m = (int)p[2], n = (int)p[3], least = m < n ? m : n, query = -1, info;
  size_t size = (size_t)m * n;
  T best;
#if COMPLEX
  R *real_work = malloc((2 * (size_t)n + 1) * sizeof(R));
  if (!real_work) return -2;
  F(geqp3)(&m, &n, NULL, &m, NULL, NULL, &best, &query, real_work, &info);
#else
  F(geqp3)(&m, &n, NULL, &m, NULL, NULL, &best, &query, &info);
#endif
  int count = (int)CREAL(best) + 1;
  T *a = malloc((size + count) * sizeof(T)), *work = a + size;
  for (int64_t b = 0; a && b < p[1]; b++) {
    int *pivots = (int *)buffers[3] + b * n;
    memmove(pivots, (int *)buffers[1] + b * n, n * sizeof(int));
    N(flip)((T *)buffers[0] + b * size, a, m, n);
    T *taus = (T *)buffers[4] + b * least;
#if COMPLEX
    F(geqp3)(&m, &n, a, &m, pivots, taus, work, &count, real_work, &info);
#else
    F(geqp3)(&m, &n, a, &m, pivots, taus, work, &count, &info);
#endif
    N(flip)(a, (T *)buffers[2] + b * size, n, m);
  }
#if COMPLEX
  free(real_work);
#endif
  int32_t status = a ? 0 : -2;
  free(a);
  return status;
}

static int32_t N(tridiagonal)(const int64_t *p, void *const *buffers) {
  int n = (int)p[2], query = -1, info, rest = n > 1 ? n - 1 : 0;
  const char *triangle = p[3] ? "L" : "U";
  size_t size = (size_t)n * n;
  if (n == 0) return 0;
  T best;
#if COMPLEX
#define REDUCE F(hetrd)
#else
#define REDUCE F(sytrd)
#endif
  REDUCE(triangle, &n, NULL, &n, NULL, NULL, NULL, &best, &query, &info);
  int count = (int)CREAL(best) + 1;
  T *a = malloc((size + count) * sizeof(T)), *work = a + size;
  if (!a) return -2;
  for (int64_t b = 0; b < p[1]; b++) {
    N(flip)((T *)buffers[0] + b * size, a, n, n);
    REDUCE(triangle, &n, a, &n, (R *)buffers[2] + b * n, (R *)buffers[3] + b * rest,
           (T *)buffers[4] + b * rest, work, &count, &info);
    N(flip)(a, (T *)buffers[1] + b * size, n, n);
  }
#undef REDUCE
  free(a);
  return 0;
}

#undef DECLARE
#undef T
#undef R
#undef F
#undef N
#undef COMPLEX
#undef CREAL
