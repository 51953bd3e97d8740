/* The transforms of one precision: included with T (the type of the parts), L (how many are
   computed at once) and N(name) defined.

   A transform of length n is a sequence of passes (Stockham's form, which needs no reordering). A
   pass of radix r reads element j + (n / r) k for k = 0, …, r - 1, for which j is contiguous, and
   writes the r results `stride` apart. Real and imaginary parts are in arrays of their own, and the
   arrays are L longer than what they hold, so that the last vector may reach over their end. */

typedef T N(vector) __attribute__((vector_size(L * sizeof(T)), aligned(sizeof(T))));

typedef struct {
  int64_t radix;
  int64_t stride;
  /* The factors of result k - 1 at j, real parts then imaginary parts: for each j where the stride
     is short, else for each j / stride. */
  T *factors;
  int64_t factor_count; /* between one k and the next */
  /* cos and sin of 2 pi k / radix, for radices without code of their own. */
  T *turns;
} N(pass);

typedef struct {
  int64_t length;
  int pass_count;
  N(pass) passes[64];
} N(plan);

static void N(destroy)(N(plan) *p) {
  for (int i = 0; i < p->pass_count; i++) free(p->passes[i].factors), free(p->passes[i].turns);
  p->pass_count = 0;
}

/* The length has no prime factor above LARGEST_FACTOR. */
static int N(make)(N(plan) *p, int64_t length) {
  p->length = length, p->pass_count = 0;
  int64_t rest = length, stride = 1;
  while (rest > 1) {
    int64_t radix = smallest_factor(rest), group = rest / radix, count = length / radix;
    int shares = stride >= L;
    int64_t factors = shares ? group : count + L;
    N(pass) *pass = &p->passes[p->pass_count++];
    *pass = (N(pass)){.radix = radix, .stride = stride, .factor_count = factors};
    pass->factors = calloc(2 * (radix - 1) * factors + L, sizeof(T));
    pass->turns = malloc(2 * radix * sizeof(T));
    if (!pass->factors || !pass->turns) return 0;
    for (int64_t k = 1; k < radix; k++)
      for (int64_t j = 0; j < (shares ? group : count); j++) {
        double angle = -2 * M_PI * (double)(k * (shares ? j : j / stride)) / (double)rest;
        T *place = pass->factors + 2 * (k - 1) * factors;
        place[j] = (T)cos(angle), place[factors + j] = (T)sin(angle);
      }
    for (int64_t k = 0; k < radix; k++) {
      pass->turns[2 * k] = (T)cos(2 * M_PI * (double)k / (double)radix);
      pass->turns[2 * k + 1] = (T)-sin(2 * M_PI * (double)k / (double)radix);
    }
    rest = group, stride *= radix;
  }
  return 1;
}

/* The discrete transform of `radix` numbers, forward. */
static inline __attribute__((always_inline)) void
N(butterfly)(int64_t radix, N(vector) *re, N(vector) *im, const T *turns) {
  if (radix == 2) {
    N(vector) r = re[0] - re[1], i = im[0] - im[1];
    re[0] += re[1], im[0] += im[1], re[1] = r, im[1] = i;
  } else if (radix == 3) {
    const T half = (T)0.5, root = (T)0.86602540378443864676;
    N(vector) sr = re[1] + re[2], si = im[1] + im[2];
    N(vector) dr = (re[1] - re[2]) * root, di = (im[1] - im[2]) * root;
    N(vector) mr = re[0] - sr * half, mi = im[0] - si * half;
    re[0] += sr, im[0] += si;
    re[1] = mr + di, im[1] = mi - dr, re[2] = mr - di, im[2] = mi + dr;
  } else if (radix == 4) {
    N(vector) ar = re[0] + re[2], ai = im[0] + im[2], br = re[0] - re[2], bi = im[0] - im[2];
    N(vector) cr = re[1] + re[3], ci = im[1] + im[3], dr = re[1] - re[3], di = im[1] - im[3];
    re[0] = ar + cr, im[0] = ai + ci, re[2] = ar - cr, im[2] = ai - ci;
    re[1] = br + di, im[1] = bi - dr, re[3] = br - di, im[3] = bi + dr;
  } else {
    N(vector) xr[LARGEST_FACTOR], xi[LARGEST_FACTOR];
    for (int64_t k = 0; k < radix; k++) {
      xr[k] = re[0], xi[k] = im[0];
      for (int64_t j = 1; j < radix; j++) {
        T c = turns[2 * (j * k % radix)], s = turns[2 * (j * k % radix) + 1];
        xr[k] += re[j] * c - im[j] * s, xi[k] += re[j] * s + im[j] * c;
      }
    }
    for (int64_t k = 0; k < radix; k++) re[k] = xr[k], im[k] = xi[k];
  }
}

