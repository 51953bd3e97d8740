/* Convolutions for one element and one kind of processor: included with T, BYTES (of a vector),
   HEIGHT, TARGET and N(name) defined, and INTERLEAVE(half, a, b), which takes the elements of the
   lower or upper half of a and b in turn.

   The kernel is packed into panels of up to WIDTH vectors of outputs. A tile is HEIGHT places of the
   result by one panel: its sums stay in registers while the window and the features pass by. For every
   position of the window, a table has the places of the input that meet it. */

typedef T N(lanes) __attribute__((vector_size(BYTES), aligned(sizeof(T))));
#define L ((int64_t)(BYTES / sizeof(T)))

typedef struct {
  const convolution *c;
  const T *input, *kernel;
  T *result;
  T *packed;           /* groups × panels × positions of the window × features × lanes */
  const T *zeros;      /* what is read beyond the edges */
  const int64_t (*offsets)[4]; /* of the positions of the window: along the axes, and in elements */
  int64_t positions;   /* of the window */
  int64_t vectors, panels;
  int64_t places;      /* of the result of a group */
  int is_dense;        /* features are neighbours in the input */
  int is_dilated;      /* there are gaps in the input */
} N(job);

static inline int64_t N(panel_start)(const N(job) *job, int64_t panel) {
  int64_t rest = job->vectors % job->panels;
  return (job->vectors / job->panels * panel + (panel < rest ? panel : rest)) * L;
}

/* Packs one panel: a line of outputs for every position and feature, zeros beyond the last output. */
TARGET static void N(pack)(void *context, int64_t begin, int64_t end) {
  const N(job) *job = context;
  const convolution *c = job->c;
  const int64_t *stride = c->kernel_stride;
  for (int64_t number = begin; number < end; number++) {
    int64_t group = number / job->panels, panel = number % job->panels;
    int64_t start = N(panel_start)(job, panel), width = N(panel_start)(job, panel + 1) - start;
    int64_t count = c->outputs - start < width ? c->outputs - start : width;
    T *to = job->packed + (group * job->vectors * L + start) * job->positions * c->features;
    for (int64_t q = 0; q < job->positions; q++) {
      const T *from = job->kernel + c->kernel_start + group * stride[0] + start * stride[2] +
                      q / (c->window[1] * c->window[2]) * stride[3] +
                      q / c->window[2] % c->window[1] * stride[4] + q % c->window[2] * stride[5];
      T *block = to + q * c->features * width;
      if (stride[2] == 1 || stride[1] != 1) {
        for (int64_t k = 0; k < c->features; k++) {
          const T *line = from + k * stride[1];
          T *place = block + k * width;
          if (stride[2] == 1) memcpy(place, line, count * sizeof(T));
          else for (int64_t j = 0; j < count; j++) place[j] = line[j * stride[2]];
          for (int64_t j = count; j < width; j++) place[j] = 0;
        }
        continue;
      }
      for (int64_t j = 0; j < width; j += L)
        for (int64_t k = 0; k < c->features; k += L) {
          /* L lines of L elements, transposed by log L rounds of interleaving. */
          N(lanes) lines[BYTES / sizeof(T)], next[BYTES / sizeof(T)];
          for (int64_t i = 0; i < L; i++) {
            T part[BYTES / sizeof(T)] = {0};
            const T *line = from + (j + i) * stride[2] + k;
            if (j + i < count && k + L <= c->features) {
              lines[i] = *(const N(lanes) *)line;
              continue;
            }
            if (j + i < count)
              for (int64_t r = 0; r < c->features - k; r++) part[r] = line[r];
            lines[i] = *(N(lanes) *)part;
          }
          for (int64_t round = 1; round < L; round *= 2) {
            for (int64_t i = 0; i < L / 2; i++) {
              next[2 * i] = INTERLEAVE(0, lines[i], lines[i + L / 2]);
              next[2 * i + 1] = INTERLEAVE(1, lines[i], lines[i + L / 2]);
            }
            memcpy(lines, next, sizeof lines);
          }
          for (int64_t i = 0; i < L && k + i < c->features; i++)
            *(N(lanes) *)(block + (k + i) * width + j) = lines[i];
        }
    }
  }
}

