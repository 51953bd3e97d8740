#include <llvm-c-19/llvm-c/ExternC.h>
