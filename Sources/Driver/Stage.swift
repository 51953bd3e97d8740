/// A form that a program takes on its way to machine code, in order. Each can be printed.
public enum Stage: String, CaseIterable, Sendable {
  case ast, jaxpr, stablehlo, hlo, loops, llvm, asm, ptx

  /// What `--help` says.
  public var summary: String {
    switch self {
    case .ast: "The syntax tree of the program, which is not run."
    case .jaxpr: "The jaxpr: what tracing saw."
    case .stablehlo: "The StableHLO module that it is lowered to, or that the file holds."
    case .hlo: "The module after all passes, with its fusions, in XLA's HLO text."
    case .loops: "The kernels and the program that launches them."
    case .llvm: "The LLVM IR of the kernels, after its optimisation."
    case .asm: "The assembly of the kernels for this machine."
    case .ptx: "The kernels as PTX, for NVIDIA's GPUs."
    }
  }
}
