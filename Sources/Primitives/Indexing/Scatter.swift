import Core
import HLO
import Tensor
import Transforms

/// `ScatterDimensionNumbers`.
public struct ScatterDimensions: Hashable, Sendable {
  public var updateWindowDims: [Int]
  public var insertedWindowDims: [Int]
  public var scatterDimsToOperandDims: [Int]
  public var operandBatchingDims: [Int] = []
  public var scatterIndicesBatchingDims: [Int] = []
  /// Of the batching dimensions.
  var marks: NumPyMarks = false
  /// Of `updateWindowDims`, and of `insertedWindowDims` and `scatterDimsToOperandDims`.
  var windowMarks: NumPyMarks = false
  var axisMarks: NumPyMarks = false

  init(
    updateWindowDims: [Int], insertedWindowDims: [Int], scatterDimsToOperandDims: [Int],
    operandBatchingDims: [Int] = [], scatterIndicesBatchingDims: [Int] = []
  ) {
    self.updateWindowDims = updateWindowDims
    self.insertedWindowDims = insertedWindowDims
    self.scatterDimsToOperandDims = scatterDimsToOperandDims
    self.operandBatchingDims = operandBatchingDims
    self.scatterIndicesBatchingDims = scatterIndicesBatchingDims
  }

  init(_ reader: ParameterReader) throws {
    updateWindowDims = try reader.ints("update_window_dims")
    insertedWindowDims = try reader.ints("inserted_window_dims")
    scatterDimsToOperandDims = try reader.ints("scatter_dims_to_operand_dims")
    operandBatchingDims = try reader.optionalInts("operand_batching_dims") ?? []
    scatterIndicesBatchingDims = try reader.optionalInts("scatter_indices_batching_dims") ?? []
  }

  var parameter: Parameter {
    Parameter(
      "dimension_numbers",
      .record(
        "ScatterDimensionNumbers",
        [
          Parameter("update_window_dims", .ints(updateWindowDims, windowMarks)),
          Parameter("inserted_window_dims", .ints(insertedWindowDims, axisMarks)),
          Parameter("scatter_dims_to_operand_dims", .ints(scatterDimsToOperandDims, axisMarks)),
          Parameter("operand_batching_dims", .ints(operandBatchingDims, marks)),
          Parameter("scatter_indices_batching_dims", .ints(scatterIndicesBatchingDims, marks)),
        ]))
  }
}

/// `scatter`, `scatter-add`, … `x indices updates`: boxes of `x` replaced or combined.
public struct Scatter: Primitive {
  /// How an element and its update combine, by the names of the primitives.
  public enum Combination: String, CaseIterable, Sendable {
    case set = "scatter"
    case add = "scatter-add"
    case sub = "scatter-sub"
    case mul = "scatter-mul"
    case min = "scatter-min"
    case max = "scatter-max"
  }

  public let combination: Combination
  public var dimensions: ScatterDimensions
  public var mode: IndexMode
  public var indicesAreSorted: Bool
  public var uniqueIndices: Bool
  /// A function of the old element and the update that takes the place of `combination`.
  public let updateJaxpr: ClosedJaxpr?

  public init(
    _ combination: Combination, dimensions: ScatterDimensions, mode: IndexMode,
    indicesAreSorted: Bool = false, uniqueIndices: Bool = false
  ) {
    self.combination = combination
    self.dimensions = dimensions
    self.mode = mode
    self.indicesAreSorted = indicesAreSorted
    self.uniqueIndices = uniqueIndices
    updateJaxpr = nil
  }

  public init(_ combination: Combination, _ reader: ParameterReader) throws {
    self.combination = combination
    dimensions = try ScatterDimensions(reader.record("dimension_numbers"))
    mode = try IndexMode(reader)
    indicesAreSorted = try reader.bool("indices_are_sorted", default: false)
    uniqueIndices = try reader.bool("unique_indices", default: false)
    if case .jaxpr(let jaxpr)? = reader["update_jaxpr"] {
      updateJaxpr = jaxpr
    } else {
      updateJaxpr = nil
    }
  }

  public var name: String { combination.rawValue }

  public var parameters: [Parameter] { parameters(for: []) }

