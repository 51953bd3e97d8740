import Tensor

/// A view under another shape, or a copy where no view exists.
func reshape(_ array: NumpyArray, _ shape: Shape) -> NumpyArray {
  array.isContiguous
    ? array.view(shape: shape, strides: shape.strides) : NumpyArray(array.copied.reshaped(shape))
}

func transposed(_ array: NumpyArray, _ axes: [Int]) -> Object {
  .native(
    array.view(
      shape: Shape(axes.map { array.shape[$0] }), strides: axes.map { array.strides[$0] }))
}

func take(_ array: NumpyArray, _ indices: NumpyArray, _ axis: Int) throws -> Object {
  let everything = Object.slice(Slice(.none, .none, .none))
  let key = [Object](repeating: everything, count: axis) + [.native(indices)]
  return try array.item(.tuple(key))
}

func diagonal(_ array: NumpyArray, _ k: Int) throws -> NumpyArray {
  guard array.rank == 2 else { throw valueError("diag requires an array of two dimensions") }
  let (rows, columns) = (array.shape[0], array.shape[1])
  let count = max(0, k >= 0 ? min(rows, columns - k) : min(rows + k, columns))
  return array.view(
    shape: [count], strides: [array.strides[0] + array.strides[1]],
    offset: array.offset + (k >= 0 ? k * array.strides[1] : -k * array.strides[0]))
}
