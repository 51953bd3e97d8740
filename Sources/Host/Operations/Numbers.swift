import BigInt
import Core
import Glibc
import Syntax

/// An operand of Python's arithmetic.
enum Number {
  case int(Int)
  case big(BigInt)
  case float(Double)
  case complex(ComplexNumber)

  /// `nil` if `object` is not one of the language's own numbers.
  init?(_ object: Object) {
    switch object {
    case .int(let value): self = .int(value)
    case .float(let value): self = .float(value)
    case .bool(let value): self = .int(value ? 1 : 0)
    case .big(let big): self = .big(big.value)
    case .complex(let value): self = .complex(value)
    default: return nil
    }
  }

  var isInteger: Bool {
    switch self {
    case .int, .big: true
    case .float, .complex: false
    }
  }

  /// The value of a real integer.
  var bigValue: BigInt {
    switch self {
    case .int(let value): BigInt(value)
    case .big(let value): value
    case .float, .complex: 0
    }
  }

  /// The value of a real number.
  func double() throws -> Double {
    switch self {
    case .int(let value): return Double(value)
    case .float(let value): return value
    case .big(let value):
      let result = Double(value)
      guard result.isFinite else { throw overflowError("int too large to convert to float") }
      return result
    case .complex:
      throw typeError("float() argument must be a string or a real number, not 'complex'")
    }
  }

  var complexValue: ComplexNumber {
    switch self {
    case .int(let value): ComplexNumber(Double(value), 0)
    case .float(let value): ComplexNumber(value, 0)
    case .big(let value): ComplexNumber(Double(value), 0)
    case .complex(let value): value
    }
  }
}

/// Arithmetic of Python's numbers; `nil` if `op` is not defined for these kinds.
func arithmetic(_ op: BinaryOperator, _ a: Number, _ b: Number) throws -> Object? {
  switch (a, b) {
  case (.int(let x), .int(let y)): return try integerArithmetic(op, x, y)
  case (.complex, _), (_, .complex):
    return complexArithmetic(op, a.complexValue, b.complexValue)
  case (.float, _), (_, .float): return try floatArithmetic(op, a.double(), b.double())
  case (.big, _), (_, .big): return try bigArithmetic(op, a.bigValue, b.bigValue)
  }
}

private func integerArithmetic(_ op: BinaryOperator, _ a: Int, _ b: Int) throws -> Object? {
  func checked(_ result: (partialValue: Int, overflow: Bool)) throws -> Object? {
    result.overflow ? try bigArithmetic(op, BigInt(a), BigInt(b)) : .int(result.partialValue)
  }
  switch op {
  case .add: return try checked(a.addingReportingOverflow(b))
  case .subtract: return try checked(a.subtractingReportingOverflow(b))
  case .multiply: return try checked(a.multipliedReportingOverflow(by: b))
  case .divide:
    if b == 0 { throw zeroDivision("division by zero") }
    if a.magnitude < 1 << 53 && b.magnitude < 1 << 53 { return .float(Double(a) / Double(b)) }
    return try bigArithmetic(op, BigInt(a), BigInt(b))
  case .floorDivide:
    if b == 0 { throw zeroDivision("integer division or modulo by zero") }
    if a == .min && b == -1 { return try bigArithmetic(op, BigInt(a), BigInt(b)) }
    return .int(floorDivide(a, b))
  case .modulo:
    if b == 0 { throw zeroDivision("integer modulo by zero") }
    return .int(floorModulo(a, b))
  case .power:
    if b < 0 { return try floatArithmetic(.power, Double(a), Double(b)) }
    var result = 1
    var base = a
    var exponent = b
    while exponent > 0 {
      if exponent & 1 == 1 {
        let (product, overflow) = result.multipliedReportingOverflow(by: base)
        if overflow { return try bigArithmetic(op, BigInt(a), BigInt(b)) }
        result = product
      }
      exponent >>= 1
      if exponent > 0 {
        let (square, overflow) = base.multipliedReportingOverflow(by: base)
        if overflow { return try bigArithmetic(op, BigInt(a), BigInt(b)) }
        base = square
      }
    }
    return .int(result)
  case .leftShift:
    if b < 0 { throw valueError("negative shift count") }
    if b < 63, a.magnitude < 1 << (62 - b) { return .int(a << b) }
    return try bigArithmetic(op, BigInt(a), BigInt(b))
  case .rightShift:
    if b < 0 { throw valueError("negative shift count") }
    return .int(a >> min(b, 63))
  case .bitAnd: return .int(a & b)
  case .bitOr: return .int(a | b)
  case .bitXor: return .int(a ^ b)
  case .matrixMultiply: return nil
  }
}

/// `a // b`
/// - Precondition: `b` is not zero, and the quotient does not overflow.
func floorDivide(_ a: Int, _ b: Int) -> Int {
  let quotient = a / b
  return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient
}

