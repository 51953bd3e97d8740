import Core
import HLO
import Tensor
import Transforms

/// `igamma a x` and `igammac a x`, the regularised incomplete gamma functions P and Q;
/// `igamma_grad_a a x` = ∂P/∂a; `random_gamma_grad a x` = -(∂P/∂a) / (∂P/∂x), how a sample `x`
/// moves with its parameter.
public struct IncompleteGamma: Elementwise, NonlinearPrimitive {
  /// The functions, by the names of their primitives.
  public enum Function: String, CaseIterable, Sendable {
    case lower = "igamma"
    case upper = "igammac"
    case gradient = "igamma_grad_a"
    case sampleGradient = "random_gamma_grad"
  }

  public let function: Function

  public init(_ function: Function) { self.function = function }

  public var name: String { function.rawValue }
  public var parameters: [Parameter] { [] }

  public func resultType(_ operands: [ShapedArray]) throws -> ElementType {
    try require(operands, in: [.floating], for: name)
    try requireEqualTypes(operands, for: name)
    return operands[0].dtype
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let result = try bind(self, primals)[0]
    let (a, x) = (primals[0], primals[1])
    if tangents.allSatisfy(\.isZero) { return ([result], [.zero(result.aval.tangent)]) }
    guard function == .lower || function == .upper else {
      throw RaisedError(
        .notImplementedError, "Differentiation rule for '\(name)' not implemented")
    }
    func signed(_ term: Value) throws -> Value { function == .upper ? try neg(term) : term }
    var terms: [Value] = []
    if let t = tangents[0].value {
      terms.append(try signed(mul(t, bind1(IncompleteGamma(.gradient), a, x))))
    }
    if let t = tangents[1].value {
      let power = try mul(sub(a, constant(1, like: a)), log(x))
      let density = try exp(sub(add(neg(x), power), bind1(Unary(.lgamma), a)))
      terms.append(try signed(mul(t, density)))
    }
    let total = terms.count == 2 ? try bind1(AddAny(), terms[0], terms[1]) : terms[0]
    return ([result], [.value(total)])
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    try context.expandElementwise(operands) { try definition($0[0], $0[1]) }
  }

  /// The power series where it converges fast, else the continued fraction of the other function.
  private func definition(_ a: Value, _ x: Value) throws -> Value {
    let zero = try full(0, like: x)
    let one = try full(1, like: x)
    func or(_ p: Value, _ q: Value) throws -> Value { try bind1(Binary(.or), p, q) }
    func and(_ p: Value, _ q: Value) throws -> Value { try bind1(Binary(.and), p, q) }
    let isXZero = try compare(x, .eq, zero)
    let isXInfinite = try compare(x, .eq, full(.infinity, like: x))
    let isNaN = try or(compare(a, .ne, a), compare(x, .ne, x))
    let isOutside =
      function == .lower || function == .upper
      ? try or(
        or(compare(x, .lt, zero), compare(a, .lt, zero)),
        and(isXZero, compare(a, .eq, zero)))
      : try or(compare(x, .lt, zero), compare(a, .le, zero))
    let isInvalid = try or(isOutside, isNaN)
    let usesFraction = try and(compare(x, .ge, one), compare(x, .gt, a))
    let logFactor = try sub(sub(mul(a, log(x)), x), bind1(Unary(.lgamma), a))
    let largest =
      x.dtype == .f64 ? Double.greatestFiniteMagnitude : Double(Float.greatestFiniteMagnitude)
    let vanishes = try compare(logFactor, .lt, neg(log(full(largest, like: x))))
    let isRegular = try bind1(
      Unary(.not), or(or(isXZero, isInvalid), or(vanishes, isXInfinite)))
    let factor = try exp(logFactor)
    let wantsGradient = function == .gradient || function == .sampleGradient

    let series = try gammaSeries(
      a, x, and(isRegular, bind1(Unary(.not), usesFraction)), withGradient: wantsGradient)
    let fraction = try gammaFraction(
      a, x, and(isRegular, usesFraction), withGradient: wantsGradient)
    let result: Value
    var atZero = zero
    var atInfinity = zero
    switch function {
    case .lower:
      let below = try div(mul(series.value, factor), a)
      result = try select(usesFraction, sub(one, mul(fraction.value, factor)), below)
      atInfinity = one
    case .upper:
      let above = try sub(one, div(mul(series.value, factor), a))
      result = try select(usesFraction, mul(fraction.value, factor), above)
      atZero = one
    case .gradient, .sampleGradient:
      let logX = try log(x)
      let seriesSlope = try add(
        series.gradient!,
        mul(series.value, sub(logX, bind1(Unary(.digamma), add(a, one)))))
      let fractionSlope = try add(
        fraction.gradient!, mul(fraction.value, sub(logX, bind1(Unary(.digamma), a))))
      if function == .gradient {
        result = try select(
          usesFraction, neg(mul(factor, fractionSlope)), div(mul(factor, seriesSlope), a))
      } else {
        result = try select(
          usesFraction, mul(fractionSlope, x), div(mul(neg(seriesSlope), x), a))
      }
    }
    let withZero = try select(isXZero, atZero, result)
    let withInfinity =
      wantsGradient && function == .sampleGradient
      ? withZero : try select(isXInfinite, atInfinity, withZero)
    return try select(isInvalid, full(.nan, like: x), withInfinity)
  }
}

/// A sum or a continued fraction, and its derivative in `a`.
private struct Expansion {
  var value: Value
  var gradient: Value?
}