/* sums += rows × panel, over `positions` of the window. */
static inline __attribute__((always_inline)) void
N(tile)(const T *rows[][HEIGHT], int64_t steps[][HEIGHT], int64_t positions, int64_t features,
        const T *panel, T *sums, const int height, const int width, const int is_dense) {
  N(lanes) s[HEIGHT][WIDTH];
  for (int i = 0; i < height; i++)
    for (int j = 0; j < width; j++) s[i][j] = *(N(lanes) *)(sums + (i * width + j) * L);
  for (int64_t q = 0; q < positions; q++) {
    const T *a[HEIGHT];
    for (int i = 0; i < height; i++) a[i] = rows[q][i];
    for (int64_t k = 0; k < features; k++) {
      N(lanes) right[WIDTH];
      for (int j = 0; j < width; j++) right[j] = *(const N(lanes) *)(panel + j * L);
      panel += width * L;
      for (int i = 0; i < height; i++) {
        T factor = is_dense ? a[i][k] : *a[i];
        if (!is_dense) a[i] += steps[q][i];
        for (int j = 0; j < width; j++) s[i][j] += right[j] * factor;
      }
    }
  }
  for (int i = 0; i < height; i++)
    for (int j = 0; j < width; j++) *(N(lanes) *)(sums + (i * width + j) * L) = s[i][j];
}

/* Tiles `begin` … of all groups. */
TARGET static void N(convolve_range)(void *context, int64_t begin, int64_t end) {
  enum { CHUNK = 32 };
  const N(job) *job = context;
  const convolution *c = job->c;
  const T *rows[CHUNK][HEIGHT];
  int64_t steps[CHUNK][HEIGHT];
  T few[HEIGHT * WIDTH * BYTES / sizeof(T) * 4];
  int64_t size = HEIGHT * job->vectors * L;
  T *sums = size * sizeof(T) <= sizeof few ? few : malloc(size * sizeof(T));
  int64_t tiles = (job->places + HEIGHT - 1) / HEIGHT;
  for (int64_t number = begin; number < end; number++) {
    int64_t group = number / tiles, first = number % tiles * HEIGHT;
    int64_t count = job->places - first < HEIGHT ? job->places - first : HEIGHT;
    int height = count > 4 ? HEIGHT : count > 1 ? (HEIGHT < 4 ? HEIGHT : 4) : 1;
    /* The places of the result, and the corners of the window there. */
    const T *base[HEIGHT];
    T *target[HEIGHT];
    int64_t corner[HEIGHT][3], at[4], place = first;
    for (int d = 2; d >= 0; d--) at[1 + d] = place % c->result_extent[d], place /= c->result_extent[d];
    at[0] = place;
    for (int64_t i = 0; i < count; i++) {
      base[i] = job->input + group * c->input_stride[0] + at[0] * c->input_stride[1];
      target[i] = job->result + group * c->result_stride[0] + at[0] * c->result_stride[1];
      for (int d = 0; d < 3; d++) {
        corner[i][d] = at[1 + d] * c->window_stride[d] - c->padding[d];
        if (!job->is_dilated) base[i] += corner[i][d] * c->input_stride[3 + d];
        target[i] += at[1 + d] * c->result_stride[3 + d];
      }
      for (int d = 2; d >= 0 && ++at[1 + d] == c->result_extent[d]; d--) {
        at[1 + d] = 0;
        if (d == 0) at[0]++;
      }
    }
    memset(sums, 0, size * sizeof(T));
    for (int64_t from = 0; from < job->positions; from += CHUNK) {
      int64_t chunk = job->positions - from < CHUNK ? job->positions - from : CHUNK;
      for (int64_t q = 0; q < chunk; q++) {
        const int64_t *w = job->offsets[from + q];
        for (int64_t i = 0; i < height; i++) {
          rows[q][i] = job->zeros, steps[q][i] = 0;
          if (i >= count) continue;
          const T *place = base[i];
          int is_inside = 1;
          if (job->is_dilated)
            for (int d = 0; d < 3; d++) {
              int32_t x = (int32_t)(corner[i][d] + w[d]), dilation = (int32_t)c->input_dilation[d];
              is_inside &= x >= 0 && x % dilation == 0 && x / dilation < c->input_extent[d];
              place += x / dilation * c->input_stride[3 + d];
            }
          else {
            for (int d = 0; d < 3; d++)
              is_inside &= (uint64_t)(corner[i][d] + w[d]) < (uint64_t)c->input_extent[d];
            place += w[3];
          }
          if (is_inside) rows[q][i] = place, steps[q][i] = c->input_stride[2];
        }
      }
      for (int64_t panel = 0; panel < job->panels; panel++) {
        int64_t start = N(panel_start)(job, panel);
        int width = (int)((N(panel_start)(job, panel + 1) - start) / L);
        const T *block = job->packed +
                         (group * job->vectors * L + start) * job->positions * c->features +
                         from * c->features * width * L;
        T *part = sums + start * HEIGHT;
#define TILE(height, width, dense) \
  N(tile)(rows, steps, chunk, c->features, block, part, height, width, dense)
#define WIDTHS(height, dense) \
  if (width == 3) TILE(height, 3, dense); \
  else if (width == 2) TILE(height, 2, dense); \
  else TILE(height, 1, dense);
#define HEIGHTS(dense) \
  if (height == HEIGHT) { WIDTHS(HEIGHT, dense) } \
  else if (height == 1) { WIDTHS(1, dense) } \
  else { WIDTHS((HEIGHT < 4 ? HEIGHT : 4), dense) }
        if (job->is_dense) { HEIGHTS(1) } else { HEIGHTS(0) }
#undef HEIGHTS
#undef WIDTHS
#undef TILE
      }
    }
    for (int64_t panel = 0; panel < job->panels; panel++) {
      int64_t start = N(panel_start)(job, panel), width = N(panel_start)(job, panel + 1) - start;
      int64_t outputs = c->outputs - start < width ? c->outputs - start : width;
      int64_t step = c->result_stride[2];
      for (int64_t i = 0; i < count; i++) {
        const T *from = sums + start * HEIGHT + i * width;
        T *to = target[i] + start * step;
        if (step == 1) memcpy(to, from, outputs * sizeof(T));
        else for (int64_t j = 0; j < outputs; j++) to[j * step] = from[j];
      }
    }
  }
  if (sums != few) free(sums);
}

