#include <llvm-c-19/llvm-c/lto.h>
