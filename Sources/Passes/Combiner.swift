import HLO
import Tensor

/// A reduction's region that is one associative and commutative operation with a neutral element:
/// its elements may be combined in any order and grouping.
public struct Combiner {
  public let operation: BinaryOp
  public let type: ElementType

  /// `nil` for any other region.
  public init?(_ function: Function, _ region: RegionID) {
    let body = function.regions[region]
    guard body.arguments.count == 2, body.operations.count == 2,
      case .binary(let op) = function.operations[body.operations[0]].op,
      let type = function.values[body.arguments[0]].type.tensor
    else { return nil }
    let operands = Set(function.operations[body.operations[0]].operands)
    let result = function.operations[body.operations[0]].results[0]
    guard operands == Set(body.arguments),
      Array(function.operations[body.operations[1]].operands) == [result]
    else { return nil }
    switch op {
    case .add, .multiply: break
    case .maximum, .minimum: if type.element.isComplex { return nil }
    case .and, .or, .xor: break
    default: return nil
    }
    operation = op
    self.type = type.element
  }

  /// Can a GPU combine elements in memory that other threads reach? Elements of a byte cannot be
  /// compared and swapped, nor complex ones as a whole, but sums of these are two sums.
  public var hasAtomic: Bool {
    type.isComplex ? operation == .add : type.bitWidth >= 16 && !type.isBool
  }
}
