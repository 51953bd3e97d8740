/* The few symbols that compiled code may call. */
#ifndef JXRUNTIME_H
#define JXRUNTIME_H
#include <stdint.h>
#endif
