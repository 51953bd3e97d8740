import Support
import Tensor

/// The operations of kernels on single values: the definition that compiled code is tested against.
enum ScalarArithmetic {
  /// `scalar` as an element of `type` holds it.
  static func rounded(_ scalar: Scalar, to type: ElementType) -> Scalar {
    switch (type, scalar) {
    case (.f64, .float), (.i64, .int), (.u64, .uint), (.bool, .bool), (.c128, .complex): scalar
    case (.f32, .float(let value)): .float(Double(Float(value)))
    default: ScalarBits(scalar, type: type).scalar(of: type)
    }
  }

  // MARK: One operand

  static func unary(
    _ operation: Kernel.UnaryOperation, _ x: Scalar, _ type: ElementType
  ) throws -> Scalar {
    switch x {
    case .bool(let value): return .bool(!value)
    case .int(let value):
      let bits = try integer(operation, UInt64(bitPattern: value), type)
      return rounded(.int(Int64(bitPattern: bits)), to: type)
    case .uint(let value): return rounded(.uint(try integer(operation, value, type)), to: type)
    case .float(let value):
      if operation == .isFinite { return .bool(value.isFinite) }
      return rounded(.float(try real(operation, value, type)), to: type)
    case .complex(let z): return try complex(operation, z, type)
    }
  }

  private static func integer(
    _ operation: Kernel.UnaryOperation, _ x: UInt64, _ type: ElementType
  ) throws -> UInt64 {
    let isNegative = type.isSigned && Int64(bitPattern: x) < 0
    let width = type.bitWidth
    let mask: UInt64 = width == 64 ? .max : 1 << UInt64(width) - 1
    switch operation {
    case .negate: return 0 &- x
    case .abs: return isNegative ? 0 &- x : x
    case .sign: return isNegative ? .max : x == 0 ? 0 : 1
    case .not: return ~x
    case .popcnt: return UInt64((x & mask).nonzeroBitCount)
    case .countLeadingZeros: return UInt64((x & mask).leadingZeroBitCount - (64 - width))
    case .real, .conjugate: return x
    case .imag: return 0
    default: throw unsupported("\(operation.rawValue) of integers")
    }
  }

  private static func real(
    _ operation: Kernel.UnaryOperation, _ x: Double, _ type: ElementType
  ) throws -> Double {
    if let function = operation.elementary {
      return type == .f64 ? function(x) : Double(function(Float(x)))
    }
    switch operation {
    case .negate: return -x
    case .abs: return x.magnitude
    case .sign: return x.isNaN || x == 0 ? x : x < 0 ? -1 : 1
    case .ceil: return x.rounded(.up)
    case .floor: return x.rounded(.down)
    case .roundNearestAfz: return x.rounded(.toNearestOrAwayFromZero)
    case .roundNearestEven: return x.rounded(.toNearestOrEven)
    case .sqrt: return type == .f64 ? x.squareRoot() : Double(Float(x).squareRoot())
    case .real, .conjugate: return x
    case .imag: return 0
    default: throw unsupported("\(operation.rawValue) of floating-point numbers")
    }
  }

  private static func complex(
    _ operation: Kernel.UnaryOperation, _ z: Complex<Double>, _ type: ElementType
  ) throws -> Scalar {
    switch operation {
    case .real: return .float(z.real)
    case .imag: return .float(z.imaginary)
    case .negate: return .complex(Complex(-z.real, -z.imaginary))
    case .conjugate: return .complex(Complex(z.real, -z.imaginary))
    case .abs:
      let size = (z.real * z.real + z.imaginary * z.imaginary).squareRoot()
      return rounded(.float(size), to: type.realPart)
    default: throw unsupported("the interpretation of complex \(operation.rawValue)")
    }
  }

  // MARK: Two operands

