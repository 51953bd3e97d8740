#include <string.h>

/* LAPACK, which OpenBLAS's archive contains, is written in Fortran. This is the only function of
   Fortran's run-time library that it calls, so that library need not be there:
   `target = left // right`, padded with blanks or cut to the length of the target. */
void _gfortran_concat_string(
    size_t length, char *target, size_t leftLength, const char *left, size_t rightLength,
    const char *right) {
  if (leftLength > length) leftLength = length;
  if (rightLength > length - leftLength) rightLength = length - leftLength;
  memcpy(target, left, leftLength);
  memcpy(target + leftLength, right, rightLength);
  memset(target + leftLength + rightLength, ' ', length - leftLength - rightLength);
}
