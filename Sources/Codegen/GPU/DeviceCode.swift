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
  /// How many blocks it has, or, where it is cooperative, how many at most.
  public var blocks: Int
  /// Do its blocks wait for each other? They all have to run at the same time then, so that it gets no
  /// more of them than a GPU has room for.
  public var isCooperative: Bool
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
  let module = try DeviceModule(programs, name: name, architecture: architecture)
  try module.optimize()
  return (try module.ptx(), module.kernels)
}

/// Kernels on their way to PTX, as LLVM IR.
public struct DeviceModule {
  /// Those of each program.
  public let kernels: [[DeviceKernel]]
  private let ir: IRBuilder
  private let target: TargetMachine

  /// Emits the kernels of `programs`, whose names differ.
  public init(_ programs: [Program], name: String, architecture: Architecture) throws {
    let ir = IRBuilder(moduleName: name)
    kernels = try programs.map { try emitKernels($0, into: ir, architecture) }
    target = try TargetMachine(architecture.machine, optimization: 2)
    target.prepare(ir)
    self.ir = ir
  }

  public func optimize() throws { try target.optimize(ir, inlines: false) }

  /// The text of the LLVM IR as it is now.
  public var llvm: String { ir.text }

  public func ptx() throws -> String {
    let text = try target.emit(ir, LLVMAssemblyFile)
    let shapes = kernels.joined().map {
      "// \($0.name): grid \($0.isCooperative ? "of at most " : "")\($0.blocks), block \($0.threads), "
        + "\($0.sharedBytes) bytes shared\($0.isCooperative ? ", cooperative" : "")\n"
    }
    return shapes.joined() + String(decoding: text, as: UTF8.self)
  }
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
      name: name, blocks: emitter.blocks, isCooperative: emitter.plan.mode == .wholeGrid,
      threads: emitter.plan.threadsOfBlock,
      sharedBytes: emitter.sharedByteCount, isSharedDynamic: emitter.isSharedDynamic)
  }
}
