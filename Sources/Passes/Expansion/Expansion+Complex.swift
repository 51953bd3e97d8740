import HLO
import Support
import Tensor

extension UnaryOp {
  /// `true` iff the function of complex numbers is said in terms of others.
  var isExpanded: Bool {
    switch self {
    case .acos, .acosh, .asin, .asinh, .atan, .atanh, .cbrt, .square: true
    default: false
    }
  }
}

// Inverse functions follow Hull, Fairgrieve and Tang (1997), step by step as in the interpreter.
extension FunctionBuilder {
  /// `(x - y)(x + y) + 2xy i`, where a real part of equal parts is zero, also beyond overflow.
  func complexSquare(_ z: ValueID) throws -> ValueID {
    let (x, y) = (try real(z), try imag(z))
    let (width, height) = (try abs(x), try abs(y))
    let product = try multiply(x, y)
    return try complex(
      select(
        compare(width, .eq, height), subtract(width, height),
        multiply(subtract(x, y), add(x, y))),
      add(product, product))
  }

  /// A function of complex numbers; all but the square are computed in double precision.
  func complexFunction(_ op: UnaryOp, _ x: ValueID) throws -> ValueID {
    if op == .square { return try complexSquare(x) }
    let type = try tensorType(of: x)
    let z = try type.element == .c128 ? x : convert(x, to: .c128)
    let result: ValueID
    switch op {
    case .asin: result = try inverseSine(z)
    case .asinh: result = try timesMinusI(inverseSine(timesI(z)))
    case .acos: result = try inverseCosine(z)
    case .acosh: result = try inverseCosh(z)
    case .atanh: result = try inverseTanh(z)
    case .atan: result = try timesMinusI(inverseTanh(timesI(z)))
    case .cbrt: result = try power(z, number(1.0 / 3, like: z))
    default: throw unsupported("\(op.rawValue) of complex numbers")
    }
    return try type.element == .c128 ? result : convert(result, to: type.element)
  }

  /// The larger or smaller number: by real part, then by imaginary part; NaN wins.
  func complexExtremum(_ x: ValueID, _ y: ValueID, isLargest: Bool) throws -> ValueID {
    func hasNaN(_ z: ValueID) throws -> ValueID { try compare(z, .ne, z) }
    let (a, b) = isLargest ? (x, y) : (y, x)
    let (p, q) = (try real(a), try real(b))
    let isLess = try or(
      compare(p, .lt, q), and(compare(p, .eq, q), compare(imag(a), .lt, imag(b))))
    return try select(hasNaN(x), x, select(hasNaN(y), y, select(isLess, y, x)))
  }

  /// `-i log((x + i y) / sqrt(x² + y²))`
  func complexArcTangent(_ y: ValueID, _ x: ValueID) throws -> ValueID {
    let root = try sqrt(add(multiply(x, x), multiply(y, y)))
    return try timesMinusI(log(divide(add(x, timesI(y)), root)))
  }

  private func number(_ value: Double, like z: ValueID) throws -> ValueID {
    let one = HostTensor(.complex(Complex(value, 0)), type: .c128)
    return try constant(Constant(splat: one, shape: tensorType(of: z).shape))
  }

  private func timesI(_ z: ValueID) throws -> ValueID { try complex(negate(imag(z)), real(z)) }
  private func timesMinusI(_ z: ValueID) throws -> ValueID { try complex(imag(z), negate(real(z))) }

