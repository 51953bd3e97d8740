import Core
import HLO
import Tensor
import Transforms

/// A primitive whose results do not move with its operands: integers, keys, bits.
public protocol DiscretePrimitive: Primitive {}

extension DiscretePrimitive {
  public var effects: [Effect] { [] }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let results = try bind(self, primals)
    return (results, results.map { .zero($0.aval.tangent) })
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    throw notLinear(self)
  }
}
