import Core
import HLO
import Tensor
import Transforms

/// A primitive that computes each element of its result from the elements at the same place.
///
/// Operands have one shape, or are scalars, or have axes of extent 1 where others are longer.
public protocol Elementwise: Primitive {
  /// The dtype of the result, with the operands' dtypes checked.
  func resultType(_ operands: [ShapedArray]) throws -> ElementType
}

extension Elementwise {
  public var effects: [Effect] { [] }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let dtype = try resultType(operands)
    let shape = try broadcastShape(operands.map(\.shape), for: name)
    return [
      ShapedArray(
        shape, dtype,
        weakType: operands.allSatisfy(\.weakType)
          && operands.allSatisfy { $0.dtype == dtype || !$0.dtype.isInexact })
    ]
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let (aligned, dim) = try alignBatched(operands, dims, size: size)
    return (try bind(self, aligned), [dim])
  }
}

/// Brings the mapped axes of elementwise operands to one place: where they are if all agree, else to
/// the front. Operands that are scalars for each element get trailing axes of extent 1 where others
/// have more axes.
func alignBatched(_ operands: [Value], _ dims: [Int?], size: Int) throws -> ([Value], Int) {
  let first = zip(operands, dims).first { $1 != nil }!
  if zip(operands, dims).allSatisfy({
    $0.rank == 0 || ($0.shape == first.0.shape && $1 == first.1)
  }) {
    return (operands, first.1!)
  }
  let moved = try zip(operands, dims).map { operand, dim -> Value in
    guard let dim else {
      return operand.rank == 0 ? operand : try expandDims(operand, [0], marks: true)
    }
    return try moveBatchAxis(operand, dim, to: 0, size: size)
  }
  let rank = moved.map(\.rank).max() ?? 0
  let aligned = try moved.map {
    $0.rank == 0 ? $0 : try expandDims($0, Array($0.rank..<rank))
  }
  return (aligned, 0)
}

/// The shape of an elementwise result.
func broadcastShape(_ shapes: [Shape], for primitive: String) throws -> Shape {
  var result: Shape?
  for shape in shapes where shape.rank > 0 {
    guard var merged = result else {
      result = shape
      continue
    }
    guard merged.rank == shape.rank else {
      throw RaisedError.type(
        "\(primitive): arrays must have same number of dimensions, got "
          + shapes.map { "\($0.rank)" }.joined(separator: ", ") + ".")
    }
    for axis in 0..<merged.rank where merged[axis] != shape[axis] {
      if merged[axis] == 1 {
        merged[axis] = shape[axis]
      } else if shape[axis] != 1 {
        throw RaisedError.type(
          "\(primitive) got incompatible shapes for broadcasting: "
            + shapes.map { "\(ParameterValue.ints($0.dimensions))" }.joined(separator: ", ") + ".")
      }
    }
    result = merged
  }
  return result ?? .scalar
}

/// Checks that all operands have one dtype.
func requireEqualTypes(_ operands: [ShapedArray], for primitive: String) throws {
  guard operands.dropFirst().allSatisfy({ $0.dtype == operands[0].dtype }) else {
    throw RaisedError.type(
      "lax.\(primitive) requires arguments to have the same dtypes, got "
        + operands.map(\.dtype.numpyName).joined(separator: ", ") + "."
        + (promotingFunctions[primitive].map {
          " (Tip: jnp.\($0) is a similar function that does automatic type promotion on inputs)."
        } ?? ""))
  }
}

/// The functions of `jax.numpy` that JAX's error messages recommend.
private let promotingFunctions = [
  "add": "add", "sub": "subtract", "mul": "multiply", "div": "divide", "max": "maximum",
  "min": "minimum", "eq": "equal", "ne": "not_equal", "concatenate": "concatenate",
  "select": "where",
]

/// The error for a dtype that a primitive does not take, as the operand at `position` if the
/// primitive has several.
func unacceptable(
  _ dtype: ElementType, for primitive: String, wanted: String, position: Int? = nil
) -> RaisedError {
  let place = position.map { " at position \($0)" } ?? ""
  return .type(
    "\(primitive) does not accept dtype \(dtype.numpyName)\(place). Accepted dtypes\(place) are "
      + "subtypes of \(wanted).")
}

extension LoweringContext {
  /// The operands, each repeated to the shape of the result.
  func aligned(_ operands: [ValueID]) throws -> [ValueID] {
    let shape = outAvals[0].shape
    return try zip(operands, inAvals).map { try broadcast($0, $1, to: shape) }
  }
}
