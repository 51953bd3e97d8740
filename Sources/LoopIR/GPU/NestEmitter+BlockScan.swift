import HLO
import Passes
import Tensor

/// How a GPU accumulates along an axis: blocks scan *chunks* of a line. Each thread accumulates a few
/// neighbours in registers; what these come to, the block scans in shared memory, in as many rounds as
/// the number of its threads has bits. Where a line has several chunks, all of them are reduced first,
/// then one block for each line scans the results, and each chunk starts with what comes before it.
///
/// Where the elements of a line lie apart, threads have chunks of lines of their own, and neighbours have
/// neighbouring lines.
struct BlockScan {
  var axis: Int
  var isReverse: Bool
  /// The lines that are scanned apart, their elements, and those of a chunk: a power of two.
  var lines: Int
  var length: Int
  var chunkSize: Int
  /// Does a thread scan a chunk by itself?
  var isByThreads = false

  /// The neighbours that a thread accumulates.
  static let run = 4
  /// The elements that a thread loads together where it scans by itself, and those of its chunk at least.
  static let together = 8
  static let leastChunk = 16

  var chunks: Int { (length + chunkSize - 1) / chunkSize }
  /// The elements of memory for the results of chunks, and for what comes before them.
  var scratchCount: Int { chunks == 1 ? 0 : 2 * lines * chunks }
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
    let inner = type.dimensions.dropFirst(axis + 1).reduce(1, *)
    if length >= 64, inner >= 16, lines < 1 << 16, type.count >= 1 << 14 {
      // Enough threads for a GPU, as long as chunks are.
      let chunks = min(1 << 16 / lines, 1024, length / BlockScan.leastChunk)
      let size = (length + chunks - 1) / chunks
      let step = BlockScan.together
      return BlockScan(
        axis: axis, isReverse: isReverse, lines: lines, length: length,
        chunkSize: (size + step - 1) / step * step, isByThreads: true)
    }
    guard length >= 64, inner == 1 || lines < 4096 else { return nil }
    var chunkSize = 64
    while chunkSize < 2048, chunkSize < length { chunkSize *= 2 }
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

    /// Where an element of a line is.
    func index(_ line: Kernel.ValueID, _ step: Kernel.ValueID) -> ElementIndex {
      var coordinates = generator.coordinates(of: line, others.dimensions)
      coordinates[plan.axis] =
        plan.isReverse ? generator.subtract(builder.index(plan.length - 1), step) : step
      return ElementIndex(coordinates)
    }
    func combined(_ x: Kernel.ValueID, _ y: Kernel.ValueID) throws -> Kernel.ValueID {
      // The order of the operands is that of the elements in the array.
      try generator.evaluate(root.regions[0], plan.isReverse ? [y, x] : [x, y])[0]
    }
    if plan.isByThreads {
      return try emitScanByThreads(
        plan, shape, initial: initial, neutral: neutral, index: index, combined: combined)
    }
    let tile = ScanTile(self, neutral: neutral, combined: combined)

    // What comes before each chunk.
    var before: Kernel.MemoryID?
    if plan.chunks > 1, let scratch {
      let totals = plan.lines * plan.chunks
      try loop(totals, kind: .parallel) { number in
        let line = generator.divide(number, by: plan.chunks)
        let start = generator.multiply(
          generator.remainder(number, by: plan.chunks), by: plan.chunkSize)
        let total = try generator.reduce(
          root.regions[0], plan.chunkSize, [neutral], neutral: [neutral], isContiguous: true
        ) { step in
          let place = generator.add(start, step)
          return [
            try tile.inside(place, plan.length, multiple: plan.chunkSize) {
              [try generator.element(input, index(line, place))]
            } otherwise: {
              [neutral]
            }[0]
          ]
        }
        builder.store(total[0], to: scratch, at: number)
      }
      try loop(plan.lines, kind: .parallel) { line in
        let own = generator.multiply(line, by: plan.chunks)
        let size = plan.chunks <= 64 ? 64 : plan.chunks <= 512 ? 512 : 2048
        let count = (plan.chunks + size - 1) / size
        _ = try generator.loop(count, carrying: [initial]) { part, carried in
          let start = generator.multiply(part, by: size)
          let last = try tile.scan(
            size, of: plan.chunks, from: start, after: carried[0],
            load: { builder.load(scratch, at: generator.add(own, $0)) },
            store: { place, _, earlier in
              builder.store(
                earlier, to: scratch, at: generator.add(builder.add(own, totals), place))
            })
          return [last]
        }
      }
      before = scratch
    }
    try loop(plan.lines * plan.chunks, kind: .parallel) { number in
      let line = generator.divide(number, by: plan.chunks)
      let start = generator.multiply(
        generator.remainder(number, by: plan.chunks), by: plan.chunkSize)
      let first = before.map {
        builder.load($0, at: builder.add(number, plan.lines * plan.chunks))
      }
      _ = try tile.scan(
        plan.chunkSize, of: plan.length, from: start, after: first ?? initial,
        load: { try generator.element(input, index(line, $0)) },
        store: { place, value, _ in
          builder.store(
            value, to: targets[0], at: generator.position(index(line, place), shape))
        })
    }
  }
}

