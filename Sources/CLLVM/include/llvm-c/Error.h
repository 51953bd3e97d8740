#include <llvm-c-19/llvm-c/Error.h>
