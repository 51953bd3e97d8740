#include <llvm-c-19/llvm-c/DisassemblerTypes.h>
