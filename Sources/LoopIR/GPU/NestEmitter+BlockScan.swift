import HLO
import Passes
import Tensor

/// How a GPU accumulates along an axis: blocks scan *chunks* of a line, each in shared memory in as
/// many rounds as the chunk's length has bits. Where a line has several chunks, all of them are
/// reduced first, and each then starts with what comes before it.
struct BlockScan {
  var axis: Int
  var isReverse: Bool
  /// The lines that are scanned apart, their elements, and those of a chunk: a power of two.
  var lines: Int
  var length: Int
  var chunkSize: Int

  var chunks: Int { (length + chunkSize - 1) / chunkSize }
  /// The elements of memory for the results of chunks.
  var scratchCount: Int { chunks == 1 ? 0 : lines * chunks }
}

extension Function {
  /// The plan for `operation`, a `reduce_window`; `nil` if it does not accumulate along one axis, or
  /// if it is better for each thread to do so for itself.
  func blockScan(
    _ operation: Operation, _ window: WindowAttributes, for processor: Processor
  ) -> BlockScan? {
    guard processor.isGPU, operation.results.count == 1,
      let (axis, isReverse) = scanAxis(operation, window),
      Combiner(self, operation.regions[0]) != nil,
      let type = values[operation.operands[0]].type.tensor, !type.element.isComplex
    else { return nil }
    let length = type.dimensions[axis]
    let lines = type.count / max(length, 1)
    let isContiguous = type.dimensions.dropFirst(axis + 1).allSatisfy { $0 == 1 }
    guard length >= 64, isContiguous || lines < 4096 else { return nil }
    var chunkSize = 64
    while chunkSize < 1024, chunkSize < length { chunkSize *= 2 }
    return BlockScan(
      axis: axis, isReverse: isReverse, lines: lines, length: length, chunkSize: chunkSize)
  }
}

extension NestEmitter {
  func emitBlockScan(_ plan: BlockScan) throws {
    try emitScalars()
    guard let combiner = Combiner(function, root.regions[0]) else {
      throw generator.internalError("a scan that is not associative")
    }
    let input = root.operands[0]
    let shape = generator.shape(of: input)
    let initial = try generator.scalar(root.operands[1])
    let neutral = try combiner.identity(generator)
    var others = shape
    others[plan.axis] = 1

    /// Where element `step` of a line is, and whether there is one.
    func index(
      _ line: Kernel.ValueID, _ step: Kernel.ValueID
    ) -> (ElementIndex, isInside: Kernel.ValueID?) {
      var coordinates = generator.coordinates(of: line, others.dimensions)
      coordinates[plan.axis] =
        plan.isReverse ? generator.subtract(builder.index(plan.length - 1), step) : step
      let isWhole = plan.length % plan.chunkSize == 0
      return (
        ElementIndex(coordinates),
        isWhole ? nil : builder.compare(.less, step, builder.index(plan.length))
      )
    }
    func element(_ line: Kernel.ValueID, _ step: Kernel.ValueID) throws -> Kernel.ValueID {
      let (index, isInside) = index(line, step)
      guard let isInside else { return try generator.element(input, index) }
      return try generator.branch(
        isInside, then: { [try generator.element(input, index)] }, otherwise: { [neutral] })[0]
    }
    func combined(_ x: Kernel.ValueID, _ y: Kernel.ValueID) throws -> Kernel.ValueID {
      // The order of the operands is that of the elements in the array.
      try generator.evaluate(root.regions[0], plan.isReverse ? [y, x] : [x, y])[0]
    }

    if plan.chunks > 1, let scratch {
      try loop(plan.lines * plan.chunks, kind: .parallel) { number in
        let line = generator.divide(number, by: plan.chunks)
        let start = generator.multiply(
          generator.remainder(number, by: plan.chunks), by: plan.chunkSize)
        let total = try generator.reduce(
          root.regions[0], plan.chunkSize, [neutral], neutral: [neutral], isContiguous: true
        ) { step in [try element(line, generator.add(start, step))] }
        builder.store(total[0], to: scratch, at: number)
      }
    }
    let type = generator.type(of: input).element
    var (from, to) = (
      builder.local(type, count: plan.chunkSize), builder.local(type, count: plan.chunkSize)
    )
    try loop(plan.lines * plan.chunks, kind: .parallel) { number in
      let line = generator.divide(number, by: plan.chunks)
      let chunk = generator.remainder(number, by: plan.chunks)
      let start = generator.multiply(chunk, by: plan.chunkSize)
      var before = initial
      if plan.chunks > 1, let scratch {
        let own = generator.multiply(line, by: plan.chunks)
        before = try builder.reduce(
          from: builder.index(0), to: chunk, initial: [initial], identity: [neutral],
          body: { other in
            generator.scoped { [builder.load(scratch, at: generator.add(own, other))] }
          }, combine: { [try generator.binary(combiner.operation, $0[0], $1[0])] })[0]
      }
      func each(_ body: (Kernel.ValueID) throws -> Void) rethrows {
        try generator.loop(plan.chunkSize, kind: .vector, body: body)
      }
      try each { step in
        builder.store(try element(line, generator.add(start, step)), to: from, at: step)
      }
      var distance = 1
      while distance < plan.chunkSize {
        try each { step in
          let own = builder.load(from, at: step)
          let reaches = builder.compare(.greaterOrEqual, step, builder.index(distance))
          let sum = try generator.branch(
            reaches,
            then: {
              let other = builder.load(from, at: generator.add(step, -distance))
              return [try combined(other, own)]
            }, otherwise: { [own] })
          builder.store(sum[0], to: to, at: step)
        }
        swap(&from, &to)
        distance *= 2
      }
      try each { step in
        let (index, isInside) = index(line, generator.add(start, step))
        func write() throws {
          builder.store(
            try combined(before, builder.load(from, at: step)), to: targets[0],
            at: generator.position(index, shape))
        }
        guard let isInside else { return try write() }
        try builder.branch(isInside) { try generator.scoped(write) }
      }
    }
  }
}
