#ifndef CCOROUTINE_H
#define CCOROUTINE_H
#include <stddef.h>
#include <stdint.h>

/* A function that runs on a stack of its own and can stop in the middle. */
typedef struct jx_coroutine jx_coroutine;

/* Makes a coroutine that will run `body(argument)`. NULL if there is no memory for its stack. */
jx_coroutine *jx_coroutine_create(void (*body)(void *), void *argument);

/* Runs the coroutine until it suspends itself or its body returns. */
void jx_coroutine_resume(jx_coroutine *coroutine);

/* Called within the body: goes back to where the coroutine was resumed. */
void jx_coroutine_suspend(jx_coroutine *coroutine);

/* The lowest address of the stack. */
uintptr_t jx_coroutine_stack(const jx_coroutine *coroutine);

/* Frees a coroutine that has not started or whose body has returned. */
void jx_coroutine_destroy(jx_coroutine *coroutine);

#endif