/* One pass of a known radix. */
static inline __attribute__((always_inline)) void
N(run_radix)(const N(pass) *p, int64_t radix, int64_t length, const T *from_re, const T *from_im,
             T *to_re, T *to_im) {
  int64_t count = length / radix, stride = p->stride, factors = p->factor_count;
  int shares = stride >= L;
  for (int64_t j = 0, lanes; j < count; j += lanes) {
    lanes = count - j < L ? count - j : L;
    int64_t group = j / stride, inner = j % stride;
    if (shares && stride - inner < lanes) lanes = stride - inner;
    N(vector) re[LARGEST_FACTOR], im[LARGEST_FACTOR];
    for (int64_t k = 0; k < radix; k++) {
      re[k] = *(const N(vector) *)(from_re + j + count * k);
      im[k] = *(const N(vector) *)(from_im + j + count * k);
    }
    N(butterfly)(radix, re, im, p->turns);
    for (int64_t k = 1; k < radix; k++) {
      const T *place = p->factors + 2 * (k - 1) * factors;
      N(vector) r = re[k], i = im[k];
      if (shares) {
        T c = place[group], s = place[factors + group];
        re[k] = r * c - i * s, im[k] = r * s + i * c;
      } else {
        N(vector) c = *(const N(vector) *)(place + j);
        N(vector) s = *(const N(vector) *)(place + factors + j);
        re[k] = r * c - i * s, im[k] = r * s + i * c;
      }
    }
    if (shares && lanes == L) {
      T *place_re = to_re + inner + stride * radix * group;
      T *place_im = to_im + inner + stride * radix * group;
      for (int64_t k = 0; k < radix; k++) {
        *(N(vector) *)(place_re + stride * k) = re[k];
        *(N(vector) *)(place_im + stride * k) = im[k];
      }
    } else if (stride == 4 && lanes == L) {
      /* Runs of four. */
      for (int64_t k = 0; k < radix; k++)
        for (int64_t lane = 0; lane < L; lane += 4) {
          int64_t place = 4 * (radix * (group + lane / 4) + k);
          memcpy(to_re + place, (const T *)&re[k] + lane, 4 * sizeof(T));
          memcpy(to_im + place, (const T *)&im[k] + lane, 4 * sizeof(T));
        }
    } else {
      for (int64_t k = 0; k < radix; k++) {
        int64_t g = group, q = inner;
        for (int64_t lane = 0; lane < lanes; lane++) {
          int64_t place = q + stride * (radix * g + k);
          to_re[place] = ((const T *)&re[k])[lane], to_im[place] = ((const T *)&im[k])[lane];
          if (++q == stride) q = 0, g++;
        }
      }
    }
  }
}

/* Transforms (re, im) forward, in place; `scratch` holds 2 (length + L) numbers. Backward is the
   same with the two exchanged. */
VERSIONS static void N(run)(const N(plan) *p, T *re, T *im, T *scratch) {
  T *other_re = scratch, *other_im = scratch + p->length + L;
  T *from_re = re, *from_im = im;
  for (int i = 0; i < p->pass_count; i++) {
    const N(pass) *pass = &p->passes[i];
    T *to_re = from_re == re ? other_re : re, *to_im = from_im == im ? other_im : im;
    switch (pass->radix) {
    case 2: N(run_radix)(pass, 2, p->length, from_re, from_im, to_re, to_im); break;
    case 3: N(run_radix)(pass, 3, p->length, from_re, from_im, to_re, to_im); break;
    case 4: N(run_radix)(pass, 4, p->length, from_re, from_im, to_re, to_im); break;
    case 5: N(run_radix)(pass, 5, p->length, from_re, from_im, to_re, to_im); break;
    default: N(run_radix)(pass, pass->radix, p->length, from_re, from_im, to_re, to_im);
    }
    from_re = to_re, from_im = to_im;
  }
  if (from_re != re) {
    memcpy(re, from_re, p->length * sizeof(T));
    memcpy(im, from_im, p->length * sizeof(T));
  }
}

/* What transforms of one length share: passes, or (Bluestein) a convolution whose length is a power
   of two. */
typedef struct {
  int64_t length;
  N(plan) direct;
  T *chirp, *kernel; /* real parts, then imaginary parts; NULL where passes do it */
} N(axis);

static void N(destroy_axis)(N(axis) *a) {
  N(destroy)(&a->direct);
  free(a->chirp), free(a->kernel);
  a->chirp = a->kernel = NULL;
}

/* The numbers of scratch memory that `transform` needs. */
static int64_t N(scratch_size)(const N(axis) *a) {
  return (a->chirp ? 4 : 2) * (a->direct.length + L);
}

