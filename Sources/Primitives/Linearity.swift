import Core
import Transforms

// What a primitive's derivative is, where it follows from the kind of the primitive.

/// A primitive that is linear in all of its operands: its derivative is itself.
public protocol LinearPrimitive: Primitive {}

extension LinearPrimitive {
  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let result = try bind(self, primals)
    if tangents.allSatisfy(\.isZero) {
      return (result, result.map { .zero($0.aval.tangent) })
    }
    let moving = try zip(tangents, primals).map { tangent, primal -> Value in
      try tangent.value ?? residualZeros(primal.aval)
    }
    return (result, try bind(self, moving).map { .value($0) })
  }
}

/// A primitive that is linear in none of its operands: no linear function contains it, so that there
/// is nothing to transpose.
public protocol NonlinearPrimitive: Primitive {}

extension NonlinearPrimitive {
  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    throw notLinear(self)
  }
}

/// A primitive whose results do not move with its operands: integers, keys, bits, steps.
public protocol DiscretePrimitive: NonlinearPrimitive {}

extension DiscretePrimitive {
  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let results = try bind(self, primals)
    return (results, results.map { .zero($0.aval.tangent) })
  }
}
