import Execution
import LoopIR
import Tensor

/// A program that launches one kernel on its arguments and results, in the order of its parameters.
func program(_ kernel: Kernel, shapes: [Shape]? = nil) -> Program {
  var program = Program(name: kernel.name)
  let id = program.kernels.append(kernel)
  var procedure = Procedure(name: "main")
  let memories = kernel.memories.elements.prefix(kernel.parameterCount)
  let buffers = memories.enumerated().map { position, memory in
    procedure.parameter(
      memory.type, shapes?[position] ?? [memory.count], isResult: memory.access != .read)
  }
  procedure.body = [.launch(id, buffers: buffers)]
  program.entry = program.procedures.append(procedure)
  return program
}

/// A program of one library call on `operands`, with results of the given types and shapes.
func program(_ routine: Routine, _ operands: [HostTensor], _ results: [(ElementType, Shape)])
  -> Program
{
  var program = Program(name: "routine")
  var procedure = Procedure(name: "main")
  let inputs = operands.map { procedure.parameter($0.type, $0.shape) }
  let outputs = results.map { procedure.parameter($0.0, $0.1, isResult: true) }
  procedure.body = [.library(LibraryCall(routine, inputs + outputs))]
  program.entry = program.procedures.append(procedure)
  return program
}

/// A kernel that applies `body` to each element of its arguments.
func elementwise(
  _ name: String, _ types: [ElementType], to result: ElementType, count: Int,
  _ body: (KernelBuilder, [KernelBuilder.ValueID]) -> KernelBuilder.ValueID
) -> Kernel {
  let kernel = KernelBuilder(name: name)
  let arguments = types.map { kernel.parameter($0, count: count, access: .read) }
  let target = kernel.parameter(result, count: count, access: .write)
  kernel.loop(from: kernel.index(0), to: kernel.index(count), kind: .parallelVector) { i in
    let values = arguments.map { kernel.load($0, at: i) }
    kernel.store(body(kernel, values), to: target, at: i)
  }
  return kernel.finish()
}

func floats(_ count: Int, _ value: (Int) -> Float = { Float($0) }) -> HostTensor {
  HostTensor((0..<count).map(value), shape: [count])
}

/// Runs the compiled program, which has to be well formed.
func run(_ program: Program, _ arguments: [HostTensor]) throws -> [HostTensor] {
  let defects = program.verify()
  guard defects.isEmpty else { throw defects[0] }
  return try compile(program).run(arguments)
}
