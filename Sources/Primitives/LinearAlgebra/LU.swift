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
    let (factorType, pivotType) = (context.resultType(0), context.resultType(1))
    let results = try context.call(
      LibraryRoutine(name: "getrf", aliases: [0]), operands,
      results: [factorType, pivotType, context.infoType])
    // LAPACK counts rows from 1.
    let pivots = try context.builder.subtract(results[1], context.builder.full(1, pivotType))
    let factors = try context.valid(results[0], where: context.succeeded(results[2], .ge))
    let size = context.resultType(2).dimensions.last!
    let permutation = try stage([context.outAvals[1]]) { [try rowPermutation($0[0], size: size)] }
    return [factors, pivots] + (try context.inline(permutation, [pivots]))
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
    try context.expand(operands) { [try rowPermutation($0[0], size: size)] }
  }
}

/// The permutation of `size` rows that exchanges row `i` with row `pivots[i]`, for each `i` in turn.
private func rowPermutation(_ pivots: Value, size: Int) throws -> Value {
  let batch = Array(pivots.shape.dimensions.dropLast())
  let count = pivots.shape.dimensions.last!
  let rows = ShapedArray(Shape(batch + [size]), .i32)
  let start = try bind1(Iota(dtype: .i32, shape: rows.shape, dimension: batch.count))
  if size == 0 || count == 0 { return start }
  let index = ShapedArray(.scalar, .i32, weakType: true)
  let body = try stage([pivots.aval, index, rows]) { state in
    let next = try add(state[1], .literal(1, .i32))
    let exchange = overBatch(batch) { [try exchanged($0[2], at: $0[1], $0[0])] }
    return [next] + (try exchange(state))
  }
  let loop = Scan(
    jaxpr: body, length: count, reverse: false, constCount: 1, carryCount: 2)
  return try bind(loop, [pivots, .literal(0, .i32), start])[1]
}

/// `function` of pivots, an index and rows for each element of the batch; the index is the same for all.
private func overBatch(_ extents: [Int], _ function: @escaping FlatFunction) -> FlatFunction {
  guard let extent = extents.first else { return function }
  let inner = overBatch(Array(extents.dropFirst()), function)
  return { operands in
    let (results, dims) = try vmapInner(inner, operands, [0, nil, 0], size: extent)
    return [try moveBatchAxis(results[0], dims[0], to: 0, size: extent)]
  }
}

/// `rows` after row `i` and row `pivots[i]` have changed places.
private func exchanged(_ rows: Value, at i: Value, _ pivots: Value) throws -> Value {
  let strong = ConvertElementType(.i32)
  /// Negative indices count from the end, as they do in the library.
  func element(_ array: Value, _ place: Value, isWeak: Bool = false) throws -> Value {
    let size = Value.literal(Double(array.shape[0]), .i32)
    let isNegative = try compare(place, .lt, .literal(0, .i32))
    let wrapped = try add(isWeak ? bind1(strong, place) : place, size)
    let start = try select(isNegative, wrapped, place)
    return try bind1(Squeeze([0]), bind1(DynamicSlice(sizes: [1]), array, start))
  }
  func replaced(_ array: Value, _ place: Value, with element: Value, isWeak: Bool = false) throws
    -> Value
  {
    let size = Value.literal(Double(array.shape[0]), .i32, weakType: true)
    let isNegative = try compare(place, .lt, .literal(0, .i32))
    let wrapped = try select(isNegative, add(place, size), place)
    let index = try expandDims(isWeak ? bind1(strong, wrapped) : wrapped, [0])
    let scatter = Scatter(
      .set,
      dimensions: ScatterDimensions(
        updateWindowDims: [], insertedWindowDims: [0], scatterDimsToOperandDims: [0]),
      mode: .fillOrDrop, indicesAreSorted: true, uniqueIndices: true)
    return try bind1(scatter, array, index, element)
  }
  let j = try element(pivots, i, isWeak: true)
  let (first, second) = (try element(rows, i, isWeak: true), try element(rows, j))
  return try replaced(replaced(rows, i, with: second, isWeak: true), j, with: first)
}
