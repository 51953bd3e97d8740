import Core
import HLO
import Tensor
import Transforms

/// `eq`, `ne`, `ge`, `gt`, `le`, `lt`: Booleans from the comparison of two arrays.
public struct Comparison: Elementwise, DiscretePrimitive {
  /// The relations, by the names of their primitives.
  public enum Direction: String, CaseIterable, Sendable {
    case eq, ne, ge, gt, le, lt
  }

  public let direction: Direction

  public init(_ direction: Direction) { self.direction = direction }

  public var name: String { direction.rawValue }
  public var parameters: [Parameter] { [] }

  public func resultType(_ operands: [ShapedArray]) throws -> ElementType {
    if direction != .eq && direction != .ne {
      try require(operands, in: [.integer, .floating, .bool], for: name)
    }
    try requireEqualTypes(operands, for: name)
    return .bool
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let operands = try context.aligned(operands)
    let direction: ComparisonDirection =
      switch direction {
      case .eq: .eq
      case .ne: .ne
      case .ge: .ge
      case .gt: .gt
      case .le: .le
      case .lt: .lt
      }
    if context.inAvals[0].dtype == .key {
      // Keys are equal if both of their words are.
      let equal = try context.builder.compare(operands[0], direction, operands[1])
      let start = try context.builder.constant(HostTensor(scalar: direction == .eq))
      return [
        try context.builder.reduce(
          direction == .eq ? .and : .or, equal, start,
          dimensions: [context.outAvals[0].rank])
      ]
    }
    return [try context.builder.compare(operands[0], direction, operands[1])]
  }
}
