import HLO
import Passes
import Tensor

/// How updates are shared among threads. Neither depends on their number.
enum ScatterPlan: Hashable {
  /// One after the other.
  case serial
  /// Each element by itself: no two fall on one place.
  case independent
  /// The first scattered axis of the target is cut into so many ranges; each thread applies, in
  /// order, the updates that fall into its range.
  case ranges(count: Int)
  /// The updates are cut into so many chunks; each is combined in a target of its own, and these
  /// are combined in order.
  case copies(count: Int)
  /// Updates are in the order of their places: of those that meet, the first one's thread applies all,
  /// one after the other.
  case runs
  /// Each element by itself, in atomic operations, since several may fall on one place: their order
  /// is not known.
  case atomic(BinaryOp)
}

extension NestEmitter {
  /// Combines the updates with the targets, which hold the inputs.
  func emitScatter(_ attributes: ScatterAttributes) throws {
    try emitScalars()
    let scatter = Scatter(generator, root, attributes)
    if scatter.updateShape.count == 0 { return }
    if scatter.count == 1 {
      let windowShape = Shape(scatter.windowExtents)
      let update = try scatter.position([builder.index(0)])
      return try iterate(windowShape, isVector: true) { index in
        try scatter.apply(update, generator.coordinates(index, windowShape), targets)
      }
    }
    switch function.scatterPlan(root, for: processor) {
    case .ranges(let count):
      let extent = generator.shape(of: root.results[0])[scatter.numbers.scatterDimsToOperandDims[0]]
      try loop(count, kind: .parallel) { range in
        let bounds = [range, generator.add(range, 1)].map {
          generator.divide(generator.multiply($0, by: extent), by: count)
        }
        try generator.loop(scatter.count) { number in
          let update = try scatter.position(scatter.batch(number), within: (bounds[0], bounds[1]))
          try scatter.applyWindow(update, targets) { try nest($0, $1) }
        }
      }
    case .copies(let count) where scratch != nil:
      try emitScatterToCopies(scatter, count)
    case .independent: try emitElements(scatter)
    case .runs: try emitRuns(scatter)
    case .atomic(let operation): try emitElements(scatter, combining: operation)
    case .serial, .copies:
      try generator.nest(scatter.extents) { batch in
        let update = try scatter.position(batch)
        try scatter.applyWindow(update, targets) { try nest($0, $1) }
      }
    }
  }

  /// Every element of the updates by itself.
  private func emitElements(_ scatter: Scatter, combining operation: BinaryOp? = nil) throws {
    try iterate(scatter.updateShape, isVector: true) { index in
      let place = generator.coordinates(index, scatter.updateShape)
      let update = try scatter.position(scatter.scatterAxes.map { place[$0] })
      try scatter.apply(
        update, scatter.windowAxes.map { place[$0] }, targets, combining: operation)
    }
  }

  private func emitRuns(_ scatter: Scatter) throws {
    try iterate(scatter.updateShape, isVector: true) { index in
      let place = generator.coordinates(index, scatter.updateShape)
      try scatter.applyRun(
        from: place[scatter.scatterAxes[0]], scatter.windowAxes.map { place[$0] }, targets)
    }
  }

