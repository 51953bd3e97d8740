/* The thread pool: one job at a time, cut into ranges that threads take in turn. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif
#include "internal.h"

enum { MAX_THREADS = 256 };

typedef struct {
  void (*body)(void *, int64_t, int64_t);
  void *context;
  int64_t begin, end, grain;
  _Atomic int64_t next;
} job;

static pthread_mutex_t entrance = PTHREAD_MUTEX_INITIALIZER; /* one job at a time */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake = PTHREAD_COND_INITIALIZER;
static pthread_cond_t finished = PTHREAD_COND_INITIALIZER;
static job *current;                     /* guarded by lock */
static _Atomic uint64_t generation;      /* counts jobs */
static int32_t busy;                     /* workers inside the current job; guarded by lock */
static pthread_t pool[MAX_THREADS];      /* guarded by lock */
static int32_t workers;                  /* threads of the pool; guarded by lock */
static int stopping;                     /* workers are to end; guarded by lock */
static _Atomic int32_t chosen_count;     /* 0: not decided yet */
static _Thread_local int inside;

/* The CPUs that a cgroup's quota allows, or 0 if there is none. */
static int32_t cgroup_limit(void) {
  FILE *file = fopen("/sys/fs/cgroup/cpu.max", "r");
  if (!file) return 0;
  char quota[32];
  double period = 0;
  int32_t limit = 0;
  if (fscanf(file, "%31s %lf", quota, &period) == 2 && strcmp(quota, "max") != 0 && period > 0) {
    double cpus = atof(quota) / period;
    limit = cpus < 1 ? 1 : (int32_t)cpus;
  }
  fclose(file);
  return limit;
}

static int32_t default_count(void) {
  const char *text = getenv("JXC_NUM_THREADS");
  if (text && atoi(text) > 0) return atoi(text) < MAX_THREADS ? atoi(text) : MAX_THREADS;
  cpu_set_t set;
  int32_t count = 1;
  if (sched_getaffinity(0, sizeof set, &set) == 0) count = CPU_COUNT(&set);
  int32_t limit = cgroup_limit();
  if (limit > 0 && limit < count) count = limit;
  return count < 1 ? 1 : count > MAX_THREADS ? MAX_THREADS : count;
}

int32_t jx_thread_count(void) {
  int32_t count = atomic_load(&chosen_count);
  if (count == 0) {
    count = default_count();
    atomic_store(&chosen_count, count);
  }
  return count;
}

void jx_set_thread_count(int32_t count) {
  atomic_store(&chosen_count, count <= 0 ? 0 : count > MAX_THREADS ? MAX_THREADS : count);
}

static void take_ranges(job *job) {
  for (;;) {
    int64_t begin = atomic_fetch_add(&job->next, job->grain);
    if (begin >= job->end) return;
    int64_t end = job->end - begin < job->grain ? job->end : begin + job->grain;
    job->body(job->context, begin, end);
  }
}

static void relax(void) {
#if defined(__x86_64__)
  _mm_pause();
#endif
}

static void *work(void *argument) {
  (void)argument;
  inside = 1;
#if defined(__x86_64__)
  _mm_setcsr(_mm_getcsr() | 0x8040); /* subnormals are zero, as in compiled code */
#elif defined(__aarch64__)
  uint64_t mode;
  __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
  __asm__ volatile("msr fpcr, %0" : : "r"(mode | (UINT64_C(1) << 24)));
#endif
  uint64_t seen = 0;
  for (;;) {
    /* Another job often follows soon: spin for some microseconds before sleeping. */
    for (int spin = 0; spin < 2000 && atomic_load(&generation) == seen; spin++) relax();
    pthread_mutex_lock(&lock);
    while (atomic_load(&generation) == seen) pthread_cond_wait(&wake, &lock);
    seen = atomic_load(&generation);
    job *mine = current;
    if (stopping) {
      pthread_mutex_unlock(&lock);
      return NULL;
    }
    if (!mine) {
      pthread_mutex_unlock(&lock);
      continue;
    }
    busy++;
    pthread_mutex_unlock(&lock);
    take_ranges(mine);
    pthread_mutex_lock(&lock);
    if (--busy == 0) pthread_cond_signal(&finished);
    pthread_mutex_unlock(&lock);
  }
}

/* The end of the process, or of the shared library that this is part of: no thread may be left in
   code that goes away. */
__attribute__((destructor)) static void stop_workers(void) {
  if (inside) return; /* a worker that ends the process cannot wait for itself */
  pthread_mutex_lock(&lock);
  int32_t count = workers;
  workers = 0;
  stopping = 1;
  atomic_fetch_add(&generation, 1);
  pthread_cond_broadcast(&wake);
  pthread_mutex_unlock(&lock);
  for (int32_t i = 0; i < count; i++) pthread_join(pool[i], NULL);
  pthread_mutex_lock(&lock);
  stopping = 0;
  pthread_mutex_unlock(&lock);
}

/* A forked child has no workers. */
static void after_fork(void) {
  workers = 0;
  busy = 0;
  current = NULL;
  pthread_mutex_t fresh = PTHREAD_MUTEX_INITIALIZER;
  lock = fresh;
  entrance = fresh;
}

static void start_workers(int32_t count) { /* lock is held */
  if (workers == 0) {
    static int registered;
    if (!registered) pthread_atfork(NULL, NULL, after_fork);
    registered = 1;
  }
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 8 << 20);
  while (workers < count && !stopping) {
    if (pthread_create(&pool[workers], &attributes, work, NULL) != 0) break;
    workers++;
  }
  pthread_attr_destroy(&attributes);
}

void jx_parallel_for(void (*body)(void *, int64_t, int64_t), void *context, int64_t begin,
                     int64_t end, int64_t grain) {
  if (begin >= end) return;
  if (grain < 1) grain = 1;
  int32_t threads = jx_thread_count();
  if (inside || threads == 1 || end - begin <= grain || pthread_mutex_trylock(&entrance) != 0) {
    for (int64_t b = begin; b < end; b += grain)
      body(context, b, end - b < grain ? end : b + grain);
    return;
  }
  job mine = {.body = body, .context = context, .begin = begin, .end = end, .grain = grain};
  atomic_init(&mine.next, begin);
  pthread_mutex_lock(&lock);
  start_workers(threads - 1);
  current = &mine;
  atomic_fetch_add(&generation, 1);
  pthread_cond_broadcast(&wake);
  pthread_mutex_unlock(&lock);
  inside = 1;
  take_ranges(&mine);
  inside = 0;
  pthread_mutex_lock(&lock);
  current = NULL; /* latecomers find nothing */
  while (busy > 0) pthread_cond_wait(&finished, &lock);
  pthread_mutex_unlock(&lock);
  pthread_mutex_unlock(&entrance);
}
