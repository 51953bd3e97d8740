#include <llvm-c-19/llvm-c/LLJITUtils.h>