static int N(make_axis)(N(axis) *a, int64_t n) {
  memset(a, 0, sizeof *a);
  a->length = n;
  if (largest_factor(n) <= LARGEST_FACTOR) return N(make)(&a->direct, n);
  int64_t m = 1;
  while (m < 2 * n - 1) m *= 2;
  a->chirp = malloc(2 * n * sizeof(T));
  a->kernel = calloc(2 * (m + L), sizeof(T));
  T *scratch = malloc(2 * (m + L) * sizeof(T));
  int ok = N(make)(&a->direct, m) && a->chirp && a->kernel && scratch;
  if (ok) {
    T *re = a->kernel, *im = a->kernel + m + L;
    for (int64_t k = 0; k < n; k++) {
      double angle = M_PI * (double)(k * k % (2 * n)) / (double)n;
      re[k] = a->chirp[k] = (T)cos(angle), im[k] = (T)sin(angle), a->chirp[n + k] = -im[k];
      if (k > 0) re[m - k] = re[k], im[m - k] = im[k];
    }
    N(run)(&a->direct, re, im, scratch);
  }
  free(scratch);
  return ok;
}

/* Transforms (re, im) forward, in place. */
static void N(transform)(const N(axis) *a, T *re, T *im, T *scratch) {
  if (!a->chirp) {
    N(run)(&a->direct, re, im, scratch);
    return;
  }
  int64_t n = a->length, m = a->direct.length;
  const T *cr = a->chirp, *ci = a->chirp + n, *kr = a->kernel, *ki = a->kernel + m + L;
  T *xr = scratch, *xi = scratch + m + L, *rest = scratch + 2 * (m + L);
  memset(scratch, 0, 2 * (m + L) * sizeof(T));
  for (int64_t k = 0; k < n; k++)
    xr[k] = re[k] * cr[k] - im[k] * ci[k], xi[k] = re[k] * ci[k] + im[k] * cr[k];
  N(run)(&a->direct, xr, xi, rest);
  for (int64_t k = 0; k < m; k++) {
    T r = xr[k] * kr[k] - xi[k] * ki[k];
    xi[k] = xr[k] * ki[k] + xi[k] * kr[k], xr[k] = r;
  }
  N(run)(&a->direct, xi, xr, rest);
  T scale = (T)1 / (T)m;
  for (int64_t k = 0; k < n; k++) {
    re[k] = (xr[k] * cr[k] - xi[k] * ci[k]) * scale;
    im[k] = (xr[k] * ci[k] + xi[k] * cr[k]) * scale;
  }
}

/* Rows of the buffers, as two arrays and back. */
VERSIONS static void N(take)(const job *t, int64_t start, int64_t count, T *re, T *im) {
  if (t->is_double) {
    const double *from = t->from;
    if (t->kind == RFFT)
      for (int64_t i = 0; i < count; i++) re[i] = (T)from[start + i], im[i] = 0;
    else
      for (int64_t i = start; i < start + count; i++)
        re[i - start] = (T)from[2 * i], im[i - start] = (T)from[2 * i + 1];
  } else {
    const float *from = t->from;
    if (t->kind == RFFT)
      for (int64_t i = 0; i < count; i++) re[i] = (T)from[start + i], im[i] = 0;
    else
      for (int64_t i = start; i < start + count; i++)
        re[i - start] = (T)from[2 * i], im[i - start] = (T)from[2 * i + 1];
  }
}

VERSIONS static void N(give)(const job *t, int64_t start, int64_t count, const T *re, const T *im) {
  T scale = (T)t->scale;
  if (t->is_double) {
    double *to = t->to;
    if (t->kind == IRFFT)
      for (int64_t i = 0; i < count; i++) to[start + i] = (double)(re[i] * scale);
    else
      for (int64_t i = 0; i < count; i++) {
        to[2 * (start + i)] = (double)(re[i] * scale);
        to[2 * (start + i) + 1] = (double)(im[i] * scale);
      }
  } else {
    float *to = t->to;
    if (t->kind == IRFFT)
      for (int64_t i = 0; i < count; i++) to[start + i] = (float)(re[i] * scale);
    else
      for (int64_t i = 0; i < count; i++) {
        to[2 * (start + i)] = (float)(re[i] * scale);
        to[2 * (start + i) + 1] = (float)(im[i] * scale);
      }
  }
}

