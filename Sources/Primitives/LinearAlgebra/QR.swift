import Core
import HLO
import Tensor
import Transforms

/// `qr[full_matrices pivoting use_magma] a`: orthonormal `q` and upper triangular `r` with
/// `a = q r`.
public struct QR: BatchedMatrixPrimitive, LibraryPrimitive, NonlinearPrimitive {
  public let isFull: Bool
  /// Whether columns are exchanged so that the diagonal of `r` descends; their order is a third result.
  public let isPivoting: Bool

  public init(_ reader: ParameterReader) throws {
    isFull = try reader.bool("full_matrices")
    isPivoting = try reader.bool("pivoting", default: false)
  }

  public var name: String { "qr" }

  public var parameters: [Parameter] {
    [
      Parameter("full_matrices", .bool(isFull)), Parameter("pivoting", .bool(isPivoting)),
      Parameter("use_magma", .none),
    ]
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let (batch, rows, columns) = try operands[0].matrix(for: name)
    let inner = isFull ? rows : min(rows, columns)
    let factors = [
      ShapedArray(Shape(batch + [rows, inner]), operands[0].dtype),
      ShapedArray(Shape(batch + [inner, columns]), operands[0].dtype),
    ]
    return isPivoting ? factors + [ShapedArray(Shape(batch + [columns]), .i32)] : factors
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let results = try bind(self, primals)
    let none = results.map { Tangent.zero($0.aval.tangent) }
    guard let t = tangents[0].value else { return (results, none) }
    let (_, rows, columns) = try primals[0].aval.matrix(for: name)
    let (q, r) = (results[0], results[1])
    func ordered(_ a: Value) throws -> Value {
      isPivoting ? try transposed(permuteRows(transposed(a), results[2])) : a
    }
    let (a, da) = (try ordered(primals[0]), try ordered(t))
    let (dq, dr) =
      rows < columns
      ? try wideDerivative(q, r, a, da)
      : isFull && rows > columns ? try fullDerivative(q, r, da) : try thinDerivative(q, r, da)
    return (results, [.value(dq), .value(dr)] + none.dropFirst(2))
  }

  /// With `qᴴ da r⁻¹ = qᴴ dq + dr r⁻¹`, the first antisymmetric and the second upper triangular
  /// (Walter and Lehmann, *Algorithmic Differentiation of Linear Algebra Functions*).
  private func thinDerivative(_ q: Value, _ r: Value, _ t: Value) throws -> (Value, Value) {
    let scaled = try bind1(TriangularSolve(isLeft: false, isLower: false), r, t)
    let inner = try product(adjoint(q), scaled)
    let lower = try lowerTriangle(inner, -1)
    var rotation = try sub(lower, adjoint(lower))
    let real = try realPart(inner)
    let imaginary = try sub(
      inner, inner.dtype.isComplex ? bind1(Binary(.complex), real, full(0, like: real)) : real)
    rotation = try add(rotation, mul(identity(like: inner), imaginary))
    let dq = try add(product(q, sub(rotation, inner)), scaled)
    let dr = try product(sub(inner, rotation), r)
    return (dq, dr)
  }

  /// The square part of `a` decides on `q`; the rest of `r` is `qᴴ` times the rest of `a`.
  private func wideDerivative(_ q: Value, _ r: Value, _ a: Value, _ t: Value) throws -> (
    Value, Value
  ) {
    let rows = a.shape[a.rank - 2]
    func square(_ x: Value) throws -> Value { try corner(x, rows: rows, columns: rows) }
    func rest(_ x: Value) throws -> Value { try columns(x, from: rows) }
    let (dq, dr) = try thinDerivative(q, square(r), square(t))
    let others = try add(product(adjoint(dq), rest(a)), product(adjoint(q), rest(t)))
    return (dq, try bind1(Concatenate(dr.rank - 1), dr, others))
  }

