import Core
import HLO
import Tensor
import Transforms

// The vocabulary of the derivatives of decompositions: functions of batches of matrices, which
// are the last two axes.

/// A primitive on batches of matrices: a mapped axis is one more batch axis in front.
protocol BatchedMatrixPrimitive: Primitive {}

/// A decomposition that a routine of the linear-algebra library computes: only compiled code calls
/// it.
public protocol LibraryPrimitive: Primitive {}

extension BatchedMatrixPrimitive {
  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let moved = try zip(operands, dims).map { try moveBatchAxis($0, $1, to: 0, size: size) }
    let results = try bind(self, moved)
    return (results, results.map { _ in 0 })
  }
}

extension ShapedArray {
  /// The batch axes and the extents of the matrix.
  func matrix(for primitive: String) throws -> (batch: [Int], rows: Int, columns: Int) {
    guard rank >= 2 else {
      throw RaisedError.type(
        "Input 0 to \(primitive) must have rank at least 2, but got "
          + "shape=\(ParameterValue.ints(shape.dimensions))")
    }
    try require([self], in: .inexact, for: primitive)
    return (Array(shape.dimensions.dropLast(2)), shape[rank - 2], shape[rank - 1])
  }

  /// The batch axes and the extent of a square matrix.
  func squareMatrix(for primitive: String) throws -> (batch: [Int], size: Int) {
    let (batch, rows, columns) = try matrix(for: primitive)
    guard rows == columns else {
      throw RaisedError.value(
        "Argument to \(primitive) must have shape [..., n, n], got shape "
          + "\(ParameterValue.ints(shape.dimensions))")
    }
    return (batch, rows)
  }
}

/// `a b` for each pair of matrices, in the highest precision.
func product(_ a: Value, _ b: Value) throws -> Value {
  let rank = a.rank
  let batch = Array(0..<rank - 2)
  var dot = DotGeneral(
    lhsContracting: [rank - 1], rhsContracting: [rank - 2], lhsBatch: batch, rhsBatch: batch)
  dot.precision = .tuple([.symbol("Precision.HIGHEST"), .symbol("Precision.HIGHEST")])
  return try bind1(dot, a, b)
}

func transposed(_ a: Value) throws -> Value {
  var axes = Array(0..<a.rank)
  axes.swapAt(a.rank - 1, a.rank - 2)
  return try bind1(Transpose(permutation: axes), a)
}

/// The conjugate transpose.
func adjoint(_ a: Value) throws -> Value {
  let flipped = try transposed(a)
  return a.dtype.isComplex ? try bind1(Conj(a.dtype), flipped) : flipped
}

/// Where row + `offset` relates to column as `direction` says, for matrices of these extents.
private func mask(_ rows: Int, _ columns: Int, _ offset: Int, _ direction: Comparison.Direction)
  throws -> Value
{
  func index(_ dimension: Int) throws -> Value {
    try bind(Iota(dtype: .i32, shape: [rows, columns], dimension: dimension), [])[0]
  }
  return try compare(add(index(0), .literal(Double(offset), .i32)), direction, index(1))
}

private func repeatedOverBatch(_ mask: Value, like a: Value) throws -> Value {
  if a.rank == 2 { return mask }
  return try bind1(
    BroadcastInDim(shape: a.shape, dimensions: [a.rank - 2, a.rank - 1]), mask)
}

/// The elements on and below diagonal `offset`, zeros above.
func lowerTriangle(_ a: Value, _ offset: Int = 0) throws -> Value {
  let isKept = try repeatedOverBatch(
    mask(a.shape[a.rank - 2], a.shape[a.rank - 1], offset, .ge), like: a)
  return try select(isKept, a, full(0, like: a))
}

/// The elements on and above diagonal `offset`, zeros below.
func upperTriangle(_ a: Value, _ offset: Int = 0) throws -> Value {
  let isDropped = try repeatedOverBatch(
    mask(a.shape[a.rank - 2], a.shape[a.rank - 1], offset - 1, .ge), like: a)
  return try select(isDropped, full(0, like: a), a)
}

/// The identity of extent `size`.
func identityMatrix(_ size: Int, _ dtype: ElementType) throws -> Value {
  try convert(mask(size, size, 0, .eq), to: dtype)
}

/// The identity, once for each matrix of `a`.
func identity(like a: Value) throws -> Value {
  try repeatedOverBatch(identityMatrix(a.shape[a.rank - 1], a.dtype), like: a)
}

/// The main diagonals of square matrices.
func diagonal(_ a: Value) throws -> Value {
  try reduceSum(mul(a, identity(like: a)), [a.rank - 1])
}

/// Rows `row` in each matrix: an axis of extent 1 in front of the last.
func asRow(_ vector: Value) throws -> Value { try expandDims(vector, [vector.rank - 1]) }

func asColumn(_ vector: Value) throws -> Value { try expandDims(vector, [vector.rank]) }

func realPart(_ a: Value) throws -> Value {
  a.dtype.isComplex ? try bind1(Unary(.real), a) : a
}

/// `a` with zeros after, so that its matrices are `rows` by `columns`; `before` puts them first.
func padded(_ a: Value, rows: Int, columns: Int, before: Bool = false) throws -> Value {
  let extra = [rows - a.shape[a.rank - 2], columns - a.shape[a.rank - 1]]
  let config = (0..<a.rank).map { axis -> PaddingConfig in
    let amount = axis < a.rank - 2 ? 0 : extra[axis - (a.rank - 2)]
    return PaddingConfig(low: before ? amount : 0, high: before ? 0 : amount, interior: 0)
  }
  return try bind1(Pad(config), a, constant(0, like: a))
}

/// The first `rows` rows and `columns` columns of each matrix.
func corner(_ a: Value, rows: Int, columns: Int) throws -> Value {
  let limits = Array(a.shape.dimensions.dropLast(2)) + [rows, columns]
  if limits == a.shape.dimensions { return a }
  return try bind1(Slice(starts: limits.map { _ in 0 }, limits: limits), a)
}

/// The error for a derivative that JAX does not have either.
func noDerivative(_ message: String) -> RaisedError {
  RaisedError(.notImplementedError, message)
}
