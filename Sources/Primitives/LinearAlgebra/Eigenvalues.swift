import Core
import HLO
import Tensor
import Transforms

/// `eigh[… lower …] a`: the eigenvectors (columns) and ascending eigenvalues of a Hermitian matrix,
/// one triangle of which is read.
public struct SymmetricEigenvalues: BatchedMatrixPrimitive, LibraryPrimitive, NonlinearPrimitive {
  public let isLower: Bool
  public let isSorted: Bool
  public let algorithm: String

  public init(_ reader: ParameterReader) throws {
    isLower = try reader.bool("lower", default: true)
    isSorted = try reader.bool("sort_eigenvalues", default: true)
    algorithm = reader["algorithm"].map { "\($0)" } ?? "None"
    guard reader["subset_by_index"] == nil else {
      throw RaisedError(.notImplementedError, "eigh with subset_by_index is not supported")
    }
  }

  public var name: String { "eigh" }

  public var parameters: [Parameter] {
    [
      Parameter("algorithm", .symbol(algorithm)), Parameter("lower", .bool(isLower)),
      Parameter("sort_eigenvalues", .bool(isSorted)), Parameter("subset_by_index", .none),
    ]
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let (batch, size) = try operands[0].squareMatrix(for: name)
    return [
      operands[0].strengthened, ShapedArray(Shape(batch + [size]), operands[0].dtype.realPart),
    ]
  }

  /// dv = v (F ∘ vᴴ da v) with F = 1 / (wⱼ - wᵢ) off the diagonal; dw is the diagonal of vᴴ da v.
  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let results = try bind(self, primals)
    guard let t = tangents[0].value else {
      return (results, results.map { .zero($0.aval.tangent) })
    }
    let v = results[0]
    let w = v.dtype == results[1].dtype ? results[1] : try convert(results[1], to: v.dtype)
    let eye = try identity(like: v)
    let gaps = try sub(add(eye, asRow(w)), asColumn(w))
    let weights = try sub(integerPow(gaps, -1), eye)
    let inner = try product(product(adjoint(v), t), v)
    let dv = try product(v, mul(weights, inner))
    return (results, [.value(dv), .value(try realPart(diagonal(inner)))])
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    if context.inAvals[0].shape.count == 0 {
      return try (0..<2).map { try context.builder.full(0, context.resultType($0)) }
    }
    let routine = LibraryRoutine(
      name: "syevd", complexName: "heevd",
      options: [.letter("mode", "V"), .letter("uplo", isLower ? "L" : "U")], aliases: [0])
    let results = try context.call(
      routine, operands,
      results: [context.resultType(0), context.resultType(1), context.infoType])
    let succeeded = try context.succeeded(results[2])
    return try results.prefix(2).map { try context.valid($0, where: succeeded) }
  }
}

/// `eig[compute_left_eigenvectors compute_right_eigenvectors …] a`: complex eigenvalues of a general
/// matrix, and its eigenvectors where asked.
public struct GeneralEigenvalues: BatchedMatrixPrimitive, LibraryPrimitive, NonlinearPrimitive {
  public let computesLeft: Bool
  public let computesRight: Bool
  public let allowsDerivatives: Bool

  public init(computesLeft: Bool, computesRight: Bool) {
    self.computesLeft = computesLeft
    self.computesRight = computesRight
    allowsDerivatives = false
  }

  public init(_ reader: ParameterReader) throws {
    computesLeft = try reader.bool("compute_left_eigenvectors")
    computesRight = try reader.bool("compute_right_eigenvectors")
    allowsDerivatives = try reader.bool("enable_eigvec_derivs", default: false)
  }

  public var name: String { "eig" }
  public var returnsList: Bool { true }

  public var parameters: [Parameter] {
    [
      Parameter("compute_left_eigenvectors", .bool(computesLeft)),
      Parameter("compute_right_eigenvectors", .bool(computesRight)),
      Parameter("enable_eigvec_derivs", .bool(allowsDerivatives)),
      Parameter("implementation", .none),
    ]
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let (batch, size) = try operands[0].squareMatrix(for: name)
    let dtype = operands[0].dtype.complexType
    let vectors = ShapedArray(operands[0].shape, dtype)
    return [ShapedArray(Shape(batch + [size]), dtype)] + (computesLeft ? [vectors] : [])
      + (computesRight ? [vectors] : [])
  }

