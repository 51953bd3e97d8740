import Tensor

/// What an operation, or a program, has to do: counted as XLA counts it.
///
/// A loop counts as one iteration, a conditional as its dearest branch.
public struct Cost: Hashable, Sendable {
  /// Additions, multiplications, comparisons, conversions and the like.
  public var flops = 0.0
  /// Calls of functions such as `exponential`, `sqrt` or `power`.
  public var transcendentals = 0.0
  /// Bytes that are read of operand 0, operand 1, ….
  public var operandBytes: [Double] = []
  /// Bytes that are written.
  public var resultBytes = 0.0
  /// How many operations have an operand 0, an operand 1, ….
  public var operandUses: [Double] = []
  /// `false` iff it calls libraries whose work is not known.
  public var isKnown = true

  public init() {}

  /// All bytes, read and written.
  public var bytes: Double { operandBytes.reduce(resultBytes, +) }

  /// Arithmetic operations per byte.
  public var intensity: Double { bytes == 0 ? 0 : (flops + transcendentals) / bytes }

  public static func + (a: Cost, b: Cost) -> Cost {
    func sum(_ a: [Double], _ b: [Double]) -> [Double] {
      (0..<max(a.count, b.count)).map {
        ($0 < a.count ? a[$0] : 0) + ($0 < b.count ? b[$0] : 0)
      }
    }
    var sumOfBoth = Cost()
    sumOfBoth.flops = a.flops + b.flops
    sumOfBoth.transcendentals = a.transcendentals + b.transcendentals
    sumOfBoth.operandBytes = sum(a.operandBytes, b.operandBytes)
    sumOfBoth.operandUses = sum(a.operandUses, b.operandUses)
    sumOfBoth.resultBytes = a.resultBytes + b.resultBytes
    sumOfBoth.isKnown = a.isKnown && b.isKnown
    return sumOfBoth
  }

  public static func += (a: inout Cost, b: Cost) { a = a + b }

  /// The arithmetic alone, `count` times.
  func arithmetic(times count: Double) -> Cost {
    var product = Cost()
    product.flops = flops * count
    product.transcendentals = transcendentals * count
    product.isKnown = isKnown
    return product
  }

  /// The figures by the names that JAX gives them; those that are 0 are left out.
  public var figures: [(name: String, value: Double)] {
    guard isKnown else {
      return [("flops", -1), ("bytes accessed", bytes), ("bytes accessedout{}", resultBytes)]
    }
    var figures = [
      ("flops", flops), ("transcendentals", transcendentals), ("bytes accessed", bytes),
    ]
    figures += operandBytes.enumerated().map { ("bytes accessed\($0){}", $1) }
    figures.append(("bytes accessedout{}", resultBytes))
    figures += operandUses.enumerated().map { ("utilization\($0){}", $1) }
    return figures.filter { $0.1 != 0 }
  }
}

extension Module {
  /// The cost of `@main`, or of the only function, and of what it calls.
  public var cost: Cost {
    guard let entry else { return Cost() }
    var estimator = CostEstimator(functions: functions)
    return estimator.cost(of: entry.body, in: entry)
  }

  /// The cost of one operation of `function`.
  public func cost(of operation: OperationID, in function: Function) -> Cost {
    var estimator = CostEstimator(functions: functions)
    return estimator.cost(of: operation, in: function)
  }
}
