#include <llvm-c-19/llvm-c/Linker.h>
