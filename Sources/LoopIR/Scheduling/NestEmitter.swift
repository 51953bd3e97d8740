import HLO
import Passes
import Support
import Tensor

/// Writes the loops that compute the results of one operation, or of one fusion, into a kernel.
///
/// The shape of the loops depends on what is fused: one flat loop where every operand is read at the
/// position that is written; a loop over rows, with a phase per reduction, where rows are reduced
/// and used again; nested loops otherwise. Operations that write in an order of their own
/// (concatenate, scatter, …) have their own loops.
struct NestEmitter {
  let generator: ElementGenerator
  /// The operation or fusion.
  let operation: Operation
  /// What is computed: the fusion's results, seen from inside.
  let outputs: [HLO.ValueID]
  /// The operation that gives the loops their form.
  let root: Operation
  /// The operations of the fusion, in order; none for a single operation.
  let members: [OperationID]
  let accesses: [HLO.ValueID: Set<Access>]
  /// Where the results go.
  let targets: [Kernel.MemoryID]
  /// Memory for partial results, where the operation needs any.
  let scratch: Kernel.MemoryID?
  let processor: Processor

  var function: Function { generator.function }
  var builder: KernelBuilder { generator.builder }

  init(
    _ generator: ElementGenerator, _ id: OperationID, targets: [Kernel.MemoryID],
    scratch: Kernel.MemoryID?, for processor: Processor
  ) throws {
    self.generator = generator
    let function = generator.function
    operation = function.operations[id]
    self.targets = targets
    self.scratch = scratch
    self.processor = processor
    if case .fusion = operation.op {
      let region = operation.regions[0]
      guard let rootID = function.nestRoot(region) else {
        throw generator.internalError("a fusion without results")
      }
      for (argument, operand) in zip(function.regions[region].arguments, operation.operands) {
        generator.aliases[argument] = operand
      }
      root = function.operations[rootID]
      outputs = generator.results(of: region)
      members = function.regions[region].operations.dropLast()
      accesses = function.nestAccesses(region)
    } else {
      root = operation
      outputs = Array(operation.results)
      members = []
      accesses = [:]
    }
  }

  func emit() throws {
    switch root.op {
    case .concatenate(let dimension): try emitConcatenate(dimension)
    case .dynamicUpdateSlice: try emitUpdate()
    case .scatter(let attributes): try emitScatter(attributes)
    case .selectAndScatter(let window): try emitSelectAndScatter(window)
    case .reduceWindow(let window) where outputs == Array(root.results):
      if let plan = function.blockScan(root, window, for: processor) {
        try emitBlockScan(plan)
      } else if let (axis, isReverse) = function.scanAxis(root, window) {
        try emitScan(axis, isReverse)
      } else {
        try emitLoops()
      }
    case .reduce where outputs == Array(root.results):
      if let plan = function.columnReduction(root, for: processor) {
        try emitColumnReduction(plan)
      } else if scratch != nil {
        try emitPartialReduction()
      } else {
        try emitLoops()
      }
    default: try emitLoops()
    }
  }

  // MARK: Loops over the results

  private func emitLoops() throws {
    try emitScalars()
    let shape = generator.shape(of: root.results[0])
    // Elements are computed by blocks then, not by threads.
    generator.sharesReductions =
      processor.isGPU && (shape.count == 1 || !innerKind.isVector)
    defer { generator.sharesReductions = false }
    if case .fusion = operation.op,
      let rank = function.rowRank(of: operation.regions[0], accesses)
    {
      return try emitRows(rank, shape)
    }
    if outputs.allSatisfy(generator.isFlat) {
      return try loop(shape.count, kind: innerKind) { position in
        try store(
          shape.rank == 1
            ? ElementIndex([position], position: position) : ElementIndex(position: position))
      }
    }
    if innerKind.isVector, let axis = transposedAxis(shape) {
      switch processor {
      case .cpu: return try iterateTiles(shape, axis, store)
      case .gpu: return try iterateSharedTiles(shape, axis, store)
      }
    }
    try iterate(shape, isVector: innerKind.isVector, store)
  }

