import LoopIR

/// The small buffers that nothing but a loop's own code touches while it runs.
///
/// They live on the stack as long as the loop runs, and LLVM makes registers of them: a loop of
/// scalars then is one native loop that touches memory for its arrays only.
///
///     while { launch @compare(%i, %p) } %p do { launch @add(%i, %s) }
///     →     r = *i; t = *s; while (r < n) { t += r; r += 1 } *i = r; *s = t
struct LoopRegisters {
  /// Bytes of one memory that buffers are parts of.
  struct Slot {
    var root: Procedure.Root
    var offset: Int
    var byteCount: Int
    /// Does the loop write them?
    var isWritten: Bool
    /// May they be on the stack?
    fileprivate var isPrivate: Bool

    func contains(_ extent: (root: Procedure.Root, offset: Int, byteCount: Int)) -> Bool {
      root == extent.root && offset <= extent.offset
        && extent.offset + extent.byteCount <= offset + byteCount
    }
  }

  /// The bytes of the largest array that moves to the stack.
  private static let largest = 256

  private(set) var slots: [Slot] = []
  private let procedure: Procedure
  private let inlined: Set<Program.KernelID>
  private var uses: [Procedure.Root: [Slot]] = [:]

  /// - Parameters:
  ///   - steps: the loop.
  ///   - isEntry: in other procedures, two parameters may be the same memory.
  ///   - inlined: the kernels that become part of the procedure's code.
  init(
    _ steps: [Step], in procedure: Procedure, isEntry: Bool, inlined: Set<Program.KernelID>,
    of program: Program
  ) {
    self.procedure = procedure
    self.inlined = inlined
    visit(steps, program)
    let shared = Set(
      procedure.donations.flatMap { [$0.argument, procedure.argumentCount + $0.result] })
    for (root, uses) in uses {
      switch root {
      case .constant: continue
      case .parameter(let position) where !isEntry || shared.contains(position): continue
      case .parameter, .workspace: break
      }
      slots += merged(uses).filter { $0.isPrivate && $0.byteCount <= Self.largest }
    }
    slots.sort { ($0.root.order, $0.offset) < ($1.root.order, $1.offset) }
  }

  /// Uses that overlap become one.
  private func merged(_ uses: [Slot]) -> [Slot] {
    var merged: [Slot] = []
    for use in uses.sorted(by: { $0.offset < $1.offset }) {
      guard let last = merged.last, use.offset < last.offset + last.byteCount else {
        merged.append(use)
        continue
      }
      let end = max(last.offset + last.byteCount, use.offset + use.byteCount)
      merged[merged.count - 1].byteCount = end - last.offset
      merged[merged.count - 1].isWritten = last.isWritten || use.isWritten
      merged[merged.count - 1].isPrivate = last.isPrivate && use.isPrivate
    }
    return merged
  }

  private mutating func use(
    _ buffer: Procedure.BufferID, isWritten: Bool = false, isPrivate: Bool = true
  ) {
    let extent = procedure.extent(of: buffer)
    if extent.byteCount == 0 { return }
    uses[extent.root, default: []].append(
      Slot(
        root: extent.root, offset: extent.offset, byteCount: extent.byteCount,
        isWritten: isWritten, isPrivate: isPrivate))
  }

  private mutating func visit(_ steps: [Step], _ program: Program) {
    for part in LaunchSeries.parts(of: steps) {
      // A series finds its buffers by numbers.
      let isSeries = part.count > 1
      for step in part { visit(step, isSeries: isSeries, program) }
    }
  }

  private mutating func visit(_ step: Step, isSeries: Bool, _ program: Program) {
    switch step {
    case .launch(let id, let buffers):
      let isPrivate = inlined.contains(id) && !isSeries
      for (buffer, memory) in zip(buffers, program.kernels[id].memories.elements) {
        use(buffer, isWritten: memory.access != .read, isPrivate: isPrivate)
      }
    case .copy(let source, let destination):
      use(source)
      use(destination, isWritten: true)
    case .fill(let buffer, _): use(buffer, isWritten: true)
    case .library(let call):
      for buffer in call.buffers { use(buffer, isPrivate: false) }
    case .call(_, let buffers):
      for buffer in buffers { use(buffer, isPrivate: false) }
    case .host(_, let operands, let results):
      for buffer in operands + results { use(buffer, isPrivate: false) }
    case .loopWhile(let condition, let predicate, let body):
      use(predicate)
      visit(condition, program)
      visit(body, program)
    case .loop(_, let body): visit(body, program)
    case .branch(let index, let cases):
      use(index)
      for body in cases { visit(body, program) }
    }
  }
}

extension Procedure.Root {
  /// A place in an order of all roots.
  fileprivate var order: Int {
    switch self {
    case .workspace: -1
    case .parameter(let position): 2 * position
    case .constant(let constant): 2 * constant.index + 1
    }
  }
}
