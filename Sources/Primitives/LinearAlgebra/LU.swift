import Core
import HLO
import Tensor
import Transforms

/// `lu a`: the factors in one matrix (the unit lower one below the diagonal), the row exchanged
/// with each row in turn, and the permutation of rows that they make.
public struct LU: BatchedMatrixPrimitive, LibraryPrimitive, NonlinearPrimitive {
  public init() {}

  public var name: String { "lu" }
  public var parameters: [Parameter] { [] }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let (batch, rows, columns) = try operands[0].matrix(for: name)
    return [
      operands[0].strengthened, ShapedArray(Shape(batch + [min(rows, columns)]), .i32),
      ShapedArray(Shape(batch + [rows]), .i32),
    ]
  }

  /// With `p a = l u`: l⁻¹ (p da) u⁻¹ is the sum of a strictly lower part, l⁻¹ dl, and an upper
  /// part, du u⁻¹.
  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let results = try bind(self, primals)
    let none = results.dropFirst().map { Tangent.zero($0.aval.tangent) }
    guard let t = tangents[0].value else {
      return (results, [.zero(results[0].aval.tangent)] + none)
    }
    let (_, rows, columns) = try primals[0].aval.matrix(for: name)
    let least = min(rows, columns)
    let lower = try padded(
      corner(lowerTriangle(results[0], -1), rows: rows, columns: least), rows: rows, columns: rows)
    let l = try add(lower, identity(like: lower))
    var u = try padded(
      corner(upperTriangle(results[0]), rows: least, columns: columns), rows: columns,
      columns: columns)
    if columns > least {
      let unit = try padded(
        identityMatrix(columns - least, u.dtype), rows: columns, columns: columns, before: true)
      u = try add(
        u,
        u.rank == 2
          ? unit
          : bind1(BroadcastInDim(shape: u.shape, dimensions: [u.rank - 2, u.rank - 1]), unit))
    }
    let permuted = try permuteRows(t, results[2])
    let left = try bind1(
      TriangularSolve(isLeft: true, isLower: true, hasUnitDiagonal: true), l, permuted)
    let both = try bind1(TriangularSolve(isLeft: false, isLower: false), u, left)
    let lowerChange = try product(l, lowerTriangle(both, -1))
    let upperChange = try product(upperTriangle(both), u)
    return (results, [.value(try add(lowerChange, upperChange))] + none)
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    try context.callLibrary(
      "linalg.lu", operands, results: (0..<3).map { context.resultType($0) })
  }
}

/// Row `order[i]` of each matrix becomes row `i`.
func permuteRows(_ a: Value, _ order: Value) throws -> Value {
  let rank = a.rank
  let batch = Array(0..<rank - 2)
  let gather = Gather(
    dimensions: GatherDimensions(
      offsetDims: [rank - 1], collapsedSliceDims: [rank - 2], startIndexMap: [rank - 2],
      operandBatchingDims: batch, startIndicesBatchingDims: batch),
    sliceSizes: [Int](repeating: 1, count: rank - 1) + [a.shape[rank - 1]],
    mode: .promiseInBounds)
  return try bind1(gather, a, expandDims(order, [order.rank]))
}

/// The solution of `a x = b` for square matrices.
func solve(_ a: Value, _ b: Value) throws -> Value {
  let factors = try bind(LU(), [a])
  let permuted = try permuteRows(b, factors[2])
  let y = try bind1(
    TriangularSolve(isLeft: true, isLower: true, hasUnitDiagonal: true), factors[0], permuted)
  return try bind1(TriangularSolve(isLeft: true, isLower: false), factors[0], y)
}

/// `lu_pivots_to_permutation[permutation_size] pivots`: the permutation that exchanges row `i`
/// with row `pivots[i]`, for each `i` in turn.
public struct PivotsToPermutation: BatchedMatrixPrimitive, DiscretePrimitive {
  public let size: Int

  public init(_ reader: ParameterReader) throws { size = try reader.int("permutation_size") }

  public var name: String { "lu_pivots_to_permutation" }
  public var parameters: [Parameter] { [Parameter("permutation_size", .int(size))] }
  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let pivots = operands[0]
    guard pivots.rank >= 1, pivots.dtype == .i32 else {
      throw RaisedError.value(
        "Argument to lu_pivots_to_permutation must have dtype int32 and ndim >= 1, got \(pivots)")
    }
    let count = pivots.shape[pivots.rank - 1]
    guard count <= size else {
      throw RaisedError.value(
        "Output permutation size \(size) has to exceed the trailing dimension of the pivots. Got "
          + "pivots size \(count)")
    }
    return [ShapedArray(Shape(pivots.shape.dimensions.dropLast() + [size]), .i32)]
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    try context.expand(operands) { inputs in
      let batch = Array(inputs[0].shape.dimensions.dropLast())
      if batch.isEmpty { return [try permutation(inputs[0])] }
      let count = batch.reduce(1, *)
      let flat = try reshape(inputs[0], [count, inputs[0].shape.dimensions.last!])
      let (results, dims) = try vmapInner(
        { [try permutation($0[0])] }, [flat], [0], size: count)
      let moved = try moveBatchAxis(results[0], dims[0], to: 0, size: count)
      return [try reshape(moved, Shape(batch + [size]))]
    }
  }

  private func permutation(_ pivots: Value) throws -> Value {
    func index(_ number: Int) -> Value { .literal(Double(number), .i32) }
    let start = try bind(Iota(dtype: .i32, shape: [size], dimension: 0), [])[0]
    let count = pivots.shape[0]
    let results = try whileLoop(
      [index(0), start],
      condition: { try compare($0[0], .lt, index(count)) },
      body: { state in
        let (i, order) = (state[0], state[1])
        func element(_ array: Value, _ place: Value) throws -> Value {
          try bind1(DynamicSlice(sizes: [1]), array, place)
        }
        let other = try reshape(element(pivots, i), .scalar)
        let kept = try element(order, i)
        let moved = try element(order, other)
        let first = try bind1(DynamicUpdateSlice(), order, moved, i)
        return [try add(i, index(1)), try bind1(DynamicUpdateSlice(), first, kept, other)]
      })
    return results[1]
  }
}
