import Core
import HLO
import Tensor
import Transforms

/// What happens to indices out of bounds: `GatherScatterMode`.
public enum IndexMode: String, Sendable {
  case clip = "CLIP"
  case fillOrDrop = "FILL_OR_DROP"
  case promiseInBounds = "PROMISE_IN_BOUNDS"
  case oneHot = "ONE_HOT"

  init(_ reader: ParameterReader) throws {
    var text = try reader["mode"].map { _ in try reader.string("mode") } ?? "FILL_OR_DROP"
    if let dot = text.lastIndex(of: ".") { text = String(text[text.index(after: dot)...]) }
    guard let mode = IndexMode(rawValue: text.uppercased()) else {
      throw RaisedError.value("unknown GatherScatterMode '\(text)'")
    }
    self = mode
  }

  var parameter: Parameter { Parameter("mode", .symbol("GatherScatterMode.\(rawValue)")) }
}

/// `GatherDimensionNumbers`.
public struct GatherDimensions: Hashable, Sendable {
  public var offsetDims: [Int]
  public var collapsedSliceDims: [Int]
  public var startIndexMap: [Int]
  public var operandBatchingDims: [Int] = []
  public var startIndicesBatchingDims: [Int] = []
  /// Of the batching dimensions.
  var marks: NumPyMarks = false
  /// Of `offsetDims`, and of `collapsedSliceDims` and `startIndexMap`.
  var windowMarks: NumPyMarks = false
  var axisMarks: NumPyMarks = false

  init(
    offsetDims: [Int], collapsedSliceDims: [Int], startIndexMap: [Int],
    operandBatchingDims: [Int] = [], startIndicesBatchingDims: [Int] = []
  ) {
    self.offsetDims = offsetDims
    self.collapsedSliceDims = collapsedSliceDims
    self.startIndexMap = startIndexMap
    self.operandBatchingDims = operandBatchingDims
    self.startIndicesBatchingDims = startIndicesBatchingDims
  }

  init(_ reader: ParameterReader) throws {
    offsetDims = try reader.ints("offset_dims")
    collapsedSliceDims = try reader.ints("collapsed_slice_dims")
    startIndexMap = try reader.ints("start_index_map")
    operandBatchingDims = try reader.optionalInts("operand_batching_dims") ?? []
    startIndicesBatchingDims = try reader.optionalInts("start_indices_batching_dims") ?? []
  }

  var parameter: Parameter {
    Parameter(
      "dimension_numbers",
      .record(
        "GatherDimensionNumbers",
        [
          Parameter("offset_dims", .ints(offsetDims, windowMarks)),
          Parameter("collapsed_slice_dims", .ints(collapsedSliceDims, axisMarks)),
          Parameter("start_index_map", .ints(startIndexMap, axisMarks)),
          Parameter("operand_batching_dims", .ints(operandBatchingDims, marks)),
          Parameter("start_indices_batching_dims", .ints(startIndicesBatchingDims, marks)),
        ]))
  }
}

/// `gather[dimension_numbers … mode slice_sizes …] x indices`: boxes of `x` at computed places.
/// The last axis of `indices` holds the coordinates.
public struct Gather: Primitive {
  public var dimensions: GatherDimensions
  public var sliceSizes: [Int]
  public var mode: IndexMode
  public var indicesAreSorted: Bool
  public var uniqueIndices: Bool
  /// What stands for elements out of bounds in mode `fillOrDrop`; by default NaN, or the least
  /// integer.
  public var fillValue: Double?
  /// Whether `fillValue` prints with a point: the marks do not tell parameters apart.
  private var fillsWithFloat: NumPyMarks = false

  public init(
    dimensions: GatherDimensions, sliceSizes: [Int], mode: IndexMode,
    indicesAreSorted: Bool = false, uniqueIndices: Bool = false, fillValue: Double? = nil
  ) {
    self.dimensions = dimensions
    self.sliceSizes = sliceSizes
    self.mode = mode
    self.indicesAreSorted = indicesAreSorted
    self.uniqueIndices = uniqueIndices
    self.fillValue = fillValue
  }

  public init(_ reader: ParameterReader) throws {
    dimensions = try GatherDimensions(reader.record("dimension_numbers"))
    sliceSizes = try reader.ints("slice_sizes")
    mode = try IndexMode(reader)
    indicesAreSorted = try reader.bool("indices_are_sorted", default: false)
    uniqueIndices = try reader.bool("unique_indices", default: false)
    fillValue = try reader["fill_value"].map { value in
      if case .bool(let flag) = value { return flag ? 1 : 0 }
      if case .float = value { fillsWithFloat = true }
      return try reader.double("fill_value")
    }
  }

