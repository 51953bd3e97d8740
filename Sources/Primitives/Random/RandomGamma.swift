import Core
import HLO
import Tensor
import Transforms

/// `random_gamma[log_space] keys a`: samples of the gamma distribution of shape parameter `a`, or
/// their logarithms. Each key serves the elements of `a` along the axes that it does not have.
public struct RandomGamma: NonlinearPrimitive {
  public let isLogarithmic: Bool

  public init(_ reader: ParameterReader) throws {
    isLogarithmic = try reader.bool("log_space", default: true)
  }

  public var name: String { "random_gamma" }
  public var parameters: [Parameter] { [Parameter("log_space", .bool(isLogarithmic))] }
  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    try requireKeys(operands[0], for: name)
    let (keys, a) = (operands[0].shape.dimensions, operands[1].shape.dimensions)
    guard a.count >= keys.count, Array(a.prefix(keys.count)) == keys else {
      throw RaisedError.type(
        "random_gamma: keys of shape \(ParameterValue.ints(keys)) do not lead the shape "
          + "\(ParameterValue.ints(a))")
    }
    return [operands[1].strengthened]
  }

  /// Samples move with the parameter so that their distribution function stays where it is.
  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let sample = try bind(self, primals)[0]
    guard let t = tangents[1].value else { return ([sample], [.zero(sample.aval.tangent)]) }
    let plain = isLogarithmic ? try exp(sample) : sample
    var slope = try bind1(IncompleteGamma(.sampleGradient), primals[1], plain)
    if isLogarithmic { slope = try div(slope, plain) }
    return ([sample], [.value(try mul(t, slope))])
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let moved = try zip(operands, dims).map { try moveBatchAxis($0, $1, to: 0, size: size) }
    return (try bind(self, moved), [0])
  }

  /// One sample after the other, each with a key of its own.
  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    try context.expand(operands) { inputs in
      let (keys, a) = (inputs[0], inputs[1])
      let count = a.shape.count
      let perKey = keys.shape.count == 0 ? 0 : count / keys.shape.count
      let split = try bind1(RandomSplit(shape: [perKey]), keys)
      let single = try stage([ShapedArray(.scalar, .key), a.aval.with(shape: .scalar)]) {
        [try sample($0[0], $0[1])]
      }
      let scan = Scan(
        jaxpr: single, length: count, reverse: false, constCount: 0, carryCount: 0)
      let samples = try bind1(scan, reshape(split, [count]), reshape(a, [count]))
      return [try reshape(samples, a.shape)]
    }
  }

  /// One sample, by the method of Marsaglia and Tsang: a cubed normal variable, rejected where it
  /// is not below the density.
  private func sample(_ key: Value, _ a: Value) throws -> Value {
    let dtype = a.dtype
    func number(_ value: Double) -> Value { .literal(value, dtype) }
    let one = number(1)
    // Parameters below one are raised by one; a power of a uniform variable lowers the sample.
    let isRegular = try compare(a, .ge, one)
    let raised = try select(isRegular, a, add(a, one))
    let d = try sub(raised, number(1.0 / 3))
    let c = try div(number(1.0 / 3), bind1(Unary(.sqrt), d))

    let (loopKey, boostKey) = try splitInTwo(key)
    let results = try whileLoop(
      [loopKey, number(0), one, number(2)],
      condition: { state in
        let (x, v, u) = (state[1], state[2], state[3])
        let squeeze = try compare(u, .ge, sub(one, mul(number(0.0331), mul(x, x))))
        let bound = try add(
          mul(x, number(0.5)), mul(d, add(sub(one, v), log(v))))
        return try bind1(Binary(.and), squeeze, compare(log(u), .ge, bound))
      },
      body: { state in
        let keys = try split(state[0], 3)
        let candidate = try whileLoop(
          [keys[1], number(0), number(-1)],
          condition: { try compare($0[2], .le, number(0)) },
          body: { inner in
            let (next, own) = try splitInTwo(inner[0])
            let x = try standardNormal(own, dtype)
            return [next, x, try add(one, mul(x, c))]
          })
        let (x, v) = (candidate[1], candidate[2])
        return [
          keys[0], try mul(x, x), try mul(mul(v, v), v), try uniform(keys[2], dtype),
        ]
      })
    let v = results[2]
    let drawn = try uniform(boostKey, dtype)
    if isLogarithmic {
      let logarithm = try bind1(Unary(.log1p), neg(drawn))
      let isZero = try compare(logarithm, .eq, number(0))
      let boost = try select(
        bind1(Binary(.or), isRegular, isZero), number(0), mul(logarithm, div(one, a)))
      return try add(add(log(d), log(v)), boost)
    }
    let power = try bind1(Binary(.pow), sub(one, drawn), div(one, a))
    return try mul(mul(d, v), select(isRegular, one, power))
  }
}

private func split(_ key: Value, _ count: Int) throws -> [Value] {
  try bind(Unstack(0), [bind1(RandomSplit(shape: [count]), key)])
}

private func splitInTwo(_ key: Value) throws -> (Value, Value) {
  let keys = try split(key, 2)
  return (keys[0], keys[1])
}

/// A scalar from [0, 1): random bits behind the exponent of one.
private func uniform(_ key: Value, _ dtype: ElementType) throws -> Value {
  let width = max(dtype.bitWidth, 8)
  let words: ElementType = width == 64 ? .u64 : width == 32 ? .u32 : .u16
  let format = dtype.isFloat ? dtype.significandBits : 0
  let bits = try bind1(RandomBits(bitWidth: width, shape: .scalar), key)
  let shifted = try bind1(
    Binary(.shiftRightLogical), bits, .literal(Double(width - format), words))
  let one = try bind1(BitcastConvertType(words), .literal(1, dtype))
  let number = try bind1(BitcastConvertType(dtype), bind1(Binary(.or), shifted, one))
  return try sub(number, .literal(1, dtype))
}

/// A scalar of the standard normal distribution, by the inverse error function.
private func standardNormal(_ key: Value, _ dtype: ElementType) throws -> Value {
  let ulp = 1 / Double(sign: .plus, exponent: dtype.significandBits + 1, significand: 1)
  let low = Value.literal(-1 + ulp, dtype)
  let span = try sub(.literal(1, dtype), low)
  let u = try bind1(Binary(.max), low, add(mul(uniform(key, dtype), span), low))
  return try mul(.literal(2.0.squareRoot(), dtype), bind1(Unary(.erfInv), u))
}

extension ElementType {
  /// The stored bits of the significand of a floating-point type.
  var significandBits: Int {
    switch self {
    case .f64: 52
    case .f32: 23
    case .f16: 10
    default: 7
    }
  }
}
