import HLO
import Support
import Tensor

// Operations of chlo that have no kernel of their own.
extension FunctionBuilder {
  /// `op` on operands that are broadcast first.
  func broadcasting(
    _ op: Op, _ operands: [ValueID], dimensions: [Int]?, _ result: TensorType
  ) throws -> ValueID {
    let equal = try operands.map { operand in
      let type = try tensorType(of: operand)
      if type.dimensions == result.dimensions { return operand }
      return try broadcastInDim(
        operand, result.dimensions, broadcastAxes(type.rank, into: result.rank, dimensions))
    }
    return try emitOne(op, Operands(equal))
  }

  /// A loop over the slices of the inputs, which are the first operands; `region` is its body.
  ///
  ///     %ys, %carry = scan(%xs) inits (%0) dimension=0 { (%x, %c) … return %y, %c' }
  ///
  /// becomes
  ///
  ///     while (%i = 0, %ys = 0, %carry = %0) cond { %i < n } do {
  ///       %x = reshape (dynamic_slice %xs, %i)
  ///       …
  ///       return %i + 1, (dynamic_update_slice %ys, %y, %i), %c'
  ///     }
  func scan(
    _ attributes: ScanAttributes, _ operands: [ValueID], _ region: RegionID,
    _ results: [TensorType]
  ) throws -> [ValueID] {
    let axis = attributes.dimension
    let inputs = operands.prefix(attributes.inputCount)
    let carries = Array(operands.dropFirst(attributes.inputCount))
    let outputs = results.prefix(results.count - carries.count)
    let size =
      try inputs.first.map { try tensorType(of: $0).dimensions[axis] } ?? attributes.size ?? 0
    let zero = try scalar(0, .i32)
    let arrays = try outputs.map { try splat(0, $0) }
    let last = try self.while([zero] + arrays + carries) { b, values in
      try b.compare(values[0], .lt, b.scalar(size, .i32))
    } body: { b, values in
      let step = values[0]
      let position =
        attributes.isReverse ? try b.subtract(b.scalar(size - 1, .i32), step) : step
      func starts(_ rank: Int) -> [ValueID] { (0..<rank).map { $0 == axis ? position : zero } }
      let slices = try inputs.map { input in
        var dimensions = try b.tensorType(of: input).dimensions
        dimensions[axis] = 1
        let slice = try b.dynamicSlice(input, starts: starts(dimensions.count), sizes: dimensions)
        dimensions.remove(at: axis)
        return try b.reshape(slice, dimensions)
      }
      let given = b.emitCopy(of: region, slices + values.dropFirst(1 + arrays.count))
      let written = try zip(values.dropFirst(), given.prefix(arrays.count)).map { array, slice in
        var dimensions = try b.tensorType(of: array).dimensions
        dimensions[axis] = 1
        return try b.dynamicUpdateSlice(
          array, b.reshape(slice, dimensions), starts: starts(dimensions.count))
      }
      return [try b.add(step, b.scalar(1, .i32))] + written + given.dropFirst(arrays.count)
    }
    return Array(last.dropFirst())
  }

  /// A product whose ragged axis falls into groups.
  ///
  /// Where rows have factors of their own, all groups' factors are multiplied at once; where
  /// products are summed up apart, each group gets a copy of the operands with zeros for the others.
  func raggedDot(
    _ attributes: RaggedDotAttributes, _ lhs: ValueID, _ rhs: ValueID, _ sizes: ValueID,
    _ element: ElementType
  ) throws -> ValueID {
    var numbers = attributes.dimensionNumbers
    let rank = try tensorType(of: lhs).rank
    let prefix = attributes.axesBeforeRagged(rank: rank)
    let precision =
      attributes.precision.isEmpty ? [.default, .default] : attributes.precision
    switch attributes.kind {
    case .batching:
      return try dotGeneral(lhs, rhs, numbers, precision: precision, result: element)
    case .free:
      let product = try dotGeneral(lhs, rhs, numbers, precision: precision, result: element)
      let axis = attributes.groupAxis(lhsRank: rank)
      let own = try onlyGroups(
        product, sizes, along: Array(0...prefix.count), groupAxis: axis)
      return try reduce(.add, own, scalar(0, element), dimensions: [axis])
    case .contracting:
      let axes = prefix + attributes.lhsRagged
      let partner = Dictionary(
        uniqueKeysWithValues: zip(
          numbers.lhsBatching + numbers.lhsContracting,
          numbers.rhsBatching + numbers.rhsContracting))
      let count = try tensorType(of: sizes).dimensions.last ?? 0
      func copies(_ x: ValueID, _ axes: [Int]) throws -> ValueID {
        let dimensions = try tensorType(of: x).dimensions
        let repeated = try broadcastInDim(
          x, [count] + dimensions, dimensions.indices.map { $0 + 1 })
        return try onlyGroups(repeated, sizes, along: axes.map { $0 + 1 }, groupAxis: 0)
      }
      let (a, b) = (try copies(lhs, axes), try copies(rhs, axes.compactMap { partner[$0] }))
      numbers = DotDimensionNumbers(
        lhsBatching: [0] + numbers.lhsBatching.map { $0 + 1 },
        rhsBatching: [0] + numbers.rhsBatching.map { $0 + 1 },
        lhsContracting: numbers.lhsContracting.map { $0 + 1 },
        rhsContracting: numbers.rhsContracting.map { $0 + 1 })
      return try dotGeneral(a, b, numbers, precision: precision, result: element)
    }
  }

  /// `x` with zeros where the index along the last of `axes` is not in the group that `groupAxis`
  /// counts.
  private func onlyGroups(
    _ x: ValueID, _ sizes: ValueID, along axes: [Int], groupAxis: Int
  ) throws -> ValueID {
    let type = try tensorType(of: x)
    let positions = try iota(type.with(.i64), dimension: axes[axes.count - 1])
    let wide = try convert(sizes, to: .i64)
    let shape = try tensorType(of: wide)
    let (last, count) = (shape.rank - 1, shape.dimensions.last ?? 0)
    func perAxis(_ value: Int, _ others: Int) -> [Int] {
      (0..<shape.rank).map { $0 == last ? value : others }
    }
    let ends = try reduceWindow(
      [wide], [scalar(0, .i64)],
      WindowAttributes(
        dimensions: perAxis(max(count, 1), 1),
        padding: perAxis(max(count - 1, 0), 0).map { Padding($0, 0) })
    ) { b, values in [try b.add(values[0], values[1])] }[0]
    // The axes of the sizes, in the order in which they lie in `x`.
    let targets = (shape.rank == 1 ? [] : Array(axes.dropLast())) + [groupAxis]
    let order = targets.indices.sorted { targets[$0] < targets[$1] }
    func spread(_ bounds: ValueID) throws -> ValueID {
      try broadcastInDim(transpose(bounds, order), type.dimensions, order.map { targets[$0] })
    }
    let isBehind = try compare(positions, .ge, spread(subtract(ends, wide)))
    let isBefore = try compare(positions, .lt, spread(ends))
    return try select(and(isBehind, isBefore), x, splat(0, type))
  }
}