  public func parameters(for operands: [ShapedArray]) -> [Parameter] {
    let combine = updateJaxpr ?? operands.first.flatMap { combination.jaxpr($0.dtype) }
    return [
      Parameter("update_jaxpr", combine.map { .jaxpr($0) } ?? .none),
      Parameter("update_consts", .tuple([])), dimensions.parameter,
      Parameter("indices_are_sorted", .bool(indicesAreSorted)),
      Parameter("unique_indices", .bool(uniqueIndices)), mode.parameter,
    ]
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let (operand, indices, updates) = (operands[0], operands[1], operands[2])
    guard indices.dtype.isInteger else {
      throw RaisedError.value("Scatter indices values must be integers.")
    }
    if combination != .set { try refuseKeys(operands) }
    guard operand.dtype == updates.dtype else {
      try requireEqualTypes([operand, updates], for: name)
      return []
    }
    let windowAxes = (0..<operand.rank).filter {
      !dimensions.insertedWindowDims.contains($0) && !dimensions.operandBatchingDims.contains($0)
    }
    guard windowAxes.count == dimensions.updateWindowDims.count,
      updates.rank == indices.rank - 1 + windowAxes.count
    else {
      throw RaisedError.type(
        "\(name): updates of shape \(ParameterValue.ints(updates.shape.dimensions)) do not fit "
          + "operand of shape \(ParameterValue.ints(operand.shape.dimensions)) and indices of "
          + "shape \(ParameterValue.ints(indices.shape.dimensions))")
    }
    for (axis, window) in zip(dimensions.updateWindowDims, windowAxes)
    where updates.shape[axis] > operand.shape[window] {
      throw RaisedError.type(
        "Bounds of the window dimensions of updates must not exceed the bounds of the "
          + "corresponding dimensions of operand. For dimension \(axis), updates bound is "
          + "\(updates.shape[axis]), operand bound is \(operand.shape[window]).")
    }
    let batch = indices.shape.dimensions.dropLast()
    let scatterAxes = (0..<updates.rank).filter { !dimensions.updateWindowDims.contains($0) }
    guard scatterAxes.map({ updates.shape[$0] }) == Array(batch) else {
      throw RaisedError.type(
        "Bounds of the scatter dimensions of updates must be the same as the bounds of the "
          + "corresponding dimensions of scatter indices.")
    }
    return [
      ShapedArray(operand.shape, operand.dtype, weakType: operand.weakType && updates.weakType)
    ]
  }

  /// The gather that reads what this scatter writes.
  private func reading(_ updates: ShapedArray, _ operand: ShapedArray, fill: Double? = nil)
    -> Gather
  {
    var sizes: [Int] = []
    var next = dimensions.updateWindowDims.makeIterator()
    for axis in 0..<operand.rank {
      let isWindow =
        !dimensions.insertedWindowDims.contains(axis)
        && !dimensions.operandBatchingDims.contains(axis)
      sizes.append(isWindow ? updates.shape[next.next()!] : 1)
    }
    var gather = Gather(
      dimensions: GatherDimensions(
        offsetDims: dimensions.updateWindowDims,
        collapsedSliceDims: dimensions.insertedWindowDims,
        startIndexMap: dimensions.scatterDimsToOperandDims,
        operandBatchingDims: dimensions.operandBatchingDims,
        startIndicesBatchingDims: dimensions.scatterIndicesBatchingDims),
      sliceSizes: sizes, mode: mode, indicesAreSorted: indicesAreSorted,
      uniqueIndices: uniqueIndices, fillValue: fill)
    gather.dimensions.marks = dimensions.marks
    gather.dimensions.windowMarks = dimensions.windowMarks
    gather.dimensions.axisMarks = dimensions.axisMarks
    return gather
  }

  /// The gather of the updates' cotangents.
  private func gathering(_ operands: [LinearOperand]) -> Gather {
    var read = reading(operands[2].aval, operands[0].aval, fill: 0)
    read.indicesAreSorted = false
    read.uniqueIndices = false
    return read
  }