  private func store(_ index: ElementIndex) throws {
    // All elements first: a result may be written over an operand.
    let elements = try outputs.map { try generator.element($0, index) }
    for (number, element) in elements.enumerated() {
      builder.store(
        element, to: targets[number],
        at: generator.position(index, generator.shape(of: outputs[number])))
    }
  }

  /// Computes scalars before all loops.
  func emitScalars() throws {
    generator.sharesReductions = processor.isGPU
    defer { generator.sharesReductions = false }
    for id in members {
      let member = function.operations[id]
      guard member.results.count == 1, generator.shape(of: member.results[0]).rank == 0 else {
        continue
      }
      switch member.op {
      case .constant, .dynamicUpdateSlice, .scatter: continue
      default: _ = try generator.scalar(member.results[0])
      }
    }
  }

  /// Lanes compute elements, unless each element is a reduction with lanes of its own.
  private var innerKind: Kernel.LoopKind {
    let heavy = members.map { function.operations[$0] } + [root]
    let hasInnerLanes = heavy.contains { operation in
      switch operation.op {
      case .reduce(let dimensions):
        let shape = generator.shape(of: operation.operands[0])
        let row = accesses[operation.results[0]]?.contains { $0.sources.isEmpty } ?? false
        return !row && dimensions.contains(shape.rank - 1) && shape[shape.rank - 1] >= 8
      case .dotGeneral(let attributes):
        let numbers = attributes.dimensionNumbers
        let (lhs, rhs) = (
          generator.shape(of: operation.operands[0]), generator.shape(of: operation.operands[1])
        )
        return numbers.lhsContracting.last == lhs.rank - 1
          && numbers.rhsContracting.last == rhs.rank - 1
      case .convolution(let attributes):
        let numbers = attributes.dimensionNumbers
        let (lhs, rhs) = (
          generator.shape(of: operation.operands[0]), generator.shape(of: operation.operands[1])
        )
        return numbers.inputFeature == lhs.rank - 1 && numbers.kernelInputFeature == rhs.rank - 1
      default: return false
      }
    }
    return hasInnerLanes ? .parallel : .parallelVector
  }

  /// A loop of `kind`, unless there is but one iteration.
  func loop(
    _ count: Int, kind: Kernel.LoopKind, body: (Kernel.ValueID) throws -> Void
  ) rethrows {
    if count == 1 { return try generator.scoped { try body(builder.index(0)) } }
    try generator.loop(count, kind: kind, body: body)
  }

  /// Visits every index of `shape`: threads for the outer axes, lanes for the last.
  func iterate(
    _ shape: Shape, isVector: Bool, _ body: (ElementIndex) throws -> Void
  ) rethrows {
    guard shape.count > 0 else { return }
    // A grid has one axis; coordinates are computed where they are asked for.
    if processor.isGPU {
      return try loop(shape.count, kind: isVector ? .parallelVector : .parallel) { position in
        try body(
          shape.rank == 1
            ? ElementIndex([position], position: position) : ElementIndex(position: position))
      }
    }
    guard let last = shape.dimensions.lastIndex(where: { $0 > 1 }) else {
      return try generator.scoped {
        try body(ElementIndex([Kernel.ValueID](repeating: builder.index(0), count: shape.rank)))
      }
    }
    let extent = shape[last]
    let outer = Array(shape.dimensions[..<last])
    let outerCount = outer.reduce(1, *)
    func coordinates(_ position: Kernel.ValueID, _ inner: Kernel.ValueID) -> ElementIndex {
      let leading = generator.coordinates(of: position, outer)
      let trailing = [Kernel.ValueID](
        repeating: builder.index(0), count: shape.rank - last - 1)
      return ElementIndex(leading + [inner] + trailing)
    }
    let innerKind: Kernel.LoopKind = isVector ? .vector : .sequential
    if outerCount == 1 {
      return try loop(extent, kind: isVector ? .parallelVector : .parallel) {
        try body(coordinates(builder.index(0), $0))
      }
    }
    if extent < 8 && isVector {
      // Short rows: lanes run over several of them.
      return try loop(shape.count, kind: .parallelVector) { position in
        try body(
          ElementIndex(
            generator.coordinates(of: position, shape.dimensions), position: position))
      }
    }
    if outerCount < 16, extent > 32_768,
      let chunk = (1024...16_384).reversed().first(where: { extent % $0 == 0 })
    {
      // Few long rows: threads share them.
      return try loop(outerCount * (extent / chunk), kind: .parallel) { number in
        let row = generator.divide(number, by: extent / chunk)
        let start = generator.multiply(
          generator.remainder(number, by: extent / chunk), by: chunk)
        try generator.loop(chunk, kind: innerKind) {
          try body(coordinates(row, generator.add(start, $0)))
        }
      }
    }
    try loop(outerCount, kind: .parallel) { position in
      let leading = generator.coordinates(of: position, outer)
      _ = generator.position(of: leading, outer)
      try generator.loop(extent, kind: innerKind) { try body(coordinates(position, $0)) }
    }
  }

