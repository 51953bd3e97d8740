import Glibc
import Syntax
import Tensor

extension BinaryOperator {
  /// The name of NumPy's function.
  var numpyName: String {
    switch self {
    case .add: "add"
    case .subtract: "subtract"
    case .multiply: "multiply"
    case .matrixMultiply: "matmul"
    case .divide: "divide"
    case .floorDivide: "floor_divide"
    case .modulo: "remainder"
    case .power: "power"
    case .leftShift: "left_shift"
    case .rightShift: "right_shift"
    case .bitAnd: "bitwise_and"
    case .bitOr: "bitwise_or"
    case .bitXor: "bitwise_xor"
    }
  }
}

/// Applies `body` to broadcast pairs, computed in the wide type `W` and stored as `type`.
///
/// One operation on doubles, rounded to `f32` or `f16`, is that operation in the narrow type.
func zipElements<W: TensorElement, R: TensorElement>(
  _ a: HostTensor, _ b: HostTensor, as: W.Type, to type: ElementType, _ body: (W, W) throws -> R
) throws -> HostTensor {
  let shape = try broadcastShapes([a.shape, b.shape])
  let x = try broadcast(a.converted(to: W.elementType), to: shape)
  let y = try broadcast(b.converted(to: W.elementType), to: shape)
  let results = try x.withElements(of: W.self) { x in
    try y.withElements(of: W.self) { y in try x.indices.map { try body(x[$0], y[$0]) } }
  }
  return HostTensor(results, shape: shape).converted(to: type)
}

func mapElements<W: TensorElement, R: TensorElement>(
  _ a: HostTensor, as: W.Type, to type: ElementType, _ body: (W) throws -> R
) rethrows -> HostTensor {
  let results = try a.converted(to: W.elementType).withElements(of: W.self) { try $0.map(body) }
  return HostTensor(results, shape: a.shape).converted(to: type)
}

/// `a op b`
func numpyBinary(_ op: BinaryOperator, _ a: NumpyOperand, _ b: NumpyOperand) throws -> HostTensor {
  if op == .matrixMultiply { return try matrixProduct(a.tensor, b.tensor) }
  var type = numpyResultType([a, b])
  if op == .divide && !type.isInexact { type = .f64 }
  if type == .bool {
    switch op {
    case .subtract:
      throw typeError(
        """
        numpy boolean subtract, the `-` operator, is not supported, use the bitwise_xor, the `^` \
        operator, or the logical_xor function instead.
        """)
    case .floorDivide, .modulo, .power, .leftShift, .rightShift: type = .i8
    case .add, .bitOr: return try booleans(a, b) { $0 || $1 }
    case .multiply, .bitAnd: return try booleans(a, b) { $0 && $1 }
    case .bitXor: return try booleans(a, b) { $0 != $1 }
    case .divide, .matrixMultiply: break
    }
  }
  let (x, y) = (numpyCast(a.tensor, to: type), numpyCast(b.tensor, to: type))
  switch type.kind {
  case .complex: return try complexBinary(op, x, y, type)
  case .float: return try floatBinary(op, x, y, type)
  case .signed, .unsigned, .bool: return try integerBinary(op, x, y, type)
  case .float0, .key: throw unsupportedLoop(op.numpyName)
  }
}

private func unsupportedLoop(_ name: String) -> any Error {
  typeError(
    """
    ufunc '\(name)' not supported for the input types, and the inputs could not be safely coerced \
    to any supported types according to the casting rule ''safe''
    """)
}

private func booleans(_ a: NumpyOperand, _ b: NumpyOperand, _ body: (Bool, Bool) -> Bool) throws
  -> HostTensor
{
  try zipElements(a.tensor, b.tensor, as: Bool.self, to: .bool, body)
}

private func floatBinary(
  _ op: BinaryOperator, _ a: HostTensor, _ b: HostTensor, _ type: ElementType
) throws -> HostTensor {
  let body: (Double, Double) -> Double
  switch op {
  case .add: body = { $0 + $1 }
  case .subtract: body = { $0 - $1 }
  case .multiply: body = { $0 * $1 }
  case .divide: body = { $0 / $1 }
  case .floorDivide: body = { $1 == 0 ? $0 / $1 : floorDivide($0, $1).quotient }
  case .modulo: body = { $1 == 0 ? .nan : floorDivide($0, $1).remainder }
  case .power: body = { Glibc.pow($0, $1) }
  case .leftShift, .rightShift, .bitAnd, .bitOr, .bitXor, .matrixMultiply:
    throw unsupportedLoop(op.numpyName)
  }
  return try zipElements(a, b, as: Double.self, to: type, body)
}