  public var name: String { "gather" }

  public var parameters: [Parameter] {
    [
      dimensions.parameter, Parameter("slice_sizes", .ints(sliceSizes)),
      Parameter("unique_indices", .bool(uniqueIndices)),
      Parameter("indices_are_sorted", .bool(indicesAreSorted)), mode.parameter,
      Parameter(
        "fill_value",
        fillValue.map { value in
          if fillsWithFloat[0] { return .float(value) }
          return Int(exactly: value).map { .int($0) } ?? .float(value)
        } ?? .none),
    ]
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let (operand, indices) = (operands[0], operands[1])
    guard indices.dtype.isInteger else {
      throw RaisedError.value("Gather indices values must be integers.")
    }
    guard sliceSizes.count == operand.rank else {
      throw RaisedError.type(
        "gather slice_sizes must have one entry per operand dimension, got "
          + "\(ParameterValue.ints(sliceSizes)) for operand shape "
          + "\(ParameterValue.ints(operand.shape.dimensions))")
    }
    for (size, extent) in zip(sliceSizes, operand.shape.dimensions) where size > extent {
      throw RaisedError.type(
        "Gather slice_sizes \(ParameterValue.ints(sliceSizes)) exceed operand shape "
          + "\(ParameterValue.ints(operand.shape.dimensions))")
    }
    let batch = indices.shape.dimensions.dropLast()
    let window = sliceSizes.indices.filter {
      !dimensions.collapsedSliceDims.contains($0) && !dimensions.operandBatchingDims.contains($0)
    }.map { sliceSizes[$0] }
    guard window.count == dimensions.offsetDims.count else {
      throw RaisedError.type("gather: offset_dims do not fit slice_sizes")
    }
    var batchIterator = batch.makeIterator()
    var windowIterator = window.makeIterator()
    let shape = (0..<(batch.count + window.count)).map { axis in
      dimensions.offsetDims.contains(axis) ? windowIterator.next()! : batchIterator.next()!
    }
    return [operand.with(shape: Shape(shape))]
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let result = try bind(self, primals)[0]
    guard let t = tangents[0].value else { return ([result], [.zero(result.aval.tangent)]) }
    var linear = self
    if mode == .fillOrDrop { (linear.fillValue, linear.fillsWithFloat) = (0, false) }
    return ([result], [.value(try bind1(linear, t, primals[1]))])
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    guard let cotangent = cotangents[0].value, case .known(let indices) = operands[1] else {
      return [nil, nil]
    }
    var scatter = Scatter(
      .add,
      dimensions: ScatterDimensions(
        updateWindowDims: dimensions.offsetDims,
        insertedWindowDims: dimensions.collapsedSliceDims,
        scatterDimsToOperandDims: dimensions.startIndexMap,
        operandBatchingDims: dimensions.operandBatchingDims,
        scatterIndicesBatchingDims: dimensions.startIndicesBatchingDims),
      mode: mode, indicesAreSorted: indicesAreSorted, uniqueIndices: uniqueIndices)
    scatter.dimensions.marks = dimensions.marks
    scatter.dimensions.windowMarks = dimensions.windowMarks
    scatter.dimensions.axisMarks = dimensions.axisMarks
    let zeros = try full(0, operands[0].aval.tangent)
    return [try bind1(scatter, zeros, indices, cotangent), nil]
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    func shifted(_ axes: [Int]) -> [Int] { axes.map { $0 + 1 } }
    var batched = self
    switch (dims[0], dims[1]) {
    case (let dim?, nil):
      let operand = try moveBatchAxis(operands[0], dim, to: 0, size: size)
      batched.dimensions = GatherDimensions(
        offsetDims: [0] + shifted(dimensions.offsetDims),
        collapsedSliceDims: shifted(dimensions.collapsedSliceDims),
        startIndexMap: shifted(dimensions.startIndexMap),
        operandBatchingDims: shifted(dimensions.operandBatchingDims),
        startIndicesBatchingDims: dimensions.startIndicesBatchingDims)
      batched.dimensions.windowMarks = .allButFirst
      batched.dimensions.axisMarks = true
      batched.sliceSizes = [size] + sliceSizes
      return (try bind(batched, [operand, operands[1]]), [0])
    case (nil, let dim?):
      let indices = try moveBatchAxis(operands[1], dim, to: 0, size: size)
      batched.dimensions.offsetDims = shifted(dimensions.offsetDims)
      batched.dimensions.startIndicesBatchingDims = shifted(dimensions.startIndicesBatchingDims)
      batched.indicesAreSorted = false
      batched.uniqueIndices = false
      return (try bind(batched, [operands[0], indices]), [0])
    case (let first?, let second?):
      let operand = try moveBatchAxis(operands[0], first, to: 0, size: size)
      let indices = try moveBatchAxis(operands[1], second, to: 0, size: size)
      batched.dimensions = GatherDimensions(
        offsetDims: shifted(dimensions.offsetDims),
        collapsedSliceDims: shifted(dimensions.collapsedSliceDims),
        startIndexMap: shifted(dimensions.startIndexMap),
        operandBatchingDims: [0] + shifted(dimensions.operandBatchingDims),
        startIndicesBatchingDims: [0] + shifted(dimensions.startIndicesBatchingDims))
      batched.dimensions.marks = .allButFirst
      batched.dimensions.windowMarks = true
      batched.dimensions.axisMarks = true
      batched.sliceSizes = [1] + sliceSizes
      return (try bind(batched, [operand, indices]), [0])
    case (nil, nil): return (try bind(self, operands), [nil])
    }
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let builder = context.builder
    let isKey = context.inAvals[0].dtype == .key
    let resultShape = context.outAvals[0].shape
    let indexRank = context.inAvals[1].rank
    var sizes = sliceSizes
    var offsets = dimensions.offsetDims
    if isKey {
      sizes.append(2)
      offsets.append(resultShape.rank)
    }
    let attributes = GatherAttributes(
      GatherDimensionNumbers(
        offsetDims: offsets, collapsedSliceDims: dimensions.collapsedSliceDims,
        operandBatchingDims: dimensions.operandBatchingDims,
        startIndicesBatchingDims: dimensions.startIndicesBatchingDims,
        startIndexMap: dimensions.startIndexMap, indexVectorDim: indexRank - 1),
      sliceSizes: sizes, indicesAreSorted: indicesAreSorted)
    guard mode == .fillOrDrop else {
      return [try builder.gather(operands[0], indices: operands[1], attributes)]
    }
    // Whether each box lies within the operand.
    let indexType = try builder.tensorType(of: operands[1])
    let limits = dimensions.startIndexMap.map {
      context.inAvals[0].shape[$0] - sliceSizes[$0]
    }
    let limit = try builder.constant(
      HostTensor(limits.map(Int64.init), shape: [limits.count]).converted(to: indexType.element))
    let low = try builder.compare(
      operands[1], .ge, builder.full(0, indexType))
    var upper = limit
    if indexRank > 1 {
      var repeated = [Int](repeating: 1, count: indexRank)
      repeated[indexRank - 1] = limits.count
      let row = try builder.broadcastInDim(limit, repeated, [indexRank - 1])
      upper = try builder.broadcastInDim(row, indexType.dimensions, Array(0..<indexRank))
    }
    let high = try builder.compare(operands[1], .le, upper)
    let both = try builder.and(low, high)
    let yes = try builder.constant(HostTensor(scalar: true))
    let inside = try builder.reduce(.and, both, yes, dimensions: [indexRank - 1])
    let gathered = try builder.gather(operands[0], indices: operands[1], attributes)
    let type = context.resultType()
    let batchAxes = (0..<resultShape.rank).filter { !dimensions.offsetDims.contains($0) }
    let mask =
      batchAxes.count == type.rank
      ? inside : try builder.broadcastInDim(inside, type.dimensions, batchAxes)
    let filler = try builder.constant(fill(for: type.element))
    let fill = type.rank == 0 ? filler : try builder.broadcastInDim(filler, type.dimensions, [])
    return [try builder.select(mask, gathered, fill)]
  }

  private func fill(for dtype: ElementType) -> HostTensor {
    if let fillValue { return HostTensor(.float(fillValue), type: dtype) }
    if dtype.isInexact { return HostTensor(.float(.nan), type: dtype) }
    if dtype.isSigned { return HostTensor(.int(Int64(dtype.integerMinimum)), type: dtype) }
    if dtype == .bool { return HostTensor(.bool(true), type: dtype) }
    return HostTensor(.uint(dtype.integerMaximum), type: dtype)
  }
}