  // MARK: Rows

  private func emitRows(_ rank: Int, _ shape: Shape) throws {
    let outer = Array(shape.dimensions.prefix(rank))
    let inner = Array(shape.dimensions.dropFirst(rank))
    let kept = keptForRow(rank, shape)
    var locals: [HLO.ValueID: Kernel.MemoryID] = [:]
    for value in kept {
      locals[value] = builder.local(
        generator.type(of: value).element, count: inner.reduce(1, *))
    }
    try loop(outer.reduce(1, *), kind: .parallel) { row in
      let coordinates = generator.coordinates(of: row, outer)
      for id in members {
        let member = function.operations[id]
        guard member.results.count == 1, let reads = accesses[member.results[0]] else { continue }
        let value = member.results[0]
        if let local = locals[value] {
          try nest(inner) { steps in
            let element = try generator.element(value, ElementIndex(coordinates + steps))
            builder.store(element, to: local, at: generator.position(of: steps, inner))
          }
          generator.rowMemories[value] = (local, rank)
        } else if generator.shape(of: value).rank > 0, reads.allSatisfy({ $0.isRow(rank) }),
          let read = reads.first
        {
          let index = read.sources.map { source -> Kernel.ValueID in
            if case .root(let axis, _) = source { return coordinates[axis] }
            return builder.index(0)
          }
          _ = try generator.element(value, ElementIndex(index))
        }
      }
      try nest(inner) { try store(ElementIndex(coordinates + $0)) }
      generator.rowMemories = [:]
    }
  }

  /// Nested loops over one row, the last one in lanes.
  func nest(
    _ extents: [Int], _ body: ([Kernel.ValueID]) throws -> Void
  ) rethrows {
    guard let last = extents.last else { return try generator.scoped { try body([]) } }
    try generator.nest(Array(extents.dropLast())) { steps in
      if last == 1 {
        try generator.scoped { try body(steps + [builder.index(0)]) }
      } else {
        try generator.loop(last, kind: .vector) { try body(steps + [$0]) }
      }
    }
  }