  private func emitScatterToCopies(_ scatter: Scatter, _ count: Int) throws {
    guard let scratch, let combiner = Combiner(function, root.regions[0]) else {
      throw generator.internalError("a scatter without a plan")
    }
    let size = generator.shape(of: root.results[0]).count
    let neutral = try combiner.identity(generator)
    // A GPU's threads fill all copies together, and then have one each.
    if processor.isGPU {
      loop(count * size, kind: .parallelVector) { builder.store(neutral, to: scratch, at: $0) }
    }
    try loop(count, kind: .parallel) { copy in
      let first = generator.multiply(copy, by: size)
      if processor == .cpu {
        generator.loop(size, kind: .vector) {
          builder.store(neutral, to: scratch, at: generator.add(first, $0))
        }
      }
      let bounds = [copy, generator.add(copy, 1)].map {
        generator.divide(generator.multiply($0, by: scatter.count), by: count)
      }
      try builder.loop(from: bounds[0], to: bounds[1]) { number in
        try generator.scoped {
          let update = try scatter.position(scatter.batch(number))
          try scatter.applyWindow(update, [scratch], offset: first) { try nest($0, $1) }
        }
      }
    }
    try loop(size, kind: .parallelVector) { place in
      var total = builder.load(targets[0], at: place)
      total = try generator.loop(count, carrying: [total]) { copy, carried in
        let part = builder.load(
          scratch, at: generator.add(place, generator.multiply(copy, by: size)))
        return try generator.evaluate(root.regions[0], [carried[0], part])
      }[0]
      builder.store(total, to: targets[0], at: place)
    }
  }
}

/// One scatter: where its updates go, and what becomes of the elements there.
private struct Scatter {
  let generator: ElementGenerator
  let operation: Operation
  let numbers: ScatterDimensionNumbers
  let shape: Shape
  let updateShape: Shape
  /// The axes of the updates that tell them apart, and those of one update's window.
  let scatterAxes: [Int]
  let windowAxes: [Int]
  /// The axes of the operand that the window has.
  private let keptAxes: [Int]
  private let indices: HLO.ValueID
  private let updates: [HLO.ValueID]

  private var builder: KernelBuilder { generator.builder }
  var extents: [Int] { scatterAxes.map { updateShape[$0] } }
  var windowExtents: [Int] { windowAxes.map { updateShape[$0] } }
  /// How many updates there are.
  var count: Int { extents.reduce(1, *) }

  init(_ generator: ElementGenerator, _ operation: Operation, _ attributes: ScatterAttributes) {
    self.generator = generator
    self.operation = operation
    let numbers = attributes.dimensionNumbers
    self.numbers = numbers
    let results = operation.results.count
    indices = operation.operands[results]
    updates = Array(operation.operands.dropFirst(results + 1))
    let shape = generator.shape(of: operation.results[0])
    self.shape = shape
    let updateShape = generator.shape(of: updates[0])
    self.updateShape = updateShape
    windowAxes = numbers.updateWindowDims
    scatterAxes = updateShape.dimensions.indices.filter {
      !numbers.updateWindowDims.contains($0)
    }
    keptAxes = shape.dimensions.indices.filter {
      !numbers.insertedWindowDims.contains($0) && !numbers.inputBatchingDims.contains($0)
    }
  }

  /// An update: which one, where it begins in the operand, and whether its whole window is inside.
  struct Update {
    var batch: [Kernel.ValueID]
    var position: [Kernel.ValueID]
    var isInside: Kernel.ValueID?
  }

  /// The coordinates of an update among all.
  func batch(_ number: Kernel.ValueID) -> [Kernel.ValueID] {
    generator.coordinates(of: number, extents)
  }

  /// Update `batch`, applied only where its first scattered coordinate is within the bounds.
  func position(
    _ batch: [Kernel.ValueID], within bounds: (Kernel.ValueID, Kernel.ValueID)? = nil
  ) throws -> Update {
    let batch =
      scatterAxes.count == batch.count
      ? batch : [Kernel.ValueID](repeating: builder.index(0), count: scatterAxes.count)
    let starts = generator.shape(of: indices)
    let batchAxes = starts.dimensions.indices.filter { $0 != numbers.indexVectorDim }
    var position = [Kernel.ValueID](repeating: builder.index(0), count: shape.rank)
    for (number, axis) in numbers.scatterDimsToOperandDims.enumerated() {
      let start = try generator.element(
        indices, generator.vectorIndex(batch, starts, numbers.indexVectorDim, component: number))
      position[axis] = generator.indexValue(start)
    }
    for (axis, startsAxis) in zip(numbers.inputBatchingDims, numbers.scatterIndicesBatchingDims) {
      if let place = batchAxes.firstIndex(of: startsAxis) { position[axis] = batch[place] }
    }
    var isInside: Kernel.ValueID?
    for axis in numbers.scatterDimsToOperandDims {
      let extent = keptAxes.firstIndex(of: axis).map { windowExtents[$0] } ?? 1
      let here = generator.isInside(position[axis], 0, shape[axis] - extent + 1)
      isInside = isInside.map { generator.both($0, here) } ?? here
    }
    if let (low, high) = bounds {
      let first = position[numbers.scatterDimsToOperandDims[0]]
      let here = generator.both(
        builder.compare(.greaterOrEqual, first, low), builder.compare(.less, first, high))
      isInside = isInside.map { generator.both($0, here) } ?? here
    }
    return Update(batch: batch, position: position, isInside: isInside)
  }