  /// dw is the diagonal of v⁻¹ da v.
  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    guard let t = tangents[0].value else {
      let results = try bind(self, primals)
      return (results, results.map { .zero($0.aval.tangent) })
    }
    guard !computesLeft, !computesRight else {
      throw noDerivative(
        "Derivatives of non-symmetric eigenvectors are only valid under assumptions on the input "
          + "that JAX cannot check (see the enable_eigvec_derivs argument to jax.lax.linalg.eig). "
          + "Pass enable_eigvec_derivs=True to jax.lax.linalg.eig to opt in. See "
          + "https://github.com/jax-ml/jax/issues/2748 for discussion.")
    }
    let results = try bind(
      GeneralEigenvalues(computesLeft: false, computesRight: true), primals)
    let (w, v) = (results[0], results[1])
    let da = t.dtype == v.dtype ? t : try convert(t, to: v.dtype)
    let inner = try mul(solve(v, da), transposed(v))
    return ([w], [.value(try reduceSum(inner, [inner.rank - 1]))])
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let type = context.inAvals[0].loweredType
    let isReal = !type.element.isComplex
    let values = type.with(type.dimensions.dropLast())
    let vectors = TensorType(type.dimensions, type.element.complexType)
    let routine = LibraryRoutine(
      name: "geev",
      options: [
        .letter("compute_left", computesLeft ? "V" : "N"),
        .letter("compute_right", computesRight ? "V" : "N"),
      ])
    let results = try context.call(
      routine, operands,
      results: [values] + (isReal ? [values] : []) + [vectors, vectors, context.infoType])
    let parts = results.prefix(isReal ? 2 : 1)
    let w = isReal ? try context.builder.complex(parts[0], parts[1]) : parts[0]
    let succeeded = try context.succeeded(results.last!)
    let kept =
      [w] + (computesLeft ? [results[parts.count]] : [])
      + (computesRight ? [results[parts.count + 1]] : [])
    return try kept.map { try context.valid($0, where: succeeded) }
  }
}

/// `schur[compute_schur_vectors …] a`: the Schur form, and the vectors that lead to it.
public struct Schur: BatchedMatrixPrimitive, LibraryPrimitive, NonlinearPrimitive {
  public let computesVectors: Bool

  public init(_ reader: ParameterReader) throws {
    computesVectors = try reader.bool("compute_schur_vectors")
    if try reader.bool("sort_eig_vals", default: false) {
      throw RaisedError(.notImplementedError, "schur with sort_eig_vals=True is not supported")
    }
  }

  public var name: String { "schur" }
  public var returnsList: Bool { true }

  public var parameters: [Parameter] {
    [
      Parameter("compute_schur_vectors", .bool(computesVectors)),
      Parameter("select_callable", .none), Parameter("sort_eig_vals", .bool(false)),
    ]
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    _ = try operands[0].squareMatrix(for: name)
    let form = operands[0].strengthened
    return computesVectors ? [form, form] : [form]
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    guard tangents[0].isZero else {
      throw noDerivative(
        "The differentiation rules for the Schur factorization have not been implemented.")
    }
    let results = try bind(self, primals)
    return (results, results.map { .zero($0.aval.tangent) })
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let type = context.inAvals[0].loweredType
    let values = type.with(type.dimensions.dropLast())
    let routine = LibraryRoutine(
      name: "gees",
      options: [.letter("mode", computesVectors ? "V" : "N"), .letter("sort", "N")], aliases: [0])
    let results = try context.call(
      routine, operands,
      results: [type, type, values] + (type.element.isComplex ? [] : [values])
        + [context.infoType, context.infoType])
    let succeeded = try context.succeeded(results.last!)
    return try results.prefix(computesVectors ? 2 : 1).map {
      try context.valid($0, where: succeeded)
    }
  }
}

/// `hessenberg a`: the packed Hessenberg form, and the factors of the reflectors.
public struct Hessenberg: BatchedMatrixPrimitive, LibraryPrimitive, NonlinearPrimitive {
  public init() {}

  public var name: String { "hessenberg" }
  public var parameters: [Parameter] { [] }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let (batch, size) = try operands[0].squareMatrix(for: name)
    return [
      operands[0].strengthened,
      ShapedArray(Shape(batch + [max(size - 1, 0)]), operands[0].dtype),
    ]
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    guard tangents[0].isZero else {
      throw noDerivative("Differentiation rule for 'hessenberg' not implemented")
    }
    let results = try bind(self, primals)
    return (results, results.map { .zero($0.aval.tangent) })
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let size = context.inAvals[0].shape.dimensions.last!
    let routine = LibraryRoutine(
      name: "gehrd",
      options: [
        NamedAttribute("high", .integer(size, type: "i32")),
        NamedAttribute("low", .integer(1, type: "i32")),
      ], aliases: [0])
    let results = try context.call(
      routine, operands,
      results: [context.resultType(0), context.resultType(1), context.infoType])
    let succeeded = try context.succeeded(results[2])
    return try results.prefix(2).map { try context.valid($0, where: succeeded) }
  }
}
