import Core
import HLO
import Tensor
import Transforms

/// `dot_general[dimension_numbers=((lhs_contracting, rhs_contracting), (lhs_batch, rhs_batch))]`:
/// batched contraction. Result axes: batch, free of the left, free of the right.
public struct DotGeneral: Primitive {
  public var lhsContracting: [Int]
  public var rhsContracting: [Int]
  public var lhsBatch: [Int]
  public var rhsBatch: [Int]
  public var preferredType: ElementType?
  /// The text of the precision, where one was asked for.
  public var precision: ParameterValue?

  public init(
    lhsContracting: [Int], rhsContracting: [Int], lhsBatch: [Int] = [], rhsBatch: [Int] = [],
    preferredType: ElementType? = nil
  ) {
    self.lhsContracting = lhsContracting
    self.rhsContracting = rhsContracting
    self.lhsBatch = lhsBatch
    self.rhsBatch = rhsBatch
    self.preferredType = preferredType
  }

  public init(_ reader: ParameterReader) throws {
    guard let pairs = reader.elements("dimension_numbers"), pairs.count == 2 else {
      throw RaisedError.type("dot_general: dimension_numbers must be a pair of pairs")
    }
    func two(_ value: ParameterValue) throws -> ([Int], [Int]) {
      let inner = ParameterReader(primitive: "dot_general", ["p": value])
      let lists = try inner.intTuples("p")
      guard lists.count == 2 else {
        throw RaisedError.type("dot_general: dimension_numbers must be a pair of pairs")
      }
      return (lists[0], lists[1])
    }
    (lhsContracting, rhsContracting) = try two(pairs[0])
    (lhsBatch, rhsBatch) = try two(pairs[1])
    preferredType = try reader.optionalDType("preferred_element_type")
    precision = reader["precision"]
  }

  public static func == (a: Self, b: Self) -> Bool {
    a.lhsContracting == b.lhsContracting && a.rhsContracting == b.rhsContracting
      && a.lhsBatch == b.lhsBatch && a.rhsBatch == b.rhsBatch
      && a.preferredType == b.preferredType
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(lhsContracting)
    hasher.combine(rhsContracting)
    hasher.combine(lhsBatch)
    hasher.combine(rhsBatch)
    hasher.combine(preferredType)
  }

  public var name: String { "dot_general" }

  public var parameters: [Parameter] {
    func list(_ axes: [Int]) -> ParameterValue { .list(axes.map { .int($0) }) }
    var parameters = [Parameter("dimension_numbers", dimensionNumbers(list))]
    if let precision { parameters.append(Parameter("precision", precision)) }
    if let preferredType {
      parameters.append(Parameter("preferred_element_type", .dtype(preferredType)))
    }
    return parameters
  }

  public func allParameters(for operands: [ShapedArray]) -> [Parameter] {
    [
      Parameter("dimension_numbers", dimensionNumbers { .ints($0) }),
      Parameter("precision", precision ?? .none),
      Parameter("preferred_element_type", preferredType.map { .dtype($0) } ?? .none),
      Parameter("out_sharding", .none),
    ]
  }

  /// The axes, each kind as `axes` says it: jaxprs print lists of what are tuples.
  private func dimensionNumbers(_ axes: ([Int]) -> ParameterValue) -> ParameterValue {
    .tuple([
      .tuple([axes(lhsContracting), axes(rhsContracting)]),
      .tuple([axes(lhsBatch), axes(rhsBatch)]),
    ])
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let (lhs, rhs) = (operands[0], operands[1])
    if lhs.dtype == .key || rhs.dtype == .key { throw RaisedError(.assertionError, "key<fry>") }
    func extents(_ axes: [Int], _ aval: ShapedArray) -> [Int] { axes.map { aval.shape[$0] } }
    guard
      (lhsContracting + lhsBatch).allSatisfy({ $0 >= 0 && $0 < lhs.rank }),
      (rhsContracting + rhsBatch).allSatisfy({ $0 >= 0 && $0 < rhs.rank })
    else {
      throw RaisedError.type(
        "dot_general requires dimension numbers to be nonnegative and less than the number of "
          + "axes of the lhs value, got shapes \(ParameterValue.ints(lhs.shape.dimensions)) and "
          + "\(ParameterValue.ints(rhs.shape.dimensions))")
    }
    guard extents(lhsContracting, lhs) == extents(rhsContracting, rhs) else {
      throw RaisedError.type(
        "dot_general requires contracting dimensions to have the same shape, got "
          + "\(ParameterValue.ints(extents(lhsContracting, lhs))) and "
          + "\(ParameterValue.ints(extents(rhsContracting, rhs))).")
    }
    guard extents(lhsBatch, lhs) == extents(rhsBatch, rhs) else {
      throw RaisedError.type(
        "dot_general requires lhs batch dimensions and rhs batch dimensions to have the same "
          + "shape, got \(ParameterValue.ints(extents(lhsBatch, lhs))) and "
          + "\(ParameterValue.ints(extents(rhsBatch, rhs))).")
    }
    let shape =
      extents(lhsBatch, lhs) + extents(free(lhs.rank, lhsContracting, lhsBatch), lhs)
      + extents(free(rhs.rank, rhsContracting, rhsBatch), rhs)
    let dtype = preferredType ?? lhs.dtype
    return [
      ShapedArray(Shape(shape), dtype, weakType: lhs.weakType && rhs.weakType)
    ]
  }

