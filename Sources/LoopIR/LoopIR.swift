// The module LoopIR.