extension NestEmitter {
  /// All chunks are reduced, each by a thread; a thread for each line scans what they come to; and each
  /// chunk is scanned from there.
  private func emitScanByThreads(
    _ plan: BlockScan, _ shape: Shape, initial: Kernel.ValueID, neutral: Kernel.ValueID,
    index: (Kernel.ValueID, Kernel.ValueID) -> ElementIndex,
    combined: (Kernel.ValueID, Kernel.ValueID) throws -> Kernel.ValueID
  ) throws {
    let input = root.operands[0]
    /// Combines `first` with the elements from `start` on, several of which are loaded together; `body`
    /// takes a place, what the elements before it come to, and those up to it.
    func scan(
      from start: Kernel.ValueID, count: Kernel.ValueID, after first: Kernel.ValueID,
      load: (Kernel.ValueID) throws -> Kernel.ValueID,
      _ body: (Kernel.ValueID, Kernel.ValueID, Kernel.ValueID) throws -> Void
    ) throws -> Kernel.ValueID {
      func steps(_ number: Int, _ place: Kernel.ValueID, _ sum: Kernel.ValueID) throws
        -> Kernel.ValueID
      {
        let places = (0..<number).map { generator.add(place, $0) }
        let elements = try places.map(load)
        return try zip(places, elements).reduce(sum) { sum, next in
          let result = try combined(sum, next.1)
          try body(next.0, sum, result)
          return result
        }
      }
      let groups = generator.divide(count, by: BlockScan.together)
      let sum = try builder.loop(from: builder.index(0), to: groups, carrying: [first]) {
        group, carried in
        try generator.scoped {
          let place = generator.add(
            start, generator.multiply(group, by: BlockScan.together))
          return [try steps(BlockScan.together, place, carried[0])]
        }
      }
      return try builder.loop(
        from: generator.multiply(groups, by: BlockScan.together), to: count, carrying: sum
      ) { step, carried in
        try generator.scoped { [try steps(1, generator.add(start, step), carried[0])] }
      }[0]
    }
    /// Visits the chunks of all lines, those of neighbouring lines by neighbouring threads.
    func eachChunk(
      _ body: (_ number: Kernel.ValueID, _ line: Kernel.ValueID, _ chunk: Part) throws -> Void
    ) throws {
      try loop(plan.lines * plan.chunks, kind: .parallelVector) { number in
        let chunk = Part(
          generator.divide(number, by: plan.lines), size: plan.chunkSize, of: plan.length,
          generator)
        try body(number, generator.remainder(number, by: plan.lines), chunk)
      }
    }
    var before: Kernel.MemoryID?
    let totals = plan.lines * plan.chunks
    if plan.chunks > 1, let scratch {
      try eachChunk { number, line, chunk in
        let total = try scan(
          from: chunk.start, count: chunk.count, after: neutral,
          load: { try generator.element(input, index(line, $0)) }, { _, _, _ in })
        builder.store(total, to: scratch, at: number)
      }
      try loop(plan.lines, kind: .parallelVector) { line in
        func place(_ chunk: Kernel.ValueID) -> Kernel.ValueID {
          generator.add(generator.multiply(chunk, by: plan.lines), line)
        }
        _ = try scan(
          from: builder.index(0), count: builder.index(plan.chunks), after: initial,
          load: { builder.load(scratch, at: place($0)) },
          { chunk, earlier, _ in
            builder.store(earlier, to: scratch, at: generator.add(place(chunk), totals))
          })
      }
      before = scratch
    }
    try eachChunk { number, line, chunk in
      let first = before.map { builder.load($0, at: generator.add(number, totals)) } ?? initial
      _ = try scan(
        from: chunk.start, count: chunk.count, after: first,
        load: { try generator.element(input, index(line, $0)) },
        { place, _, sum in
          builder.store(sum, to: targets[0], at: generator.position(index(line, place), shape))
        })
    }
  }
}

/// Scans what a block scans at a time.
private struct ScanTile {
  let emitter: NestEmitter
  let neutral: Kernel.ValueID
  /// What two elements, or what several come to, come to together.
  let combined: (Kernel.ValueID, Kernel.ValueID) throws -> Kernel.ValueID