  /// The values that several phases of a row need and that are costly to compute again.
  private func keptForRow(_ rank: Int, _ shape: Shape) -> [HLO.ValueID] {
    let rowSize = shape.dimensions.dropFirst(rank).reduce(1, *)
    var phases: [HLO.ValueID: Set<OperationID?>] = [:]
    var cost: [HLO.ValueID: Int] = [:]
    func isWhole(_ value: HLO.ValueID) -> Bool { generator.shape(of: value) == shape }
    for id in members {
      let member = function.operations[id]
      guard let result = member.results.first, isWhole(result) else { continue }
      cost[result] =
        function.cost(of: member)
        + member.operands.reduce(0) { $0 + (cost[$1] ?? 0) }
    }
    for output in outputs { phases[output, default: []].insert(nil) }
    var kept: Set<HLO.ValueID> = []
    // Every GPU has 64 KiB of shared memory, which also holds what warps exchange.
    var room = processor == .cpu ? 49_152 : 61_440
    for id in members.reversed() {
      let member = function.operations[id]
      guard let result = member.results.first else { continue }
      var own: Set<OperationID?> = phases[result] ?? []
      if case .reduce = member.op { own = [id] }
      if isWhole(result), own.count > 1, (cost[result] ?? 0) >= 8,
        case let bytes = rowSize * generator.type(of: result).element.byteCount, bytes <= room,
        !outputs.contains(result)
      {
        kept.insert(result)
        room -= bytes
        own = [id]
      }
      for operand in member.operands { phases[operand, default: []].formUnion(own) }
    }
    return members.compactMap { function.operations[$0].results.first }.filter(kept.contains)
  }

  // MARK: Large reductions

  /// Reduces chunks in parallel, then their results.
  private func emitPartialReduction() throws {
    try emitScalars()
    guard let scratch, let plan = function.partialReduction(root, for: processor) else {
      throw generator.internalError("a reduction without a plan")
    }
    let input = root.operands[0]
    let shape = generator.shape(of: input)
    let initial = try generator.scalar(root.operands[1])
    guard let combiner = Combiner(function, root.regions[0]) else {
      throw generator.internalError("a reduction that is not associative")
    }
    let identity = try combiner.identity(generator)
    let rest = plan.rowSize - plan.chunks * plan.chunkSize
    try loop(plan.results * plan.chunks, kind: .parallel) { number in
      var start = generator.multiply(number, by: plan.chunkSize)
      if rest > 0, plan.results > 1 {
        let row = generator.divide(number, by: plan.chunks)
        start = generator.add(start, generator.multiply(row, by: rest))
      }
      let partial = try generator.reduce(
        root.regions[0], plan.chunkSize, [identity], neutral: [identity], isContiguous: true
      ) { step in
        let position = generator.add(start, step)
        let index =
          shape.rank == 1
          ? ElementIndex([position], position: position) : ElementIndex(position: position)
        return [try generator.element(input, index)]
      }
      builder.store(partial[0], to: scratch, at: number)
    }
    for result in 0..<plan.results {
      var total = initial
      total = try generator.scoped {
        try generator.reduce(
          root.regions[0], plan.chunks, [total], neutral: [identity], isContiguous: true
        ) { step in
          [builder.load(scratch, at: generator.add(step, result * plan.chunks))]
        }
      }[0]
      // What fills no chunk.
      if rest > 0 {
        let first = result * plan.rowSize + plan.chunks * plan.chunkSize
        total = try generator.scoped {
          try generator.reduce(
            root.regions[0], rest, [total], neutral: [identity], isContiguous: true
          ) { step in
            let position = generator.add(step, first)
            let index =
              shape.rank == 1
              ? ElementIndex([position], position: position) : ElementIndex(position: position)
            return [try generator.element(input, index)]
          }
        }[0]
      }
      builder.store(total, to: targets[0], at: builder.index(result))
    }
  }

  // MARK: Operations with loops of their own

  private func emitConcatenate(_ dimension: Int) throws {
    let shape = generator.shape(of: root.results[0])
    var start = 0
    for operand in root.operands {
      let part = generator.shape(of: operand)
      try iterate(part, isVector: true) { index in
        let element = try generator.element(operand, index)
        var coordinates = generator.coordinates(index, part)
        coordinates[dimension] = generator.add(coordinates[dimension], start)
        builder.store(
          element, to: targets[0], at: generator.position(of: coordinates, shape.dimensions))
      }
      start += part[dimension]
    }
  }

