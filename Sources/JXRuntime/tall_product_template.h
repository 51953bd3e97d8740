/* aᵀ b for two tall matrices of one element type: included with T, L (how many are computed at once),
   TARGET and N(name) defined. Tiles of the result stay in registers while rows of a and b pass by. */

typedef T N(vector) __attribute__((vector_size(L * sizeof(T)), aligned(sizeof(T))));

/* c += aᵀ b for a tile of TILE_ROWS by 2 L. */
static inline __attribute__((always_inline)) void
N(tile)(const T *a, int64_t a_pitch, const T *b, int64_t b_pitch, int64_t inner, T *c,
        int64_t c_pitch) {
  N(vector) sums[TILE_ROWS][2];
  for (int i = 0; i < TILE_ROWS; i++)
    for (int j = 0; j < 2; j++) sums[i][j] = *(const N(vector) *)(c + i * c_pitch + j * L);
  for (int64_t k = 0; k < inner; k++) {
    N(vector) left = *(const N(vector) *)(b + k * b_pitch);
    N(vector) right = *(const N(vector) *)(b + k * b_pitch + L);
    for (int i = 0; i < TILE_ROWS; i++) {
      T factor = a[k * a_pitch + i];
      sums[i][0] += left * factor, sums[i][1] += right * factor;
    }
  }
  for (int i = 0; i < TILE_ROWS; i++)
    for (int j = 0; j < 2; j++) *(N(vector) *)(c + i * c_pitch + j * L) = sums[i][j];
}

/* c = aᵀ b, where a is inner × rows and b inner × columns. */
TARGET static void N(tall)(const T *a, const T *b, int64_t rows, int64_t columns, int64_t inner,
                             T *c) {
  enum { BLOCK = 128 };
  T edge_a[BLOCK * TILE_ROWS], edge_b[BLOCK * 2 * L], edge_c[TILE_ROWS * 2 * L];
  memset(c, 0, rows * columns * sizeof(T));
  for (int64_t k = 0; k < inner; k += BLOCK) {
    int64_t depth = inner - k < BLOCK ? inner - k : BLOCK;
    for (int64_t i = 0; i < rows; i += TILE_ROWS)
      for (int64_t j = 0; j < columns; j += 2 * L) {
        int64_t height = rows - i < TILE_ROWS ? rows - i : TILE_ROWS;
        int64_t width = columns - j < 2 * L ? columns - j : 2 * L;
        const T *from_a = a + k * rows + i, *from_b = b + k * columns + j;
        T *to = c + i * columns + j;
        if (height == TILE_ROWS && width == 2 * L) {
          N(tile)(from_a, rows, from_b, columns, depth, to, columns);
          continue;
        }
        /* At the edges, tiles are filled up with zeros. */
        memset(edge_a, 0, sizeof edge_a), memset(edge_b, 0, sizeof edge_b);
        memset(edge_c, 0, sizeof edge_c);
        for (int64_t q = 0; q < depth; q++) {
          memcpy(edge_a + q * TILE_ROWS, from_a + q * rows, height * sizeof(T));
          memcpy(edge_b + q * 2 * L, from_b + q * columns, width * sizeof(T));
        }
        N(tile)(edge_a, TILE_ROWS, edge_b, 2 * L, depth, edge_c, 2 * L);
        for (int64_t y = 0; y < height; y++)
          for (int64_t x = 0; x < width; x++) to[y * columns + x] += edge_c[y * 2 * L + x];
      }
  }
}

#undef T
#undef L
#undef N
