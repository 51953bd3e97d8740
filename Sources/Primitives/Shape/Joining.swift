import Core
import HLO
import Tensor
import Transforms

/// `concatenate[dimension=…] x…`.
public struct Concatenate: LinearPrimitive {
  public let dimension: Int

  public init(_ dimension: Int) { self.dimension = dimension }

  public init(_ reader: ParameterReader) throws { dimension = try reader.int("dimension") }

  public var name: String { "concatenate" }
  public var parameters: [Parameter] { [Parameter("dimension", .int(dimension))] }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    guard let first = operands.first else {
      throw RaisedError.value("concatenate expects at least one operand, got 0.")
    }
    try requireEqualTypes(operands, for: name)
    guard operands.allSatisfy({ $0.rank == first.rank }) else {
      throw RaisedError.type(
        "Cannot concatenate arrays with different numbers of dimensions: got "
          + operands.map { "\(ParameterValue.ints($0.shape.dimensions))" }.joined(separator: ", ")
          + ".")
    }
    guard dimension >= 0 && dimension < first.rank else {
      throw RaisedError.type(
        "concatenate dimension out of bounds: dimension \(dimension) for shapes "
          + operands.map { "\(ParameterValue.ints($0.shape.dimensions))" }.joined(separator: ", ")
          + ".")
    }
    var shape = first.shape
    shape[dimension] = 0
    for operand in operands {
      shape[dimension] += operand.shape[dimension]
      for axis in 0..<first.rank where axis != dimension {
        guard operand.shape[axis] == first.shape[axis] else {
          throw RaisedError.type(
            "Cannot concatenate arrays with shapes that differ in dimensions other than the one "
              + "being concatenated: concatenating along dimension \(dimension) for shapes "
              + operands.map { "\(ParameterValue.ints($0.shape.dimensions))" }.joined(
                separator: ", ") + ".")
        }
      }
    }
    return [ShapedArray(shape, first.dtype, weakType: operands.allSatisfy(\.weakType))]
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    guard let cotangent = cotangents[0].value else { return operands.map { _ in nil } }
    let sizes = operands.map { $0.aval.shape[dimension] }
    let parts = try bind(Split(axis: dimension, sizes: sizes), [cotangent])
    return zip(operands, parts).map { $0.isLinear ? $1 : nil }
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let moved = try zip(operands, dims).map {
      try moveBatchAxis($0, $1, to: 0, size: size, marks: false)
    }
    return (try bind(Concatenate(dimension + 1), moved), [0])
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    [try context.builder.concatenate(operands, dimension: dimension)]
  }
}

/// `stack[axis=…] x…`: joins along a new axis.
public struct Stack: LinearPrimitive {
  public let axis: Int

  public init(_ axis: Int) { self.axis = axis }

  public init(_ reader: ParameterReader) throws { axis = try reader.int("axis") }

  public var name: String { "stack" }
  public var parameters: [Parameter] { [Parameter("axis", .int(axis))] }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    guard let first = operands.first else {
      throw RaisedError.value("stack expects at least one operand, got 0.")
    }
    try requireEqualTypes(operands, for: name)
    guard operands.allSatisfy({ $0.shape == first.shape }) else {
      throw RaisedError.value("All input arrays must have the same shape.")
    }
    guard axis >= 0 && axis <= first.rank else {
      throw RaisedError.value("stack axis \(axis) is out of bounds for rank \(first.rank)")
    }
    var shape = first.shape
    shape.dimensions.insert(operands.count, at: axis)
    return [ShapedArray(shape, first.dtype, weakType: operands.allSatisfy(\.weakType))]
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    guard let cotangent = cotangents[0].value else { return operands.map { _ in nil } }
    let parts = try bind(Unstack(axis), [cotangent])
    return zip(operands, parts).map { $0.isLinear ? $1 : nil }
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    // Where all are mapped along one axis it stays; the new one goes before or after it.
    if Set(dims).count == 1, let dim = dims[0] {
      let own = axis > dim ? axis + 1 : axis
      return (try bind(Stack(own), operands), [own <= dim ? dim + 1 : dim])
    }
    let moved = try zip(operands, dims).map {
      try moveBatchAxis($0, $1, to: 0, size: size, marks: false)
    }
    return (try bind(Stack(axis + 1), moved), [0])
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let builder = context.builder
    let type = context.resultType().dimensions
    var single = type
    single[axis] = 1
    let dimensions = (0..<type.count).filter { $0 != axis }
    let expanded = try operands.map { try builder.broadcastInDim($0, single, dimensions) }
    return [try builder.concatenate(expanded, dimension: axis)]
  }
}

/// `split[axis=… sizes=(…)] x`: consecutive parts along an axis.
public struct Split: LinearPrimitive {
  public let axis: Int
  public let sizes: [Int]
  private let marks: NumPyMarks

  public init(axis: Int, sizes: [Int], marks: NumPyMarks = false) {
    self.marks = marks
    self.axis = axis
    self.sizes = sizes
  }

  public init(_ reader: ParameterReader) throws {
    axis = try reader.int("axis")
    (sizes, marks) = try reader.markedInts("sizes")
  }

  public var returnsList: Bool { true }
  public var name: String { "split" }
  public var parameters: [Parameter] {
    [Parameter("axis", .int(axis)), Parameter("sizes", .ints(sizes, marks))]
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let operand = operands[0]
    guard axis >= 0, axis < operand.rank, sizes.reduce(0, +) == operand.shape[axis] else {
      throw RaisedError.value(
        "Sum of sizes \(ParameterValue.ints(sizes)) must be equal to dimension \(axis) of the "
          + "operand shape \(ParameterValue.ints(operand.shape.dimensions))")
    }
    return sizes.map {
      var shape = operand.shape
      shape[axis] = $0
      return operand.with(shape: shape)
    }
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    if cotangents.allSatisfy(\.isZero) { return [nil] }
    if let only = cotangents[0].value, cotangents.count == 1 { return [only] }
    return [try bind(Concatenate(axis), cotangents.map(instantiate))[0]]
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let dim = dims[0]!
    let split = Split(axis: axis >= dim ? axis + 1 : axis, sizes: sizes, marks: marks)
    return (try bind(split, operands), sizes.map { _ in dim })
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let shape = try context.builder.tensorType(of: operands[0]).dimensions
    var offset = 0
    return try sizes.map { size in
      defer { offset += size }
      var starts = shape.map { _ in 0 }
      var limits = shape
      starts[axis] = offset
      limits[axis] = offset + size
      return try context.builder.slice(operands[0], start: starts, limit: limits)
    }
  }
}

/// `rev[dimensions=(…)] x`: reversed along axes.
public struct Rev: LinearPrimitive {
  public let dimensions: [Int]

  public init(_ dimensions: [Int]) { self.dimensions = dimensions }

  public init(_ reader: ParameterReader) throws { dimensions = try reader.ints("dimensions") }

  public var name: String { "rev" }
  public var parameters: [Parameter] { [Parameter("dimensions", .ints(dimensions))] }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    _ = try operands[0].shape.removing(dimensions, for: name)
    return operands
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    [try cotangents[0].value.map { try bind1(self, $0) }]
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let dim = dims[0]!
    return (try bind(Rev(dimensions.map { $0 >= dim ? $0 + 1 : $0 }), operands), [dim])
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    [try context.builder.reverse(operands[0], dimensions: dimensions)]
  }
}
