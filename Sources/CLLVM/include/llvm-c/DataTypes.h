#include <llvm-c-19/llvm-c/DataTypes.h>
