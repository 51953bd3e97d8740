import Core
import HLO
import Tensor

/// `transpose[permutation=(…)] x`: result axis `i` is operand axis `permutation[i]`.
public struct Transpose: Primitive {
  public var name: String { "transpose" }

  public let permutation: [Int]

  public init(permutation: [Int]) { self.permutation = permutation }

  public init(_ reader: ParameterReader) throws { permutation = try reader.ints("permutation") }

  public var parameters: [Parameter] { [Parameter("permutation", .ints(permutation))] }

  /// The permutation that undoes this one.
  private var inverse: [Int] {
    var inverse = permutation
    for (axis, source) in permutation.enumerated() { inverse[source] = axis }
    return inverse
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let operand = operands[0]
    guard permutation.sorted() == Array(0..<operand.rank) else {
      throw RaisedError.type(
        "transpose permutation isn't a permutation of operand dimensions, got permutation "
          + "\(ParameterValue.ints(permutation)) for operand shape "
          + "\(ParameterValue.ints(operand.shape.dimensions)).")
    }
    return [operand.with(shape: Shape(permutation.map { operand.shape[$0] }))]
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    (try bind(self, primals), [.value(try bind(self, [tangents[0].value!])[0])])
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    guard let cotangent = cotangents[0].value else { return [nil] }
    return [try bind1(Transpose(permutation: inverse), cotangent)]
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let dim = dims[0]!
    let batched = [dim] + permutation.map { $0 >= dim ? $0 + 1 : $0 }
    return (try bind(Transpose(permutation: batched), operands), [0])
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let isKey = context.outAvals[0].dtype == .key
    return [
      try context.builder.transpose(
        operands[0], permutation + (isKey ? [permutation.count] : []))
    ]
  }
}
