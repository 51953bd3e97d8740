#include <llvm-c-19/llvm-c/Deprecated.h>