  private func with(_ combination: Combination) -> Scatter {
    Scatter(
      combination, dimensions: dimensions, mode: mode, indicesAreSorted: indicesAreSorted,
      uniqueIndices: uniqueIndices)
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let (operand, indices, updates) = (primals[0], primals[1], primals[2])
    if tangents[0].isZero && tangents[2].isZero || !operand.dtype.isInexact {
      let result = try bind(self, primals)[0]
      return ([result], [.zero(result.aval.tangent)])
    }
    if updateJaxpr != nil {
      throw RaisedError(
        .notImplementedError, "Differentiation rule for '\(name)' with a function")
    }
    switch combination {
    case .add, .sub:
      let result = try bind(self, primals)[0]
      let moving = try bind1(self, instantiate(tangents[0]), indices, instantiate(tangents[2]))
      return ([result], [.value(moving)])
    case .set: return try jvpOfSet(operand, indices, updates, tangents)
    case .mul:
      guard uniqueIndices || tangents[2].isZero else {
        throw RaisedError(
          .notImplementedError,
          "scatter_mul gradients are only implemented if `unique_indices=True`")
      }
      let result = try bind(self, primals)[0]
      var total: Value?
      if let t = tangents[0].value { total = try bind1(self, t, indices, updates) }
      if let u = tangents[2].value {
        let old = try bind1(reading(updates.aval, operand.aval), operand, indices)
        let share = try bind1(
          with(.add), full(0, like: operand), indices, Primitives.mul(u, old))
        total = try total.map { try bind1(AddAny(), $0, share) } ?? share
      }
      return ([result], [.value(total!)])
    case .min, .max:
      let result = try bind(self, primals)[0]
      // The old element and all updates that equal the result share the derivative.
      let new = try bind1(reading(updates.aval, operand.aval, fill: 0), result, indices)
      let winsUpdate = try convert(compare(updates, .eq, new), to: operand.dtype)
      let winsOld = try convert(compare(operand, .eq, result), to: operand.dtype)
      let count = try bind1(with(.add), winsOld, indices, winsUpdate)
      let moving = try bind1(
        with(.add), Primitives.mul(instantiate(tangents[0]), winsOld), indices,
        Primitives.mul(instantiate(tangents[2]), winsUpdate))
      return ([result], [.value(try div(moving, count))])
    }
  }

