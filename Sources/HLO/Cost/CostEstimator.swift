import Tensor

/// Counts the work of operations; each function that is called is counted once.
struct CostEstimator {
  private let functions: [String: Function]
  private var known: [String: Cost] = [:]

  init(functions: [Function]) {
    self.functions = Dictionary(functions.map { ($0.name, $0) }, uniquingKeysWith: { a, _ in a })
  }

  mutating func cost(of region: RegionID, in function: Function) -> Cost {
    var total = Cost()
    for id in function.regions[region].operations { total += cost(of: id, in: function) }
    return total
  }

  mutating func cost(of id: OperationID, in function: Function) -> Cost {
    let operation = function.operations[id]
    switch operation.op {
    // What moves no data.
    case .return, .constant, .tuple, .getTupleElement, .afterAll, .createToken,
      .optimizationBarrier, .shardingConstraint, .partitionID, .replicaID, .getDimensionSize,
      .setDimensionSize:
      return Cost()
    case .while:
      return operation.regions.reduce(Cost()) { $0 + cost(of: $1, in: function) }
    case .if, .case:
      let branches = operation.regions.map { cost(of: $0, in: function) }
      return branches.max { $0.flops + $0.bytes < $1.flops + $1.bytes } ?? Cost()
    case .call(let name): return cost(ofFunction: name)
    case .composite(let attributes): return cost(ofFunction: attributes.decomposition)
    default:
      var cost = arithmetic(of: operation, in: function)
      cost.operandBytes = operation.operands.enumerated().map { position, operand in
        bytesRead(operand, at: position, by: operation, in: function)
      }
      cost.operandUses = operation.operands.map { _ in 1 }
      cost.resultBytes = bytesWritten(operation, in: function)
      return cost
    }
  }

  private mutating func cost(ofFunction name: String) -> Cost {
    if let cost = known[name] { return cost }
    guard let function = functions[name] else { return Cost() }
    known[name] = Cost()  // Recursion is refused elsewhere.
    let cost = cost(of: function.body, in: function)
    known[name] = cost
    return cost
  }

  // MARK: Bytes

  private func byteCount(_ value: ValueID, _ function: Function) -> Double {
    guard let type = function.type(of: value).tensor, type.isStatic else { return 0 }
    return Double(type.count) * Double(type.element.byteCount)
  }

  /// What reads a part of an operand reads no more than it gives.
  private func bytesRead(
    _ operand: ValueID, at position: Int, by operation: Operation, in function: Function
  ) -> Double {
    let whole = byteCount(operand, function)
    switch operation.op {
    case .slice, .dynamicSlice, .gather:
      return position == 0 ? min(whole, byteCount(operation.results[0], function)) : whole
    case .dynamicUpdateSlice, .scatter:
      // The array is written in place; a scatter reads what it combines with.
      if position > 0 || operation.operands.count < 2 { return whole }
      guard case .scatter = operation.op else { return 0 }
      return min(whole, byteCount(operation.operands[operation.operands.count - 1], function))
    case .fusion:
      let argument = function.regions[operation.regions[0]].arguments[position]
      var read = 0.0
      for id in function.regions[operation.regions[0]].operations {
        let inner = function.operations[id]
        for (position, operand) in inner.operands.enumerated() where operand == argument {
          read += bytesRead(argument, at: position, by: inner, in: function)
        }
      }
      return min(whole, read)
    default: return whole
    }
  }

  private func bytesWritten(_ operation: Operation, in function: Function) -> Double {
    let whole = operation.results.reduce(0) { $0 + byteCount($1, function) }
    switch operation.op {
    case .dynamicUpdateSlice: return byteCount(operation.operands[1], function)
    case .scatter:
      return operation.operands.suffix(operation.results.count).reduce(0) {
        $0 + byteCount($1, function)
      }
    case .fusion:
      guard let last = function.regions[operation.regions[0]].operations.last else { return whole }
      return function.operations[last].operands.reduce(0) { sum, value in
        guard case .result(let id, _) = function.values[value].definition else {
          return sum + byteCount(value, function)
        }
        let inner = function.operations[id]
        let isUpdate = inner.op == .dynamicUpdateSlice && inner.results.count == 1
        return sum
          + (isUpdate ? bytesWritten(inner, in: function) : byteCount(value, function))
      }
    default: return whole
    }
  }

  // MARK: Arithmetic

