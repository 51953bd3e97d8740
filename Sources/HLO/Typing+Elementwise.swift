import Support
import Tensor

extension Typing {
  func elementwise() throws(Diagnostic) -> [ValueType] {
    switch op {
    case .unary(let unary): return [.tensor(try self.unary(unary))]
    case .binary(let binary): return [.tensor(try self.binary(binary))]

    case .compare:
      try count(2)
      let (a, b) = (try tensor(0), try tensor(1))
      try require(a.element == b.element, "C1", "element types differ: \(a) and \(b)")
      try require(compatible(a.dimensions, b.dimensions), "C2", "shapes differ: \(a) and \(b)")
      return [.tensor(merge(a, b).with(.bool))]

    case .select:
      try count(3)
      let (p, a, b) = (try tensor(0), try tensor(1), try tensor(2))
      try require(p.element == .bool, "I1", "the predicate is \(p), not i1")
      try require(
        p.rank == 0 || compatible(p.dimensions, a.dimensions), "C1",
        "the predicate \(p) is neither a scalar nor of the shape of \(a)")
      try require(compatible(a, b), "C2", "\(a) and \(b) differ")
      return [.tensor(merge(a, b))]

    case .clamp:
      try count(3)
      let (low, x, high) = (try tensor(0), try tensor(1), try tensor(2))
      try require(
        low.rank == 0 || compatible(low.dimensions, x.dimensions), "C1",
        "min \(low) is neither a scalar nor of the shape of \(x)")
      try require(
        high.rank == 0 || compatible(high.dimensions, x.dimensions), "C2",
        "max \(high) is neither a scalar nor of the shape of \(x)")
      try require(
        low.element == x.element && high.element == x.element, "C3",
        "element types differ: \(low), \(x) and \(high)")
      return [.tensor(x)]

    case .convert:
      try count(1)
      let (x, result) = (try tensor(0), try statedTensor())
      try require(compatible(x.dimensions, result.dimensions), "C1", "\(x) to \(result)")
      return [.tensor(result)]

    case .uniformQuantize: throw violation("results", "the result is not quantised")
    case .uniformDequantize: throw violation("operands", "the operand is not quantised")

    case .bitcastConvert:
      try count(1)
      let (x, result) = (try tensor(0), try statedTensor())
      try require(
        x.element.isComplex == result.element.isComplex, "C2",
        "\(x) cannot become \(result): only one is complex")
      let (from, to) = (x.element.bitWidth, result.element.bitWidth)
      var expected = x.dimensions
      if from > to {
        try require(from % to == 0, "C1", "\(from) bits are no multiple of \(to)")
        expected.append(from / to)
      } else if from < to {
        try require(
          to % from == 0 && (expected.last.map { compatible($0, to / from) } ?? false), "C1",
          "the last dimension of \(x) is not \(to / Swift.max(from, 1))")
        expected.removeLast()
      }
      try require(
        compatible(expected, result.dimensions), "C1", "\(x) cannot become \(result)")
      return [.tensor(result)]

    case .reducePrecision(let exponent, let mantissa):
      try count(1)
      let x = try tensor(0)
      try require(x.element.kind == .float, "I1", "\(x) is not floating-point")
      try require(exponent >= 1, "C2", "exponent_bits is \(exponent)")
      try require(mantissa >= 0, "C3", "mantissa_bits is \(mantissa)")
      return [.tensor(x)]

    case .map(let dimensions):
      try regionCount(1)
      try require(!operands.isEmpty, "C1", "no inputs")
      let inputs = try tensors(0..<operands.count)
      for input in inputs {
        try require(
          compatible(input.dimensions, inputs[0].dimensions), "C1",
          "shapes differ: \(inputs[0]) and \(input)")
      }
      try require(
        dimensions == Array(0..<inputs[0].rank), "C3",
        "dimensions \(dimensions) are not 0..<\(inputs[0].rank)")
      let expected = inputs.map { ValueType.tensor(.scalar($0.element)) }
      try require(
        regions[0].arguments == expected, "C4",
        "the computation takes \(regions[0].arguments), not \(expected)")
      let results = try self.results(ofRegion: 0)
      guard results.count == 1, let result = results[0].tensor, result.rank == 0 else {
        throw violation("C4", "the computation gives \(results), not a scalar")
      }
      return [.tensor(inputs[0].with(result.element))]

    case .topK(let k):
      try count(1)
      let x = try tensor(0)
      guard let last = x.dimensions.last else { throw violation("C1", "the operand is a scalar") }
      try require(
        k >= 0 && (last == TensorType.dynamic || k <= last), "C2",
        "k is \(k), the last dimension \(last)")
      let dimensions = x.dimensions.dropLast() + [k]
      return [.tensor(x.with(Array(dimensions))), .tensor(Array(dimensions), .i32)]

    default: throw internalError()
    }
  }