  /// Where indices repeat, one update wins: the derivative is that of the winner, found by
  /// scattering the updates' numbers along.
  private func jvpOfSet(
    _ operand: Value, _ indices: Value, _ updates: Value, _ tangents: [Tangent]
  ) throws -> (primals: [Value], tangents: [Tangent]) {
    let batchCount = indices.shape.dimensions.dropLast().reduce(1, *)
    var tangentOld = try instantiate(tangents[0])
    var tangentUpdates = try instantiate(tangents[2])
    if uniqueIndices || batchCount == 1 {
      let result = try bind1(self, operand, indices, updates)
      return ([result], [.value(try bind1(self, tangentOld, indices, tangentUpdates))])
    }
    let iota = try bind1(
      Iota(dtype: .u32, shape: [batchCount], dimension: 0))
    // A number for each box of updates, repeated within it.
    var boxes = updates.shape
    for axis in dimensions.updateWindowDims { boxes[axis] = 1 }
    let numbers = try add(
      reshape(iota, boxes), full(1, ShapedArray(updates.shape, .u32)))
    let none = try full(0, ShapedArray(operand.shape, .u32))
    let winners = try bind1(self, none, indices, numbers)
    var read = reading(updates.aval, operand.aval)
    read.mode = .promiseInBounds
    let winnersAtUpdates = try bind1(read, winners, indices)
    let isOld = try compare(winners, .eq, full(0, winners.aval))
    let keptOld = try select(isOld, operand, full(0, like: operand))
    let wins = try compare(numbers, .eq, winnersAtUpdates)
    let keptUpdates = try select(wins, updates, full(0, like: updates))
    let isOldToo = try compare(winners, .eq, full(0, winners.aval))
    tangentOld = try select(isOldToo, tangentOld, full(0, like: operand))
    let winsToo = try compare(numbers, .eq, winnersAtUpdates)
    tangentUpdates = try select(winsToo, tangentUpdates, full(0, like: updates))
    let result = try bind1(with(.add), keptOld, indices, keptUpdates)
    let moving = try bind1(with(.add), tangentOld, indices, tangentUpdates)
    return ([result], [.value(moving)])
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    guard let cotangent = cotangents[0].value, case .known(let indices) = operands[1] else {
      return [nil, nil, nil]
    }
    switch combination {
    case .add, .sub:
      var updates: Value?
      if operands[2].isLinear {
        let taken = try bind1(gathering(operands), cotangent, indices)
        updates = combination == .sub ? try neg(taken) : taken
      }
      return [operands[0].isLinear ? cotangent : nil, nil, updates]
    case .mul:
      guard operands[0].isLinear, case .known(let updates) = operands[2] else {
        throw notLinear(self)
      }
      return [try bind1(self, cotangent, indices, updates), nil, nil]
    case .set:
      var operand: Value?
      if operands[0].isLinear {
        let zero = try full(0, operands[2].aval.tangent)
        operand = try bind1(self, cotangent, indices, zero)
      }
      let read = gathering(operands)
      return [operand, nil, operands[2].isLinear ? try bind1(read, cotangent, indices) : nil]
    case .min, .max: throw notLinear(self)
    }
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    func shifted(_ axes: [Int]) -> [Int] { axes.map { $0 + 1 } }
    let operand = try moveBatchAxis(operands[0], dims[0], to: 0, size: size)
    let updates = try moveBatchAxis(operands[2], dims[2], to: 0, size: size)
    var batched = self
    batched.dimensions.insertedWindowDims = shifted(dimensions.insertedWindowDims)
    batched.dimensions.scatterDimsToOperandDims = shifted(dimensions.scatterDimsToOperandDims)
    batched.dimensions.operandBatchingDims = shifted(dimensions.operandBatchingDims)
    batched.dimensions.updateWindowDims = shifted(dimensions.updateWindowDims)
    batched.dimensions.windowMarks = true
    batched.dimensions.axisMarks = true
    guard let dim = dims[1] else {
      batched.dimensions.updateWindowDims.insert(0, at: 0)
      batched.dimensions.windowMarks = .allButFirst
      return (try bind(batched, [operand, operands[1], updates]), [0])
    }
    let indices = try moveBatchAxis(operands[1], dim, to: 0, size: size)
    batched.dimensions.marks = .allButFirst
    batched.dimensions.operandBatchingDims.insert(0, at: 0)
    batched.dimensions.scatterIndicesBatchingDims =
      [0] + shifted(dimensions.scatterIndicesBatchingDims)
    return (try bind(batched, [operand, indices, updates]), [0])
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let builder = context.builder
    var indices = operands[1]
    let indexRank = context.inAvals[1].rank
    if mode == .clip {
      let type = try builder.tensorType(of: indices)
      let read = reading(context.inAvals[2], context.inAvals[0])
      let limits = dimensions.scatterDimsToOperandDims.map {
        Int64(context.inAvals[0].shape[$0] - read.sliceSizes[$0])
      }
      let limit = try builder.constant(
        HostTensor(limits, shape: [limits.count]).converted(to: type.element))
      let most = try builder.full(
        Int(clamping: type.element.integerMaximum), TensorType([limits.count], type.element))
      var upper = try builder.minimum(limit, most)
      if indexRank > 1 {
        upper = try builder.broadcastInDim(upper, type.dimensions, [indexRank - 1])
      }
      indices = try builder.clamp(builder.full(0, type), indices, upper)
    }
    // The words of a key are a window of their own.
    let words = context.inAvals[0].dtype == .key ? [context.inAvals[2].rank] : []
    let attributes = ScatterAttributes(
      ScatterDimensionNumbers(
        updateWindowDims: dimensions.updateWindowDims + words,
        insertedWindowDims: dimensions.insertedWindowDims,
        inputBatchingDims: dimensions.operandBatchingDims,
        scatterIndicesBatchingDims: dimensions.scatterIndicesBatchingDims,
        scatterDimsToOperandDims: dimensions.scatterDimsToOperandDims,
        indexVectorDim: indexRank - 1),
      indicesAreSorted: indicesAreSorted, uniqueIndices: uniqueIndices)
    return try builder.scatter(
      [operands[0]], indices: indices, updates: [operands[2]], attributes
    ) { builder, values in
      if let updateJaxpr { return try context.inline(updateJaxpr, values) }
      switch combination {
      case .set: return [values[1]]
      case .add: return [try builder.add(values[0], values[1])]
      case .sub: return [try builder.subtract(values[0], values[1])]
      case .mul: return [try builder.multiply(values[0], values[1])]
      case .min: return [try builder.minimum(values[0], values[1])]
      case .max: return [try builder.maximum(values[0], values[1])]
      }
    }
  }
}

extension Scatter.Combination {
  private struct JaxprKey: Hashable {
    var combination: Scatter.Combination
    var dtype: ElementType
  }

  /// What was made before: equal functions are one object, which a jaxpr shows once. Tracing is
  /// single-threaded.
  private nonisolated(unsafe) static var jaxprs: [JaxprKey: ClosedJaxpr] = [:]

  /// The function over scalars of type `dtype` that combines elements, as jaxprs show it.
  func jaxpr(_ dtype: ElementType) -> ClosedJaxpr? {
    let key = JaxprKey(combination: self, dtype: dtype)
    if let known = Scatter.Combination.jaxprs[key] { return known }
    let function: Binary.Function
    switch self {
    case .set: return nil
    case .add: function = .add
    case .sub: function = .sub
    case .mul: function = .mul
    case .min: function = .min
    case .max: function = .max
    }
    let aval = ShapedArray(.scalar, dtype)
    let made = try? stage([aval, aval]) { try bind(Binary(function), $0) }
    Scatter.Combination.jaxprs[key] = made
    return made
  }
}
