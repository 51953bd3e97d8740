/* Reads handwritten digits, a line each: the digit, then 64 grey values from 0 to 16. */
#include <stdio.h>
#include <stdlib.h>
#include "digits.h"
#include "filter.h"

enum { HEIGHT = 120, WIDTH = 160 };

static void check(int32_t status) {
  if (status == JX_OK) return;
  fprintf(stderr, "%s\n", jx_status_message(status));
  exit(1);
}

static void classify_pictures(void) {
  /* One workspace serves all calls; NULL would let each call allocate its own. */
  void *workspace = aligned_alloc(64, (digits_classify_workspace_bytes + 63) / 64 * 64);
  int label;
  while (scanf("%d", &label) == 1) {
    float image[64], likely[10];
    for (int i = 0; i < 64; i++) {
      if (scanf("%f", &image[i]) != 1) exit(1);
      image[i] /= 16;
    }
    int32_t digit;
    check(digits_classify(image, &digit, likely, workspace));
    printf("a %d, read as %d (%.0f%%)\n", label, digit, 100 * likely[digit]);
  }
  free(workspace);
}

static void find_edges(void) {
  static uint8_t image[HEIGHT * WIDTH], edges[HEIGHT * WIDTH];
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++) {
      int dy = y - HEIGHT / 2, dx = x - WIDTH / 2;
      image[y * WIDTH + x] = dy * dy + dx * dx < 40 * 40 ? 200 : 20;
    }
  check(filter_edges(image, edges, NULL));
  long sum = 0;
  for (int i = 0; i < HEIGHT * WIDTH; i++) sum += edges[i];
  printf("sum of the edges: %ld\n", sum);
}

int main(void) {
  const jx_function *info = digits_classify_info();
  printf("%s takes %s %s of %lld numbers\n", info->name, info->arguments[0].type,
         info->arguments[0].name, (long long)info->arguments[0].shape[0]);
  classify_pictures();
  find_edges();
  return 0;
}