  /// Writes the update over the target, which holds the operand.
  private func emitUpdate() throws {
    try emitScalars()
    let shape = generator.shape(of: root.results[0])
    let update = root.operands[1]
    let sizes = generator.shape(of: update)
    let starts = try sizes.dimensions.indices.map { axis in
      try generator.startIndex(root.operands[2 + axis], limit: shape[axis] - sizes[axis])
    }
    // What is needed beside the array goes into the update, element by element.
    let others = outputs.indices.filter { outputs[$0] != root.results[0] }
    try iterate(sizes, isVector: true) { index in
      let element = try generator.element(update, index)
      let inner = generator.coordinates(index, sizes)
      let copies = try others.map { number -> (Kernel.ValueID, Kernel.ValueID) in
        let shape = generator.shape(of: outputs[number])
        let place = aligned(inner, sizes, shape)
        return (
          try generator.element(outputs[number], ElementIndex(place)),
          generator.position(of: place, shape.dimensions)
        )
      }
      for (number, (element, place)) in zip(others, copies) {
        builder.store(element, to: targets[number], at: place)
      }
      builder.store(
        element, to: targets[outputs.firstIndex(of: root.results[0]) ?? 0],
        at: generator.position(of: zip(starts, inner).map(generator.add), shape.dimensions))
    }
  }

  /// The coordinates in an array of shape `target` that has the elements of one of shape `shape` in
  /// the same order: only axes of extent 1 differ.
  private func aligned(
    _ coordinates: [Kernel.ValueID], _ shape: Shape, _ target: Shape
  ) -> [Kernel.ValueID] {
    var rest = zip(coordinates, shape.dimensions).filter { $1 != 1 }.map(\.0)[...]
    return target.dimensions.map { extent in
      extent == 1 ? builder.index(0) : rest.popFirst() ?? builder.index(0)
    }
  }

  private func emitSelectAndScatter(_ window: WindowAttributes) throws {
    let (operand, source) = (root.operands[0], root.operands[1])
    let shape = generator.shape(of: operand)
    let sourceShape = generator.shape(of: source)
    let initial = try generator.scalar(root.operands[2])
    loop(shape.count, kind: .parallelVector) {
      builder.store(initial, to: targets[0], at: $0)
    }
    if shape.count == 0 { return }
    let axes = window.dimensions.indices.filter { window.dimensions[$0] > 1 }
    try eachWindow(window, sourceShape) { outer in
      let type = generator.type(of: operand).element
      let first = [
        builder.constant(false), try generator.constant(type, 0), builder.index(0),
      ]
      let selected = try generator.nest(
        axes.map { window.dimensions[$0] }, carrying: first
      ) { steps, carried in
        var offsets = [Kernel.ValueID](repeating: builder.index(0), count: shape.rank)
        for (axis, step) in zip(axes, steps) { offsets[axis] = step }
        let (inner, isInside) = generator.windowPosition(window, outer, offsets, shape)
        let value = try generator.element(operand, ElementIndex(inner))
        let place = generator.position(of: inner, shape.dimensions)
        let keeps = generator.both(
          carried[0],
          try generator.evaluate(root.regions[0], [carried[1], value])[0])
        var takes = builder.unary(.not, keeps)
        if let isInside { takes = generator.both(takes, isInside) }
        return [
          builder.binary(.or, carried[0], takes), builder.select(takes, value, carried[1]),
          builder.select(takes, place, carried[2]),
        ]
      }
      try builder.branch(selected[0]) {
        try generator.scoped {
          let old = builder.load(targets[0], at: selected[2])
          let added = try generator.element(source, ElementIndex(outer))
          let combined = try generator.evaluate(root.regions[1], [old, added])
          builder.store(combined[0], to: targets[0], at: selected[2])
        }
      }
    }
  }

