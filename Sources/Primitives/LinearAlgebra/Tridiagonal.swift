import Core
import HLO
import Tensor
import Transforms

/// `tridiagonal_solve lower diagonal upper b`: solves for each column of `b`; `lower[0]` and the
/// last element of `upper` do not matter.
public struct TridiagonalSolve: BatchedMatrixPrimitive, LibraryPrimitive {
  public init(_ reader: ParameterReader) throws {}

  public var name: String { "tridiagonal_solve" }
  public var parameters: [Parameter] { [Parameter("perturb_singular", .bool(false))] }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let b = operands[3]
    let (batch, rows, _) = try b.matrix(for: name)
    try requireEqualTypes(operands, for: name)
    guard operands.prefix(3).allSatisfy({ $0.shape.dimensions == batch + [rows] }) else {
      throw RaisedError.value(
        "tridiagonal_solve requires that the leading ndim-1 dimensions of b equal the dimensions "
          + "of dl, d and du, got "
          + operands.map { "\(ParameterValue.ints($0.shape.dimensions))" }.joined(separator: ", "))
    }
    return [b.strengthened]
  }

  /// a dx = db - da x
  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let x = try bind(self, primals)[0]
    if tangents.allSatisfy(\.isZero) { return ([x], [.zero(x.aval.tangent)]) }
    let moved = try tangents.map(instantiate)
    let product = try tridiagonalProduct(moved[0], moved[1], moved[2], x)
    let rest = try sub(moved[3], product)
    return (
      [x], [.value(try bind1(self, primals[0], primals[1], primals[2], rest))]
    )
  }

  /// Solves with the transposed matrix.
  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    guard case .known(let lower) = operands[0], case .known(let middle) = operands[1],
      case .known(let upper) = operands[2]
    else { throw notLinear(self) }
    guard let cotangent = cotangents[0].value else { return [nil, nil, nil, nil] }
    let result = try bind1(
      self, shifted(upper, by: 1), middle, shifted(lower, by: -1), cotangent)
    return [nil, nil, nil, result]
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let types = context.inAvals.map(\.loweredType)
    let info = TensorType(types[3].dimensions.dropLast(2), .i32)
    let results = try context.call(
      LibraryRoutine(name: "gtsv", aliases: [0, 1, 2, 3]), operands, results: types + [info])
    return [try context.valid(results[3], where: context.succeeded(results[4]))]
  }
}

/// `tridiagonal[lower] a`: a Hermitian matrix turned so that it is tridiagonal: the packed reflectors,
/// the diagonal and the one beside it, and the factors of the reflectors.
public struct Tridiagonal: BatchedMatrixPrimitive, LibraryPrimitive, NonlinearPrimitive {
  public let isLower: Bool

  public init(_ reader: ParameterReader) throws {
    isLower = try reader.bool("lower", default: true)
  }

  public var name: String { "tridiagonal" }
  public var parameters: [Parameter] { [Parameter("lower", .bool(isLower))] }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let a = operands[0]
    let (batch, rows, columns) = try a.matrix(for: name)
    guard rows == columns, rows > 0 else {
      throw RaisedError.value(
        "The input to tridiagonal must be a square matrix. Got shape "
          + "\(ParameterValue.ints(a.shape.dimensions.suffix(2))).")
    }
    let real = a.dtype.realPart
    return [
      a.strengthened, ShapedArray(Shape(batch + [rows]), real),
      ShapedArray(Shape(batch + [rows - 1]), real), ShapedArray(Shape(batch + [rows - 1]), a.dtype),
    ]
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    guard tangents[0].isZero else {
      throw noDerivative("Differentiation rule for 'tridiagonal' not implemented")
    }
    let results = try bind(self, primals)
    return (results, results.map { .zero($0.aval.tangent) })
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let routine = LibraryRoutine(
      name: "sytrd", complexName: "hetrd", options: [.letter("uplo", isLower ? "L" : "U")],
      aliases: [0])
    let results = try context.call(
      routine, operands, results: context.outAvals.map(\.loweredType) + [context.infoType])
    let succeeded = try context.succeeded(results[4])
    return try results.prefix(4).map { try context.valid($0, where: succeeded) }
  }
}

/// The last axis moved by one place, with a zero where nothing comes from.
private func shifted(_ value: Value, by distance: Int) throws -> Value {
  if distance == 0 { return value }
  let config = (0..<value.rank).map {
    $0 == value.rank - 1
      ? PaddingConfig(low: distance, high: -distance, interior: 0)
      : PaddingConfig(low: 0, high: 0, interior: 0)
  }
  return try bind1(Pad(config), value, constant(0, like: value))
}

/// The product of a tridiagonal matrix with the columns of `x`.
private func tridiagonalProduct(_ lower: Value, _ middle: Value, _ upper: Value, _ x: Value) throws
  -> Value
{
  func moved(by distance: Int) throws -> Value {
    let config = (0..<x.rank).map {
      $0 == x.rank - 2
        ? PaddingConfig(low: distance, high: -distance, interior: 0)
        : PaddingConfig(low: 0, high: 0, interior: 0)
    }
    return try bind1(Pad(config), x, constant(0, like: x))
  }
  let below = try mul(asColumn(lower), moved(by: 1))
  let above = try mul(asColumn(upper), moved(by: -1))
  return try add(add(mul(asColumn(middle), x), below), above)
}
