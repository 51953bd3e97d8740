import Core
import HLO
import Tensor

/// `integer_pow[y=…] x`: `x` to a constant integer power.
public struct IntegerPow: Elementwise, NonlinearPrimitive {
  public let exponent: Int

  public init(_ exponent: Int) { self.exponent = exponent }

  public init(_ reader: ParameterReader) throws { exponent = try reader.int("y") }

  public var name: String { "integer_pow" }
  public var parameters: [Parameter] { [Parameter("y", .int(exponent))] }

  public func resultType(_ operands: [ShapedArray]) throws -> ElementType {
    try require(operands, in: .numeric, for: name)
    if operands[0].dtype.isInteger && exponent < 0 {
      throw RaisedError.type(
        "Integers cannot be raised to negative powers, got "
          + "integer_pow(\(operands[0].strongDescription), \(exponent))")
    }
    return operands[0].dtype
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let x = primals[0]
    let result = try bind(self, primals)[0]
    guard let t = tangents[0].value, exponent != 0 else {
      return ([result], [.zero(result.aval.tangent)])
    }
    let factor = constant(Double(exponent), like: x)
    switch exponent {
    case 1: return ([result], [.value(t)])
    case 2: return ([result], [.value(try mul(t, mul(factor, x)))])
    default:
      return ([result], [.value(try mul(t, mul(factor, integerPow(x, exponent - 1))))])
    }
  }

  /// Repeated squaring, as JAX expands it.
  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let builder = context.builder
    if exponent == 0 { return [try builder.number(1, with: operands[0])] }
    if exponent == 3 {
      let square = try builder.multiply(operands[0], operands[0])
      return [try builder.multiply(square, operands[0])]
    }
    var remaining = exponent.magnitude
    var power = operands[0]
    var product: ValueID?
    while remaining > 0 {
      if remaining & 1 == 1 {
        product = try product.map { try builder.multiply($0, power) } ?? power
      }
      remaining >>= 1
      if remaining > 0 { power = try builder.multiply(power, power) }
    }
    guard exponent < 0 else { return [product!] }
    let one =
      exponent == -1
      ? try builder.full(1, like: operands[0]) : try builder.number(1, with: operands[0])
    return [try builder.divide(one, product!)]
  }
}

/// `round[rounding_method=…] x`: 0 rounds halves away from zero, 1 to even.
public struct Round: Elementwise, DiscretePrimitive {
  public let toEven: Bool

  public init(_ reader: ParameterReader) throws {
    switch reader["rounding_method"] {
    case .symbol(let name)?: toEven = name.hasSuffix("TO_NEAREST_EVEN")
    default: toEven = try reader.int("rounding_method") == 1
    }
  }

  public var name: String { "round" }
  public var parameters: [Parameter] { [Parameter("rounding_method", .int(toEven ? 1 : 0))] }

  public func resultType(_ operands: [ShapedArray]) throws -> ElementType {
    try require(operands, in: [.floating], for: name)
    return operands[0].dtype
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    [
      try context.builder.unary(
        toEven ? .roundNearestEven : .roundNearestAfz, operands[0])
    ]
  }
}

/// `stop_gradient x`: `x`, with no derivative.
public struct StopGradient: Elementwise, DiscretePrimitive {
  public init() {}

  public var name: String { "stop_gradient" }
  public var parameters: [Parameter] { [] }

  public func resultType(_ operands: [ShapedArray]) throws -> ElementType { operands[0].dtype }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] { operands }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    operands
  }
}

/// `copy x` and `copy_p x`: `x` in memory of its own.
public struct Copy: Elementwise {
  public init() {}

  public var name: String { "copy" }
  public var parameters: [Parameter] { [] }

  public func resultType(_ operands: [ShapedArray]) throws -> ElementType { operands[0].dtype }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] { operands }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    (try bind(self, primals), [.value(try bind1(self, tangents[0].value!))])
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    [try cotangents[0].value.map { try bind1(self, $0) }]
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    operands
  }
}

/// `conj[input_dtype=…] x`: the complex conjugate; a real operand becomes complex first.
public struct Conj: Elementwise {
  public let inputType: ElementType

  public init(_ inputType: ElementType) { self.inputType = inputType }

  public init(_ reader: ParameterReader) throws { inputType = try reader.dtype("input_dtype") }

  public var name: String { "conj" }
  public var parameters: [Parameter] { [Parameter("input_dtype", .dtype(inputType))] }

  public func resultType(_ operands: [ShapedArray]) throws -> ElementType {
    try require(operands, in: [.float32, .complexfloating, .float64], for: name)
    return operands[0].dtype.complexType
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    (try bind(self, primals), [.value(try bind1(self, tangents[0].value!))])
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    guard let cotangent = cotangents[0].value else { return [nil] }
    let result = try bind1(Conj(cotangent.dtype), cotangent)
    return [inputType.isComplex ? result : try bind1(Unary(.real), result)]
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let builder = context.builder
    guard inputType.isComplex else {
      return [try builder.complex(operands[0], builder.full(0, like: operands[0]))]
    }
    let real = try builder.real(operands[0])
    let imaginary = try builder.negate(builder.imag(operands[0]))
    return [try builder.complex(real, imaginary)]
  }
}