  /// Applies the whole window of an update; `nest` makes the loops.
  func applyWindow(
    _ update: Update, _ targets: [Kernel.MemoryID], offset: Kernel.ValueID? = nil,
    nest: ([Int], ([Kernel.ValueID]) throws -> Void) throws -> Void
  ) throws {
    func all() throws {
      var inside = update
      inside.isInside = nil
      try nest(windowExtents) { try apply(inside, $0, targets, offset: offset) }
    }
    guard let isInside = update.isInside else { return try all() }
    try builder.branch(isInside) { try generator.scoped(all) }
  }

  /// Where an element of an update's window falls in the operand.
  private func place(of update: Update, _ window: [Kernel.ValueID]) -> [Kernel.ValueID] {
    var position = update.position
    for (step, axis) in zip(window, keptAxes) {
      position[axis] = generator.add(position[axis], step)
    }
    return position
  }

  /// An element of an update's window among the updates.
  private func index(_ batch: [Kernel.ValueID], _ window: [Kernel.ValueID]) -> ElementIndex {
    var index = [Kernel.ValueID](repeating: builder.index(0), count: updateShape.rank)
    for (axis, value) in zip(scatterAxes, batch) { index[axis] = value }
    for (axis, value) in zip(windowAxes, window) { index[axis] = value }
    return ElementIndex(index)
  }

  /// Combines an element of the window of all updates that fall where update `number` does with the
  /// element there, if that is the first of them. There is one scattered axis.
  func applyRun(
    from number: Kernel.ValueID, _ window: [Kernel.ValueID], _ targets: [Kernel.MemoryID]
  ) throws {
    func start(_ number: Kernel.ValueID) throws -> Kernel.ValueID {
      let starts = generator.shape(of: indices)
      let index = generator.vectorIndex([number], starts, numbers.indexVectorDim, component: 0)
      return try generator.element(indices, index)
    }
    let own = try start(number)
    let isFirst = try generator.branch(
      builder.compare(.equal, number, builder.index(0)),
      then: { [builder.constant(.bool, ScalarBits(1))] },
      otherwise: { [builder.compare(.notEqual, try start(generator.add(number, -1)), own)] })[0]
    let update = try self.position([number])
    let position = place(of: update, window)
    try builder.branch(update.isInside.map { generator.both(isFirst, $0) } ?? isFirst) {
      try generator.scoped {
        let place = generator.position(of: position, shape.dimensions)
        let count = builder.index(self.count)
        let combined = try builder.loopWhile(
          carrying: [number] + targets.map { builder.load($0, at: place) },
          condition: { carried in
            try generator.branch(
              builder.compare(.less, carried[0], count),
              then: { [builder.compare(.equal, try start(carried[0]), own)] },
              otherwise: { [builder.constant(.bool, ScalarBits(0))] })[0]
          },
          body: { carried in
            try generator.scoped {
              let index = index([carried[0]], window)
              let new = try updates.map { try generator.element($0, index) }
              let old = Array(carried.dropFirst())
              return [builder.add(carried[0], 1)]
                + (try generator.evaluate(operation.regions[0], old + new))
            }
          })
        for (target, value) in zip(targets, combined.dropFirst()) {
          builder.store(value, to: target, at: place)
        }
      }
    }
  }

