#include <llvm-c-19/llvm-c/Support.h>
