import Core
import HLO
import Tensor

/// `regularized_incomplete_beta a b x`: the distribution function of the beta distribution.
public struct RegularizedIncompleteBeta: Elementwise, NonlinearPrimitive {
  public init() {}

  public var name: String { "regularized_incomplete_beta" }
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
    for (parameter, tangent) in zip(["a", "b"], tangents) where !tangent.isZero {
      throw RaisedError.value("Betainc gradient with respect to \(parameter) not supported.")
    }
    guard let t = tangents[2].value else { return ([result], [.zero(result.aval.tangent)]) }
    let (a, b, x) = (primals[0], primals[1], primals[2])
    let one = constant(1, like: x)
    let logBeta = try logBeta(a, b)
    let right = try mul(sub(b, one), bind1(Unary(.log1p), neg(x)))
    let left = try mul(sub(a, one), log(x))
    let density = try exp(sub(add(right, left), logBeta))
    return ([result], [.value(try mul(density, t))])
  }

  private func logBeta(_ a: Value, _ b: Value) throws -> Value {
    func lgamma(_ x: Value) throws -> Value { try bind1(Unary(.lgamma), x) }
    return try sub(add(lgamma(a), lgamma(b)), lgamma(add(a, b)))
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    try context.expandElementwise(operands) { try definition($0[0], $0[1], $0[2]) }
  }

  private func definition(_ a: Value, _ b: Value, _ x: Value) throws -> Value {
    let zero = try full(0, like: x)
    let one = try full(1, like: x)
    let infinity = try full(.infinity, like: x)
    func or(_ conditions: Value...) throws -> Value {
      try conditions.dropFirst().reduce(conditions[0]) { try bind1(Binary(.or), $0, $1) }
    }
    func and(_ p: Value, _ q: Value) throws -> Value { try bind1(Binary(.and), p, q) }
    func not(_ p: Value) throws -> Value { try bind1(Unary(.not), p) }

    // The fraction converges fast below the mean; beyond it, I(a, b, x) = 1 - I(b, a, 1 - x).
    let mean = try div(add(a, one), add(add(a, b), full(2, like: x)))
    let isBelow = try compare(x, .lt, mean)
    let first = try select(isBelow, a, b)
    let second = try select(isBelow, b, a)
    let place = try select(isBelow, x, sub(one, x))
    let fraction = try continuedFraction(first, second, place)
    let powers = try add(
      mul(first, log(place)), mul(second, bind1(Unary(.log1p), neg(place))))
    let own = try div(mul(exp(sub(powers, logBeta(first, second))), fraction), first)
    let regular = try select(isBelow, own, sub(one, own))

    // All of the mass at 0 (a = 0 or b = ∞) or at 1 (b = 0 or a = ∞).
    let isAtZero = try or(compare(a, .eq, zero), compare(b, .eq, infinity))
    let isAtOne = try or(compare(b, .eq, zero), compare(a, .eq, infinity))
    let isStart = try compare(x, .eq, zero)
    let isEnd = try compare(x, .eq, one)
    let isInvalid = try or(
      compare(a, .lt, zero), compare(b, .lt, zero), compare(x, .lt, zero),
      compare(x, .gt, one), and(isAtZero, isAtOne), compare(a, .ne, a), compare(b, .ne, b),
      compare(x, .ne, x))
    let isZero = try or(isStart, and(isAtOne, not(isEnd)))
    let isOne = try or(isEnd, and(isAtZero, not(isStart)))
    let bounded = try select(isOne, one, select(isZero, zero, regular))
    return try select(isInvalid, full(.nan, like: x), bounded)
  }

  /// 1 / (1 + d₁ / (1 + d₂ / …)), by Lentz's method.
  private func continuedFraction(_ a: Value, _ b: Value, _ x: Value) throws -> Value {
    let one = try full(1, like: x)
    let tiny = try full(1e-30, like: x)
    let accuracy = epsilon(x.dtype)
    func number(_ value: Double) -> Value { constant(value, like: x) }
    func nonzero(_ value: Value) throws -> Value {
      try select(compare(bind1(Unary(.abs), value), .lt, tiny), tiny, value)
    }
    let sum = try add(a, b)
    let start = try div(
      one, nonzero(sub(one, div(mul(sum, x), add(a, one)))))
    // mask, m, c, d, value
    let mask = try compare(x, .eq, x)
    let limit = Double(x.dtype == .f64 ? 600 : 200)
    let results = try whileLoop(
      [mask, one, one, start, start],
      condition: { state in
        let isEarly = try compare(state[1], .lt, full(limit, like: x))
        let active = try bind1(Binary(.and), state[0], isEarly)
        return active.rank == 0
          ? active : try bind1(Reduce(.or, axes: Array(0..<active.rank)), active)
      },
      body: { state in
        let active = state[0]
        let m = state[1]
        let twice = try mul(m, number(2))
        var (c, d, value) = (state[2], state[3], state[4])
        var delta = one
        func advance(_ coefficient: Value) throws {
          d = try div(one, nonzero(add(one, mul(coefficient, d))))
          c = try nonzero(add(one, div(coefficient, c)))
          delta = try mul(c, d)
          value = try mul(value, delta)
        }
        let even = try div(
          mul(mul(m, sub(b, m)), x), mul(add(sub(a, number(1)), twice), add(a, twice)))
        try advance(even)
        let odd = try div(
          neg(mul(mul(add(a, m), add(sum, m)), x)),
          mul(add(a, twice), add(add(a, number(1)), twice)))
        try advance(odd)
        let change = try bind1(Unary(.abs), sub(delta, one))
        let goesOn = try bind1(Binary(.and), active, compare(change, .gt, number(accuracy)))
        return [
          goesOn, try add(m, number(1)), try select(active, c, state[2]),
          try select(active, d, state[3]), try select(active, value, state[4]),
        ]
      })
    return results[4]
  }
}
