#include <llvm-c-19/llvm-c/Object.h>
