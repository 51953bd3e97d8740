import Codegen
import JXRuntime
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

/// Threads that parallel loops use: what the environment and the system allow unless set.
public var threadCount: Int {
  get { Int(jx_thread_count()) }
  set { jx_set_thread_count(Int32(clamping: newValue)) }
}
