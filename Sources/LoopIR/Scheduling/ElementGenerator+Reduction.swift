import HLO
import Passes
import Support
import Tensor

// Operations that compute an element from many: loops inside the loop that asks for the element.
extension ElementGenerator {
  // MARK: reduce

  /// The elements of a `reduce` at `index`, one per input.
  func reduction(
    _ operation: Operation, _ dimensions: [Int], _ index: ElementIndex
  ) throws -> [Kernel.ValueID] {
    let count = operation.results.count
    let inputs = Array(operation.operands.prefix(count))
    let initial = try operation.operands.dropFirst(count).map { try scalar($0) }
    let shape = shape(of: inputs[0])
    let reduced = dimensions.sorted()
    let kept = shape.dimensions.indices.filter { !reduced.contains($0) }
    let outer = coordinates(index, self.shape(of: operation.results[0]))
    let extents = reduced.map { shape[$0] }
    if extents.contains(0) { return initial }

    // Trailing axes are one range of positions, where no producer asks for coordinates.
    let isTrailing = reduced == Array(kept.count..<shape.rank)
    if isTrailing && reduced.count > 1 && inputs.allSatisfy(isFlat) {
      let size = extents.reduce(1, *)
      let base = multiply(position(of: outer, kept.map { shape[$0] }), by: size)
      return try reduce(
        operation.regions[0], size, initial, neutral: initial, isContiguous: true
      ) { step in
        let index = ElementIndex(position: self.add(base, step))
        return try inputs.map { try self.element($0, index) }
      }
    }
    return try nest(Array(extents.dropLast()), carrying: initial) { steps, carried in
      try reduce(
        operation.regions[0], extents.last ?? 1, carried, neutral: initial,
        isContiguous: reduced.last == shape.rank - 1
      ) { step in
        var coordinates = [Kernel.ValueID](repeating: self.builder.index(0), count: shape.rank)
        for (axis, value) in zip(kept, outer) { coordinates[axis] = value }
        for (axis, value) in zip(reduced, steps + [step]) { coordinates[axis] = value }
        let index = ElementIndex(coordinates)
        return try inputs.map { try self.element($0, index) }
      }
    }
  }

  /// Combines `initial` with the `count` tuples that `body` gives, by `region`, for which `neutral`
  /// changes nothing.
  func reduce(
    _ region: RegionID, _ count: Int, _ initial: [Kernel.ValueID], neutral: [Kernel.ValueID],
    isContiguous: Bool,
    body: @escaping (Kernel.ValueID) throws -> [Kernel.ValueID]
  ) throws -> [Kernel.ValueID] {
    if count > 1, initial.count == 1, let combiner = Combiner(function, region) {
      return try builder.reduce(
        from: builder.index(0), to: builder.index(count),
        kind: isContiguous ? .vector : .sequential, initial: initial,
        identity: [combiner.identity(self)],
        body: { step in try self.scoped { try body(step) } },
        combine: { [try self.binary(combiner.operation, $0[0], $1[0])] })
    }
    if sharesReductions, isContiguous, count > 1,
      let extreme = ExtremeIndex(function, region)
    {
      return try builder.reduce(
        from: builder.index(0), to: builder.index(count), kind: .vector, initial: initial,
        identity: neutral, body: { step in try self.scoped { try body(step) } },
        combine: { extreme.combine(self, $0, $1) })
    }
    if sharesReductions, isContiguous, count >= 4 * Self.segments {
      return try segmentedReduction(region, count, initial, neutral: neutral, body: body)
    }
    return try loop(count, carrying: initial) { step, carried in
      try evaluate(region, carried + body(step))
    }
  }

  /// The segments that the threads of a block reduce.
  private static let segments = 256

