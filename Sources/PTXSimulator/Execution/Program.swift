import Support

/// The decoded functions of a module, one behind the other.
final class Program {
  let steps: UnsafeMutablePointer<Step>
  let stepCount: Int
  /// Where each step is written.
  let spans: [Span]
  let source: SourceFile
  let kernels: [String: Kernel]
  let callSites: [CallSite]
  /// The targets of `brx.idx`.
  let branchTables: [[Int32]]

  init(
    steps: [Step], spans: [Span], source: SourceFile, kernels: [String: Kernel],
    callSites: [CallSite], branchTables: [[Int32]]
  ) {
    stepCount = steps.count
    self.steps = .allocate(capacity: max(steps.count, 1))
    for (index, step) in steps.enumerated() { (self.steps + index).initialize(to: step) }
    self.spans = spans
    self.source = source
    self.kernels = kernels
    self.callSites = callSites
    self.branchTables = branchTables
  }

  deinit {
    steps.deinitialize(count: stepCount)
    steps.deallocate()
  }

  func number(of step: UnsafePointer<Step>) -> Int { step - UnsafePointer(steps) }

  /// The line of the text that step `number` is written in.
  func line(of number: Int32) -> Int { source.line(at: Int(spans[Int(number)].start)) }
}

/// A kernel that can be launched.
struct Kernel {
  var name: String
  var span: Span
  var parameters: [KernelParameter]
  var parameterByteCount: Int
  /// The first step.
  var entry: Int32
  /// What the kernel and the functions that it calls need.
  var registerCount: Int
  var predicateCount: Int
  var localByteCount: Int
  var sharedByteCount: Int
  /// Registers that hold the same in every block, and those that the launch fills.
  var fills: [RegisterFill]
  /// The binary logarithm of the smallest access of shared or global memory.
  var granuleShift: Int
  var requiredThreads: (Int, Int, Int)?
  var maximumThreads: (Int, Int, Int)?
}

/// A register that no instruction writes: a literal, an address or a special register.
struct RegisterFill {
  enum Content: Hashable {
    case value(UInt64)
    case special(SpecialRegister)
    /// Behind the static shared memory.
    case dynamicShared(offset: UInt64)
  }

  /// The offset in the warp's registers.
  var register: Int32
  var content: Content
}

/// A `call`: what is copied in and out, as offsets into the local memory of a thread.
struct CallSite {
  struct Copy {
    var from: Int
    var to: Int
    var byteCount: Int
  }

  var entry: Int32
  var arguments: [Copy]
  var results: [Copy]
}
