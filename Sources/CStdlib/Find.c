#include "CStdlib.h"

#include <string.h>

const unsigned char *jx_stdlib_find(const char *path, long *count) {
  size_t low = 0, high = jxStdlibFileCount;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    int order = strcmp(path, jxStdlibFiles[middle].path);
    if (order == 0) {
      *count = (long)jxStdlibFiles[middle].length;
      return (const unsigned char *)jxStdlibFiles[middle].text;
    }
    if (order < 0) high = middle;
    else low = middle + 1;
  }
  return 0;
}