  static func binary(
    _ operation: Kernel.BinaryOperation, _ x: Scalar, _ y: Scalar, _ type: ElementType
  ) throws -> Scalar {
    switch (x, y) {
    case (.bool(let a), .bool(let b)):
      switch operation {
      case .and, .multiply, .multiplyRounded, .minimum: return .bool(a && b)
      case .or, .add, .maximum: return .bool(a || b)
      case .xor: return .bool(a != b)
      default: throw unsupported("\(operation.rawValue) of Booleans")
      }
    case (.int(let a), .int(let b)) where type.isUnsigned:
      let result = try unsigned(
        operation, UInt64(bitPattern: a), UInt64(bitPattern: b), type)
      return rounded(.int(Int64(truncatingIfNeeded: result)), to: type)
    case (.int(let a), .int(let b)):
      return rounded(.int(try signed(operation, a, b, type)), to: type)
    case (.uint(let a), .uint(let b)):
      return rounded(.uint(try unsigned(operation, a, b, type)), to: type)
    case (.float(let a), .float(let b)):
      if operation == .complex { return .complex(Complex(a, b)) }
      return rounded(.float(try real(operation, a, b, type)), to: type)
    case (.complex(let a), .complex(let b)):
      return rounded(.complex(try complex(operation, a, b)), to: type)
    default: throw unsupported("\(operation.rawValue) of two types")
    }
  }

  private static func signed(
    _ operation: Kernel.BinaryOperation, _ a: Int64, _ b: Int64, _ type: ElementType
  ) throws -> Int64 {
    let width = Int64(type.bitWidth)
    let fits = b >= 0 && b < width
    switch operation {
    case .add: return a &+ b
    case .subtract: return a &- b
    case .multiply, .multiplyRounded: return a &* b
    case .divide: return b == 0 ? -1 : b == -1 ? 0 &- a : a / b
    case .remainder: return b == 0 ? a : b == -1 ? 0 : a % b
    case .maximum: return max(a, b)
    case .minimum: return min(a, b)
    case .and: return a & b
    case .or: return a | b
    case .xor: return a ^ b
    case .shiftLeft: return fits ? a << b : 0
    case .shiftRightArithmetic: return a >> (fits ? b : width - 1)
    case .shiftRightLogical:
      let mask: UInt64 = width == 64 ? .max : 1 << UInt64(width) - 1
      return fits ? Int64(bitPattern: (UInt64(bitPattern: a) & mask) >> UInt64(b)) : 0
    case .power:
      if b < 0 { return a == 1 ? 1 : a == -1 ? (b & 1 == 0 ? 1 : -1) : 0 }
      return Int64(bitPattern: power(UInt64(bitPattern: a), UInt64(b)))
    case .atan2, .nextAfter, .complex, .zeta, .polygamma, .igamma, .igammac:
      throw unsupported("\(operation.rawValue) of integers")
    }
  }

  private static func unsigned(
    _ operation: Kernel.BinaryOperation, _ a: UInt64, _ b: UInt64, _ type: ElementType
  ) throws -> UInt64 {
    let width = UInt64(type.bitWidth)
    switch operation {
    case .divide: return b == 0 ? .max : a / b
    case .remainder: return b == 0 ? a : a % b
    case .maximum: return max(a, b)
    case .minimum: return min(a, b)
    case .shiftLeft: return b < width ? a << b : 0
    case .shiftRightLogical: return b < width ? a >> b : 0
    case .shiftRightArithmetic:
      let extended = Int64(bitPattern: a << (64 - width)) >> Int64(64 - width)
      return UInt64(bitPattern: extended >> Int64(min(b, width - 1)))
    case .power: return power(a, b)
    case .add: return a &+ b
    case .subtract: return a &- b
    case .multiply, .multiplyRounded: return a &* b
    case .and: return a & b
    case .or: return a | b
    case .xor: return a ^ b
    case .atan2, .nextAfter, .complex, .zeta, .polygamma, .igamma, .igammac:
      throw unsupported("\(operation.rawValue) of integers")
    }
  }

  /// By squaring, modulo 2^64.
  private static func power(_ base: UInt64, _ exponent: UInt64) -> UInt64 {
    var (result, base, exponent) = (UInt64(1), base, exponent)
    while exponent > 0 {
      if exponent & 1 == 1 { result = result &* base }
      base = base &* base
      exponent >>= 1
    }
    return result
  }

