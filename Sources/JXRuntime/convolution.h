/* Convolutions, of which matrix products are those with a window of one element. */
#ifndef JX_CONVOLUTION_H
#define JX_CONVOLUTION_H
#include <stdint.h>

/* The sizes, as jx_convolution gets them. Strides are in elements; axes that are missing have extent
   1. Groups are convolutions of their own. */
typedef struct {
  int64_t type, groups, batch, features, outputs; /* the latter two of a group */
  int64_t window[3], result_extent[3], input_extent[3];
  int64_t window_stride[3], padding[3], input_dilation[3], window_dilation[3];
  int64_t input_stride[6];  /* group, batch, feature, axes */
  int64_t kernel_stride[6]; /* group, feature, output, axes */
  int64_t kernel_start;     /* where a reversed kernel begins */
  int64_t result_stride[6]; /* group, batch, output, axes */
} convolution;

/* For f32 and f64. */
int32_t jx_convolve(const convolution *c, const void *input, const void *kernel, void *result);

#endif
