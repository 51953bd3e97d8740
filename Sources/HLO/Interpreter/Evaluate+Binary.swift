import Support
import Tensor

func evaluateBinary(_ op: BinaryOp, _ x: HostTensor, _ y: HostTensor) throws -> HostTensor {
  if op == .complex { return complex(x, y) }
  if op == .nextAfter { return try nextAfter(x, y) }
  let compute = x.type.computeType
  if compute == x.type { return try binary(op, x, y, width: x.type.bitWidth) }
  return try binary(
    op, x.converted(to: compute), y.converted(to: compute), width: x.type.bitWidth
  ).converted(to: x.type)
}

private func binary(
  _ op: BinaryOp, _ x: HostTensor, _ y: HostTensor, width: Int
) throws -> HostTensor {
  switch x.type {
  case .bool: return try binaryBool(op, x, y)
  case .i32: return try binaryInteger(op, x, y, Int32.self, width: width)
  case .i64: return try binaryInteger(op, x, y, Int64.self, width: width)
  case .u32: return try binaryInteger(op, x, y, UInt32.self, width: width)
  case .u64: return try binaryInteger(op, x, y, UInt64.self, width: width)
  case .f32: return try binaryReal(op, x, y, Float.self)
  case .f64: return try binaryReal(op, x, y, Double.self)
  case .c64:
    return try binaryComplex(op, x.converted(to: .c128), y.converted(to: .c128))
      .converted(to: .c64)
  case .c128: return try binaryComplex(op, x, y)
  default: throw unsupported("\(op.rawValue) of \(x.type.stablehloName)")
  }
}

private func binaryBool(_ op: BinaryOp, _ x: HostTensor, _ y: HostTensor) throws -> HostTensor {
  switch op {
  case .add, .or, .maximum: return zip(x, y, Bool.self) { $0 || $1 }
  case .multiply, .and, .minimum: return zip(x, y, Bool.self) { $0 && $1 }
  case .xor: return zip(x, y, Bool.self) { $0 != $1 }
  default: throw unsupported("\(op.rawValue) of i1")
  }
}

/// Division by zero gives all bits set, and the dividend remains. Shifts by the width or more give
/// zeros, or copies of the sign.
private func binaryInteger<T: TensorElement & FixedWidthInteger>(
  _ op: BinaryOp, _ x: HostTensor, _ y: HostTensor, _: T.Type, width: Int
) throws -> HostTensor {
  let mask: T = width >= T.bitWidth ? ~0 : (1 << T(width)) - 1
  let limit = T.Magnitude(width)
  switch op {
  case .add: return zip(x, y, T.self) { $0 &+ $1 }
  case .subtract: return zip(x, y, T.self) { $0 &- $1 }
  case .multiply: return zip(x, y, T.self) { $0 &* $1 }
  case .mulhi:
    // Narrow numbers are computed in wider ones, where the product has room.
    return zip(x, y, T.self) {
      width < T.bitWidth ? ($0 &* $1) >> T(width) : $0.multipliedFullWidth(by: $1).high
    }
  case .divide:
    return zip(x, y, T.self) { $1 == 0 ? ~0 : $0.dividedReportingOverflow(by: $1).partialValue }
  case .remainder:
    return zip(x, y, T.self) {
      $1 == 0 ? $0 : $0.remainderReportingOverflow(dividingBy: $1).partialValue
    }
  case .maximum: return zip(x, y, T.self) { $0 > $1 ? $0 : $1 }
  case .minimum: return zip(x, y, T.self) { $0 < $1 ? $0 : $1 }
  case .and: return zip(x, y, T.self) { $0 & $1 }
  case .or: return zip(x, y, T.self) { $0 | $1 }
  case .xor: return zip(x, y, T.self) { $0 ^ $1 }
  case .power: return zip(x, y, T.self, integerPower)
  case .shiftLeft:
    return zip(x, y, T.self) { T.Magnitude(truncatingIfNeeded: $1) < limit ? $0 &<< $1 : 0 }
  case .shiftRightLogical:
    return zip(x, y, T.self) { (a: T, b: T) -> T in
      let bits = T.Magnitude(truncatingIfNeeded: a & mask)
      let count = T.Magnitude(truncatingIfNeeded: b)
      return count < limit ? T(truncatingIfNeeded: bits &>> count) : 0
    }
  case .shiftRightArithmetic:
    return zip(x, y, T.self) { (a: T, b: T) -> T in
      // Of unsigned numbers, too, the highest bit is copied.
      let sign = a & (1 &<< T(width - 1)) != 0
      let count = T.Magnitude(truncatingIfNeeded: b)
      if count >= limit { return sign ? ~0 : 0 }
      let extended: T = sign ? a | ~mask : a & mask
      let bits = T.Magnitude(truncatingIfNeeded: extended) &>> count
      let filled = sign ? bits | ~(T.Magnitude.max &>> count) : bits
      return T(truncatingIfNeeded: filled)
    }
  case .atan2, .complex, .nextAfter, .polygamma, .zeta:
    throw unsupported("\(op.rawValue) of integers")
  }
}

