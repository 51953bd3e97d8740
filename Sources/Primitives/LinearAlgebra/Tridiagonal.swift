import Core
import HLO
import Tensor
import Transforms

/// `tridiagonal_solve lower diagonal upper b`: solves for each column of `b`; `lower[0]` and the
/// last element of `upper` do not matter.
public struct TridiagonalSolve: BatchedMatrixPrimitive {
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
    try context.expand(operands) { [try eliminate($0[0], $0[1], $0[2], $0[3])] }
  }

  /// Elimination downwards, then substitution upwards.
  private func eliminate(_ lower: Value, _ middle: Value, _ upper: Value, _ b: Value) throws
    -> Value
  {
    let rank = b.rank
    let count = b.shape[rank - 2]
    if count == 0 { return b }
    // Rows in front, so that loops run over them.
    func front(_ value: Value, _ axis: Int) throws -> Value {
      try moveBatchAxis(value, axis, to: 0, size: count)
    }
    let rows = try [lower, middle, upper].map { try asColumn(front($0, rank - 2)) }
    let right = try front(b, rank - 2)
    let scalarAval = rows[0].aval.with(shape: Shape(Array(rows[0].shape.dimensions.dropFirst())))
    let rowAval = right.aval.with(shape: Shape(Array(right.shape.dimensions.dropFirst())))
    let down = try stage([scalarAval, rowAval, scalarAval, scalarAval, scalarAval, rowAval]) {
      let pivot = try sub($0[3], mul($0[2], $0[0]))
      let ratio = try div($0[4], pivot)
      let value = try div(sub($0[5], mul($0[2], $0[1])), pivot)
      return [ratio, value, ratio, value]
    }
    let zeroRatio = try zeros(scalarAval)
    let zeroRow = try zeros(rowAval)
    let eliminated = try bind(
      Scan(jaxpr: down, length: count, reverse: false, constCount: 0, carryCount: 2),
      [zeroRatio, zeroRow, rows[0], rows[1], rows[2], right])
    let up = try stage([rowAval, scalarAval, rowAval]) {
      let value = try sub($0[2], mul($0[1], $0[0]))
      return [value, value]
    }
    let solved = try bind(
      Scan(jaxpr: up, length: count, reverse: true, constCount: 0, carryCount: 1),
      [zeroRow, eliminated[2], eliminated[3]])
    return try moveBatchAxis(solved[1], 0, to: rank - 2, size: count)
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
