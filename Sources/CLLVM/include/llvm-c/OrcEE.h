#include <llvm-c-19/llvm-c/OrcEE.h>