  /// The columns of `q` that span what `a` does not move with the others (Roberts and Roberts,
  /// *QR and LQ Decomposition Matrix Backpropagation Algorithms for Square, Wide, and Deep Matrices*).
  private func fullDerivative(_ q: Value, _ r: Value, _ t: Value) throws -> (Value, Value) {
    let (rows, count) = (q.shape[q.rank - 1], r.shape[r.rank - 1])
    let thin = try corner(q, rows: rows, columns: count)
    let other = try columns(q, from: count)
    let (dq, dr) = try thinDerivative(thin, corner(r, rows: count, columns: count), t)
    func upper(_ x: Value) throws -> Value { try corner(x, rows: count, columns: count) }
    func lower(_ x: Value) throws -> Value { try transposed(columns(transposed(x), from: count)) }
    // z = lower(q) (upper(q) - 1)⁻¹
    let shifted = try sub(upper(thin), identity(like: upper(thin)))
    let z = try transposed(solve(transposed(shifted), transposed(lower(thin))))
    let turned = try sub(lower(dq), product(z, upper(dq)))
    let moved = try sub(
      product(dq, adjoint(z)), product(add(thin, product(other, z)), adjoint(turned)))
    return (
      try bind1(Concatenate(q.rank - 1), dq, moved), try padded(dr, rows: rows, columns: count)
    )
  }

  private func columns(_ a: Value, from first: Int) throws -> Value {
    let limits = a.shape.dimensions
    let starts = limits.indices.map { $0 == a.rank - 1 ? first : 0 }
    return try bind1(Slice(starts: starts, limits: limits), a)
  }

  /// Reflectors by LAPACK's `geqrf` or `geqp3`; their product by `orgqr`.
  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    try context.requireLibraryType()
    return try context.expand(operands) { try factors($0[0]) }
  }

  private func factors(_ a: Value) throws -> [Value] {
    let (batch, rows, columns) = try a.aval.matrix(for: name)
    if rows == 0 || columns == 0 { return try emptyFactors(batch, rows, columns, a.dtype) }
    let packed: Value
    let reflectors: Value
    var order: [Value] = []
    if isPivoting {
      let free = try zeros(ShapedArray(Shape(batch + [columns]), .i32))
      let results = try bind(PivotedQR(), [a, free])
      (packed, reflectors) = (results[0], results[2])
      // LAPACK counts columns from 1.
      order = [try sub(results[1], constant(1, like: results[1]))]
    } else {
      let results = try bind(PackedQR(), [a])
      (packed, reflectors) = (results[0], results[1])
    }
    var q = packed
    if rows < columns {
      q = try corner(packed, rows: rows, columns: rows)
    } else if isFull {
      q = try padded(packed, rows: rows, columns: rows)
    }
    q = try bind1(HouseholderProduct(), q, reflectors)
    let r =
      rows < columns || isFull ? packed : try corner(packed, rows: columns, columns: columns)
    return [q, try upperTriangle(r)] + order
  }

  private func emptyFactors(_ batch: [Int], _ rows: Int, _ columns: Int, _ dtype: ElementType)
    throws -> [Value]
  {
    let inner = isFull ? rows : 0
    let q = try bind1(
      BroadcastInDim(
        shape: Shape(batch + [rows, inner]), dimensions: [batch.count, batch.count + 1]),
      corner(identityMatrix(rows, dtype), rows: rows, columns: inner))
    let r = try zeros(ShapedArray(Shape(batch + [inner, columns]), dtype))
    let order = try zeros(ShapedArray(Shape(batch + [columns]), .i32))
    return isPivoting ? [q, r, order] : [q, r]
  }
}

/// `householder_product a taus`: the product of the reflectors that `a` holds below its diagonal.
public struct HouseholderProduct: BatchedMatrixPrimitive, LibraryPrimitive, NonlinearPrimitive {
  public init() {}

  public var name: String { "householder_product" }
  public var parameters: [Parameter] { [] }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let (batch, rows, columns) = try operands[0].matrix(for: name)
    let taus = operands[1].shape.dimensions
    guard rows >= columns, taus.count == batch.count + 1, Array(taus.dropLast()) == batch,
      taus.last! <= columns
    else {
      throw RaisedError.value(
        "Arguments to householder_product must be a tall matrix and a vector of reflectors, got "
          + "\(operands[0]) and \(operands[1])")
    }
    return [operands[0].strengthened]
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    guard tangents.allSatisfy(\.isZero) else {
      throw noDerivative("Differentiation rule for 'householder_product' not implemented")
    }
    let result = try bind(self, primals)
    return (result, [.zero(result[0].aval.tangent)])
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    try context.call(.householderProduct, operands, results: [context.resultType()])
  }
}

