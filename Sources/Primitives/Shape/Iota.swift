import Core
import HLO
import Tensor

/// `iota[dimension dtype shape sharding]`: each element is its index along `dimension`.
public struct Iota: Primitive {
  public let dtype: ElementType
  public let shape: Shape
  public let dimension: Int

  public init(dtype: ElementType, shape: Shape, dimension: Int) {
    self.dtype = dtype
    self.shape = shape
    self.dimension = dimension
  }

  public init(_ reader: ParameterReader) throws {
    dtype = try reader.dtype("dtype")
    shape = Shape(try reader.ints("shape"))
    dimension = try reader.int("dimension")
  }

  public var name: String { "iota" }

  public var parameters: [Parameter] {
    [
      Parameter("dtype", .dtype(dtype)), Parameter("shape", .ints(shape.dimensions)),
      Parameter("dimension", .int(dimension)), Parameter("sharding", .none),
    ]
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    guard dimension >= 0 && dimension < shape.rank else {
      throw RaisedError.value(
        "iota dimension must be between 0 and len(shape), got dimension=\(dimension) for shape "
          + "\(ParameterValue.ints(shape.dimensions))")
    }
    return [ShapedArray(shape, dtype)]
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let result = try bind(self, primals)
    return (result, [.zero(result[0].aval.tangent)])
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    []
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    (try bind(self, operands), [nil])
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    [try context.builder.iota(context.resultType(), dimension: dimension)]
  }
}
