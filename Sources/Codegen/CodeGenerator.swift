import CLLVM
import LoopIR
import Support
import Tensor

/// What becomes of a program.
public enum CodeKind: Hashable, Sendable {
  /// LLVM IR: text as emitted, text after optimisation, bitcode.
  case llvm, optimizedLLVM, bitcode
  case assembly, object
}

/// How code is generated.
public struct CodegenOptions: Hashable, Sendable {
  public var machine: MachineModel
  /// Are constants part of the code? Code that runs at once refers to them where they are.
  public var embedsConstants: Bool
  /// 0 … 3, as for a C compiler.
  public var optimization: Int

  public init(machine: MachineModel, embedsConstants: Bool = false, optimization: Int = 2) {
    self.machine = machine
    self.embedsConstants = embedsConstants
    self.optimization = optimization
  }
}

/// Compiles `program` to bytes of the given kind.
public func generate(
  _ program: Program, as kind: CodeKind, _ options: CodegenOptions
) throws -> [UInt8] {
  let emitter = ProgramEmitter(
    program, machine: options.machine, embedsConstants: options.embedsConstants)
  try emitter.emit()
  let target = try TargetMachine(options.machine, optimization: options.optimization)
  target.prepare(emitter.ir)
  if kind == .llvm { return Array(emitter.ir.text.utf8) }
  try target.optimize(emitter.ir, inlines: !emitter.inlinedKernels.isEmpty)
  switch kind {
  case .llvm, .optimizedLLVM: return Array(emitter.ir.text.utf8)
  case .bitcode: return emitter.ir.bitcode
  case .assembly: return try target.emit(emitter.ir, LLVMAssemblyFile)
  case .object: return try target.emit(emitter.ir, LLVMObjectFile)
  }
}
