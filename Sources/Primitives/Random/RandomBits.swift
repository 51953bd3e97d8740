import Core
import HLO
import Tensor

/// `random_bits[bit_width=… shape=(…)] keys`: uniform bits along new trailing axes.
public struct RandomBits: DiscretePrimitive {
  public let bitWidth: Int
  public let shape: Shape
  /// `jax_threefry_partitionable` where it was bound: part of what it means, not of what it prints.
  private let isPartitionable = Configuration.traceContext.isThreefryPartitionable

  public init(bitWidth: Int, shape: Shape) {
    self.bitWidth = bitWidth
    self.shape = shape
  }

  public init(_ reader: ParameterReader) throws {
    bitWidth = try reader.int("bit_width")
    shape = Shape(try reader.ints("shape"))
  }

  public var name: String { "random_bits" }

  public var parameters: [Parameter] {
    [Parameter("bit_width", .int(bitWidth)), Parameter("shape", .ints(shape.dimensions))]
  }

  private func dtype() throws -> ElementType {
    switch bitWidth {
    case 8: return .u8
    case 16: return .u16
    case 32: return .u32
    case 64: return .u64
    default: throw RaisedError.type("requires 8-, 16-, 32- or 64-bit field width.")
    }
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    try requireKeys(operands[0], for: name)
    return [ShapedArray(Shape(operands[0].shape.dimensions + shape.dimensions), try dtype())]
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    (try bind(self, operands), dims)
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let dtype = try dtype()
    return [
      try context.expandKeys(operands) {
        try Threefry.bits($0[0], dtype, shape, isPartitionable: isPartitionable)
      }
    ]
  }
}
