import Codegen
import LoopIR
import Tensor

/// Compiles `program` for this machine and loads it.
///
/// `callbacks` are what its host calls refer to, in the order of `program.callbacks`.
public func compile(
  _ program: Program, optimization: Int = 2, callbacks: [HostCallback] = []
) throws -> HostExecutable {
  try HostExecutable(
    CompiledProgram(program, optimization: optimization),
    callbacks: CallbackTable(program, callbacks))
}

/// The code of `program` as text or bytes: what `--emit-llvm`, `--emit-asm` and `jxc compile` show
/// and write. Constants are part of it.
public func emit(
  _ program: Program, as kind: CodeKind, machine: MachineModel = .host, optimization: Int = 2
) throws -> [UInt8] {
  try generate(
    program, as: kind,
    CodegenOptions(machine: machine, embedsConstants: true, optimization: optimization))
}
