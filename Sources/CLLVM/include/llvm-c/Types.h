#include <llvm-c-19/llvm-c/Types.h>
