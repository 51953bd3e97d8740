import Core
import HLO
import Tensor
import Transforms

/// `sort[dimension is_stable num_keys] xs…`: all operands in the order of the first `num_keys` of
/// them along a dimension. NaNs come last, and the zeros are equal.
public struct Sort: NonlinearPrimitive {
  public let dimension: Int
  public let isStable: Bool
  public let keyCount: Int

  public init(dimension: Int, isStable: Bool, keyCount: Int) {
    self.dimension = dimension
    self.isStable = isStable
    self.keyCount = keyCount
  }

  public init(_ reader: ParameterReader) throws {
    self.init(
      dimension: try reader.int("dimension"),
      isStable: try reader.bool("is_stable", default: true),
      keyCount: try reader["num_keys"] == nil ? 1 : reader.int("num_keys"))
  }

  public var returnsList: Bool { true }
  public var name: String { "sort" }

  public var parameters: [Parameter] {
    [
      Parameter("dimension", .int(dimension)), Parameter("is_stable", .bool(isStable)),
      Parameter("num_keys", .int(keyCount)),
    ]
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    guard operands.allSatisfy({ $0.shape == operands[0].shape }) else {
      let shapes = operands.map { "\(ParameterValue.ints($0.shape.dimensions))" }
      throw RaisedError.type(
        "Arguments to sort must have equal shapes, got: \(shapes.joined(separator: " "))")
    }
    guard dimension >= 0, dimension < operands[0].rank else {
      throw RaisedError.value(
        "axis \(dimension) is out of bounds for array of dimension \(operands[0].rank)")
    }
    guard keyCount >= 1, keyCount <= operands.count else {
      throw RaisedError.value(
        "num_keys=\(keyCount) must be between 1 and len(operands)=\(operands.count)")
    }
    if let key = operands.prefix(keyCount).first(where: { $0.dtype == .key }) {
      try require([key, key], in: [.integer, .floating, .bool], for: "lt_to")
    }
    try refuseKeys(operands)
    return operands
  }

  /// Sorts positions along; the tangents are gathered at them.
  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    if tangents.allSatisfy(\.isZero) {
      let results = try bind(self, primals)
      return (results, results.map { .zero($0.aval.tangent) })
    }
    let shape = primals[0].shape
    let positions = try bind(Iota(dtype: .u32, shape: shape, dimension: dimension), [])
    var results = try bind(self, primals + positions)
    let order = try expandDims(results.removeLast(), [shape.rank])
    var gather = Gather(alongAxis: dimension, rank: shape.rank)
    gather.dimensions.marks = true
    return (
      results,
      try tangents.map { tangent in
        guard let t = tangent.value else { return .zero(tangent.aval) }
        return .value(try bind1(gather, t, order))
      }
    )
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let dim = dims.compactMap { $0 }[0]
    let moved = try zip(operands, dims).map {
      try moveBatchAxis($0, $1, to: dim, size: size, marks: false)
    }
    let batched = Sort(
      dimension: dimension >= dim ? dimension + 1 : dimension, isStable: isStable,
      keyCount: keyCount)
    return (try bind(batched, moved), operands.map { _ in dim })
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    try context.builder.sort(operands, dimension: dimension, isStable: isStable) {
      builder, elements in
      var pairs: [(ValueID, ValueID)] = []
      for key in 0..<keyCount {
        let left = try sortKeys(builder, elements[2 * key])
        let right = try sortKeys(builder, elements[2 * key + 1])
        pairs += zip(left, right)
      }
      return try isLexicographicallyLess(builder, pairs)
    }
  }

  /// What an element is compared by: one zero and one NaN instead of several; a complex number by
  /// its real, then by its imaginary part.
  private func sortKeys(_ builder: FunctionBuilder, _ element: ValueID) throws -> [ValueID] {
    let type = try builder.tensorType(of: element).element
    if type.isComplex {
      return try sortKeys(builder, builder.real(element))
        + sortKeys(builder, builder.imag(element))
    }
    guard type.isFloat else { return [element] }
    let isZero = try builder.compare(element, .eq, builder.scalar(0.0, type))
    let oneZero = try builder.select(isZero, builder.scalar(0.0, type), element)
    let isNaN = try builder.compare(element, .ne, element)
    return [try builder.select(isNaN, builder.scalar(Double.nan, type), oneZero)]
  }

  private func isLexicographicallyLess(
    _ builder: FunctionBuilder, _ pairs: [(ValueID, ValueID)]
  ) throws -> ValueID {
    var result: ValueID?
    for (left, right) in pairs.reversed() {
      let type = try builder.tensorType(of: left).element
      let order: ComparisonType? = type.isFloat ? .totalOrder : nil
      guard let rest = result else {
        result = try builder.compare(left, .lt, right, type: order)
        continue
      }
      let less = try builder.compare(left, .lt, right, type: order)
      let equal = try builder.compare(left, .eq, right, type: order)
      result = try builder.or(less, builder.and(equal, rest))
    }
    return result!
  }
}

extension Gather {
  /// Takes one element at a time along `axis`, at positions of the operand's shape with a last
  /// axis of extent 1.
  init(alongAxis axis: Int, rank: Int) {
    let others = (0..<rank).filter { $0 != axis }
    self.init(
      dimensions: GatherDimensions(
        offsetDims: [], collapsedSliceDims: [axis], startIndexMap: [axis],
        operandBatchingDims: others, startIndicesBatchingDims: others),
      sliceSizes: [Int](repeating: 1, count: rank), mode: .promiseInBounds)
  }
}