  /// Combines one element of an update's window with the element that it falls on, if any; in an
  /// atomic operation where one is given.
  func apply(
    _ update: Update, _ window: [Kernel.ValueID], _ targets: [Kernel.MemoryID],
    offset: Kernel.ValueID? = nil, combining atomic: BinaryOp? = nil
  ) throws {
    let position = place(of: update, window)
    let updateIndex = index(update.batch, window)
    func write() throws {
      var place = generator.position(of: position, shape.dimensions)
      if let offset { place = generator.add(offset, place) }
      if let atomic {
        let new = try generator.element(updates[0], updateIndex)
        let combination = try generator.operation(atomic, builder.type(of: new))
        return builder.update(combination, targets[0], at: place, with: new)
      }
      let old = targets.map { builder.load($0, at: place) }
      let new = try updates.map { try generator.element($0, updateIndex) }
      let combined = try generator.evaluate(operation.regions[0], old + new)
      for (target, value) in zip(targets, combined) {
        builder.store(value, to: target, at: place)
      }
    }
    guard let isInside = update.isInside else { return try generator.scoped(write) }
    try builder.branch(isInside) { try generator.scoped(write) }
  }
}

extension Function {
  /// How the updates of a scatter are shared among threads.
  func scatterPlan(_ operation: Operation, for processor: Processor) -> ScatterPlan {
    guard case .scatter(let attributes) = operation.op else { return .serial }
    if processor.isGPU {
      return gridScatterPlan(operation, attributes, usesAtomics: processor.usesAtomics)
    }
    guard operation.results.count == 1,
      let shape = values[operation.results[0]].type.tensor?.shape,
      let updates = values[operation.operands[2]].type.tensor?.shape
    else { return .serial }
    let numbers = attributes.dimensionNumbers
    let window = numbers.updateWindowDims.map { updates[$0] }.reduce(1, *)
    let count = updates.count / max(window, 1)
    if count >= 64, window >= 16, updates.count >= 65_536,
      let axis = numbers.scatterDimsToOperandDims.first, shape[axis] >= 64,
      numbers.insertedWindowDims.contains(axis)
    {
      return .ranges(count: 4)
    }
    if window == 1, count >= 131_072, shape.count <= 16_384,
      Combiner(self, operation.regions[0]) != nil
    {
      return .copies(count: 8)
    }
    return .serial
  }

  /// Updates that may meet are applied in order, each place by one thread; where updates are many and
  /// places few, by many threads in copies of the target.
  private func gridScatterPlan(
    _ operation: Operation, _ attributes: ScatterAttributes, usesAtomics: Bool
  ) -> ScatterPlan {
    guard let shape = values[operation.results[0]].type.tensor?.shape,
      let updates = values[operation.operands[operation.results.count + 1]].type.tensor?.shape
    else { return .serial }
    if attributes.uniqueIndices { return .independent }
    let numbers = attributes.dimensionNumbers
    if usesAtomics, hasAtomicUpdates(operation),
      let combiner = Combiner(self, operation.regions[0])
    {
      return .atomic(combiner.operation)
    }
    if updatesCopies(operation) {
      return .copies(
        count: max(2, min(4096, updates.count / 32, (1 << 22) / max(shape.count, 1))))
    }
    let batchRank = updates.rank - numbers.updateWindowDims.count
    if attributes.indicesAreSorted, numbers.scatterDimsToOperandDims.count == 1, batchRank == 1,
      numbers.inputBatchingDims.isEmpty,
      // Windows that begin at different places do not overlap.
      numbers.insertedWindowDims.contains(numbers.scatterDimsToOperandDims[0])
    {
      return .runs
    }
    if let axis = numbers.scatterDimsToOperandDims.first, shape[axis] >= 2,
      numbers.insertedWindowDims.contains(axis)
    {
      return .ranges(count: min(shape[axis], 8192))
    }
    return .serial
  }
}
