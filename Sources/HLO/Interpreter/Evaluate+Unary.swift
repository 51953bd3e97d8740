import Support
import Tensor

/// Floating-point numbers with the elementary functions.
protocol RealNumber: TensorElement, BinaryFloatingPoint where RawSignificand: FixedWidthInteger {
  static func apply(_ function: ElementaryFunction, _ x: Self) -> Self
  static func apply(_ function: BinaryElementaryFunction, _ x: Self, _ y: Self) -> Self
}

extension Float: RealNumber {
  static func apply(_ function: ElementaryFunction, _ x: Float) -> Float { function(x) }
  static func apply(_ function: BinaryElementaryFunction, _ x: Float, _ y: Float) -> Float {
    function(x, y)
  }
}

extension Double: RealNumber {
  static func apply(_ function: ElementaryFunction, _ x: Double) -> Double { function(x) }
  static func apply(_ function: BinaryElementaryFunction, _ x: Double, _ y: Double) -> Double {
    function(x, y)
  }
}

extension UnaryOp {
  /// The function that `Elementary` defines; `nil` where the operation is simpler than that.
  var elementary: ElementaryFunction? {
    switch self {
    case .cbrt: .cbrt
    case .cosine: .cos
    case .exponential: .exp
    case .exponentialMinusOne: .expm1
    case .log: .log
    case .logPlusOne: .log1p
    case .logistic: .logistic
    case .rsqrt: .rsqrt
    case .sine: .sin
    case .tan, .chloTan: .tan
    case .tanh: .tanh
    case .acos: .acos
    case .acosh: .acosh
    case .asin: .asin
    case .asinh: .asinh
    case .atan: .atan
    case .atanh: .atanh
    case .besselI1e: .besselI1e
    case .cosh: .cosh
    case .digamma: .digamma
    case .erf: .erf
    case .erfInv: .erfInv
    case .erfc: .erfc
    case .lgamma: .lgamma
    case .sinh: .sinh
    case .abs, .ceil, .countLeadingZeros, .floor, .imag, .isFinite, .negate, .not, .popcnt,
      .real, .roundNearestAfz, .roundNearestEven, .sign, .sqrt, .conj, .isInf, .isNegInf,
      .isPosInf, .square:
      nil
    }
  }
}

func evaluateUnary(_ op: UnaryOp, _ x: HostTensor) throws -> HostTensor {
  let compute = x.type.computeType
  if compute == x.type { return try unary(op, x, width: x.type.bitWidth) }
  // Logical operations on narrow integers see only the bits that there are.
  let result = try unary(op, x.converted(to: compute), width: x.type.bitWidth)
  return result.type == compute ? result.converted(to: x.type) : result
}

private func unary(_ op: UnaryOp, _ x: HostTensor, width: Int) throws -> HostTensor {
  switch x.type {
  case .bool where op == .not: return map(x, Bool.self) { !$0 }
  case .i32: return try unaryInteger(op, x, Int32.self, width: width)
  case .i64: return try unaryInteger(op, x, Int64.self, width: width)
  case .u32: return try unaryInteger(op, x, UInt32.self, width: width)
  case .u64: return try unaryInteger(op, x, UInt64.self, width: width)
  case .f32: return try unaryReal(op, x, Float.self)
  case .f64: return try unaryReal(op, x, Double.self)
  case .c64: return try unaryComplex(op, x.converted(to: .c128), part: .f32)
  case .c128: return try unaryComplex(op, x, part: .f64)
  default: throw unsupported("\(op.rawValue) of \(x.type.stablehloName)")
  }
}