  private static func real(
    _ operation: Kernel.BinaryOperation, _ a: Double, _ b: Double, _ type: ElementType
  ) throws -> Double {
    func elementary(_ function: BinaryElementaryFunction) -> Double {
      type == .f64 ? function(a, b) : Double(function(Float(a), Float(b)))
    }
    switch operation {
    // A sum, product or quotient of two `f32` is the same rounded once or by way of `f64`.
    case .add: return a + b
    case .subtract: return a - b
    case .multiply, .multiplyRounded: return a * b
    case .divide: return a / b
    case .remainder: return a.truncatingRemainder(dividingBy: b)
    case .power: return elementary(.pow)
    case .atan2: return elementary(.atan2)
    case .maximum: return a.isNaN ? a : b.isNaN ? b : a > b ? a : b
    case .minimum: return a.isNaN ? a : b.isNaN ? b : a < b ? a : b
    case .nextAfter:
      if a.isNaN || b.isNaN { return .nan }
      if a == b { return b }
      if type == .f64 { return a < b ? a.nextUp : a.nextDown }
      return Double(a < b ? Float(a).nextUp : Float(a).nextDown)
    case .and, .or, .xor, .shiftLeft, .shiftRightLogical, .shiftRightArithmetic, .complex, .zeta,
      .polygamma, .igamma, .igammac:
      throw unsupported("\(operation.rawValue) of floating-point numbers")
    }
  }

  private static func complex(
    _ operation: Kernel.BinaryOperation, _ a: Complex<Double>, _ b: Complex<Double>
  ) throws -> Complex<Double> {
    switch operation {
    case .add: return Complex(a.real + b.real, a.imaginary + b.imaginary)
    case .subtract: return Complex(a.real - b.real, a.imaginary - b.imaginary)
    case .multiply, .multiplyRounded:
      return Complex(
        a.real * b.real - a.imaginary * b.imaginary, a.real * b.imaginary + a.imaginary * b.real)
    case .divide:
      let norm = b.real * b.real + b.imaginary * b.imaginary
      return Complex(
        (a.real * b.real + a.imaginary * b.imaginary) / norm,
        (a.imaginary * b.real - a.real * b.imaginary) / norm)
    default: throw unsupported("the interpretation of complex \(operation.rawValue)")
    }
  }

  // MARK: Comparison

  static func compare(_ comparison: Kernel.Comparison, _ x: Scalar, _ y: Scalar) -> Bool {
    switch (x, y) {
    case (.bool(let a), .bool(let b)): ordered(comparison, a ? 1 : 0, b ? 1 : 0)
    case (.int(let a), .int(let b)): ordered(comparison, a, b)
    case (.uint(let a), .uint(let b)): ordered(comparison, a, b)
    case (.float(let a), .float(let b)):
      switch comparison {
      case .totalLess: totalOrder(a) < totalOrder(b)
      case .totalEqual: totalOrder(a) == totalOrder(b)
      case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual:
        ordered(comparison, a, b)
      }
    default: comparison == .notEqual ? x != y : x == y
    }
  }

  private static func ordered<T: Comparable>(
    _ comparison: Kernel.Comparison, _ a: T, _ b: T
  ) -> Bool {
    switch comparison {
    case .equal, .totalEqual: a == b
    case .notEqual: a != b
    case .less, .totalLess: a < b
    case .lessOrEqual: a <= b
    case .greater: a > b
    case .greaterOrEqual: a >= b
    }
  }

  private static func totalOrder(_ x: Double) -> Int64 {
    let bits = Int64(bitPattern: x.bitPattern)
    return bits < 0 ? bits ^ .max : bits
  }
}

extension Kernel.UnaryOperation {
  /// The function that `Elementary` defines; `nil` where the operation is simpler than that.
  var elementary: ElementaryFunction? {
    switch self {
    case .rsqrt: .rsqrt
    case .cbrt: .cbrt
    case .exponential: .exp
    case .exponentialMinusOne: .expm1
    case .log: .log
    case .logPlusOne: .log1p
    case .logistic: .logistic
    case .sine: .sin
    case .cosine: .cos
    case .tan: .tan
    case .tanh: .tanh
    case .asin: .asin
    case .acos: .acos
    case .atan: .atan
    case .sinh: .sinh
    case .cosh: .cosh
    case .asinh: .asinh
    case .acosh: .acosh
    case .atanh: .atanh
    case .erf: .erf
    case .erfc: .erfc
    case .erfInv: .erfInv
    case .lgamma: .lgamma
    case .digamma: .digamma
    case .besselI0e: .besselI0e
    case .besselI1e: .besselI1e
    case .negate, .abs, .sign, .not, .popcnt, .countLeadingZeros, .ceil, .floor,
      .roundNearestAfz, .roundNearestEven, .isFinite, .sqrt, .real, .imag, .conjugate:
      nil
    }
  }
}