  /// Visits every index of `shape`, those in order that lie along axes of the window: only they may
  /// select the same element.
  private func eachWindow(
    _ window: WindowAttributes, _ shape: Shape, _ body: ([Kernel.ValueID]) throws -> Void
  ) rethrows {
    let isApart = window.dimensions.indices.map {
      window.dimensions[$0] == 1 && window.strides[$0] == 1
    }
    guard processor.isGPU else { return try generator.nest(shape.dimensions, body: body) }
    let apart = Shape(shape.dimensions.indices.map { isApart[$0] ? shape[$0] : 1 })
    try iterate(apart, isVector: true) { index in
      let outer = generator.coordinates(index, apart)
      try generator.nest(shape.dimensions.indices.map { isApart[$0] ? 1 : shape[$0] }) { inner in
        try body(zip(outer, inner).enumerated().map { isApart[$0] ? $1.0 : $1.1 })
      }
    }
  }

  /// A window that reaches from one end of an axis: every result continues its neighbour's.
  private func emitScan(_ axis: Int, _ isReverse: Bool) throws {
    try emitScalars()
    let shape = generator.shape(of: root.results[0])
    let inputs = Array(root.operands.prefix(outputs.count))
    let initial = try root.operands.dropFirst(outputs.count).map { try generator.scalar($0) }
    var others = shape
    others[axis] = 1
    try iterate(others, isVector: axis != shape.rank - 1) { index in
      let fixed = generator.coordinates(index, others)
      _ = try generator.loop(shape[axis], carrying: initial) { step, carried in
        var coordinates = fixed
        coordinates[axis] =
          isReverse ? generator.subtract(builder.index(shape[axis] - 1), step) : step
        let values = try inputs.map { try generator.element($0, ElementIndex(coordinates)) }
        // The order of the operands is that of the elements in the array.
        let next =
          isReverse
          ? try generator.evaluate(root.regions[0], values + carried)
          : try generator.evaluate(root.regions[0], carried + values)
        let place = generator.position(of: coordinates, shape.dimensions)
        for (target, value) in zip(targets, next) { builder.store(value, to: target, at: place) }
        return next
      }
    }
  }
}

extension Function {
  /// The axis along which a `reduce_window` accumulates from one end, and whether from the last
  /// element; `nil` for any other window.
  func scanAxis(_ operation: Operation, _ window: WindowAttributes) -> (Int, isReverse: Bool)? {
    let shape = values[operation.operands[0]].type.tensor?.shape ?? Shape([])
    let axes = window.dimensions.indices.filter { window.dimensions[$0] != 1 }
    guard axes.count == 1, let axis = axes.first, window.dimensions[axis] == shape[axis],
      window.strides.allSatisfy({ $0 == 1 }), window.baseDilations.allSatisfy({ $0 == 1 }),
      window.windowDilations.allSatisfy({ $0 == 1 }),
      window.padding.indices.allSatisfy({ $0 == axis || window.padding[$0] == Padding(0, 0) })
    else { return nil }
    if window.padding[axis] == Padding(shape[axis] - 1, 0) { return (axis, false) }
    if window.padding[axis] == Padding(0, shape[axis] - 1) { return (axis, true) }
    return nil
  }

  /// How a large reduction to few elements is split among threads; `nil` where it is not.
  func partialReduction(
    _ operation: Operation, for processor: Processor
  ) -> (results: Int, rowSize: Int, chunks: Int, chunkSize: Int)? {
    guard operation.results.count == 1, isRowReduction(operation), !operation.regions.isEmpty,
      Combiner(self, operation.regions[0]) != nil,
      let shape = values[operation.operands[0]].type.tensor?.shape,
      let results = values[operation.results[0]].type.tensor?.count,
      (1...16).contains(results), shape.count / results >= 65_536
    else { return nil }
    let rowSize = shape.count / results
    // A GPU wants a thousand blocks.
    let most = processor == .cpu ? 65_536 : min(65_536, max(8192, shape.count / 1024))
    let whole = (4096...most).reversed().first { rowSize % $0 == 0 }
    // One block of a GPU sees to what fills no chunk; a thread of a CPU would keep the others waiting.
    guard let chunkSize = whole ?? (processor.isGPU ? 8192 : nil) else { return nil }
    return (results, rowSize, rowSize / chunkSize, chunkSize)
  }
}
