#include <llvm-c-19/llvm-c/DebugInfo.h>
