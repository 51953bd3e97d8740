import HLO
import Passes
import Support
import Tensor

extension Combiner {
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
    case (.maximum, .float): return try generator.constant(type, type.lowest)
    case (.minimum, .float): return try generator.constant(type, type.highest)
    case (.maximum, .signed): return bits(UInt64(bitPattern: Int64(type.integerMinimum)))
    case (.maximum, _): return bits(0)
    case (.minimum, .signed): return bits(type.integerMaximum)
    case (.minimum, _): return bits(.max)
    default: throw generator.internalError("a reduction without neutral element")
    }
  }
}