  /// A reduction by a region of which nothing is known but that it is associative: threads reduce
  /// segments, and what they give is combined in order.
  private func segmentedReduction(
    _ region: RegionID, _ count: Int, _ initial: [Kernel.ValueID], neutral: [Kernel.ValueID],
    body: (Kernel.ValueID) throws -> [Kernel.ValueID]
  ) throws -> [Kernel.ValueID] {
    let size = (count + Self.segments - 1) / Self.segments
    let partial = initial.map { builder.local(builder.type(of: $0), count: Self.segments) }
    try loop(Self.segments, kind: .vector) { segment in
      let start = builder.binary(
        .minimum, multiply(segment, by: size), builder.index(count))
      let end = builder.binary(.minimum, add(start, size), builder.index(count))
      let reduced = try builder.loop(from: start, to: end, carrying: neutral) { step, carried in
        try scoped { try evaluate(region, carried + body(step)) }
      }
      for (memory, value) in zip(partial, reduced) {
        builder.store(value, to: memory, at: segment)
      }
    }
    return try loop(Self.segments, carrying: initial) { segment, carried in
      try evaluate(region, carried + partial.map { builder.load($0, at: segment) })
    }
  }

  /// `true` iff an element of `value` at a position needs no coordinates.
  func isFlat(_ value: HLO.ValueID) -> Bool {
    var pending = [resolve(value)]
    var seen: Set<HLO.ValueID> = []
    while let value = pending.popLast() {
      if rowMemories[value] != nil { return false }
      if !seen.insert(value).inserted || memories[value] != nil || scalars[value] != nil {
        continue
      }
      guard case .result(let id, _) = function.values[value].definition else { continue }
      let operation = function.operations[id]
      switch operation.op {
      case .unary, .binary, .compare, .select, .clamp, .convert, .reducePrecision, .map,
        .reshape, .optimizationBarrier, .shardingConstraint, .constant:
        pending += operation.operands.map { resolve($0) }
      case .broadcastInDim:
        let source = shape(of: operation.operands[0])
        if source.count != 1 && source != shape(of: value) { return false }
        pending.append(resolve(operation.operands[0]))
      case .bitcastConvert:
        if type(of: operation.operands[0]).element.bitWidth != type(of: value).element.bitWidth {
          return false
        }
        pending.append(resolve(operation.operands[0]))
      case .fusion:
        for (argument, operand) in zip(
          function.regions[operation.regions[0]].arguments, operation.operands)
        {
          aliases[argument] = operand
        }
        pending += results(of: operation.regions[0]).map { resolve($0) }
      case .iota: return shape(of: value).rank <= 1
      default:
        if shape(of: value).rank > 0 { return false }
        pending += operation.operands.map { resolve($0) }
      }
    }
    return true
  }

  // MARK: reduce_window

  /// The elements of a `reduce_window` at `index`, one per input.
  func windowReduction(
    _ operation: Operation, _ window: WindowAttributes, _ index: ElementIndex
  ) throws -> [Kernel.ValueID] {
    let count = operation.results.count
    let inputs = Array(operation.operands.prefix(count))
    let initial = try operation.operands.dropFirst(count).map { try scalar($0) }
    let source = shape(of: inputs[0])
    if source.count == 0 { return initial }
    let outer = coordinates(index, shape(of: operation.results[0]))
    let axes = window.dimensions.indices.filter { window.dimensions[$0] > 1 }
    return try nest(axes.map { window.dimensions[$0] }, carrying: initial) { steps, carried in
      var offsets = [Kernel.ValueID](repeating: builder.index(0), count: outer.count)
      for (axis, step) in zip(axes, steps) { offsets[axis] = step }
      let (inner, isInside) = windowPosition(window, outer, offsets, source)
      func combined() throws -> [Kernel.ValueID] {
        let values = try inputs.map { try element($0, ElementIndex(inner)) }
        return try evaluate(operation.regions[0], carried + values)
      }
      guard let isInside else { return try combined() }
      let values = try combined()
      return zip(values, carried).map { builder.select(isInside, $0, $1) }
    }
  }

