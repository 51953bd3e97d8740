import CLLVM
import LoopIR
import Support
import Tensor

/// The kernels of a program as PTX, and how they are launched.
public struct DeviceCode: Hashable, Sendable {
  public var ptx: String
  /// In the order of the program's kernels.
  public var kernels: [DeviceKernel]
}

/// A kernel that a host can launch: its parameters are 64-bit addresses of global memory, one for
/// each of the kernel's memories, in order.
public struct DeviceKernel: Hashable, Sendable {
  /// Its name in PTX.
  public var name: String
  public var blocks: Int
  /// The threads of a block.
  public var threads: Int
  /// The shared memory of a block, which is reserved statically.
  public var sharedBytes: Int
}

/// Compiles the kernels of `program`, which is scheduled for a GPU, to PTX.
///
/// The memories that the host passes begin at multiples of 16 bytes, views in them at those of their
/// offsets.
public func generatePTX(
  _ program: Program, architecture: Architecture
) throws -> DeviceCode {
  let code = try generatePTX([program], name: program.name, architecture: architecture)
  return DeviceCode(ptx: code.ptx, kernels: code.kernels[0])
}

/// Compiles the kernels of several programs, whose names differ, to one text.
///
/// - Returns: the text, and the kernels of each program.
public func generatePTX(
  _ programs: [Program], name: String, architecture: Architecture
) throws -> (ptx: String, kernels: [[DeviceKernel]]) {
  let ir = IRBuilder(moduleName: name)
  let machine = architecture.machine
  let kernels = try programs.map { try emitKernels($0, into: ir, machine) }
  let text = try generate(ir, as: .assembly, machine, optimization: 2, inlines: false)
  let shapes = kernels.joined().map {
    "// \($0.name): grid \($0.blocks), block \($0.threads), \($0.sharedBytes) bytes shared\n"
  }
  return (shapes.joined() + String(decoding: text, as: UTF8.self), kernels)
}

private func emitKernels(
  _ program: Program, into ir: IRBuilder, _ machine: MachineModel
) throws -> [DeviceKernel] {
  let memories = MemoryFacts(program)
  return try program.kernels.ids.map { id in
    let kernel = program.kernels[id]
    let emitter = GridEmitter(
      ir: ir, kernel: kernel, machine: machine, isAlone: memories.isAlone[id.index],
      alignments: memories.alignments[id.index])
    let name = CNames.identifier("\(program.name)_\(kernel.name)")
    _ = try emitter.emit(name: name)
    return DeviceKernel(
      name: name, blocks: emitter.blocks, threads: emitter.threads,
      sharedBytes: emitter.sharedByteCount)
  }
}