private func integerBinary(
  _ op: BinaryOperator, _ a: HostTensor, _ b: HostTensor, _ type: ElementType
) throws -> HostTensor {
  // Wrapping in 64 bits and then in the narrow type is wrapping in the narrow type.
  let isUnsigned = type == .u64
  func quotient(_ x: Int64, _ y: Int64) -> Int64 {
    if y == 0 { return 0 }
    if isUnsigned { return Int64(bitPattern: UInt64(bitPattern: x) / UInt64(bitPattern: y)) }
    if y == -1 { return 0 &- x }
    return Int64(floorDivide(Int(x), Int(y)))
  }
  let body: (Int64, Int64) throws -> Int64
  switch op {
  case .add: body = { $0 &+ $1 }
  case .subtract: body = { $0 &- $1 }
  case .multiply: body = { $0 &* $1 }
  case .floorDivide: body = quotient
  case .modulo: body = { $1 == 0 ? 0 : $0 &- quotient($0, $1) &* $1 }
  case .power:
    body = { base, exponent in
      if exponent < 0 && !isUnsigned {
        throw valueError("Integers to negative integer powers are not allowed.")
      }
      var (result, square, rest) = (Int64(1), base, UInt64(bitPattern: exponent))
      while rest > 0 {
        if rest & 1 == 1 { result = result &* square }
        square = square &* square
        rest >>= 1
      }
      return result
    }
  case .leftShift: body = { $1 < 0 || $1 >= Int64(type.bitWidth) ? 0 : $0 << $1 }
  case .rightShift:
    body = { x, count in
      if isUnsigned { return Int64(bitPattern: UInt64(bitPattern: x) >> UInt64(bitPattern: count)) }
      return x >> (count < 0 ? 63 : count)
    }
  case .bitAnd: body = { $0 & $1 }
  case .bitOr: body = { $0 | $1 }
  case .bitXor: body = { $0 ^ $1 }
  case .divide, .matrixMultiply: throw unsupportedLoop(op.numpyName)
  }
  return try zipElements(a, b, as: Int64.self, to: type, body)
}

private func complexBinary(
  _ op: BinaryOperator, _ a: HostTensor, _ b: HostTensor, _ type: ElementType
) throws -> HostTensor {
  try zipElements(a, b, as: Complex<Double>.self, to: type) { x, y -> Complex<Double> in
    let (p, q) = (ComplexNumber(x.real, x.imaginary), ComplexNumber(y.real, y.imaginary))
    if op == .divide && y.real == 0 && y.imaginary == 0 {
      return Complex(x.real / y.real, x.imaginary / y.real)
    }
    guard case .complex(let z)? = try arithmetic(op, .complex(p), .complex(q)) else {
      throw unsupportedLoop(op.numpyName)
    }
    return Complex(z.real, z.imaginary)
  }
}

/// `a < b` and the other comparisons.
func numpyCompare(_ op: ComparisonOperator, _ a: NumpyOperand, _ b: NumpyOperand) throws
  -> HostTensor
{
  let type = numpyResultType([a, b])
  func ordered<W: TensorElement & Comparable>(
    _ a: HostTensor, _ b: HostTensor, _: W.Type
  ) throws -> HostTensor {
    try zipElements(a, b, as: W.self, to: .bool) { x, y -> Bool in
      switch op {
      case .equal: x == y
      case .notEqual: x != y
      case .less: x < y
      case .lessOrEqual: x <= y
      case .greater: x > y
      case .greaterOrEqual: x >= y
      case .is, .isNot, .in, .notIn: false
      }
    }
  }
  switch type.kind {
  case .complex:
    return try zipElements(a.tensor, b.tensor, as: Complex<Double>.self, to: .bool) {
      x, y -> Bool in
      switch op {
      case .equal: x == y
      case .notEqual: x != y
      case .less: (x.real, x.imaginary) < (y.real, y.imaginary)
      case .lessOrEqual: (x.real, x.imaginary) <= (y.real, y.imaginary)
      case .greater: (x.real, x.imaginary) > (y.real, y.imaginary)
      case .greaterOrEqual: (x.real, x.imaginary) >= (y.real, y.imaginary)
      case .is, .isNot, .in, .notIn: false
      }
    }
  case .float, .float0, .key:
    // A Python float is rounded to the type of the array first.
    return try ordered(
      numpyCast(a.tensor, to: type), numpyCast(b.tensor, to: type), Double.self)
  case .unsigned where type == .u64: return try ordered(a.tensor, b.tensor, UInt64.self)
  case .signed, .unsigned, .bool: return try ordered(a.tensor, b.tensor, Int64.self)
  }
}

/// `-a`, `+a`, `~a`
func numpyUnary(_ op: UnaryOperator, _ a: HostTensor) throws -> HostTensor {
  switch (op, a.type.kind) {
  case (.plus, _): return a
  case (.negate, .bool):
    throw typeError(
      """
      The numpy boolean negative, the `-` operator, is not supported, use the `~` operator or the \
      logical_not function instead.
      """)
  case (.negate, .float): return mapElements(a, as: Double.self, to: a.type) { -$0 }
  case (.negate, .complex):
    return mapElements(a, as: Complex<Double>.self, to: a.type) { Complex(-$0.real, -$0.imaginary) }
  case (.negate, _): return mapElements(a, as: Int64.self, to: a.type) { 0 &- $0 }
  case (.invert, .bool), (.not, _): return mapElements(a, as: Bool.self, to: .bool) { !$0 }
  case (.invert, .signed), (.invert, .unsigned):
    return mapElements(a, as: Int64.self, to: a.type) { ~$0 }
  case (.invert, _): throw unsupportedLoop("invert")
  }
}