  /// The real part of the inverse hyperbolic cosine, and the side that is opposite to the real part
  /// in the triangle whose angle is its imaginary part; both for the absolute values of the parts.
  private func inverseParts(_ z: ValueID) throws -> (logarithm: ValueID, opposite: ValueID) {
    let (x, y) = (try abs(real(z)), try abs(imag(z)))
    let type = try tensorType(of: x)
    func literal(_ value: Double) throws -> ValueID { try splat(value, type) }
    let (one, half) = (try literal(1), try literal(0.5))
    let (beyond, before) = (try add(x, one), try subtract(x, one))
    let (r, s) = (try abs(complex(beyond, y)), try abs(complex(before, y)))
    let a = try multiply(add(r, s), half)
    let (sum, square) = (try add(a, x), try multiply(y, y))
    let right = try divide(square, add(add(r, x), one))
    let (near, far) = (try add(s, subtract(one, x)), try add(s, before))
    // a - 1 and (a - x)(a + x).
    let excess = try multiply(
      add(right, select(compare(x, .lt, one), divide(square, near), far)), half)
    let inside = try sqrt(multiply(multiply(sum, add(right, near)), half))
    let quotients = try add(divide(sum, add(add(r, x), one)), divide(sum, far))
    let outside = try multiply(y, sqrt(multiply(quotients, half)))
    let opposite = try select(compare(x, .le, one), inside, outside)
    let small = try unary(
      .logPlusOne, add(excess, sqrt(multiply(excess, add(a, one)))))
    let large = try log(add(a, sqrt(subtract(multiply(a, a), one))))
    let logarithm = try select(compare(a, .le, literal(1.5)), small, large)
    // Squares of numbers so large would overflow.
    let quarter = try complex(
      multiply(real(z), literal(0.25)), multiply(imag(z), literal(0.25)))
    let isInfinite = try or(
      compare(x, .eq, literal(.infinity)), compare(y, .eq, literal(.infinity)))
    let isHuge = try or(isInfinite, compare(maximum(x, y), .gt, literal(1e150)))
    let huge = try select(
      isInfinite, literal(.infinity),
      add(log(abs(quarter)), literal(3 * 0.6931471805599453)))
    return (try select(isHuge, huge, logarithm), try select(isHuge, y, opposite))
  }

  /// `x`, negated where the imaginary part of `z` is below zero.
  private func withSign(of z: ValueID, _ x: ValueID) throws -> ValueID {
    let part = try imag(z)
    return try select(compare(part, .lt, splat(0, tensorType(of: x))), negate(x), x)
  }

  private func inverseSine(_ z: ValueID) throws -> ValueID {
    let (logarithm, opposite) = try inverseParts(z)
    return try complex(binary(.atan2, real(z), opposite), withSign(of: z, logarithm))
  }

  private func inverseCosine(_ z: ValueID) throws -> ValueID {
    let (logarithm, opposite) = try inverseParts(z)
    return try complex(
      binary(.atan2, opposite, real(z)), negate(withSign(of: z, logarithm)))
  }

  private func inverseCosh(_ z: ValueID) throws -> ValueID {
    let (logarithm, opposite) = try inverseParts(z)
    return try complex(logarithm, withSign(of: z, binary(.atan2, opposite, real(z))))
  }

  /// `log1p(4x / ((1 - x)² + y²)) / 4 + i atan2(2y, (1 - x)(1 + x) - y²) / 2`, for x not below zero.
  private func inverseTanh(_ z: ValueID) throws -> ValueID {
    let (x, y) = (try abs(real(z)), try imag(z))
    let (height, type) = (try abs(y), try tensorType(of: x))
    func literal(_ value: Double) throws -> ValueID { try splat(value, type) }
    let (zero, one) = (try literal(0), try literal(1))
    let before = try subtract(one, x)
    let square = try multiply(y, y)
    let ratio = try divide(multiply(literal(4), x), add(multiply(before, before), square))
    let angle = try binary(
      .atan2, multiply(literal(2), y), subtract(multiply(before, add(one, x)), square))
    // Squares of numbers so large would overflow; 1 no longer matters.
    let larger = try maximum(x, height)
    let slope = try divide(minimum(x, height), larger)
    let scale = try multiply(larger, add(one, multiply(slope, slope)))
    let hugeRatio = try divide(multiply(literal(4), divide(x, larger)), scale)
    let isInfinite = try or(
      compare(x, .eq, literal(.infinity)), compare(height, .eq, literal(.infinity)))
    let far = try select(isInfinite, zero, hugeRatio)
    let farAngle = try select(
      compare(y, .ge, zero), literal(.pi), literal(-.pi))
    let isNear = try compare(larger, .le, literal(1e150))
    let logarithm = try multiply(
      unary(.logPlusOne, select(isNear, ratio, far)), literal(0.25))
    let isRight = try compare(real(z), .ge, zero)
    return try complex(
      select(isRight, logarithm, negate(logarithm)),
      multiply(select(isNear, angle, farAngle), literal(0.5)))
  }
}
