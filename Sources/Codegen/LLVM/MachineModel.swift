import LoopIR

/// What code generation has to know about the processor.
public struct MachineModel: Hashable, Sendable {
  public var triple: String
  public var cpu: String
  /// LLVM's feature string.
  public var features: String
  /// The width of its vectors.
  public var vectorBits: Int
  /// May parallel loops run on threads?
  public var usesThreads = true
  /// Is this one of several processors that a module has code for? Its functions then say which.
  var isVersion = false

  public init(triple: String, cpu: String, features: String) {
    self.triple = triple
    self.cpu = cpu
    self.features = features
    let enabled = Set(features.split(separator: ","))
    vectorBits =
      enabled.contains("+avx512f") || cpu == "x86-64-v4"
      ? 512 : enabled.contains("+avx2") || cpu == "x86-64-v3" ? 256 : 128
  }

  var isGPU: Bool { triple.hasPrefix("nvptx") }
  /// Does LLVM have code for IEEE 754's `maximum` of numbers of `bits` bits: NaN where one is?
  func hasMaximum(bits: Int) -> Bool { !isGPU || bits == 32 && cpu >= "sm_80" }
  public var isX86: Bool { triple.hasPrefix("x86_64") }

  /// How many values of `bits` bits are computed at once.
  func lanes(forBits bits: Int) -> Int { max(1, min(vectorBits / bits, 64)) }

  /// How many iterations of `loop` a thread runs at a time; `nil` where one thread runs it all.
  func grain(of loop: Kernel.Loop, in kernel: Kernel) -> Int? {
    guard loop.kind.isParallel, usesThreads else { return nil }
    return kernel.cost(of: loop, lanes: lanes(forBits: 32)).grain
  }

  /// Tells LLVM what this model assumes of a function's machine.
  func annotate(_ function: IRValue, _ ir: IRBuilder) {
    if isX86 { ir.addAttribute("prefer-vector-width", text: "\(vectorBits)", to: function) }
    if isVersion { ir.addAttribute("target-cpu", text: cpu, to: function) }
  }
}
