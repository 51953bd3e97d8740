/* What this machine can do at best: prints its memory bandwidth in GB/s (a copy of arrays that no
   cache holds; bytes read and written) and its peak in Gflop/s (independent multiply-adds in f32),
   on all of its processors. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MAX_THREADS = 256, COPIES = 6, CHAINS = 12 };

static const size_t copied = (size_t)64 << 20; /* bytes per thread */
static const long steps = 20 * 1000 * 1000;

typedef float lanes __attribute__((vector_size(64)));

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void *touch(void *argument) {
  memset(argument, 1, 2 * copied);
  return NULL;
}

static void *copy(void *argument) {
  char *memory = argument;
  for (int i = 0; i < COPIES; i++) {
    memcpy(memory, memory + copied, copied);
    __asm__ volatile("" : : "r"(memory) : "memory");
  }
  return NULL;
}

static void *multiply(void *argument) {
  lanes sums[CHAINS] = {0};
  lanes factor = {0};
  factor += 0.999f;
  for (long i = 0; i < steps; i++)
    for (int chain = 0; chain < CHAINS; chain++) sums[chain] = sums[chain] * factor + factor;
  for (int chain = 1; chain < CHAINS; chain++) sums[0] += sums[chain];
  *(volatile float *)argument = sums[0][0];
  return NULL;
}

/* The seconds that `body` takes on all threads. */
static double run(void *(*body)(void *), char **memories, int threads) {
  pthread_t ids[MAX_THREADS];
  double start = now();
  for (int i = 0; i < threads; i++) pthread_create(&ids[i], NULL, body, memories[i]);
  for (int i = 0; i < threads; i++) pthread_join(ids[i], NULL);
  return now() - start;
}

static double best(void *(*body)(void *), char **memories, int threads) {
  double least = 1e9;
  for (int i = 0; i < 5; i++) {
    double seconds = run(body, memories, threads);
    if (seconds < least) least = seconds;
  }
  return least;
}

int main(void) {
  long count = sysconf(_SC_NPROCESSORS_ONLN);
  int threads = count < 1 ? 1 : count > MAX_THREADS ? MAX_THREADS : (int)count;
  char *memories[MAX_THREADS];
  for (int i = 0; i < threads; i++) {
    memories[i] = aligned_alloc(64, 2 * copied);
    if (!memories[i]) return 1;
  }
  run(touch, memories, threads);
  double bytes = 2.0 * COPIES * (double)copied * threads;
  double operations = 2.0 * 16 * CHAINS * (double)steps * threads;
  printf("%.2f ", bytes / best(copy, memories, threads) / 1e9);
  printf("%.2f\n", operations / best(multiply, memories, threads) / 1e9);
  return 0;
}