static int32_t N(convolve)(const convolution *c, const void *input, const void *kernel,
                           void *result) {
  N(job) job = {.c = c, .input = input, .kernel = kernel, .result = result};
  job.positions = c->window[0] * c->window[1] * c->window[2];
  job.vectors = (c->outputs + L - 1) / L;
  job.panels = (job.vectors + WIDTH - 1) / WIDTH;
  job.places = c->batch * c->result_extent[0] * c->result_extent[1] * c->result_extent[2];
  job.is_dense = c->input_stride[2] == 1;
  for (int d = 0; d < 3; d++) job.is_dilated |= c->input_dilation[d] > 1;
  int64_t packed = c->groups * job.vectors * L * job.positions * c->features;
  /* The offsets come first, for the sake of their alignment. */
  size_t table = job.positions * sizeof *job.offsets;
  size_t bytes = table + (packed + c->features) * sizeof(T);
  int64_t (*offsets)[4] = jx_allocate(bytes);
  if (!offsets) return -2;
  for (int64_t q = 0; q < job.positions; q++) {
    int64_t *w = offsets[q];
    w[0] = q / c->window[2] / c->window[1] * c->window_dilation[0];
    w[1] = q / c->window[2] % c->window[1] * c->window_dilation[1];
    w[2] = q % c->window[2] * c->window_dilation[2];
    w[3] = w[0] * c->input_stride[3] + w[1] * c->input_stride[4] + w[2] * c->input_stride[5];
  }
  job.offsets = (const int64_t (*)[4])offsets;
  job.packed = (T *)((char *)offsets + table);
  memset(job.packed + packed, 0, c->features * sizeof(T));
  job.zeros = job.packed + packed;
  jx_parallel_for(N(pack), &job, 0, c->groups * job.panels, 1 + (1 << 16) * job.panels / packed);
  int64_t tiles = (job.places + HEIGHT - 1) / HEIGHT * c->groups;
  int64_t work = HEIGHT * job.vectors * L * job.positions * c->features; /* of a tile */
  jx_parallel_for(N(convolve_range), &job, 0, tiles, 1 + 500000 / (work + 1));
  jx_free(offsets, bytes);
  return 0;
}

#undef T
#undef L
#undef N
#undef INTERLEAVE
