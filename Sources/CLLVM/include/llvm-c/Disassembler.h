#include <llvm-c-19/llvm-c/Disassembler.h>
