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
  /// The shared memory of a block.
  public var sharedBytes: Int
  /// Does the launch have to ask for it? Otherwise the code does.
  public var isSharedDynamic: Bool

  /// What the launch asks for.
  public var dynamicSharedBytes: Int { isSharedDynamic ? sharedBytes : 0 }
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
  let kernels = try programs.map { try emitKernels($0, into: ir, architecture) }
  let text = try generate(
    ir, as: .assembly, architecture.machine, optimization: 2, inlines: false)
  let shapes = kernels.joined().map {
    "// \($0.name): grid \($0.blocks), block \($0.threads), \($0.sharedBytes) bytes shared\n"
  }
  return (shapes.joined() + String(decoding: text, as: UTF8.self), kernels)
}

private func emitKernels(
  _ program: Program, into ir: IRBuilder, _ architecture: Architecture
) throws -> [DeviceKernel] {
  let memories = MemoryFacts(program)
  return try program.kernels.ids.map { id in
    let kernel = program.kernels[id]
    let emitter = GridEmitter(
      ir: ir, kernel: kernel, machine: architecture.machine,
      isAlone: memories.isAlone[id.index], alignments: memories.alignments[id.index],
      mostSharedBytes: architecture.mostSharedBytes)
    let name = CNames.identifier("\(program.name)_\(kernel.name)")
    _ = try emitter.emit(name: name)
    return DeviceKernel(
      name: name, blocks: emitter.blocks, threads: emitter.threads,
      sharedBytes: emitter.sharedByteCount, isSharedDynamic: emitter.isSharedDynamic)
  }
}