  /// The more definite of two compatible types.
  func merge(_ a: TensorType, _ b: TensorType) -> TensorType {
    if a.isStatic || a == b { return a }
    return a.with(zip(a.dimensions, b.dimensions).map { $0 == TensorType.dynamic ? $1 : $0 })
  }

  func internalError() -> Diagnostic { violation("internal", "internal error: wrong family") }

  private func unary(_ unary: UnaryOp) throws(Diagnostic) -> TensorType {
    try count(1)
    let x = try tensor(0)
    let kind = x.element.kind
    try require(
      unary.accepts(kind), "I1", "\(x) has an element type that the operation does not take")
    switch unary {
    case .abs, .real, .imag: return x.with(x.element.realPart)
    case .isFinite, .isInf, .isNegInf, .isPosInf: return x.with(.bool)
    default: return x
    }
  }

  private func binary(_ binary: BinaryOp) throws(Diagnostic) -> TensorType {
    try count(2)
    let (a, b) = (try tensor(0), try tensor(1))
    try require(compatible(a, b), "C1", "operands differ: \(a) and \(b)")
    try require(
      binary.accepts(a.element.kind), "I1",
      "\(a) has an element type that the operation does not take")
    let type = merge(a, b)
    if binary == .complex {
      switch a.element {
      case .f32: return type.with(.c64)
      case .f64: return type.with(.c128)
      default: throw violation("I1", "the parts are \(a.element.stablehloName), not f32 or f64")
      }
    }
    return type
  }
}

extension UnaryOp {
  func accepts(_ kind: ElementType.Kind) -> Bool {
    switch self {
    case .abs: kind == .signed || kind == .float || kind == .complex
    case .negate, .sign: kind != .bool && kind.hasValues
    case .cbrt, .cosine, .exponential, .exponentialMinusOne, .log, .logPlusOne, .logistic,
      .rsqrt, .sine, .sqrt, .tan, .tanh, .acos, .acosh, .asin, .asinh, .atan, .atanh, .cosh,
      .sinh, .chloTan:
      kind == .float || kind == .complex
    case .ceil, .floor, .isFinite, .roundNearestAfz, .roundNearestEven, .besselI1e, .digamma,
      .erf, .erfInv, .erfc, .isInf, .isNegInf, .isPosInf, .lgamma:
      kind == .float
    case .countLeadingZeros, .popcnt: kind == .signed || kind == .unsigned
    case .not: kind == .bool || kind == .signed || kind == .unsigned
    case .imag, .real: kind == .float || kind == .complex
    case .conj, .square: kind != .bool && kind.hasValues
    }
  }
}

extension BinaryOp {
  func accepts(_ kind: ElementType.Kind) -> Bool {
    switch self {
    case .add, .multiply, .maximum, .minimum: kind.hasValues
    case .subtract, .divide, .power: kind != .bool && kind.hasValues
    case .remainder: kind == .signed || kind == .unsigned || kind == .float
    case .and, .or, .xor: kind == .bool || kind == .signed || kind == .unsigned
    case .shiftLeft, .shiftRightArithmetic, .shiftRightLogical, .mulhi:
      kind == .signed || kind == .unsigned
    case .atan2: kind == .float || kind == .complex
    case .complex, .nextAfter, .polygamma, .zeta: kind == .float
    }
  }
}
