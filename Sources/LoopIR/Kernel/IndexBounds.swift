import Tensor

/// What is known about the size of a kernel's indices: those made of loop indices and constants by
/// addition, multiplication, division and remainder are never negative, and have a largest value.
public struct IndexBounds {
  /// By value; `nil` where nothing is known.
  private var bounds: [Int?]

  public init(_ kernel: Kernel) {
    bounds = kernel.values.elements.map { value in
      guard value.type == .i64, let constant = value.constant else { return nil }
      let integer = Int(Int64(bitPattern: constant.real))
      return integer >= 0 ? integer : nil
    }
    visit(kernel.body, kernel)
  }

  /// The largest value that the index `value` takes, which is never negative; `nil` if unknown.
  public func bound(of value: Kernel.ValueID) -> Int? { bounds[value.index] }

  private mutating func visit(_ block: Kernel.Block, _ kernel: Kernel) {
    for instruction in block.instructions {
      switch instruction.operation {
      case .binary(let operation, let x, let y):
        // A divisor that is not constant may be 0.
        if operation == .divide || operation == .remainder, kernel[y].constant == nil { continue }
        bounds[instruction.results[0].index] = result(operation, bounds[x.index], bounds[y.index])
      case .loop(let loop): setIndex(loop.body, loop.lower, loop.upper)
      case .reduce(let reduction): setIndex(reduction.body, reduction.lower, reduction.upper)
      case .unary, .compare, .select, .convert, .bitcast, .load, .store, .update, .branch,
        .loopWhile:
        break
      }
      for inner in instruction.operation.blocks { visit(inner, kernel) }
    }
  }

  private mutating func setIndex(
    _ body: Kernel.Block, _ lower: Kernel.ValueID, _ upper: Kernel.ValueID
  ) {
    guard let index = body.parameters.first, bounds[lower.index] != nil,
      let last = bounds[upper.index]
    else { return }
    bounds[index.index] = max(last - 1, 0)
  }

  private func result(_ operation: Kernel.BinaryOperation, _ x: Int?, _ y: Int?) -> Int? {
    guard let y else { return nil }
    if operation == .minimum { return x.map { min($0, y) } }
    guard let x else { return nil }
    switch operation {
    case .add:
      let (sum, overflows) = x.addingReportingOverflow(y)
      return overflows ? nil : sum
    case .multiply:
      let (product, overflows) = x.multipliedReportingOverflow(by: y)
      return overflows ? nil : product
    case .divide: return y > 0 ? x : nil
    case .remainder: return y > 0 ? min(x, y - 1) : nil
    case .maximum: return max(x, y)
    default: return nil
    }
  }
}
