import Core
import HLO
import Tensor
import Transforms

/// A primitive that is linear in all of its operands: its derivative is itself.
public protocol LinearPrimitive: Primitive {}

extension LinearPrimitive {
  public var effects: [Effect] { [] }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let result = try bind(self, primals)
    if tangents.allSatisfy(\.isZero) {
      return (result, result.map { .zero($0.aval.tangent) })
    }
    let moving = try zip(tangents, primals).map { tangent, primal -> Value in
      try tangent.value ?? full(0, primal.aval)
    }
    return (result, try bind(self, moving).map { .value($0) })
  }
}
