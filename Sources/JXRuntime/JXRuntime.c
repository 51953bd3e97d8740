#include "JXRuntime.h"
