#include <llvm-c-19/llvm-c/Transforms/PassBuilder.h>
