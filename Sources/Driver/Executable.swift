import Core
import HLO
import Tensor

/// A compiled function: from arrays to arrays.
protocol Executable {
  func run(_ operands: [HostTensor]) throws -> [HostTensor]
}

/// A function that the reference interpreter runs.
struct InterpretedModule: Executable {
  private let interpreter: Interpreter

  init(_ module: Module) { interpreter = Interpreter(module) }

  func run(_ operands: [HostTensor]) throws -> [HostTensor] {
    try interpreter.call("main", operands)
  }
}
