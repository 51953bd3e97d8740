import Core
import HLO

/// `add_any a b`: the sum of two cotangents of one value.
public struct AddAny: Primitive {
  public var name: String { "add_any" }

  public init() {}

  public var parameters: [Parameter] { [] }
  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    [
      ShapedArray(
        operands[0].shape, operands[0].dtype,
        weakType: operands[0].weakType && operands[1].weakType)
    ]
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    (try bind(self, primals), [.value(try bind(self, tangents.map(instantiate))[0])])
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    operands.map { $0.isLinear ? cotangents[0].value : nil }
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let dim = dims.compactMap { $0 }.last!
    let moved = try zip(operands, dims).map {
      try moveBatchAxis($0, $1, to: dim, size: size)
    }
    return (try bind(self, moved), [dim])
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    [try context.builder.add(operands[0], operands[1])]
  }
}
