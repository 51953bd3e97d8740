import HLO
import Support
import Tensor

/// A reduction's region that is one associative and commutative operation with a neutral element:
/// its elements may be combined in any order and grouping.
struct Combiner {
  let operation: BinaryOp
  let type: ElementType

  /// `nil` for any other region.
  init?(_ function: Function, _ region: RegionID) {
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
  var hasAtomic: Bool {
    type.isComplex ? operation == .add : type.bitWidth >= 16 && !type.isBool
  }

  /// The neutral element.
  func identity(_ generator: ElementGenerator) throws -> Kernel.ValueID {
    func bits(_ value: UInt64) -> Kernel.ValueID {
      // Signed numbers narrower than a byte have their sign in all of it.
      let width = UInt64(type.kind == .signed ? max(type.bitWidth, 8) : type.bitWidth)
      let mask = width >= 64 ? UInt64.max : UInt64(1) << width - 1
      return generator.builder.constant(type, ScalarBits(value & mask))
    }
    switch (operation, type.kind) {
    case (.add, .float): return try generator.constant(type, -0.0)
    case (.add, _), (.or, _), (.xor, _), (.maximum, .bool): return try generator.constant(type, 0)
    case (.multiply, _), (.minimum, .bool): return try generator.constant(type, 1)
    case (.and, .bool): return try generator.constant(type, 1)
    case (.and, _): return bits(.max)
    case (.maximum, .float): return try generator.constant(type, -Double.infinity)
    case (.minimum, .float): return try generator.constant(type, Double.infinity)
    case (.maximum, .signed): return bits(UInt64(bitPattern: Int64(type.integerMinimum)))
    case (.maximum, _): return bits(0)
    case (.minimum, .signed): return bits(type.integerMaximum)
    case (.minimum, _): return bits(.max)
    default: throw generator.internalError("a reduction without neutral element")
    }
  }
}