  /// Where step `offsets` of the window at `outer` lies in the operand (moved inside where it lies
  /// outside), and whether it lies inside; `nil` where it always does.
  func windowPosition(
    _ window: WindowAttributes, _ outer: [Kernel.ValueID], _ offsets: [Kernel.ValueID],
    _ source: Shape
  ) -> (coordinates: [Kernel.ValueID], isInside: Kernel.ValueID?) {
    var condition: Kernel.ValueID?
    func require(_ other: Kernel.ValueID) { condition = condition.map { both($0, other) } ?? other }
    var inner: [Kernel.ValueID] = []
    for axis in outer.indices {
      let padding = window.padding[axis]
      let dilation = window.baseDilations[axis]
      let extent = source[axis]
      let isWhole =
        window.dimensions[axis] == 1 && window.strides[axis] == 1 && dilation == 1
        && padding == Padding(0, 0)
      var position = add(
        add(
          multiply(outer[axis], by: window.strides[axis]),
          multiply(offsets[axis], by: window.windowDilations[axis])), -padding.low)
      if !isWhole {
        let dilated = (extent - 1) * dilation + 1
        let reach = (window.dimensions[axis] - 1) * window.windowDilations[axis] + 1
        if padding.low > 0 {
          require(builder.compare(.greaterOrEqual, position, builder.index(0)))
        }
        if padding.high > 0 || reach > dilated + padding.low + padding.high {
          require(builder.compare(.less, position, builder.index(dilated)))
        }
        if dilation > 1 {
          require(
            builder.compare(.equal, remainder(position, by: dilation), builder.index(0)))
          position = divide(position, by: dilation)
        }
        if padding.low > 0 || padding.high > 0 { position = clamp(position, 0, extent - 1) }
      }
      inner.append(position)
    }
    return (inner, condition)
  }

  // MARK: dot_general

  /// The type in which products are summed: short floating-point types are widened.
  func accumulator(_ type: ElementType) -> ElementType {
    type == .f16 || type == .bf16 || type.isMinifloat ? .f32 : type
  }

  func dotElement(
    _ operation: Operation, _ attributes: DotAttributes, _ index: ElementIndex
  ) throws -> Kernel.ValueID {
    let numbers = attributes.dimensionNumbers
    let (lhs, rhs) = (operation.operands[0], operation.operands[1])
    let (lhsShape, rhsShape) = (shape(of: lhs), shape(of: rhs))
    let result = type(of: operation.results[0])
    let outer = coordinates(index, result.shape)
    var lhsIndex = [Kernel.ValueID](repeating: builder.index(0), count: lhsShape.rank)
    var rhsIndex = [Kernel.ValueID](repeating: builder.index(0), count: rhsShape.rank)
    for (number, axes) in zip(numbers.lhsBatching, numbers.rhsBatching).enumerated() {
      lhsIndex[axes.0] = outer[number]
      rhsIndex[axes.1] = outer[number]
    }
    var next = numbers.lhsBatching.count
    for axis in lhsShape.dimensions.indices
    where !numbers.lhsBatching.contains(axis) && !numbers.lhsContracting.contains(axis) {
      lhsIndex[axis] = outer[next]
      next += 1
    }
    for axis in rhsShape.dimensions.indices
    where !numbers.rhsBatching.contains(axis) && !numbers.rhsContracting.contains(axis) {
      rhsIndex[axis] = outer[next]
      next += 1
    }
    let extents = numbers.lhsContracting.map { lhsShape[$0] }
    let isContiguous =
      numbers.lhsContracting.last == lhsShape.rank - 1
      && numbers.rhsContracting.last == rhsShape.rank - 1
    return try sumOfProducts(extents, result.element, isContiguous: isContiguous) { steps in
      var (l, r) = (lhsIndex, rhsIndex)
      for (number, step) in steps.enumerated() {
        l[numbers.lhsContracting[number]] = step
        r[numbers.rhsContracting[number]] = step
      }
      return (
        try self.element(lhs, ElementIndex(l)), try self.element(rhs, ElementIndex(r)), nil
      )
    }
  }