/// 1 + x/(a+1) + x²/((a+1)(a+2)) + …, for the elements in `mask`.
private func gammaSeries(_ a: Value, _ x: Value, _ mask: Value, withGradient: Bool) throws
  -> Expansion
{
  let epsilon = constant(epsilon(x.dtype), like: x)
  let one = try full(1, like: x)
  let zero = try full(0, like: x)
  // mask, divisor, term, sum, ∂term, ∂sum
  let results = try whileLoop(
    [mask, a, one, one, zero, zero],
    condition: { try any($0[0]) },
    body: { state in
      let active = state[0]
      let divisor = try add(state[1], constant(1, like: x))
      let ratio = try div(x, divisor)
      let term = try mul(state[2], ratio)
      let sum = try add(state[3], term)
      var next = [active, divisor, term, sum, state[4], state[5]]
      if withGradient {
        let change = try div(mul(state[2], x), mul(divisor, divisor))
        next[4] = try sub(mul(state[4], ratio), change)
        next[5] = try add(state[5], next[4])
        let relative = try bind1(Unary(.abs), div(next[4], next[5]))
        next[0] = try bind1(Binary(.and), active, compare(relative, .gt, epsilon))
      } else {
        next[0] = try bind1(Binary(.and), active, compare(div(term, sum), .gt, epsilon))
      }
      return try updating(active, state, next)
    })
  return Expansion(value: results[3], gradient: withGradient ? results[5] : nil)
}

/// The continued fraction of Q(a, x) without its factor, for the elements in `mask`, by the
/// recurrences of its numerators and denominators.
private func gammaFraction(_ a: Value, _ x: Value, _ mask: Value, withGradient: Bool) throws
  -> Expansion
{
  let accuracy = epsilon(x.dtype)
  let epsilon = constant(accuracy, like: x)
  let one = try full(1, like: x)
  let zero = try full(0, like: x)
  let y = try sub(one, a)
  let z = try add(add(x, y), one)
  let numerator = try add(x, one)
  let denominator = try mul(z, x)
  let start = try div(numerator, denominator)
  let startGradient = try neg(div(mul(start, neg(x)), denominator))
  // 0 mask, 1 answer, 2 y, 3 z, 4 count, 5…8 the last two numerators and denominators,
  // 9 ∂answer, 10…13 the derivatives of 5…8
  let results = try whileLoop(
    [
      mask, start, y, z, zero, numerator, denominator, one, x,
      startGradient, zero, try neg(x), zero, zero,
    ],
    condition: { state in
      let isFirst = try compare(state[4], .lt, full(2000, like: x))
      return try any(bind1(Binary(.and), state[0], isFirst))
    },
    body: { state in
      let active = state[0]
      let step = constant(1, like: x)
      let count = try add(state[4], step)
      let y = try add(state[2], step)
      let z = try add(state[3], constant(2, like: x))
      let yc = try mul(y, count)
      func next(_ last: Value, _ previous: Value) throws -> Value {
        try sub(mul(last, z), mul(previous, yc))
      }
      let p = try next(state[5], state[7])
      let q = try next(state[6], state[8])
      let isNonzero = try compare(q, .ne, zero)
      let ratio = try div(p, q)
      let answer = try select(isNonzero, ratio, state[1])
      var change = try select(
        isNonzero, bind1(Unary(.abs), div(sub(state[1], ratio), ratio)), one)
      var gradients = [state[9], zero, zero, zero, zero]
      if withGradient {
        func slope(_ last: Int, _ previous: Int) throws -> Value {
          let old = try sub(sub(mul(state[last + 5], z), state[last]), mul(state[previous + 5], yc))
          return try add(old, mul(state[previous], count))
        }
        let dp = try slope(5, 7)
        let dq = try slope(6, 8)
        let gradient = try select(isNonzero, div(sub(dp, mul(answer, dq)), q), state[9])
        change = try select(
          isNonzero, bind1(Unary(.abs), sub(gradient, state[9])), one)
        gradients = [gradient, dp, dq, state[10], state[11]]
      }
      let isLarge = try compare(
        bind1(Unary(.abs), p), .gt, full(1 / accuracy, like: x))
      func scaled(_ value: Value) throws -> Value {
        try select(isLarge, mul(value, epsilon), value)
      }
      let nextState =
        [
          try bind1(Binary(.and), active, compare(change, .gt, epsilon)), answer, y, z, count,
          try scaled(p), try scaled(q), try scaled(state[5]), try scaled(state[6]), gradients[0],
        ] + (try gradients.dropFirst().map(scaled))
      return try updating(active, state, nextState)
    })
  return Expansion(value: results[1], gradient: withGradient ? results[9] : nil)
}

/// The new values where `active`, else the old ones; the new mask as it is.
private func updating(_ active: Value, _ old: [Value], _ new: [Value]) throws -> [Value] {
  try [new[0]] + zip(old, new).dropFirst().map { try select(active, $1, $0) }
}

private func any(_ mask: Value) throws -> Value {
  mask.rank == 0 ? mask : try bind1(Reduce(.or, axes: Array(0..<mask.rank)), mask)
}

/// The distance from one to the next number.
func epsilon(_ dtype: ElementType) -> Double { dtype == .f64 ? 0x1p-52 : 0x1p-23 }

extension LoweringContext {
  /// Lowers an elementwise function by its definition at the type of the result, half precision
  /// in single precision.
  func expandElementwise(_ operands: [ValueID], _ definition: ([Value]) throws -> Value) throws
    -> [ValueID]
  {
    let aval = outAvals[0].strengthened
    let isHalf = aval.dtype != .f32 && aval.dtype != .f64
    let staged = try stage(operands.map { _ in aval }) { inputs in
      guard isHalf else { return [try definition(inputs)] }
      let wide = try inputs.map { try convert($0, to: .f32) }
      return [try convert(definition(wide), to: aval.dtype)]
    }
    return try inline(staged, aligned(operands))
  }
}
