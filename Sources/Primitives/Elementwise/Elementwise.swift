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
  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let shape = try broadcastShape(operands.map(\.shape), for: name)
    let dtype = try resultType(operands)
    return [
      ShapedArray(
        shape, dtype,
        weakType: operands.allSatisfy(\.weakType)
          && (dtype == .bool || operands.allSatisfy { $0.dtype == dtype || !$0.dtype.isInexact }))
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
        "\(primitive): arrays must have the same number of dimensions, got {"
          + Set(shapes.map(\.rank)).sorted().map(String.init).joined(separator: ", ") + "}")
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

extension LoweringContext {
  /// The operands, each repeated to the shape of the result.
  func aligned(_ operands: [ValueID]) throws -> [ValueID] {
    let shape = outAvals[0].shape
    return try zip(operands, inAvals).map { try broadcast($0, $1, to: shape) }
  }
}