  /// The sum over `extents` of the products that `factors` gives, where its condition holds; products
  /// of reals are rounded before they are added if `roundsProducts`.
  private func sumOfProducts(
    _ extents: [Int], _ type: ElementType, isContiguous: Bool, roundsProducts: Bool = false,
    factors:
      @escaping ([Kernel.ValueID]) throws -> (
        Kernel.ValueID, Kernel.ValueID, condition: Kernel.ValueID?
      )
  ) throws -> Kernel.ValueID {
    let wide = accumulator(type)
    let zero = try constant(wide, 0)
    let add: BinaryOp = type.isBool ? .or : .add
    func product(_ steps: [Kernel.ValueID]) throws -> Kernel.ValueID {
      let (x, y, condition) = try factors(steps)
      let (a, b) = (convert(x, to: wide), convert(y, to: wide))
      let product =
        roundsProducts && wide.isFloat
        ? builder.binary(.multiplyRounded, a, b) : try binary(.multiply, a, b)
      return condition.map { builder.select($0, product, zero) } ?? product
    }
    if extents.contains(0) { return try constant(type, 0) }
    let sum = try nest(Array(extents.dropLast()), carrying: [zero]) { steps, carried in
      guard let last = extents.last, last > 1 else {
        let inner = extents.isEmpty ? [] : steps + [builder.index(0)]
        return [try binary(add, carried[0], product(inner))]
      }
      return try builder.reduce(
        from: builder.index(0), to: builder.index(last),
        kind: isContiguous ? .vector : .sequential, initial: carried, identity: [zero],
        body: { step in try self.scoped { [try product(steps + [step])] } },
        combine: { [try self.binary(add, $0[0], $1[0])] })
    }
    return convert(sum[0], to: type)
  }

  // MARK: convolution

  func convolutionElement(
    _ operation: Operation, _ attributes: ConvolutionAttributes, _ index: ElementIndex
  ) throws -> Kernel.ValueID {
    let numbers = attributes.dimensionNumbers
    let (lhs, rhs) = (operation.operands[0], operation.operands[1])
    let (input, kernel) = (shape(of: lhs), shape(of: rhs))
    let result = type(of: operation.results[0])
    let outer = coordinates(index, result.shape)
    let spatial = numbers.kernelSpatial.map { kernel[$0] }
    let features = kernel[numbers.kernelInputFeature]
    let outputFeatures = kernel[numbers.kernelOutputFeature]
    let feature = outer[numbers.outputFeature]
    // Groups of features read their own part of the input's features, groups of batches their own
    // part of the batch.
    let perFeatureGroup = max(outputFeatures / max(attributes.featureGroupCount, 1), 1)
    let perBatchGroup = max(outputFeatures / max(attributes.batchGroupCount, 1), 1)
    let batchSize = result.shape[numbers.outputBatch]
    let firstFeature =
      attributes.featureGroupCount > 1
      ? multiply(divide(feature, by: perFeatureGroup), by: features) : builder.index(0)
    let firstBatch =
      attributes.batchGroupCount > 1
      ? multiply(divide(feature, by: perBatchGroup), by: batchSize) : builder.index(0)
    if input.count == 0 || kernel.count == 0 { return try constant(result.element, 0) }
    let window = WindowAttributes(
      dimensions: spatial, strides: attributes.strides, baseDilations: attributes.lhsDilation,
      windowDilations: attributes.rhsDilation, padding: attributes.padding)
    let outerSpatial = numbers.outputSpatial.map { outer[$0] }
    let inputSpatial = Shape(numbers.inputSpatial.map { input[$0] })
    let isContiguous =
      numbers.inputFeature == input.rank - 1 && numbers.kernelInputFeature == kernel.rank - 1
    // Few products make an element: what rounding once less would change is seen in the result.
    return try sumOfProducts(
      spatial + [features], result.element, isContiguous: isContiguous, roundsProducts: true
    ) { steps in
      let offsets = Array(steps.dropLast())
      let place = self.windowPosition(window, outerSpatial, offsets, inputSpatial)
      var l = [Kernel.ValueID](repeating: self.builder.index(0), count: input.rank)
      var r = [Kernel.ValueID](repeating: self.builder.index(0), count: kernel.rank)
      l[numbers.inputBatch] = self.add(firstBatch, outer[numbers.outputBatch])
      l[numbers.inputFeature] = self.add(firstFeature, steps[steps.count - 1])
      r[numbers.kernelInputFeature] = steps[steps.count - 1]
      r[numbers.kernelOutputFeature] = feature
      for (number, axis) in numbers.inputSpatial.enumerated() {
        l[axis] = place.coordinates[number]
      }
      for (number, axis) in numbers.kernelSpatial.enumerated() {
        r[axis] =
          attributes.windowReversal[number]
          ? self.subtract(self.builder.index(spatial[number] - 1), offsets[number])
          : offsets[number]
      }
      return (
        try self.element(lhs, ElementIndex(l)), try self.element(rhs, ElementIndex(r)),
        place.isInside
      )
    }
  }
}