/// By repeated squaring, modulo 2^width; a negative exponent gives 0 except for bases 1 and -1.
private func integerPower<T: FixedWidthInteger>(_ base: T, _ exponent: T) -> T {
  if exponent < 0 {
    if base == 1 { return 1 }
    if T.isSigned, base == ~0 { return exponent & 1 == 0 ? 1 : ~0 }
    return 0
  }
  var (result, square, rest): (T, T, T) = (1, base, exponent)
  while rest > 0 {
    if rest & 1 == 1 { result = result &* square }
    square = square &* square
    rest >>= 1
  }
  return result
}

private func binaryReal<T: RealNumber>(
  _ op: BinaryOp, _ x: HostTensor, _ y: HostTensor, _: T.Type
) throws -> HostTensor {
  switch op {
  case .add: return zip(x, y, T.self) { $0 + $1 }
  case .subtract: return zip(x, y, T.self) { $0 - $1 }
  case .multiply: return zip(x, y, T.self) { $0 * $1 }
  case .divide: return zip(x, y, T.self) { $0 / $1 }
  case .remainder: return zip(x, y, T.self) { $0.truncatingRemainder(dividingBy: $1) }
  case .maximum: return zip(x, y, T.self, maximum)
  case .minimum: return zip(x, y, T.self, minimum)
  case .atan2: return zip(x, y, T.self) { T.apply(.atan2, $0, $1) }
  case .power: return zip(x, y, T.self) { T.apply(.pow, $0, $1) }
  case .zeta: return zip(x, y, T.self) { T(hurwitzZeta(Double($0), Double($1))) }
  case .polygamma: return zip(x, y, T.self) { T(HLO.polygamma(Double($0), Double($1))) }
  case .and, .or, .xor, .shiftLeft, .shiftRightArithmetic, .shiftRightLogical, .complex,
    .mulhi, .nextAfter:
    throw unsupported("\(op.rawValue) of floating-point numbers")
  }
}

/// NaN wins, and +0 is larger than -0.
@inline(__always)
func maximum<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> T {
  if a > b { return a }
  if b > a { return b }
  if a.isNaN { return a }
  if b.isNaN { return b }
  return a.sign == .minus ? b : a
}

/// NaN wins, and -0 is smaller than +0.
@inline(__always)
func minimum<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> T {
  if a < b { return a }
  if b < a { return b }
  if a.isNaN { return a }
  if b.isNaN { return b }
  return a.sign == .minus ? a : b
}

private func binaryComplex(_ op: BinaryOp, _ x: HostTensor, _ y: HostTensor) throws -> HostTensor {
  typealias C = Complex<Double>
  /// By real parts, then by imaginary parts.
  func isLess(_ a: C, _ b: C) -> Bool {
    a.real < b.real || a.real == b.real && a.imaginary < b.imaginary
  }
  func hasNaN(_ a: C) -> Bool { a.real.isNaN || a.imaginary.isNaN }
  switch op {
  case .add: return zip(x, y, C.self) { $0 + $1 }
  case .subtract: return zip(x, y, C.self) { $0 - $1 }
  case .multiply: return zip(x, y, C.self) { $0 * $1 }
  case .divide: return zip(x, y, C.self) { $0 / $1 }
  case .power: return zip(x, y, C.self) { $0.power($1) }
  case .maximum:
    return zip(x, y, C.self) { hasNaN($0) ? $0 : hasNaN($1) ? $1 : isLess($0, $1) ? $1 : $0 }
  case .minimum:
    return zip(x, y, C.self) { hasNaN($0) ? $0 : hasNaN($1) ? $1 : isLess($1, $0) ? $1 : $0 }
  case .atan2:
    return zip(x, y, C.self) { y, x in
      // -i log((x + i y) / sqrt(x² + y²))
      let root = (x * x + y * y).squareRoot
      return ((x + y.timesI) / root).logarithm.timesMinusI
    }
  default: throw unsupported("\(op.rawValue) of complex numbers")
  }
}

private func complex(_ x: HostTensor, _ y: HostTensor) -> HostTensor {
  func make<T: TensorElement & BinaryFloatingPoint>(_: T.Type) -> HostTensor {
    zip(x, y, T.self) { Complex($0, $1) }
  }
  return x.type == .f32 ? make(Float.self) : make(Double.self)
}

