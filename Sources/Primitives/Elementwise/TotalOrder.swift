import Core
import HLO
import Tensor
import Transforms

/// `lt_to`, `le_to`: comparison in the total order of floats: -NaN, -∞, …, -0, +0, …, +∞, NaN.
public struct TotalOrder: Elementwise {
  public enum Direction: String, CaseIterable, Sendable {
    case less = "lt_to"
    case lessOrEqual = "le_to"
  }

  public let direction: Direction

  public init(_ direction: Direction) { self.direction = direction }

  public var name: String { direction.rawValue }
  public var parameters: [Parameter] { [] }

  public func resultType(_ operands: [ShapedArray]) throws -> ElementType {
    try requireEqualTypes(operands, for: name)
    return .bool
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let result = try bind(self, primals)
    return (result, [.zero(result[0].aval.tangent)])
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    throw notLinear(self)
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let operands = try context.aligned(operands)
    return [
      try context.builder.compare(
        operands[0], direction == .less ? .lt : .le, operands[1],
        type: context.inAvals[0].dtype.isFloat ? .totalOrder : nil)
    ]
  }
}

/// `mulhi a b`: the high half of the product of two integers.
public struct HighProduct: Elementwise {
  public init() {}

  public var name: String { "mulhi" }
  public var parameters: [Parameter] { [] }

  public func resultType(_ operands: [ShapedArray]) throws -> ElementType {
    try require(operands, in: [.integer], for: name)
    try requireEqualTypes(operands, for: name)
    return operands[0].dtype
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let result = try bind(self, primals)
    return (result, [.zero(result[0].aval.tangent)])
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    throw notLinear(self)
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    try context.expand(operands) { [try product($0[0], $0[1])] }
  }

  private func product(_ a: Value, _ b: Value) throws -> Value {
    let dtype = a.dtype
    let width = dtype.bitWidth
    func shifted(_ x: Value, _ distance: Int) throws -> Value {
      try bind1(
        Binary(dtype.isSigned ? .shiftRightArithmetic : .shiftRightLogical), x,
        constant(Double(distance), like: x))
    }
    if width < 64 {
      let wide: ElementType = dtype.isSigned ? .i64 : .u64
      let product = try mul(convert(a, to: wide), convert(b, to: wide))
      return try convert(shifted(product, width), to: dtype)
    }
    // Schoolbook multiplication of 32-bit halves; the high halves carry the sign.
    func low(_ x: Value) throws -> Value {
      try bind1(Binary(.and), x, constant(4_294_967_295, like: x))
    }
    let (aHigh, aLow) = (try shifted(a, 32), try low(a))
    let (bHigh, bLow) = (try shifted(b, 32), try low(b))
    let carry = try bind1(
      Binary(.shiftRightLogical), mul(aLow, bLow), constant(32, like: a))
    let first = try add(mul(aHigh, bLow), carry)
    let second = try add(mul(aLow, bHigh), low(first))
    return try add(mul(aHigh, bHigh), add(shifted(first, 32), shifted(second, 32)))
  }
}
