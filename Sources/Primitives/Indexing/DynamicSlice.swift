import Core
import HLO
import Tensor
import Transforms

/// `dynamic_slice[slice_sizes=(…)] x start…`: a box of fixed size; starts are clamped so that it
/// lies within `x`.
public struct DynamicSlice: Primitive {
  public let sizes: [Int]

  public init(sizes: [Int]) { self.sizes = sizes }

  public init(_ reader: ParameterReader) throws { sizes = try reader.ints("slice_sizes") }

  public var name: String { "dynamic_slice" }
  public var parameters: [Parameter] { [Parameter("slice_sizes", .ints(sizes))] }
  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let shape = operands[0].shape
    guard sizes.count == shape.rank, operands.count == shape.rank + 1 else {
      throw RaisedError.type(
        "dynamic_slice slice_sizes must have the same length as operand shape, got "
          + "\(ParameterValue.ints(sizes)) for operand shape "
          + "\(ParameterValue.ints(shape.dimensions)).")
    }
    for (size, extent) in zip(sizes, shape.dimensions) where size < 0 || size > extent {
      throw RaisedError.type(
        "slice slice_sizes must be less than or equal to operand shape, got slice_sizes "
          + "\(ParameterValue.ints(sizes)) for operand shape "
          + "\(ParameterValue.ints(shape.dimensions)).")
    }
    try requireIndices(operands.dropFirst(), for: name)
    return [operands[0].with(shape: Shape(sizes))]
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let moving = try tangents[0].value.map { try bind(self, [$0] + primals.dropFirst())[0] }
    let result = try bind(self, primals)[0]
    return ([result], [moving.map { .value($0) } ?? .zero(result.aval.tangent)])
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    guard let cotangent = cotangents[0].value else { return operands.map { _ in nil } }
    let zeros = try full(0, operands[0].aval.tangent)
    let starts = operands.dropFirst().compactMap {
      if case .known(let value) = $0 { value } else { nil }
    }
    let result = try bind(DynamicUpdateSlice(), [zeros, cotangent] + starts)[0]
    return [result] + starts.map { _ in nil }
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    try batchedAsGather(operands, dims, size: size)
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let isKey = context.inAvals[0].dtype == .key
    return [
      try context.builder.dynamicSlice(
        operands[0], starts: try loweredStarts(context, operands.dropFirst()),
        sizes: sizes + (isKey ? [2] : []))
    ]
  }
}

/// `dynamic_update_slice x update start…`: `x` with a box replaced; starts are clamped.
public struct DynamicUpdateSlice: Primitive {
  public init() {}

  public var name: String { "dynamic_update_slice" }
  public var parameters: [Parameter] { [] }
  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let (operand, update) = (operands[0], operands[1])
    guard operand.dtype == update.dtype else {
      throw RaisedError.type(
        "dynamic_update_slice operand and update must have the same dtype, got "
          + "\(operand.dtype.numpyName) and \(update.dtype.numpyName)")
    }
    guard operand.rank == update.rank, operands.count == operand.rank + 2 else {
      throw RaisedError.type(
        "dynamic_update_slice update must have the same rank as operand, got update shape "
          + "\(ParameterValue.ints(update.shape.dimensions)) for operand shape "
          + "\(ParameterValue.ints(operand.shape.dimensions)).")
    }
    for (size, extent) in zip(update.shape.dimensions, operand.shape.dimensions)
    where size > extent {
      throw RaisedError.type(
        "dynamic_update_slice update shape must be smaller than operand shape, got update shape "
          + "\(ParameterValue.ints(update.shape.dimensions)) for operand shape "
          + "\(ParameterValue.ints(operand.shape.dimensions)).")
    }
    try requireIndices(operands.dropFirst(2), for: name)
    return [
      ShapedArray(
        operand.shape, operand.dtype, weakType: operand.weakType && update.weakType)
    ]
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let result = try bind(self, primals)[0]
    if tangents[0].isZero && tangents[1].isZero {
      return ([result], [.zero(result.aval.tangent)])
    }
    let moving = try [instantiate(tangents[0]), instantiate(tangents[1])]
    return ([result], [.value(try bind(self, moving + primals.dropFirst(2))[0])])
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    guard let cotangent = cotangents[0].value else { return operands.map { _ in nil } }
    let starts = operands.dropFirst(2).compactMap {
      if case .known(let value) = $0 { value } else { nil }
    }
    var results = [Value?](repeating: nil, count: operands.count)
    if operands[0].isLinear {
      let hole = try full(0, operands[1].aval.tangent)
      results[0] = try bind(self, [cotangent, hole] + starts)[0]
    }
    if operands[1].isLinear {
      let sizes = operands[1].aval.shape.dimensions
      results[1] = try bind(DynamicSlice(sizes: sizes), [cotangent] + starts)[0]
    }
    return results
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    try batchedAsScatter(operands, dims, size: size)
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    [
      try context.builder.dynamicUpdateSlice(
        operands[0], operands[1], starts: try loweredStarts(context, operands.dropFirst(2)))
    ]
  }
}

/// Where a box of the first operand starts, with the words of keys, which are taken whole.
private func loweredStarts(
  _ context: LoweringContext, _ starts: ArraySlice<ValueID>
) throws -> [ValueID] {
  guard context.inAvals[0].dtype == .key else { return Array(starts) }
  let type = starts.isEmpty ? .i32 : context.inAvals[starts.startIndex].dtype
  return try starts + [context.builder.scalar(0, type)]
}

/// Checks that `operands` are integer scalars of one dtype.
func requireIndices(_ operands: some Collection<ShapedArray>, for primitive: String) throws {
  guard operands.allSatisfy({ $0.rank == 0 && $0.dtype.isInteger }),
    Set(operands.map(\.dtype)).count <= 1
  else {
    throw RaisedError.type(
      "index arguments to \(primitive) must be integers of the same type, got: "
        + operands.map(\.dtype.numpyName).joined(separator: ", "))
  }
}
