import HLO
import Support
import Tensor

extension FunctionBuilder {
  /// What `body` makes of the operands as `f64`, in their own type.
  func inDoublePrecision(
    _ operands: [ValueID], _ body: ([ValueID]) throws -> ValueID
  ) throws -> ValueID {
    let element = try tensorType(of: operands[0]).element
    if element == .f64 { return try body(operands) }
    return try convert(body(operands.map { try convert($0, to: .f64) }), to: element)
  }

  /// The Hurwitz zeta function, by Euler's and Maclaurin's formula: terms up to a point, then the
  /// integral, half a term and the corrections.
  func hurwitzZeta(_ s: ValueID, _ q: ValueID) throws -> ValueID {
    let type = try tensorType(of: s)
    func literal(_ value: Double) throws -> ValueID { try splat(value, type) }
    let one = try literal(1)
    let exponent = try negate(s)
    var (sum, point) = (try literal(0), q)
    for _ in 0..<16 {
      sum = try add(sum, power(point, exponent))
      point = try add(point, one)
    }
    let term = try power(point, exponent)
    let integral = try divide(multiply(point, term), subtract(s, one))
    sum = try add(sum, add(integral, multiply(term, literal(0.5))))
    // Bernoulli numbers over factorials.
    let coefficients: [Double] = [
      1.0 / 12, -1.0 / 720, 1.0 / 30240, -1.0 / 1_209_600, 1.0 / 47_900_160,
      -691.0 / 1_307_674_368_000, 1.0 / 74_724_249_600, -3617.0 / 10_670_622_842_880_000,
    ]
    var (factor, order, decay) = (s, s, try divide(term, point))
    let square = try multiply(point, point)
    for coefficient in coefficients {
      sum = try add(sum, multiply(multiply(literal(coefficient), factor), decay))
      factor = try multiply(factor, multiply(add(order, one), add(order, literal(2))))
      order = try add(order, literal(2))
      decay = try divide(decay, square)
    }
    // Poles, and what is not defined.
    func isInteger(_ x: ValueID) throws -> ValueID { try compare(floor(x), .eq, x) }
    let isPole = try or(
      compare(s, .eq, one), and(compare(q, .le, literal(0)), isInteger(q)))
    let isUndefined = try or(
      compare(s, .lt, one),
      and(and(compare(q, .le, literal(0)), not(isInteger(q))), not(isInteger(s))))
    let hasNaN = try or(compare(s, .ne, s), compare(q, .ne, q))
    return try select(
      or(isUndefined, hasNaN), literal(.nan), select(isPole, literal(.infinity), sum))
  }

  /// The derivative of order `n` of digamma.
  func polygamma(_ n: ValueID, _ x: ValueID) throws -> ValueID {
    let type = try tensorType(of: n)
    func literal(_ value: Double) throws -> ValueID { try splat(value, type) }
    let next = try add(n, literal(1))
    let isEven = try compare(remainder(n, literal(2)), .eq, literal(0))
    let sign = try select(isEven, literal(-1), literal(1))
    let size = try multiply(exponential(unary(.lgamma, next)), hurwitzZeta(next, x))
    let isWrong = try or(compare(n, .lt, literal(0)), compare(floor(n), .ne, n))
    return try select(
      compare(n, .eq, literal(0)), unary(.digamma, x),
      select(isWrong, literal(.nan), multiply(sign, size)))
  }
}