  private var generator: ElementGenerator { emitter.generator }
  private var builder: KernelBuilder { emitter.builder }

  init(
    _ emitter: NestEmitter, neutral: Kernel.ValueID,
    combined: @escaping (Kernel.ValueID, Kernel.ValueID) throws -> Kernel.ValueID
  ) {
    self.emitter = emitter
    self.neutral = neutral
    self.combined = combined
  }

  /// Does one or the other, where it is not known that `place`, which with others fills `multiple`, is
  /// below `limit`.
  func inside(
    _ place: Kernel.ValueID, _ limit: Int, multiple: Int, _ then: () throws -> [Kernel.ValueID],
    otherwise: () throws -> [Kernel.ValueID]
  ) rethrows -> [Kernel.ValueID] {
    if limit % multiple == 0 { return try then() }
    return try generator.branch(
      builder.compare(.less, place, builder.index(limit)), then: then, otherwise: otherwise)
  }

  /// Scans the elements from `start` on, `size` of them or as many as there are of `length`.
  ///
  /// - Parameters:
  ///   - before: what comes before all of them.
  ///   - store: takes a place, what the elements up to there come to, and those before it.
  /// - Returns: what all of them come to.
  func scan(
    _ size: Int, of length: Int, from start: Kernel.ValueID, after before: Kernel.ValueID,
    load: (Kernel.ValueID) throws -> Kernel.ValueID,
    store: (Kernel.ValueID, _ value: Kernel.ValueID, _ earlier: Kernel.ValueID) throws -> Void
  ) throws -> Kernel.ValueID {
    let run = BlockScan.run
    let threads = size / run
    let type = builder.type(of: neutral)
    let sums = builder.local(type, count: size)
    var (from, to) = (
      builder.local(type, count: threads), builder.local(type, count: threads)
    )
    func each(_ body: (Kernel.ValueID) throws -> Void) rethrows {
      try generator.loop(threads, kind: .vector, body: body)
    }
    /// The places of a thread's elements; they are all inside, or none is, where lengths are even.
    func places(_ thread: Kernel.ValueID) -> [Kernel.ValueID] {
      let first = generator.add(start, generator.multiply(thread, by: run))
      return (0..<run).map { builder.add(first, $0) }
    }
    let isEven = length % run == 0
    try each { thread in
      let places = places(thread)
      let all = { try places.map(load) }
      let values =
        isEven
        ? try inside(places[0], length, multiple: size, all) { places.map { _ in neutral } }
        : try places.map { place in
          try inside(place, length, multiple: size) {
            [try load(place)]
          } otherwise: {
            [neutral]
          }[0]
        }
      var sum = values[0]
      for number in 0..<run {
        if number > 0 { sum = try combined(sum, values[number]) }
        builder.store(sum, to: sums, at: own(thread, number))
      }
      builder.store(sum, to: from, at: thread)
    }
    var distance = 1
    while distance < threads {
      try each { thread in
        let own = builder.load(from, at: thread)
        let reaches = builder.compare(.greaterOrEqual, thread, builder.index(distance))
        let sum = try generator.branch(
          reaches,
          then: {
            [try combined(builder.load(from, at: generator.add(thread, -distance)), own)]
          }, otherwise: { [own] })
        builder.store(sum[0], to: to, at: thread)
      }
      swap(&from, &to)
      distance *= 2
    }
    try each { thread in
      let isFirst = builder.compare(.equal, thread, builder.index(0))
      let earlier = try generator.branch(
        isFirst, then: { [before] },
        otherwise: {
          [try combined(before, builder.load(from, at: generator.add(thread, -1)))]
        })[0]
      let places = places(thread)
      var last = earlier
      let values = try (0..<run).map { number in
        try combined(earlier, builder.load(sums, at: own(thread, number)))
      }
      func write(_ number: Int) throws {
        try store(places[number], values[number], last)
        last = values[number]
      }
      if isEven {
        _ = try inside(places[0], length, multiple: size) {
          for number in 0..<run { try write(number) }
          return []
        } otherwise: {
          []
        }
      } else {
        for number in 0..<run {
          _ = try inside(places[number], length, multiple: size) {
            try write(number)
            return []
          } otherwise: {
            []
          }
          last = values[number]
        }
      }
    }
    return try combined(before, builder.load(from, at: builder.index(threads - 1)))
  }

  private func own(_ thread: Kernel.ValueID, _ number: Int) -> Kernel.ValueID {
    builder.add(builder.multiply(thread, by: BlockScan.run), number)
  }
}
