/* Memory for arrays. Fresh pages are slow: a page fault costs more than filling the page. Large
   blocks are therefore aligned to huge pages, and kept for reuse. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include "internal.h"

enum { KEPT = 32 };
static const size_t LARGE = 1 << 20;            /* blocks from here on are pooled */
static const size_t HUGE_PAGE = 2 << 20;
static const size_t MOST = (size_t)1 << 30;     /* the pool never keeps more */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
  void *memory;
  size_t size;
} kept[KEPT];
static int kept_count;
static size_t kept_bytes;

static size_t rounded(size_t size) {
  size_t unit = size >= HUGE_PAGE ? HUGE_PAGE : 4096;
  return (size + unit - 1) / unit * unit;
}

void *jx_allocate(size_t byte_count) {
  if (byte_count < LARGE) {
    void *memory = NULL;
    return posix_memalign(&memory, 64, byte_count ? byte_count : 1) == 0 ? memory : NULL;
  }
  size_t size = rounded(byte_count);
  pthread_mutex_lock(&lock);
  for (int i = kept_count - 1; i >= 0; i--) {
    if (kept[i].size != size) continue;
    void *memory = kept[i].memory;
    kept_bytes -= size;
    for (int j = i + 1; j < kept_count; j++) kept[j - 1] = kept[j];
    kept_count--;
    pthread_mutex_unlock(&lock);
    return memory;
  }
  pthread_mutex_unlock(&lock);
  void *memory = NULL;
  if (posix_memalign(&memory, size >= HUGE_PAGE ? HUGE_PAGE : 4096, size) != 0) return NULL;
  if (size >= HUGE_PAGE) madvise(memory, size, MADV_HUGEPAGE);
  return memory;
}

void jx_free(void *memory, size_t byte_count) {
  if (!memory) return;
  if (byte_count < LARGE) {
    free(memory);
    return;
  }
  size_t size = rounded(byte_count);
  if (size > MOST) {
    free(memory);
    return;
  }
  pthread_mutex_lock(&lock);
  /* The oldest blocks go first. */
  while (kept_count == KEPT || (kept_count > 0 && kept_bytes + size > MOST)) {
    free(kept[0].memory);
    kept_bytes -= kept[0].size;
    for (int j = 1; j < kept_count; j++) kept[j - 1] = kept[j];
    kept_count--;
  }
  kept[kept_count].memory = memory;
  kept[kept_count].size = size;
  kept_count++;
  kept_bytes += size;
  pthread_mutex_unlock(&lock);
}
