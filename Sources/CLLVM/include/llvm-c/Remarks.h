#include <llvm-c-19/llvm-c/Remarks.h>
