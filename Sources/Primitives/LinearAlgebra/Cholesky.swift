import Core
import HLO
import Tensor
import Transforms

/// `cholesky a`: the lower triangular `l` with `a = l lᴴ`; NaN where there is none.
public struct Cholesky: BatchedMatrixPrimitive, LibraryPrimitive, NonlinearPrimitive {
  public init() {}

  public var name: String { "cholesky" }
  public var parameters: [Parameter] { [] }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    _ = try operands[0].squareMatrix(for: name)
    return [operands[0].strengthened]
  }

  /// dl = l Φ(l⁻¹ da l⁻ᴴ), where Φ takes the lower triangle and half of the diagonal.
  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let l = try lowerTriangle(bind(self, primals)[0])
    guard let t = tangents[0].value else { return ([l], [.zero(l.aval.tangent)]) }
    var right = TriangularSolve(isLeft: false, isLower: true)
    right.isTransposed = true
    right.isConjugated = l.dtype.isComplex
    let inner = try bind1(
      TriangularSolve(isLeft: true, isLower: true), l, bind1(right, l, t))
    let triangle = try lowerTriangle(inner)
    let halves = try add(constant(1, like: l), identity(like: l))
    let derivative = try product(l, div(triangle, halves))
    return ([l], [.value(derivative)])
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let routine = LibraryRoutine(name: "potrf", options: [.letter("uplo", "L")], aliases: [0])
    let results = try context.call(
      routine, operands, results: [context.resultType(), context.infoType])
    return [try context.valid(results[0], where: context.succeeded(results[1]))]
  }
}

/// `triangular_solve[conjugate_a left_side lower transpose_a unit_diagonal] a b`: solves
/// `op(a) x = b`, or `x op(a) = b`.
public struct TriangularSolve: LibraryPrimitive {
  public var isLeft: Bool
  public var isLower: Bool
  public var isTransposed = false
  public var isConjugated = false
  public var hasUnitDiagonal = false

  public init(isLeft: Bool, isLower: Bool, hasUnitDiagonal: Bool = false) {
    self.isLeft = isLeft
    self.isLower = isLower
    self.hasUnitDiagonal = hasUnitDiagonal
  }

  public init(_ reader: ParameterReader) throws {
    isLeft = try reader.bool("left_side")
    isLower = try reader.bool("lower")
    isTransposed = try reader.bool("transpose_a", default: false)
    isConjugated = try reader.bool("conjugate_a", default: false)
    hasUnitDiagonal = try reader.bool("unit_diagonal", default: false)
  }

  public var name: String { "triangular_solve" }

  public var parameters: [Parameter] {
    [
      Parameter("conjugate_a", .bool(isConjugated)), Parameter("left_side", .bool(isLeft)),
      Parameter("lower", .bool(isLower)), Parameter("transpose_a", .bool(isTransposed)),
      Parameter("unit_diagonal", .bool(hasUnitDiagonal)),
    ]
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let (a, b) = (operands[0], operands[1])
    try requireEqualTypes(operands, for: name)
    let (batch, size) = try a.squareMatrix(for: name)
    let (other, rows, columns) = try b.matrix(for: name)
    guard batch == other else {
      throw RaisedError.type(
        "triangular_solve requires both arguments to have the same number of dimensions and "
          + "equal batch dimensions, got \(ParameterValue.ints(a.shape.dimensions)) and "
          + "\(ParameterValue.ints(b.shape.dimensions))")
    }
    guard (isLeft ? rows : columns) == size else {
      throw RaisedError.type(
        "Incompatible shapes for arguments to triangular_solve: "
          + "\(ParameterValue.ints(a.shape.dimensions)) and "
          + "\(ParameterValue.ints(b.shape.dimensions))")
    }
    return [b.strengthened]
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let a = primals[0]
    let x = try bind(self, primals)[0]
    var terms: [Value] = []
    if let t = tangents[0].value {
      let offset = hasUnitDiagonal ? 1 : 0
      var moved = try neg(isLower ? lowerTriangle(t, -offset) : upperTriangle(t, offset))
      if isTransposed { moved = try transposed(moved) }
      if isConjugated && moved.dtype.isComplex { moved = try bind1(Conj(moved.dtype), moved) }
      let rest = isLeft ? try product(moved, x) : try product(x, moved)
      terms.append(try bind1(self, a, rest))
    }
    if let t = tangents[1].value { terms.append(try bind1(self, a, t)) }
    switch terms.count {
    case 0: return ([x], [.zero(x.aval.tangent)])
    case 1: return ([x], [.value(terms[0])])
    default: return ([x], [.value(try bind1(AddAny(), terms[0], terms[1]))])
    }
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    guard case .known(let a) = operands[0], operands[1].isLinear else { throw notLinear(self) }
    guard let cotangent = cotangents[0].value else { return [nil, nil] }
    var back = self
    back.isTransposed.toggle()
    return [nil, try bind1(back, a, cotangent)]
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    guard dims[0] == nil, operands[0].rank == 2, let dim = dims[1] else {
      let moved = try zip(operands, dims).map { try moveBatchAxis($0, $1, to: 0, size: size) }
      return (try bind(self, moved), [0])
    }
    // One matrix for all: the elements are more columns, or more rows.
    let target = isLeft ? 2 : 0
    let b = try moveBatchAxis(operands[1], dim, to: target, size: size)
    let shape = b.shape
    let flat: Shape =
      isLeft ? [shape[0], shape[1] * shape[2]] : [shape[0] * shape[1], shape[2]]
    let x = try bind1(self, operands[0], reshape(b, flat))
    return ([try reshape(x, shape)], [target])
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    var a = operands[0]
    let isComplex = context.inAvals[0].dtype.isComplex
    if isConjugated && !isTransposed && isComplex {
      a = try context.builder.unary(.conj, a)
    }
    // LAPACK has no routine for halves of single precision, but here JAX has another way.
    if context.inAvals[0].dtype.bitWidth == 16 {
      let attributes = TriangularSolveAttributes(
        leftSide: isLeft, lower: isLower, unitDiagonal: hasUnitDiagonal,
        transposeA: isTransposed ? .transpose : .none)
      return [try context.builder.triangularSolve(a, operands[1], attributes)]
    }
    let routine = LibraryRoutine(
      name: "trsm",
      options: [
        .letter("diag", hasUnitDiagonal ? "U" : "N"), .letter("side", isLeft ? "L" : "R"),
        .letter("trans_x", !isTransposed ? "N" : isConjugated ? "C" : "T"),
        .letter("uplo", isLower ? "L" : "U"),
      ], aliases: [1])
    return try context.call(routine, [a, operands[1]], results: [context.resultType()])
  }
}
