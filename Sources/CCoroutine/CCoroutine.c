#define _GNU_SOURCE
#include "CCoroutine.h"
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

enum { STACK_SIZE = 16 << 20, GUARD_SIZE = 1 << 16, POOL_SIZE = 16 };

struct jx_coroutine {
  ucontext_t own, caller;
  void (*body)(void *);
  void *argument;
  char *stack;
};

/* Stacks that are free to be used again. One thread evaluates at a time. */
static char *pool[POOL_SIZE];
static int pool_count;

static char *take_stack(void) {
  if (pool_count > 0) return pool[--pool_count];
  char *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (stack == MAP_FAILED) return NULL;
  mprotect(stack, GUARD_SIZE, PROT_NONE);
  return stack;
}

static void enter(unsigned low, unsigned high) {
  jx_coroutine *self = (jx_coroutine *)((uintptr_t)high << 32 | low);
  self->body(self->argument);
  setcontext(&self->caller);
}

jx_coroutine *jx_coroutine_create(void (*body)(void *), void *argument) {
  jx_coroutine *self = malloc(sizeof *self);
  if (!self) return NULL;
  self->stack = take_stack();
  if (!self->stack) {
    free(self);
    return NULL;
  }
  self->body = body;
  self->argument = argument;
  getcontext(&self->own);
  self->own.uc_stack.ss_sp = self->stack;
  self->own.uc_stack.ss_size = STACK_SIZE;
  self->own.uc_link = NULL;
  uintptr_t address = (uintptr_t)self;
  makecontext(&self->own, (void (*)(void))enter, 2, (unsigned)address, (unsigned)(address >> 32));
  return self;
}

void jx_coroutine_resume(jx_coroutine *self) { swapcontext(&self->caller, &self->own); }

void jx_coroutine_suspend(jx_coroutine *self) { swapcontext(&self->own, &self->caller); }

uintptr_t jx_coroutine_stack(const jx_coroutine *self) {
  return (uintptr_t)self->stack + GUARD_SIZE;
}

void jx_coroutine_destroy(jx_coroutine *self) {
  if (pool_count < POOL_SIZE) {
    pool[pool_count++] = self->stack;
  } else {
    munmap(self->stack, STACK_SIZE);
  }
  free(self);
}