/// The functions of one floating operand; integers become floats.
let numpyFloatFunctions: [(name: String, function: @Sendable (Double) -> Double)] = [
  ("exp", { Glibc.exp($0) }), ("expm1", { Glibc.expm1($0) }), ("exp2", { Glibc.exp2($0) }),
  ("log", { Glibc.log($0) }), ("log1p", { Glibc.log1p($0) }), ("log2", { Glibc.log2($0) }),
  ("log10", { Glibc.log10($0) }), ("sin", { Glibc.sin($0) }), ("cos", { Glibc.cos($0) }),
  ("tan", { Glibc.tan($0) }), ("arcsin", { Glibc.asin($0) }), ("arccos", { Glibc.acos($0) }),
  ("arctan", { Glibc.atan($0) }), ("sinh", { Glibc.sinh($0) }), ("cosh", { Glibc.cosh($0) }),
  ("tanh", { Glibc.tanh($0) }), ("arcsinh", { Glibc.asinh($0) }),
  ("arccosh", { Glibc.acosh($0) }), ("arctanh", { Glibc.atanh($0) }),
  ("cbrt", { Glibc.cbrt($0) }), ("sqrt", { $0.squareRoot() }),
  ("degrees", { $0 * (180 / .pi) }), ("radians", { $0 * (.pi / 180) }),
  ("deg2rad", { $0 * (.pi / 180) }), ("rad2deg", { $0 * (180 / .pi) }),
]

/// The functions that round: integers stay as they are.
let numpyRoundingFunctions: [(name: String, function: @Sendable (Double) -> Double)] = [
  ("floor", { $0.rounded(.down) }), ("ceil", { $0.rounded(.up) }),
  ("trunc", { $0.rounded(.towardZero) }), ("rint", { $0.rounded(.toNearestOrEven) }),
]

/// `np.round(a, decimals)`
func numpyRound(_ a: HostTensor, decimals: Int) -> HostTensor {
  if !a.type.isInexact && decimals >= 0 { return a }
  let scale = Glibc.pow(10, Double(abs(decimals)))
  func round(_ x: Double) -> Double {
    if decimals == 0 { return x.rounded(.toNearestOrEven) }
    return decimals > 0
      ? (x * scale).rounded(.toNearestOrEven) / scale
      : (x / scale).rounded(.toNearestOrEven) * scale
  }
  if a.type.isComplex {
    return mapElements(a, as: Complex<Double>.self, to: a.type) {
      Complex(round($0.real), round($0.imaginary))
    }
  }
  return mapElements(a, as: Double.self, to: a.type, round)
}

/// `np.abs(a)`
func numpyAbsolute(_ a: HostTensor) -> HostTensor {
  switch a.type.kind {
  case .float: mapElements(a, as: Double.self, to: a.type) { $0.magnitude }
  case .complex:
    mapElements(a, as: Complex<Double>.self, to: a.type.realPart) { hypot($0.real, $0.imaginary) }
  case .signed: mapElements(a, as: Int64.self, to: a.type) { $0 < 0 ? 0 &- $0 : $0 }
  case .bool, .unsigned, .float0, .key: a
  }
}

/// `np.sign(a)`
func numpySign(_ a: HostTensor) -> HostTensor {
  switch a.type.kind {
  case .float: mapElements(a, as: Double.self, to: a.type) { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 * 0 }
  case .complex, .bool, .float0, .key: a
  case .signed, .unsigned: mapElements(a, as: Int64.self, to: a.type) { $0.signum() }
  }
}

func conjugate(_ a: HostTensor) -> HostTensor {
  guard a.type.isComplex else { return a }
  return mapElements(a, as: Complex<Double>.self, to: a.type) { Complex($0.real, -$0.imaginary) }
}

func realPart(_ a: HostTensor) -> HostTensor {
  a.type.isComplex ? a.converted(to: a.type.realPart) : a
}

func imaginaryPart(_ a: HostTensor) -> HostTensor {
  guard a.type.isComplex else { return HostTensor.zeros(a.type, a.shape) }
  return mapElements(a, as: Complex<Double>.self, to: a.type.realPart) { $0.imaginary }
}

/// The larger or the smaller of each pair; NaN wins.
func numpyChoose(_ a: NumpyOperand, _ b: NumpyOperand, isMaximum: Bool) throws -> HostTensor {
  let type = numpyResultType([a, b])
  if type.isInexact {
    return try zipElements(a.tensor, b.tensor, as: Double.self, to: type) { x, y -> Double in
      x.isNaN ? x : y.isNaN ? y : (isMaximum ? x > y : x < y) ? x : y
    }
  }
  return try zipElements(a.tensor, b.tensor, as: Int64.self, to: type) { x, y -> Int64 in
    isMaximum ? max(x, y) : min(x, y)
  }
}
