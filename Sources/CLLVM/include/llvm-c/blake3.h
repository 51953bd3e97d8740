#include <llvm-c-19/llvm-c/blake3.h>
