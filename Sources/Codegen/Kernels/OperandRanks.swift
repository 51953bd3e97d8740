import LoopIR

/// How late in a kernel values are known, as LLVM's pass `reassociate` counts it: constants first,
/// then what is loaded, in order, then what is computed, one later than the latest operand.
///
/// The pass puts the operand of a sum that is known later second, and the first of two products is
/// the one that is fused with the sum (`fma`). XLA runs the pass; here the order is chosen when code
/// is emitted, so that numbers are rounded as XLA's are.
struct OperandRanks {
  private var ranks: [Int]
  private var blockCount = 0
  /// How many loads are the same in every iteration of a loop: XLA moves them out of it.
  private var invariantCount = 0

  init(_ kernel: Kernel) {
    ranks = Array(repeating: 0, count: kernel.values.count)
    visit(kernel.body)
  }

  /// Whether `a + b` is computed as `b + a`.
  func swaps(_ a: Kernel.ValueID, _ b: Kernel.ValueID) -> Bool {
    ranks[b.index] != 0 && ranks[b.index] < ranks[a.index]
  }

  private mutating func invariant() -> Int {
    invariantCount += 1
    return (1 << 16) + invariantCount
  }

  private mutating func visit(_ block: Kernel.Block) {
    blockCount += 1
    let first = blockCount << 16
    let isInLoop = blockCount > 1
    var latest = first
    func later() -> Int {
      latest += 1
      return latest
    }
    for parameter in block.parameters { ranks[parameter.index] = later() }
    for instruction in block.instructions {
      for block in instruction.operation.blocks { visit(block) }
      let rank =
        switch instruction.operation {
        case .unary(.negate, let x): ranks[x.index]
        case .unary, .binary, .compare, .select, .convert, .bitcast:
          (instruction.operation.operands.map { ranks[$0.index] }.max() ?? 0) + 1
        case .load(_, let index) where isInLoop && ranks[index.index] < first: invariant()
        case .load, .store, .update, .loop, .reduce, .branch, .loopWhile: later()
        }
      for result in instruction.results { ranks[result.index] = rank }
    }
  }
}
