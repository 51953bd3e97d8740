import Core
import HLO
import Tensor

/// `lt_to`, `le_to`: comparison in the total order of floats: -NaN, -∞, …, -0, +0, …, +∞, NaN.
public struct TotalOrder: Elementwise, DiscretePrimitive {
  /// The relations, by the names of their primitives.
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
public struct HighProduct: Elementwise, DiscretePrimitive {
  public init() {}

  public var name: String { "mulhi" }
  public var parameters: [Parameter] { [] }

  public func resultType(_ operands: [ShapedArray]) throws -> ElementType {
    try require(operands, in: [.integer], for: name)
    try requireEqualTypes(operands, for: name)
    return operands[0].dtype
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let operands = try context.aligned(operands)
    return [try context.builder.binary(.mulhi, operands[0], operands[1])]
  }
}
