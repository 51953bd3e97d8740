import Core
import HLO
import Tensor
import Transforms

/// `qr[full_matrices pivoting use_magma] a`: orthonormal `q` and upper triangular `r` with
/// `a = q r`.
public struct QR: BatchedMatrixPrimitive, LibraryPrimitive, NonlinearPrimitive {
  public let isFull: Bool

  public init(_ reader: ParameterReader) throws {
    isFull = try reader.bool("full_matrices")
    if try reader.bool("pivoting", default: false) {
      throw RaisedError(.notImplementedError, "qr with pivoting=True is not supported")
    }
  }

  public var name: String { "qr" }

  public var parameters: [Parameter] {
    [
      Parameter("full_matrices", .bool(isFull)), Parameter("pivoting", .bool(false)),
      Parameter("use_magma", .none),
    ]
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let (batch, rows, columns) = try operands[0].matrix(for: name)
    let inner = isFull ? rows : min(rows, columns)
    return [
      ShapedArray(Shape(batch + [rows, inner]), operands[0].dtype),
      ShapedArray(Shape(batch + [inner, columns]), operands[0].dtype),
    ]
  }

  /// With `qᴴ da r⁻¹ = qᴴ dq + dr r⁻¹`, the first antisymmetric and the second upper triangular.
  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let results = try bind(self, primals)
    guard let t = tangents[0].value else {
      return (results, results.map { .zero($0.aval.tangent) })
    }
    let (_, rows, columns) = try primals[0].aval.matrix(for: name)
    guard rows >= columns, !isFull || rows == columns else {
      throw noDerivative(
        "Unimplemented case of QR decomposition derivative: "
          + "full_matrices=\(isFull ? "True" : "False"), shape=(\(rows), \(columns))")
    }
    let (q, r) = (results[0], results[1])
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
    return (results, [.value(dq), .value(dr)])
  }

  /// Reflectors by LAPACK's `geqrf`; their product by `orgqr`.
  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let builder = context.builder
    let aval = context.inAvals[0]
    let (batch, rows, columns) = try aval.matrix(for: name)
    let least = min(rows, columns)
    let (qType, rType) = (context.resultType(0), context.resultType(1))
    if qType.dimensions.contains(0) || rType.dimensions.contains(0) {
      return [try builder.full(0, qType), try builder.full(0, rType)]
    }
    let packed = try context.callLibrary(
      context.lapack("geqrf"), operands,
      results: [aval.loweredType, TensorType(batch + [least], aval.dtype)])
    let inner = isFull ? rows : least
    func resized(_ value: ValueID, _ extents: [Int]) throws -> ValueID {
      let wanted = batch + extents
      let given = batch + [rows, columns]
      if wanted == given { return value }
      let kept = zip(wanted, given).map { min($0, $1) }
      let cut =
        kept == given
        ? value : try builder.slice(value, start: kept.map { _ in 0 }, limit: kept)
      if kept == wanted { return cut }
      let zero = try builder.constant(HostTensor(.int(0), type: aval.dtype))
      return try builder.pad(
        cut, with: zero, low: kept.map { _ in 0 }, high: zip(wanted, kept).map { $0 - $1 })
    }
    let reflectors = try resized(packed[0], [rows, inner])
    let q = try context.callLibrary(
      context.lapack("orgqr", complex: "ungqr"), [reflectors, packed[1]], results: [qType])[0]
    let upper = try stage([context.outAvals[1]]) { [try upperTriangle($0[0])] }
    let r = try context.inline(upper, [resized(packed[0], [inner, columns])])[0]
    return [q, r]
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
    try context.callLibrary(
      context.lapack("orgqr", complex: "ungqr"), operands, results: [context.resultType()])
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
    try context.callLibrary(
      context.lapack("geqrf"), operands, results: [context.resultType(0), context.resultType(1)])
  }
}