/// `ormqr[left transpose] a taus c`: `c` times the product of the reflectors, or its adjoint, without
/// making that product.
public struct HouseholderMultiply: BatchedMatrixPrimitive, LibraryPrimitive, NonlinearPrimitive {
  public let isLeft: Bool
  public let isTransposed: Bool

  public init(_ reader: ParameterReader) throws {
    isLeft = try reader.bool("left", default: true)
    isTransposed = try reader.bool("transpose", default: false)
  }

  public var name: String { "ormqr" }
  public var parameters: [Parameter] {
    [Parameter("left", .bool(isLeft)), Parameter("transpose", .bool(isTransposed))]
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let (_, rows, _) = try operands[0].matrix(for: name)
    let (_, otherRows, otherColumns) = try operands[2].matrix(for: name)
    guard (isLeft ? otherRows : otherColumns) == rows else {
      let (a, c) = (operands[0], operands[2])
      let expectation =
        isLeft
        ? "ormqr with left=True expects c to have the same number of rows as the Householder matrix a."
        : "ormqr with left=False expects c to have the same number of columns as the Householder "
          + "matrix a has rows."
      throw RaisedError.value(
        expectation
          + " Got a shape \(ParameterValue.ints(Array(a.shape.dimensions.suffix(2)))) and c shape "
          + "\(ParameterValue.ints(Array(c.shape.dimensions.suffix(2)))).")
    }
    return [operands[2].strengthened]
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    guard tangents.allSatisfy(\.isZero) else {
      throw noDerivative("Differentiation rule for 'ormqr' not implemented")
    }
    let result = try bind(self, primals)
    return (result, [.zero(result[0].aval.tangent)])
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let routine = LibraryRoutine(
      name: "ormqr", complexName: "unmqr",
      options: [
        NamedAttribute("left", .bool(isLeft)), NamedAttribute("transpose", .bool(isTransposed)),
      ], aliases: [2])
    return try context.call(routine, operands, results: [context.resultType()])
  }
}

/// `geqrf a`: the packed reflectors and upper triangle of a QR decomposition, and the factors of
/// the reflectors.
public struct PackedQR: BatchedMatrixPrimitive, LibraryPrimitive, NonlinearPrimitive {
  public init() {}

  public var name: String { "geqrf" }
  public var parameters: [Parameter] { [] }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let (batch, rows, columns) = try operands[0].matrix(for: name)
    return [
      operands[0].strengthened, ShapedArray(Shape(batch + [min(rows, columns)]), operands[0].dtype),
    ]
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    guard tangents[0].isZero else {
      throw noDerivative("Differentiation rule for 'geqrf' not implemented")
    }
    let results = try bind(self, primals)
    return (results, results.map { .zero($0.aval.tangent) })
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    try context.call(
      .packedQR, operands, results: [context.resultType(0), context.resultType(1)])
  }
}

/// `geqp3 a columns`: the same with columns exchanged where `columns` has zeros; their order, counted
/// from 1, and the factors of the reflectors.
struct PivotedQR: BatchedMatrixPrimitive, LibraryPrimitive, NonlinearPrimitive {
  var name: String { "geqp3" }
  var parameters: [Parameter] { [Parameter("use_magma", .none)] }

  func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let (batch, rows, columns) = try operands[0].matrix(for: name)
    return [
      operands[0].strengthened, operands[1].strengthened,
      ShapedArray(Shape(batch + [min(rows, columns)]), operands[0].dtype),
    ]
  }

  func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    throw noDerivative("Differentiation rule for 'geqp3' not implemented")
  }

  func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    try context.call(
      LibraryRoutine(name: "geqp3", aliases: [0, 1]), operands,
      results: (0..<3).map { context.resultType($0) })
  }
}

extension LibraryRoutine {
  fileprivate static let packedQR = LibraryRoutine(name: "geqrf", aliases: [0])
  fileprivate static let householderProduct = LibraryRoutine(
    name: "orgqr", complexName: "ungqr", aliases: [0])
}
