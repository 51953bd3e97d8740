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
  let ir = IRBuilder(moduleName: program.name)
  let emitter = ProgramEmitter(
    program, into: ir, machine: options.machine, embedsConstants: options.embedsConstants)
  try emitter.emitEntry()
  return try generate(
    ir, as: kind, options.machine, optimization: options.optimization,
    inlines: !emitter.inlinedKernels.isEmpty)
}

/// Compiles a module to bytes of the given kind.
func generate(
  _ ir: IRBuilder, as kind: CodeKind, _ machine: MachineModel, optimization: Int, inlines: Bool
) throws -> [UInt8] {
  let target = try TargetMachine(machine, optimization: optimization)
  target.prepare(ir)
  if kind == .llvm { return Array(ir.text.utf8) }
  try target.optimize(ir, inlines: inlines)
  switch kind {
  case .llvm, .optimizedLLVM: return Array(ir.text.utf8)
  case .bitcode: return ir.bitcode
  case .assembly: return try target.emit(ir, LLVMAssemblyFile)
  case .object: return try target.emit(ir, LLVMObjectFile)
  }
}
