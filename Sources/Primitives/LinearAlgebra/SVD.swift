import Core
import HLO
import Tensor

/// `svd[… compute_uv full_matrices …] a`: the singular values in descending order, and `u` and `vᴴ`
/// where asked.
public struct SVD: BatchedMatrixPrimitive, LibraryPrimitive, NonlinearPrimitive {
  public let computesVectors: Bool
  public let isFull: Bool
  public let algorithm: String

  public init(computesVectors: Bool, isFull: Bool) {
    self.computesVectors = computesVectors
    self.isFull = isFull
    algorithm = "None"
  }

  public init(_ reader: ParameterReader) throws {
    computesVectors = try reader.bool("compute_uv")
    isFull = try reader.bool("full_matrices")
    algorithm = reader["algorithm"].map { "\($0)" } ?? "None"
    guard reader["subset_by_index"] == nil else {
      throw RaisedError(.notImplementedError, "svd with subset_by_index is not supported")
    }
  }

  public var name: String { "svd" }
  public var returnsList: Bool { true }

  public var parameters: [Parameter] {
    [
      Parameter("algorithm", .symbol(algorithm)), Parameter("compute_uv", .bool(computesVectors)),
      Parameter("full_matrices", .bool(isFull)), Parameter("subset_by_index", .none),
    ]
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let (batch, rows, columns) = try operands[0].matrix(for: name)
    let least = min(rows, columns)
    let values = ShapedArray(Shape(batch + [least]), operands[0].dtype.realPart)
    guard computesVectors else { return [values] }
    return [
      values,
      ShapedArray(Shape(batch + [rows, isFull ? rows : least]), operands[0].dtype),
      ShapedArray(Shape(batch + [isFull ? columns : least, columns]), operands[0].dtype),
    ]
  }

  /// The derivative of the singular values is the diagonal of uᴴ da v; the vectors rotate by its
  /// antisymmetric parts over the differences of the squares of the values.
  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    guard let t = tangents[0].value else {
      let results = try bind(self, primals)
      return (results, results.map { .zero($0.aval.tangent) })
    }
    let (_, rows, columns) = try primals[0].aval.matrix(for: name)
    if computesVectors && isFull && rows != columns {
      throw noDerivative(
        "Singular value decomposition JVP not implemented for full matrices")
    }
    let results = try bind(SVD(computesVectors: true, isFull: false), primals)
    let (s, u, vt) = (results[0], results[1], results[2])
    let (ut, v) = (try adjoint(u), try adjoint(vt))
    let inner = try product(product(ut, t), v)
    let ds = try realPart(diagonal(inner))
    guard computesVectors else { return ([s], [.value(ds)]) }

    let values = s.dtype == u.dtype ? s : try convert(s, to: u.dtype)
    let row = try asRow(values)
    let column = try asColumn(values)
    let eye = try identity(like: inner)
    let one = constant(1, like: values)
    let differences = try mul(add(row, column), sub(row, column))
    let weights = try sub(div(one, add(differences, eye)), eye)
    let right = try mul(row, inner)
    let left = try mul(column, inner)
    let isZero = try convert(compare(values, .eq, constant(0, like: values)), to: values.dtype)
    let inverse = try sub(div(one, add(values, isZero)), isZero)
    let turn = try mul(
      mul(constant(0.5, like: values), sub(inner, adjoint(inner))), mul(eye, asRow(inverse)))

    var du = try product(u, add(mul(weights, add(right, adjoint(right))), turn))
    var dv = try product(v, mul(weights, add(left, adjoint(left))))
    if rows > columns {
      let moved = try product(t, v)
      du = try add(du, div(sub(moved, product(u, product(ut, moved))), row))
    }
    if columns > rows {
      let moved = try product(adjoint(t), u)
      dv = try add(dv, div(sub(moved, product(v, product(vt, moved))), row))
    }
    return ([s, u, vt], [.value(ds), .value(du), .value(try adjoint(dv))])
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    if context.inAvals[0].shape.count == 0 {
      return try context.outAvals.map { try context.builder.full(0, $0.loweredType) }
    }
    let type = context.inAvals[0].loweredType
    let (batch, rows, columns) = try context.inAvals[0].matrix(for: name)
    let least = min(rows, columns)
    let routine = LibraryRoutine(
      name: algorithm.hasSuffix("QR") ? "gesvd" : "gesdd",
      options: [.letter("mode", computesVectors ? isFull ? "A" : "S" : "N")], aliases: [0])
    let results = try context.call(
      routine, operands,
      results: [
        type, context.resultType(0), type.with(batch + [rows, isFull ? rows : least]),
        type.with(batch + [isFull ? columns : least, columns]), context.infoType,
      ])
    let succeeded = try context.succeeded(results[4])
    return try results[1...(computesVectors ? 3 : 1)].map {
      try context.valid($0, where: succeeded)
    }
  }
}