/// `a % b`
/// - Precondition: `b` is not zero.
func floorModulo(_ a: Int, _ b: Int) -> Int {
  if b == -1 { return 0 }
  let remainder = a % b
  return remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder
}

private func floorDivide(_ a: BigInt, _ b: BigInt) -> (quotient: BigInt, remainder: BigInt) {
  let (quotient, remainder) = a.quotientAndRemainder(dividingBy: b)
  return remainder != 0 && (remainder < 0) != (b < 0)
    ? (quotient - 1, remainder + b) : (quotient, remainder)
}

private func bigArithmetic(_ op: BinaryOperator, _ a: BigInt, _ b: BigInt) throws -> Object? {
  func shiftCount() throws -> Int {
    if b < 0 { throw valueError("negative shift count") }
    guard let count = Int(exactly: b), count < 1 << 32 else {
      throw overflowError("too many digits in integer")
    }
    return count
  }
  switch op {
  case .add: return Object(a + b)
  case .subtract: return Object(a - b)
  case .multiply: return Object(a * b)
  case .divide:
    if b == 0 { throw zeroDivision("division by zero") }
    return .float(try divide(a, b))
  case .floorDivide:
    if b == 0 { throw zeroDivision("integer division or modulo by zero") }
    return Object(floorDivide(a, b).quotient)
  case .modulo:
    if b == 0 { throw zeroDivision("integer modulo by zero") }
    return Object(floorDivide(a, b).remainder)
  case .power:
    if b < 0 {
      return try floatArithmetic(.power, Number.big(a).double(), Number.big(b).double())
    }
    guard let exponent = Int(exactly: b), a.magnitude.bitWidth * exponent < 1 << 32 else {
      if a.magnitude <= 1 { return Object(a.magnitude == 0 ? 0 : b % 2 == 0 ? 1 : a) }
      throw overflowError("too many digits in integer")
    }
    return Object(a.power(exponent))
  case .leftShift: return Object(a << (try shiftCount()))
  case .rightShift:
    guard let count = Int(exactly: b) else { return .int(a < 0 ? -1 : 0) }
    if count < 0 { throw valueError("negative shift count") }
    return Object(floorDivide(a, BigInt(1) << min(count, a.magnitude.bitWidth + 1)).quotient)
  case .bitAnd: return Object(a & b)
  case .bitOr: return Object(a | b)
  case .bitXor: return Object(a ^ b)
  case .matrixMultiply: return nil
  }
}

/// `a / b`, correctly rounded.
private func divide(_ a: BigInt, _ b: BigInt) throws -> Double {
  let shift = max(0, 66 - (a.magnitude.bitWidth - b.magnitude.bitWidth))
  let (quotient, remainder) = (a.magnitude << shift).quotientAndRemainder(dividingBy: b.magnitude)
  // A sticky bit makes the conversion round as if nothing had been cut off.
  let sticky = remainder == 0 ? quotient << 1 : (quotient << 1) + 1
  let scaled = scalbn(Double(sticky), Int32(clamping: -shift - 1))
  guard scaled.isFinite else {
    throw overflowError("integer division result too large for a float")
  }
  return (a < 0) != (b < 0) ? -scaled : scaled
}

private func floatArithmetic(_ op: BinaryOperator, _ a: Double, _ b: Double) throws -> Object? {
  switch op {
  case .add: return .float(a + b)
  case .subtract: return .float(a - b)
  case .multiply: return .float(a * b)
  case .divide:
    if b == 0 { throw zeroDivision("float division by zero") }
    return .float(a / b)
  case .floorDivide:
    if b == 0 { throw zeroDivision("float floor division by zero") }
    return .float(floorDivide(a, b).quotient)
  case .modulo:
    if b == 0 { throw zeroDivision("float modulo") }
    return .float(floorDivide(a, b).remainder)
  case .power:
    if a == 0 && b < 0 {
      throw zeroDivision("0.0 cannot be raised to a negative power")
    }
    if a < 0 && b.isFinite && b.rounded() != b && a.isFinite {
      return complexArithmetic(.power, ComplexNumber(a, 0), ComplexNumber(b, 0))
    }
    let result = pow(a, b)
    if result.isInfinite && a.isFinite && b.isFinite {
      throw Raised(
        exception: ExceptionObject(
          Exceptions["OverflowError"], [.int(34), .str("Numerical result out of range")]))
    }
    return .float(result)
  case .leftShift, .rightShift, .bitAnd, .bitOr, .bitXor, .matrixMultiply: return nil
  }
}

/// `divmod(a, b)` of floats.
/// - Precondition: `b` is not zero.
func floorDivide(_ a: Double, _ b: Double) -> (quotient: Double, remainder: Double) {
  var remainder = fmod(a, b)
  var quotient = (a - remainder) / b
  if remainder != 0 {
    if (b < 0) != (remainder < 0) {
      remainder += b
      quotient -= 1
    }
  } else {
    remainder = copysign(0, b)
  }
  guard quotient != 0 else { return (copysign(0, a / b), remainder) }
  let floored = quotient.rounded(.down)
  return (quotient - floored > 0.5 ? floored + 1 : floored, remainder)
}