  private func arithmetic(of operation: Operation, in function: Function) -> Cost {
    func count(_ value: ValueID) -> Double {
      guard let type = function.type(of: value).tensor, type.isStatic else { return 0 }
      return Double(type.count)
    }
    func flops(_ number: Double) -> Cost {
      var cost = Cost()
      cost.flops = number
      return cost
    }
    func applied(_ region: Int, _ times: Double) -> Cost {
      var once = Cost()
      for id in function.regions[operation.regions[region]].operations {
        once += arithmetic(of: function.operations[id], in: function)
      }
      return once.arithmetic(times: times)
    }
    let results = operation.results.first.map(count) ?? 0
    switch operation.op {
    case .unary(let op):
      var cost = flops(op == .logistic ? 3 * results : op.isTranscendental ? 0 : results)
      if op.isTranscendental { cost.transcendentals = results }
      return cost
    case .binary(let op):
      guard op.isTranscendental else { return flops(results) }
      var cost = Cost()
      cost.transcendentals = results
      return cost
    case .compare, .select, .clamp, .convert, .reducePrecision, .uniformQuantize,
      .uniformDequantize:
      return flops(results)
    case .map: return applied(0, results)
    case .dotGeneral(let attributes):
      guard let lhs = function.type(of: operation.operands[0]).tensor else { return Cost() }
      let contracted = attributes.dimensionNumbers.lhsContracting.reduce(1.0) {
        $0 * Double(lhs.dimensions[$1])
      }
      return flops(2 * results * contracted)
    case .convolution(let attributes):
      return flops(convolutionFlops(attributes, operation, in: function))
    case .reduce: return applied(0, max(0, count(operation.operands[0]) - results))
    case .reduceWindow(let window):
      let size = window.dimensions.reduce(1.0) { $0 * Double($1) }
      return applied(0, results * max(0, size - 1))
    case .selectAndScatter(let window):
      let size = window.dimensions.reduce(1.0) { $0 * Double($1) }
      let source = count(operation.operands[1])
      return applied(0, source * max(0, size - 1)) + applied(1, source)
    case .scatter:
      return applied(0, operation.operands.last.map(count) ?? 0)
    case .sort, .topK: return flops(results * results.levels)
    case .fft(let attributes):
      let length = attributes.length.reduce(1.0) { $0 * Double($1) }
      return flops(8 * max(count(operation.operands[0]), results) * length.levels)
    case .cholesky:
      let size = Double(function.type(of: operation.operands[0]).tensor?.dimensions.last ?? 0)
      return flops((results * size / 3).rounded())
    case .triangularSolve:
      let size = Double(function.type(of: operation.operands[0]).tensor?.dimensions.last ?? 0)
      return flops(count(operation.operands[1]) * size)
    case .fusion: return applied(0, 1)
    case .customCall, .check:
      var cost = Cost()
      cost.isKnown = false
      return cost
    default: return Cost()
    }
  }

  /// Products of elements that are there: neither padding nor holes of a dilated operand.
  private func convolutionFlops(
    _ c: ConvolutionAttributes, _ operation: Operation, in function: Function
  ) -> Double {
    let n = c.dimensionNumbers
    guard let input = function.type(of: operation.operands[0]).tensor,
      let kernel = function.type(of: operation.operands[1]).tensor,
      let output = function.type(of: operation.results[0]).tensor
    else { return 0 }
    var products =
      Double(output.dimensions[n.outputBatch]) * Double(output.dimensions[n.outputFeature])
      * Double(kernel.dimensions[n.kernelInputFeature])
    for axis in n.inputSpatial.indices {
      let extent = input.dimensions[n.inputSpatial[axis]]
      let dilation = c.lhsDilation[axis]
      var pairs = 0.0
      for tap in 0..<kernel.dimensions[n.kernelSpatial[axis]] {
        // Positions of the output for which this tap meets an element of the input.
        let start = tap * c.rhsDilation[axis] - c.padding[axis].low
        let step = c.strides[axis]
        let positions = output.dimensions[n.outputSpatial[axis]]
        if dilation == 1 {
          let first = max(0, (-start + step - 1).quotientDown(step))
          let last = min(positions - 1, (extent - 1 - start).quotientDown(step))
          pairs += Double(max(0, last - first + 1))
        } else {
          for position in 0..<positions {
            let at = start + position * step
            if at >= 0, at % dilation == 0, at / dilation < extent { pairs += 1 }
          }
        }
      }
      products *= pairs
    }
    return 2 * products
  }
}

extension Double {
  /// The logarithm to base 2, rounded up: the levels of a binary tree with so many leaves.
  fileprivate var levels: Double {
    var (levels, reach) = (0.0, 1.0)
    while reach < self {
      reach *= 2
      levels += 1
    }
    return levels
  }
}

extension Int {
  /// The quotient, rounded down. Requires a positive divisor.
  fileprivate func quotientDown(_ divisor: Int) -> Int {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}

extension UnaryOp {
  /// `true` iff it takes a series or a table rather than an instruction or two.
  public var isTranscendental: Bool {
    switch self {
    case .cbrt, .cosine, .exponential, .exponentialMinusOne, .log, .logPlusOne, .logistic, .rsqrt,
      .sine, .sqrt, .tan, .tanh, .acos, .acosh, .asin, .asinh, .atan, .atanh, .besselI1e, .cosh,
      .digamma, .erf, .erfInv, .erfc, .lgamma, .sinh, .chloTan:
      true
    case .abs, .ceil, .countLeadingZeros, .floor, .imag, .isFinite, .negate, .not, .popcnt, .real,
      .roundNearestAfz, .roundNearestEven, .sign, .conj, .isInf, .isNegInf, .isPosInf, .square:
      false
    }
  }
}

extension BinaryOp {
  public var isTranscendental: Bool {
    switch self {
    case .atan2, .power, .polygamma, .zeta: true
    case .add, .and, .complex, .divide, .maximum, .minimum, .multiply, .or, .remainder, .shiftLeft,
      .shiftRightArithmetic, .shiftRightLogical, .subtract, .xor, .mulhi, .nextAfter:
      false
    }
  }
}