/// The neighbour of `x` in the direction of `y`, in the operands' own format.
private func nextAfter(_ x: HostTensor, _ y: HostTensor) throws -> HostTensor {
  func step<T: TensorElement & BinaryFloatingPoint>(_: T.Type) -> HostTensor {
    zip(x, y, T.self) { a, b in
      if a.isNaN || b.isNaN { return T.nan }
      if a == b { return b }
      if a == 0 { return b > 0 ? T.leastNonzeroMagnitude : -T.leastNonzeroMagnitude }
      return b > a ? a.nextUp : a.nextDown
    }
  }
  switch x.type {
  case .f16: return step(Float16.self)
  case .f32: return step(Float.self)
  case .f64: return step(Double.self)
  case .bf16:
    return zip(x, y, BFloat16.self) { a, b in
      let (p, q) = (a.float, b.float)
      if p.isNaN || q.isNaN { return BFloat16(.nan) }
      if p == q { return b }
      if p == 0 { return BFloat16(bitPattern: q > 0 ? 1 : 0x8001) }
      return BFloat16(bitPattern: (q > p) == (p > 0) ? a.bitPattern &+ 1 : a.bitPattern &- 1)
    }
  default: throw unsupported("next_after of \(x.type.stablehloName)")
  }
}

/// The Hurwitz zeta function, by Euler's and Maclaurin's formula.
func hurwitzZeta(_ s: Double, _ q: Double) -> Double {
  if s.isNaN || q.isNaN || s < 1 { return .nan }
  if s == 1 { return .infinity }
  if q <= 0 {
    if q == q.rounded() { return .infinity }
    if s != s.rounded() { return .nan }
  }
  // Terms up to a point, then the integral, half a term and the corrections.
  var sum = 0.0
  var point = q
  for _ in 0..<16 {
    sum += BinaryElementaryFunction.pow(point, -s)
    point += 1
  }
  let term = BinaryElementaryFunction.pow(point, -s)
  sum += point * term / (s - 1) + term / 2
  // Bernoulli numbers over factorials.
  let coefficients: [Double] = [
    1.0 / 12, -1.0 / 720, 1.0 / 30240, -1.0 / 1_209_600, 1.0 / 47_900_160,
    -691.0 / 1_307_674_368_000, 1.0 / 74_724_249_600, -3617.0 / 10_670_622_842_880_000,
  ]
  var factor = s
  var power = term / point
  var order = s
  for coefficient in coefficients {
    sum += coefficient * factor * power
    factor *= (order + 1) * (order + 2)
    order += 2
    power /= point * point
  }
  return sum
}

/// The derivative of order `n` of digamma.
func polygamma(_ n: Double, _ x: Double) -> Double {
  if n == 0 { return ElementaryFunction.digamma(x) }
  if n < 0 || n != n.rounded() { return .nan }
  let sign: Double = n.truncatingRemainder(dividingBy: 2) == 0 ? -1 : 1
  return sign * ElementaryFunction.exp(ElementaryFunction.lgamma(n + 1)) * hurwitzZeta(n + 1, x)
}

// MARK: Comparison and selection

func evaluateCompare(
  _ comparison: Comparison, _ x: HostTensor, _ y: HostTensor
) throws -> HostTensor {
  let type = x.type.computeType
  let (a, b) = (x.converted(to: type), y.converted(to: type))
  func ordered<T: TensorElement & Comparable>(_: T.Type) -> HostTensor {
    switch comparison.direction {
    case .eq: zip(a, b, T.self) { $0 == $1 }
    case .ne: zip(a, b, T.self) { $0 != $1 }
    case .lt: zip(a, b, T.self) { $0 < $1 }
    case .le: zip(a, b, T.self) { $0 <= $1 }
    case .gt: zip(a, b, T.self) { $0 > $1 }
    case .ge: zip(a, b, T.self) { $0 >= $1 }
    }
  }
  func equal<T: TensorElement>(_: T.Type) throws -> HostTensor {
    switch comparison.direction {
    case .eq: return zip(a, b, T.self) { $0 == $1 }
    case .ne: return zip(a, b, T.self) { $0 != $1 }
    case .lt, .le, .gt, .ge:
      throw unsupported("an ordering of \(x.type.stablehloName)")
    }
  }
  if comparison.type == .totalOrder, type.isFloat {
    // Bit patterns in sign-magnitude, as integers in the same order.
    func keys(_ t: HostTensor) -> HostTensor {
      t.type == .f32
        ? map(t, Float.self) { Int64(totalOrderKey(Int32(bitPattern: $0.bitPattern))) }
        : map(t, Double.self) { totalOrderKey(Int64(bitPattern: $0.bitPattern)) }
    }
    return try evaluateCompare(Comparison(comparison.direction, .signed), keys(a), keys(b))
  }
  switch type {
  case .bool: return try evaluateCompare(comparison, x.converted(to: .u32), y.converted(to: .u32))
  case .i32: return ordered(Int32.self)
  case .i64: return ordered(Int64.self)
  case .u32: return ordered(UInt32.self)
  case .u64: return ordered(UInt64.self)
  case .f32: return ordered(Float.self)
  case .f64: return ordered(Double.self)
  case .c64: return try equalComplex(comparison, a.converted(to: .c128), b.converted(to: .c128))
  case .c128: return try equalComplex(comparison, a, b)
  case .key: return try equal(KeyData.self)
  default: throw unsupported("comparison of \(x.type.stablehloName)")
  }
}

