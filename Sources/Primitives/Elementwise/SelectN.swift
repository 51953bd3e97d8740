import Core
import HLO
import Tensor
import Transforms

/// `select_n which case0 case1 …`: for each element the case that `which`, a Boolean or an `i32`,
/// names. `which` may be a scalar.
public struct SelectN: Primitive {
  public init() {}

  public var name: String { "select_n" }
  public var parameters: [Parameter] { [] }
  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let which = operands[0]
    let cases = Array(operands.dropFirst())
    guard let first = cases.first else {
      throw RaisedError.type("select must have at least one case")
    }
    guard which.dtype == .bool || which.dtype.isInteger else {
      throw RaisedError.type(
        "select `which` must be boolean or integer type, got \(which.dtype.numpyName).")
    }
    if which.dtype == .bool && cases.count > 2 {
      throw RaisedError.type(
        "select with boolean `which` cannot have more than two cases; got \(cases.count).")
    }
    guard cases.allSatisfy({ $0.dtype == first.dtype }) else {
      try requireEqualTypes(cases, for: "select")
      return []
    }
    if let other = cases.first(where: { $0.rank > 0 && first.rank > 0 && $0.shape != first.shape })
    {
      let shapes = [first, other].map { ParameterValue.ints($0.shape.dimensions) }
      throw RaisedError.type(
        "select cases must have the same shapes, got \(ParameterValue.list(shapes)).")
    }
    let shape = try broadcastShape(cases.map(\.shape), for: "select")
    guard which.rank == 0 || which.shape == shape || shape.rank == 0 else {
      throw RaisedError.type(
        "select `which` must be scalar or have the same shape as cases, got "
          + "`which` shape \(ParameterValue.ints(which.shape.dimensions)) but case shape "
          + "\(ParameterValue.ints(shape.dimensions)).")
    }
    return [
      ShapedArray(
        which.rank == 0 ? shape : which.shape, first.dtype,
        weakType: cases.allSatisfy(\.weakType))
    ]
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let result = try bind(self, primals)[0]
    let moving = tangents.dropFirst()
    if moving.allSatisfy(\.isZero) { return ([result], [.zero(result.aval.tangent)]) }
    // Zeros are made for the cases that stand still, as JAX makes them: once, needed or not.
    let zero = try residualZeros(result.aval.tangent)
    let instantiated = moving.map { $0.value ?? zero }
    return ([result], [.value(try bind(self, [primals[0]] + instantiated)[0])])
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    guard let cotangent = cotangents[0].value, case .known(let which) = operands[0] else {
      return operands.map { _ in nil }
    }
    let zero = try full(0, like: cotangent)
    let count = operands.count - 1
    return try [nil]
      + (0..<count).map { number in
        guard operands[number + 1].isLinear else { return nil }
        if which.dtype != .bool {
          let isOwn = try bind1(
            Comparison(.eq), which, .literal(Double(number), which.dtype))
          return try unbroadcast(
            bind1(self, isOwn, zero, cotangent), to: operands[number + 1].aval.shape)
        }
        let cases = (0..<count).map { $0 == number ? cotangent : zero }
        return try unbroadcast(
          bind(self, [which] + cases)[0], to: operands[number + 1].aval.shape)
      }
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let caseDims = Array(dims.dropFirst())
    let isUniform = caseDims.allSatisfy { $0 == caseDims[0] }
    // Cases that are mapped alike stay as they are.
    if isUniform, let dim = caseDims[0] {
      if dims[0] == nil && operands[0].rank == 0 { return (try bind(self, operands), [dim]) }
      if dims[0] == dim {
        let which = try repeated(operands[0], along: dim, to: operands[1].shape)
        return (try bind(self, [which] + operands.dropFirst()), [dim])
      }
    }
    if dims[0] == nil, operands[0].rank == 0, let dim = caseDims[0], !caseDims.contains(nil) {
      let cases = try zip(operands, dims).dropFirst().map {
        try moveBatchAxis($0, $1, to: dim, size: size)
      }
      return (try bind(self, [operands[0]] + cases), [dim])
    }
    // Else everything is mapped along axis 0, and a scalar selector of each element repeated.
    func front(_ index: Int) throws -> Value {
      try moveBatchAxis(operands[index], dims[index], to: 0, size: size)
    }
    let isScalar = operands[0].rank == 0
    var which = isScalar ? operands[0] : try front(0)
    var cases = Array(operands.dropFirst())
    if cases.contains(where: { $0.rank > 0 }) {
      cases = try (1..<operands.count).map(front)
      if !isScalar { which = try repeated(which, along: 0, to: cases[0].shape) }
    } else {
      cases = try cases.map {
        try bind1(BroadcastInDim(shape: which.shape, dimensions: []), $0)
      }
    }
    return (try bind(self, [which] + cases), [0])
  }

  /// A selector of one number for each element, repeated along the other axes of the cases.
  private func repeated(_ which: Value, along dim: Int, to shape: Shape) throws -> Value {
    which.rank == shape.rank
      ? which : try bind1(BroadcastInDim(shape: shape, dimensions: [dim]), which)
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let builder = context.builder
    let isKey = context.outAvals[0].dtype == .key
    let shape = context.outAvals[0].shape
    let cases = try zip(operands, context.inAvals).dropFirst().map {
      try context.broadcast($0, $1, to: shape)
    }
    var which = operands[0]
    if isKey {
      which = try builder.broadcastInDim(
        which, context.resultType().dimensions, Array(0..<context.inAvals[0].rank))
    }
    if cases.count == 1 { return cases }
    func choose(_ first: Int, _ count: Int) throws -> ValueID {
      if count == 1 { return cases[first] }
      // Halves the cases: the selector is smaller than the middle, or not.
      let half = count / 2
      let middle = try builder.full(Int(first + half), builder.tensorType(of: which))
      let isFirst = try builder.compare(which, .lt, middle)
      let low = try choose(first, half)
      let high = try choose(first + half, count - half)
      return try builder.select(isFirst, low, high)
    }
    if context.inAvals[0].dtype == .bool {
      return [try builder.select(which, cases[1], cases[0])]
    }
    return [try choose(0, cases.count)]
  }
}