/* One transform over up to three axes. `work` holds the rows, real and imaginary parts. */
static void N(transform_item)(const job *t, int64_t item, T *work, T *line, T *scratch) {
  const int64_t *lengths = t->lengths;
  const N(axis) *axes = t->axes;
  int64_t row_length = lengths[2], rows = lengths[0] * lengths[1], pitch = row_length + L;
  int64_t half = row_length / 2 + 1; /* stored of the last axis where the other side is real */
  int64_t stored_in = t->kind == IRFFT ? half : row_length;
  int64_t stored_out = t->kind == RFFT ? half : row_length;
  T *re = work, *im = work + rows * pitch;
  /* Backward is forward with the parts exchanged. */
  int is_backward = t->kind == IFFT || t->kind == IRFFT;
  T *xr = is_backward ? im : re, *xi = is_backward ? re : im;
  for (int64_t row = 0; row < rows; row++)
    N(take)(t, (item * rows + row) * stored_in, stored_in, re + row * pitch, im + row * pitch);
  /* The leading axes first for the complex-to-real transform, whose last axis is half there. */
  for (int step = 0; step < 3; step++) {
    int axis = t->kind == IRFFT ? step : 2 - step;
    int64_t n = lengths[axis];
    if (axis == 2) {
      for (int64_t row = 0; row < rows; row++) {
        T *r = re + row * pitch, *i = im + row * pitch;
        if (t->kind == IRFFT) {
          for (int64_t k = half; k < n; k++) r[k] = r[n - k], i[k] = -i[n - k];
          i[0] = 0;
          if (n % 2 == 0) i[n / 2] = 0;
        }
        N(transform)(&axes[2], xr + row * pitch, xi + row * pitch, scratch);
      }
      continue;
    }
    if (n == 1) continue;
    int64_t stride = axis == 1 ? pitch : lengths[1] * pitch;
    int64_t columns = t->kind == IRFFT ? half : row_length;
    int64_t outer = axis == 1 ? lengths[0] : lengths[1];
    int64_t outer_stride = axis == 1 ? lengths[1] * pitch : pitch;
    T *line_re = line, *line_im = line + n + L;
    for (int64_t o = 0; o < outer; o++)
      for (int64_t c = 0; c < columns; c++) {
        int64_t start = o * outer_stride + c;
        for (int64_t k = 0; k < n; k++)
          line_re[k] = xr[start + k * stride], line_im[k] = xi[start + k * stride];
        N(transform)(&axes[axis], line_re, line_im, scratch);
        for (int64_t k = 0; k < n; k++)
          xr[start + k * stride] = line_re[k], xi[start + k * stride] = line_im[k];
      }
  }
  for (int64_t row = 0; row < rows; row++)
    N(give)(t, (item * rows + row) * stored_out, stored_out, re + row * pitch, im + row * pitch);
}

static void N(transform_items)(void *context, int64_t begin, int64_t end) {
  job *t = context;
  const N(axis) *axes = t->axes;
  int64_t whole = t->lengths[0] * t->lengths[1] * (t->lengths[2] + L), longest = 0, size = 0;
  for (int axis = 0; axis < 3; axis++) {
    if (t->lengths[axis] > longest) longest = t->lengths[axis];
    if (N(scratch_size)(&axes[axis]) > size) size = N(scratch_size)(&axes[axis]);
  }
  T *work = calloc(2 * whole + 2 * (longest + L) + size + L, sizeof(T));
  if (!work) {
    t->failed = 1;
    return;
  }
  for (int64_t item = begin; item < end; item++)
    N(transform_item)(t, item, work, work + 2 * whole, work + 2 * whole + 2 * (longest + L));
  free(work);
}

/* Plans that are kept for the next call. */
static N(axis) N(kept)[KEPT_PLANS];
static int N(kept_count);

/* The plan for a length: one that is kept, or `own`, made for this call. NULL without memory. */
static const N(axis) *N(find_axis)(int64_t length, N(axis) *own) {
  const N(axis) *found = NULL;
  pthread_mutex_lock(&lock);
  for (int i = 0; i < N(kept_count) && !found; i++)
    if (N(kept)[i].length == length) found = &N(kept)[i];
  if (!found && length <= LONGEST_KEPT && N(kept_count) < KEPT_PLANS) {
    if (N(make_axis)(&N(kept)[N(kept_count)], length)) found = &N(kept)[N(kept_count)++];
    else N(destroy_axis)(&N(kept)[N(kept_count)]);
  }
  pthread_mutex_unlock(&lock);
  if (found) return found;
  return N(make_axis)(own, length) ? own : NULL;
}

static int32_t N(transform_all)(job *t, int64_t batch) {
  N(axis) axes[3], own[3];
  memset(own, 0, sizeof own);
  int32_t status = 0;
  for (int axis = 0; axis < 3 && status == 0; axis++) {
    const N(axis) *found = N(find_axis)(t->lengths[axis], &own[axis]);
    if (found) axes[axis] = *found;
    else status = -2;
  }
  if (status == 0) {
    t->axes = axes;
    int64_t whole = t->lengths[0] * t->lengths[1] * t->lengths[2];
    jx_parallel_for(N(transform_items), t, 0, batch, 1 + 16384 / whole);
    if (t->failed) status = -2;
  }
  for (int axis = 0; axis < 3; axis++) N(destroy_axis)(&own[axis]);
  return status;
}

#undef T
#undef L
#undef N
