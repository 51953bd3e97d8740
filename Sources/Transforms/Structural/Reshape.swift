import Core
import HLO
import Tensor

/// `reshape[dimensions=None new_sizes=(…) sharding=None] x`: the same elements in row-major order,
/// or with the axes in the order `dimensions`.
public struct Reshape: Primitive {
  public var name: String { "reshape" }

  public let shape: Shape
  /// The axes of the operand from the slowest to the fastest; `nil` for its own order.
  public let order: [Int]?

  public init(shape: Shape, order: [Int]? = nil) {
    self.shape = shape
    self.order = order
  }

  public init(_ reader: ParameterReader) throws {
    shape = Shape(try reader.ints("new_sizes"))
    order = try reader.optionalInts("dimensions")
  }

  public var parameters: [Parameter] {
    [
      Parameter("new_sizes", .ints(shape.dimensions)),
      Parameter("dimensions", order.map { .ints($0) } ?? .none),
      Parameter("sharding", .none),
    ]
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let operand = operands[0]
    guard shape.dimensions.allSatisfy({ $0 >= 0 }), shape.count == operand.shape.count else {
      throw RaisedError.type(
        "cannot reshape array of shape \(ParameterValue.ints(operand.shape.dimensions)) (size "
          + "\(operand.shape.count)) into shape \(ParameterValue.ints(shape.dimensions)) (size "
          + "\(shape.count))")
    }
    if let order, order.sorted() != Array(0..<operand.rank) {
      throw RaisedError.type(
        "reshape dimensions must be a permutation of operand dimensions, got dimensions "
          + "\(ParameterValue.ints(order)) for shape \(ParameterValue.ints(operand.shape.dimensions))."
      )
    }
    return [operand.with(shape: shape)]
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    (try bind(self, primals), [.value(try bind(self, [tangents[0].value!])[0])])
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    guard let cotangent = cotangents[0].value else { return [nil] }
    let shape = operands[0].aval.shape
    guard let order else { return [try bind1(Reshape(shape: shape), cotangent)] }
    let permuted = try bind1(Reshape(shape: Shape(order.map { shape[$0] })), cotangent)
    let inverse = order.indices.sorted { order[$0] < order[$1] }
    return [try bind1(Transpose(permutation: inverse), permuted)]
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let moved = try moveBatchAxis(operands[0], dims[0], to: 0, size: size)
    let wanted = Shape([size] + shape.dimensions)
    if order == nil, moved.shape == wanted { return ([moved], [0]) }
    let batched = Reshape(shape: wanted, order: order.map { [0] + $0.map { $0 + 1 } })
    return (try bind(batched, [moved]), [0])
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let builder = context.builder
    let operand = try order.map { try builder.transpose(operands[0], $0) } ?? operands[0]
    return [try builder.reshape(operand, context.resultType().dimensions)]
  }
}
