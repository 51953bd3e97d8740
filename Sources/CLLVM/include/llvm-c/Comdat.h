#include <llvm-c-19/llvm-c/Comdat.h>
