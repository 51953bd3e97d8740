#include <stdlib.h>

/* OpenBLAS starts its threads when the program starts. Matrix products are split over the
   compiler's own pool of threads, so those would only cost time: ask for one, before its
   constructor, which has no priority, reads the variable. */
__attribute__((constructor(101))) static void askForOneThread(void) {
  setenv("OPENBLAS_NUM_THREADS", "1", 0);
}