private func unaryInteger<T: TensorElement & FixedWidthInteger>(
  _ op: UnaryOp, _ x: HostTensor, _: T.Type, width: Int
) throws -> HostTensor {
  let mask: T = width >= T.bitWidth ? ~0 : (1 << T(width)) - 1
  let missing = T.bitWidth - width
  switch op {
  case .abs: return map(x, T.self) { $0 < 0 ? 0 &- $0 : $0 }
  case .negate: return map(x, T.self) { 0 &- $0 }
  case .not: return map(x, T.self) { ~$0 }
  case .sign: return map(x, T.self) { $0.signum() }
  case .popcnt: return map(x, T.self) { T(($0 & mask).nonzeroBitCount) }
  case .countLeadingZeros: return map(x, T.self) { T(($0 & mask).leadingZeroBitCount - missing) }
  case .square: return map(x, T.self) { $0 &* $0 }
  case .conj: return x
  default: throw unsupported("\(op.rawValue) of integers")
  }
}

private func unaryReal<T: RealNumber>(
  _ op: UnaryOp, _ x: HostTensor, _: T.Type
) throws -> HostTensor {
  if let function = op.elementary { return map(x, T.self) { T.apply(function, $0) } }
  switch op {
  case .abs: return map(x, T.self) { $0.magnitude }
  case .negate: return map(x, T.self) { -$0 }
  case .ceil: return map(x, T.self) { $0.rounded(.up) }
  case .floor: return map(x, T.self) { $0.rounded(.down) }
  case .roundNearestAfz: return map(x, T.self) { $0.rounded(.toNearestOrAwayFromZero) }
  case .roundNearestEven: return map(x, T.self) { $0.rounded(.toNearestOrEven) }
  case .sqrt: return map(x, T.self) { $0.squareRoot() }
  case .square: return map(x, T.self) { $0 * $0 }
  case .sign: return map(x, T.self) { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 }
  case .isFinite: return map(x, T.self) { $0.isFinite }
  case .isInf: return map(x, T.self) { $0.isInfinite }
  case .isPosInf: return map(x, T.self) { $0 == .infinity }
  case .isNegInf: return map(x, T.self) { $0 == -.infinity }
  case .real, .conj: return x
  case .imag: return map(x, T.self) { _ in T.zero }
  default: throw unsupported("\(op.rawValue) of floating-point numbers")
  }
}

/// Complex numbers are computed in double precision; `part` is the type of the operand's parts.
private func unaryComplex(
  _ op: UnaryOp, _ x: HostTensor, part: ElementType
) throws -> HostTensor {
  typealias C = Complex<Double>
  let parts = { (f: (C) -> Double) in map(x, C.self, f).converted(to: part) }
  let numbers = { (f: (C) -> C) in
    map(x, C.self, f).converted(to: part == .f32 ? .c64 : .c128)
  }
  switch op {
  case .abs: return parts { $0.absolute }
  case .real: return parts { $0.real }
  case .imag: return parts { $0.imaginary }
  case .conj: return numbers { C($0.real, -$0.imaginary) }
  case .negate: return numbers { -$0 }
  case .square: return numbers { $0.square }
  case .sign: return numbers { $0.sign }
  case .exponential: return numbers { $0.exponential }
  case .exponentialMinusOne: return numbers { $0.exponentialMinusOne }
  case .log: return numbers { $0.logarithm }
  case .logPlusOne: return numbers { $0.logarithmPlusOne }
  case .logistic: return numbers { C(1) / (C(1) + (-$0).exponential) }
  case .sqrt: return numbers { $0.squareRoot }
  case .rsqrt: return numbers { $0.reciprocalSquareRoot }
  case .cbrt: return numbers { $0.power(C(1.0 / 3)) }
  case .sine: return numbers { $0.sine }
  case .cosine: return numbers { $0.cosine }
  case .tan, .chloTan: return numbers { ($0.timesI).tanh.timesMinusI }
  case .tanh: return numbers { $0.tanh }
  case .sinh: return numbers { $0.sinh }
  case .cosh: return numbers { $0.cosh }
  case .asinh: return numbers { $0.inverseSinh }
  case .asin: return numbers { $0.inverseSine }
  case .acos: return numbers { $0.inverseCosine }
  case .acosh: return numbers { $0.inverseCosh }
  case .atanh: return numbers { $0.inverseTanh }
  case .atan: return numbers { ($0.timesI).inverseTanh.timesMinusI }
  default: throw unsupported("\(op.rawValue) of complex numbers")
  }
}