private func complexArithmetic(_ op: BinaryOperator, _ a: ComplexNumber, _ b: ComplexNumber)
  -> Object?
{
  switch op {
  case .add: return .complex(a.real + b.real, a.imaginary + b.imaginary)
  case .subtract: return .complex(a.real - b.real, a.imaginary - b.imaginary)
  case .multiply: return .complex(multiply(a, b))
  case .divide:
    if b.real == 0 && b.imaginary == 0 { return nil }
    if b.real.magnitude >= b.imaginary.magnitude {
      let ratio = b.imaginary / b.real
      let scale = b.real + b.imaginary * ratio
      return .complex(
        (a.real + a.imaginary * ratio) / scale, (a.imaginary - a.real * ratio) / scale)
    }
    let ratio = b.real / b.imaginary
    let scale = b.real * ratio + b.imaginary
    return .complex(
      (a.real * ratio + a.imaginary) / scale, (a.imaginary * ratio - a.real) / scale)
  case .power:
    if b.real == 0 && b.imaginary == 0 { return .complex(1, 0) }
    if a.real == 0 && a.imaginary == 0 { return .complex(0, 0) }
    if b.imaginary == 0, let exponent = Int(exactly: b.real), exponent.magnitude <= 100 {
      var result = ComplexNumber(1, 0)
      var base = a
      var remaining = exponent.magnitude
      while remaining > 0 {
        if remaining & 1 == 1 { result = multiply(result, base) }
        base = multiply(base, base)
        remaining >>= 1
      }
      return exponent < 0
        ? complexArithmetic(.divide, ComplexNumber(1, 0), result) : .complex(result)
    }
    let length = hypot(a.real, a.imaginary)
    let angle = atan2(a.imaginary, a.real)
    var magnitude = pow(length, b.real)
    var phase = angle * b.real
    if b.imaginary != 0 {
      magnitude *= exp(-angle * b.imaginary)
      phase += b.imaginary * log(length)
    }
    return .complex(magnitude * cos(phase), magnitude * sin(phase))
  case .floorDivide, .modulo, .leftShift, .rightShift, .bitAnd, .bitOr, .bitXor, .matrixMultiply:
    return nil
  }
}

private func multiply(_ a: ComplexNumber, _ b: ComplexNumber) -> ComplexNumber {
  ComplexNumber(
    a.real * b.real - a.imaginary * b.imaginary, a.real * b.imaginary + a.imaginary * b.real)
}

/// The value of an object that may serve as an index (`__index__`), or `nil`.
///
/// - Throws: `IndexError` for an integer beyond `Int`, and what the program's `__index__` raises.
func index(_ object: Object) throws -> Int? {
  switch object {
  case .int(let value): return value
  case .bool(let value): return value ? 1 : 0
  case .big:
    throw indexError("cannot fit 'int' into an index-sized integer")
  case .array(let value): return try arrayIndex(value)
  case .native(let array as NumpyArray):
    guard array.rank == 0, array.type.isInteger else { return nil }
    return try arrayIndex(Value(array.tensor))
  case .native(let native): return try native.indexValue()
  case .instance(let instance):
    if let base = instance.base { return try index(base) }
    guard let result = try callMethod(object, Names.index) else { return nil }
    return try index(result)
  default: return nil
  }
}

/// The value of `object`, which must be an integer.
func requireIndex(_ object: Object) throws -> Int {
  guard let value = try index(object) else {
    throw typeError("'\(typeOf(object).name)' object cannot be interpreted as an integer")
  }
  return value
}

/// `float(object)` of a number.
func double(_ object: Object) throws -> Double {
  if let number = Number(object) {
    if case .complex = number { throw typeError("must be real number, not complex") }
    return try number.double()
  }
  switch object {
  case .array(let value): return try arrayDouble(value)
  case .native(let array as NumpyArray): return try arrayDouble(Value(array.tensor))
  case .native(let native): if let number = try native.numericValue() { return try double(number) }
  case .instance(let instance):
    if let base = instance.base { return try double(base) }
    if let result = try callMethod(object, Names.float) { return try double(result) }
    if let result = try callMethod(object, Names.index) { return try double(result) }
  default: break
  }
  throw typeError("must be real number, not \(typeOf(object).name)")
}

/// `round(value, digits)` of a float: correctly rounded, halves to even.
func roundFloat(_ value: Double, _ digits: Int) -> Double {
  guard value.isFinite, value != 0, digits < 308 else { return value }
  if digits < -308 { return copysign(0, value) }
  if digits >= 0 {
    let text = formatFixed(value, digits)
    return Double(text) ?? value
  }
  let scale = pow(10.0, Double(-digits))
  return (value / scale).rounded(.toNearestOrEven) * scale
}
