import Core
import HLO
import Support
import Tensor

// Both `Core` and `HLO` have values; what a rule is written over is Core's.
public typealias Value = Core.Value

// The primitives in this folder are those that transformations bind themselves: to add up
// cotangents, to instantiate zeros, to move mapped axes, and to transpose one another.

/// Zeros of type `aval`.
public func zeros(_ aval: ShapedArray) throws -> Value {
  let zero = Value.literal(0, aval.dtype, weakType: aval.weakType)
  if aval.rank == 0 { return zero }
  return try bind1(BroadcastInDim(shape: aval.shape, dimensions: []), zero)
}

/// Zeros that an operation makes: where they are needed by a linear function, that takes them as a
/// residual.
public func residualZeros(_ aval: ShapedArray) throws -> Value {
  if aval.rank > 0 { return try zeros(aval) }
  return .array(
    DeviceArray(
      HostTensor(.float(0), type: aval.dtype), weakType: aval.weakType, isLiteral: true,
      isResidual: true))
}

/// The sum of `value` over `axes`; `value` itself if there are none.
public func reduceSum(_ value: Value, _ axes: [Int]) throws -> Value {
  axes.isEmpty ? value : try bind1(ReduceSum(axes: axes), value)
}

/// Inserts axes of extent 1 at the positions `axes` of the result.
public func expandDims(_ value: Value, _ axes: [Int], marks: NumPyMarks = false) throws -> Value {
  if axes.isEmpty { return value }
  var dimensions = value.shape.dimensions
  for axis in axes.sorted() { dimensions.insert(1, at: axis) }
  let kept = dimensions.indices.filter { !axes.contains($0) }
  return try bind1(
    BroadcastInDim(shape: Shape(dimensions), dimensions: Array(kept), marks: marks),
    value)
}

/// Sums `value` over the axes along which an operand of shape `shape` was repeated.
public func unbroadcast(_ value: Value, to shape: Shape) throws -> Value {
  if value.shape == shape { return value }
  if shape.rank == 0 { return try reduceSum(value, Array(0..<value.rank)) }
  let axes = (0..<shape.rank).filter { shape[$0] == 1 && value.shape[$0] != 1 }
  return try reshape(reduceSum(value, axes), shape)
}

/// The elements of `value` in `shape`; `value` itself if it has that shape.
public func reshape(_ value: Value, _ shape: Shape) throws -> Value {
  value.shape == shape ? value : try bind1(Reshape(shape: shape), value)
}

/// An error for transposing a primitive that is not linear.
public func notLinear(_ primitive: any Primitive) -> RaisedError {
  RaisedError(
    .notImplementedError,
    "Transpose rule (for reverse-mode differentiation) for '\(primitive.name)' not implemented")
}