private func totalOrderKey<T: FixedWidthInteger & SignedInteger>(_ bits: T) -> T {
  bits < 0 ? T.max ^ bits : bits
}

private func equalComplex(
  _ comparison: Comparison, _ a: HostTensor, _ b: HostTensor
) throws -> HostTensor {
  typealias C = Complex<Double>
  func isLess(_ a: C, _ b: C) -> Bool {
    a.real < b.real || a.real == b.real && a.imaginary < b.imaginary
  }
  func isEqual(_ a: C, _ b: C) -> Bool { a.real == b.real && a.imaginary == b.imaginary }
  switch comparison.direction {
  case .eq: return zip(a, b, C.self) { isEqual($0, $1) }
  case .ne: return zip(a, b, C.self) { !isEqual($0, $1) }
  case .lt: return zip(a, b, C.self) { isLess($0, $1) }
  case .le: return zip(a, b, C.self) { isLess($0, $1) || isEqual($0, $1) }
  case .gt: return zip(a, b, C.self) { isLess($1, $0) }
  case .ge: return zip(a, b, C.self) { isLess($1, $0) || isEqual($0, $1) }
  }
}

/// `a` where the predicate holds, else `b`; a scalar predicate decides for all.
func select(_ predicate: HostTensor, _ a: HostTensor, _ b: HostTensor) -> HostTensor {
  let isTrue = predicate.buffer.address.assumingMemoryBound(to: UInt8.self)
  if predicate.shape.rank == 0 && a.shape.rank != 0 { return isTrue[0] != 0 ? a : b }
  func choose<T: BitwiseCopyable>(_: T.Type) -> HostTensor {
    HostTensor(type: a.type, shape: a.shape) { target in
      let target = target.assumingMemoryBound(to: T.self)
      let x = a.buffer.address.assumingMemoryBound(to: T.self)
      let y = b.buffer.address.assumingMemoryBound(to: T.self)
      for index in 0..<a.count { target[index] = isTrue[index] != 0 ? x[index] : y[index] }
    }
  }
  switch a.type.byteCount {
  case 1: return choose(UInt8.self)
  case 2: return choose(UInt16.self)
  case 4: return choose(UInt32.self)
  case 8: return choose(UInt64.self)
  default: return choose(Complex<Double>.self)
  }
}

/// Rounds to a format with fewer bits; what underflows becomes zero.
func reducePrecision(_ x: HostTensor, exponent: Int, mantissa: Int) -> HostTensor {
  guard let own = x.type.floatFormat else { return x }
  let (exponentBits, significandBits) = (
    min(exponent, own.exponentBits), min(mantissa, own.significandBits)
  )
  let bias = (1 << (exponentBits - 1)) - 1
  let minimumExponent = 1 - bias
  let largest =
    (2 - Double(sign: .plus, exponent: -significandBits, significand: 1))
    * Double(sign: .plus, exponent: bias, significand: 1)
  let wide = x.converted(to: .f64)
  if exponentBits == own.exponentBits, significandBits == own.significandBits { return x }
  let rounded = map(wide, Double.self) { (value: Double) -> Double in
    // Without a significand, NaN cannot be told from infinity.
    if value.isNaN, significandBits == 0 { return value.sign == .minus ? -.infinity : .infinity }
    if !value.isFinite || value == 0 { return value }
    let zero = value < 0 ? -0.0 : 0
    let isFlushed = exponentBits < own.exponentBits
    if isFlushed, Int(value.exponent) < minimumExponent - 1 { return zero }
    let unit = Double(
      sign: .plus, exponent: max(Int(value.exponent), -1022) - significandBits, significand: 1)
    let result = (value / unit).rounded(.toNearestOrEven) * unit
    if result.magnitude > largest { return value < 0 ? -.infinity : .infinity }
    return isFlushed && Int(result.exponent) < minimumExponent ? zero : result
  }
  return rounded.converted(to: x.type)
}