  /// The axes that are neither contracted nor batched.
  private func free(_ rank: Int, _ contracting: [Int], _ batch: [Int]) -> [Int] {
    (0..<rank).filter { !contracting.contains($0) && !batch.contains($0) }
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let result = try bind(self, primals)[0]
    let first = try tangents[0].value.map { try bind1(self, $0, primals[1]) }
    let second = try tangents[1].value.map { try bind1(self, primals[0], $0) }
    switch (first, second) {
    case (let first?, let second?):
      return ([result], [.value(try bind1(AddAny(), first, second))])
    case (let only?, nil), (nil, let only?): return ([result], [.value(only)])
    case (nil, nil): return ([result], [.zero(result.aval.tangent)])
    }
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    guard let cotangent = cotangents[0].value else { return [nil, nil] }
    if operands[0].isLinear {
      guard case .known(let rhs) = operands[1] else { throw notLinear(self) }
      return [try transposed(cotangent, rhs, operands[0].aval, swapped: false), nil]
    }
    guard case .known(let lhs) = operands[0] else { throw notLinear(self) }
    return [nil, try transposed(cotangent, lhs, operands[1].aval, swapped: true)]
  }

  /// The cotangent of one operand from that of the result and the other operand.
  private func transposed(
    _ cotangent: Value, _ other: Value, _ aval: ShapedArray, swapped: Bool
  ) throws -> Value {
    let (contracting, batch) =
      swapped ? (rhsContracting, rhsBatch) : (lhsContracting, lhsBatch)
    let (otherContracting, otherBatch) =
      swapped ? (lhsContracting, lhsBatch) : (rhsContracting, rhsBatch)
    let kept = free(aval.rank, contracting, batch)
    let otherKept = free(other.rank, otherContracting, otherBatch)
    // Result axes: batch, kept of the left, kept of the right.
    let batchAxes = Array(0..<batch.count)
    let leftKept = swapped ? otherKept.count : kept.count
    let otherStart = batch.count + (swapped ? 0 : leftKept)
    let otherAxes = Array(otherStart..<(otherStart + otherKept.count))
    var dot = DotGeneral(
      lhsContracting: otherAxes, rhsContracting: otherKept, lhsBatch: batchAxes,
      rhsBatch: otherBatch, preferredType: preferredType)
    dot.precision = precision
    var result = try bind1(dot, cotangent, other)
    // Its axes: batch, kept, and the contracted ones in the order of the other operand.
    let contractedSorted = otherContracting.sorted().map {
      contracting[otherContracting.firstIndex(of: $0)!]
    }
    let order = batch + kept + contractedSorted
    var permutation = order
    for (position, axis) in order.enumerated() { permutation[axis] = position }
    if permutation != Array(0..<aval.rank) {
      result = try bind1(Transpose(permutation: permutation), result)
    }
    return result.dtype == aval.dtype ? result : try convert(result, to: aval.dtype)
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    func shift(_ axes: [Int], _ dim: Int) -> [Int] { axes.map { $0 >= dim ? $0 + 1 : $0 } }
    var batched = self
    switch (dims[0], dims[1]) {
    case (let left?, let right?):
      batched.lhsContracting = shift(lhsContracting, left)
      batched.rhsContracting = shift(rhsContracting, right)
      batched.lhsBatch = [left] + shift(lhsBatch, left)
      batched.rhsBatch = [right] + shift(rhsBatch, right)
      return (try bind(batched, operands), [0])
    case (let left?, nil):
      batched.lhsContracting = shift(lhsContracting, left)
      batched.lhsBatch = shift(lhsBatch, left)
      let position = free(
        operands[0].rank, batched.lhsContracting, batched.lhsBatch
      ).firstIndex(of: left)!
      return (try bind(batched, operands), [lhsBatch.count + position])
    case (nil, let right?):
      batched.rhsContracting = shift(rhsContracting, right)
      batched.rhsBatch = shift(rhsBatch, right)
      let position = free(
        operands[1].rank, batched.rhsContracting, batched.rhsBatch
      ).firstIndex(of: right)!
      let leftFree = operands[0].rank - lhsContracting.count - lhsBatch.count
      return (try bind(batched, operands), [lhsBatch.count + leftFree + position])
    case (nil, nil): return (try bind(self, operands), [nil])
    }
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let builder = context.builder
    var precision: [HLO.Precision] = [.default, .default]
    if let text = self.precision?.description.lowercased() {
      if text.contains("highest") {
        precision = [.highest, .highest]
      } else if text.contains("high") {
        precision = [.high, .high]
      }
    }
    let numbers = DotDimensionNumbers(
      lhsBatching: lhsBatch, rhsBatching: rhsBatch, lhsContracting: lhsContracting,
      rhsContracting: rhsContracting)
    var (lhs, rhs) = (operands[0], operands[1])
    if context.inAvals[0].dtype != context.inAvals[1].dtype {
      lhs = try builder.convert(lhs, to: context.outAvals[0].dtype)
      rhs = try builder.convert(rhs, to: context.outAvals[0].dtype)
    }
    return [
      try builder.dotGeneral(
        lhs, rhs, numbers, precision: precision, result: context.outAvals[0].dtype)
    ]
  }
}
