import HLO
import Support
import Tensor

/// A sort on a GPU: short *runs* are sorted by counting, for each element, those that precede it;
/// then pairs of runs are merged until one is left, where each element finds its place by searching
/// the other run. Equal elements keep their order.
struct DeviceSort {
  /// The arrays that are sorted together are `outer` × `size` × `inner`, and the middle axis is
  /// sorted.
  var types: [ElementType]
  var outer: Int
  var size: Int
  var inner: Int
  /// Does the first tuple precede the second?
  var precedes: (KernelBuilder, [Kernel.ValueID], [Kernel.ValueID]) throws -> Kernel.ValueID

  /// The length of the runs that are sorted by counting.
  static let runLength = 64

  var count: Int { outer * size * inner }

  /// How often runs are merged.
  var mergeCount: Int {
    var passes = 0
    while Self.runLength << passes < size { passes += 1 }
    return passes
  }

  // MARK: Kernels

  /// Memories for arrays that are read, and as many that are written.
  private func memories(
    _ builder: KernelBuilder
  ) -> (sources: [Kernel.MemoryID], targets: [Kernel.MemoryID]) {
    (
      types.map { builder.parameter($0, count: count, access: .read) },
      types.map { builder.parameter($0, count: count, access: .write) }
    )
  }

  /// Visits every element: with its place along the axis, and a function from such places to
  /// positions in memory.
  private func each(
    _ builder: KernelBuilder,
    _ body: (
      _ place: Kernel.ValueID, _ position: (Kernel.ValueID) -> Kernel.ValueID
    ) throws -> Void
  ) rethrows {
    try builder.loop(from: builder.index(0), to: builder.index(count), kind: .parallelVector) {
      let column = builder.remainder($0, by: inner)
      let line = builder.divide($0, by: inner)
      let place = builder.remainder(line, by: size)
      let first = builder.multiply(builder.divide(line, by: size), by: size)
      try body(place) { other in
        builder.add(builder.multiply(builder.add(first, other), by: inner), column)
      }
    }
  }

  /// Sorts runs.
  func runKernel() throws -> Kernel {
    let builder = KernelBuilder(name: "sort_runs")
    let (sources, targets) = memories(builder)
    let length = builder.index(Self.runLength)
    try each(builder) { place, position in
      let own = sources.map { builder.load($0, at: position(place)) }
      let start = builder.multiply(builder.binary(.divide, place, length), length)
      let end = builder.binary(.minimum, builder.add(start, length), builder.index(size))
      let rank = try builder.loop(from: start, to: end, carrying: [start]) { other, carried in
        let its = sources.map { builder.load($0, at: position(other)) }
        // Of two equal elements, the one that comes first does.
        let isEarlier = builder.compare(.less, other, place)
        let comes = try precedes(
          builder, zip(own, its).map { builder.select(isEarlier, $0, $1) },
          zip(own, its).map { builder.select(isEarlier, $1, $0) })
        let counts = builder.binary(.xor, isEarlier, comes)
        return [
          builder.select(counts, builder.add(carried[0], 1), carried[0])
        ]
      }
      for (target, value) in zip(targets, own) {
        builder.store(value, to: target, at: position(rank[0]))
      }
    }
    return builder.finish()
  }

  /// Merges pairs of runs, the length of which is in memory.
  func mergeKernel() throws -> Kernel {
    let builder = KernelBuilder(name: "merge_runs")
    let (sources, targets) = memories(builder)
    let lengths = builder.parameter(.i64, count: 1, access: .read)
    let length = builder.load(lengths, at: builder.index(0))
    try each(builder) { place, position in
      let own = sources.map { builder.load($0, at: position(place)) }
      let run = builder.binary(.divide, place, length)
      let isRight = builder.compare(
        .notEqual, builder.remainder(run, by: 2), builder.index(0))
      let start = builder.multiply(run, length)
      let other = builder.select(
        isRight, builder.subtract(start, length), builder.add(start, length))
      let limit = builder.binary(
        .minimum, builder.add(other, length), builder.index(size))
      // How many of the other run precede the element: it lies between `low` and `high`.
      let found = try builder.loopWhile(
        carrying: [other, builder.binary(.maximum, other, limit)]
      ) {
        builder.compare(.less, $0[0], $0[1])
      } body: { bounds in
        let middle = builder.divide(builder.add(bounds[0], bounds[1]), by: 2)
        let its = sources.map { builder.load($0, at: position(middle)) }
        // An element of the left run comes before equal ones of the right run.
        let comes = try precedes(
          builder, zip(own, its).map { builder.select(isRight, $0, $1) },
          zip(own, its).map { builder.select(isRight, $1, $0) })
        let isBefore = builder.binary(.xor, isRight, comes)
        return [
          builder.select(isBefore, builder.add(middle, 1), bounds[0]),
          builder.select(isBefore, bounds[1], middle),
        ]
      }
      let rank = builder.add(
        builder.subtract(place, builder.select(isRight, length, builder.index(0))),
        builder.subtract(found[0], other))
      for (target, value) in zip(targets, own) {
        builder.store(value, to: target, at: position(rank))
      }
    }
    return builder.finish()
  }

  /// Doubles the length of the runs.
  func doublingKernel() -> Kernel {
    let builder = KernelBuilder(name: "double_length")
    let length = builder.parameter(.i64, count: 1, access: .readWrite)
    let first = builder.index(0)
    let old = builder.load(length, at: first)
    builder.store(builder.add(old, old), to: length, at: first)
    return builder.finish()
  }
}

extension ProgramScheduler {
  /// Sorts `operation`'s operands.
  func deviceSort(_ operation: Operation, dimension: Int) throws -> [Step] {
    let type = try staticType(operation.operands[0])
    if type.count == 0 { return [] }
    let region = operation.regions[0]
    let sort = DeviceSort(
      types: try operation.operands.map { try staticType($0).element },
      outer: type.dimensions.prefix(dimension).reduce(1, *), size: type.dimensions[dimension],
      inner: type.dimensions.dropFirst(dimension + 1).reduce(1, *)
    ) { [function] builder, x, y in
      let generator = ElementGenerator(function, builder)
      return try generator.evaluate(region, zip(x, y).flatMap { [$0, $1] })[0]
    }
    var scratch = DeviceScratch(self)
    return try steps(
      sort, from: operation.operands.map { try buffer(of: $0) },
      to: operation.results.map { try buffer(of: $0) }, &scratch)
  }

  /// The largest elements of rows, and where they were: the rows are sorted with their places.
  func deviceTopK(_ operation: Operation, k: Int) throws -> [Step] {
    let type = try staticType(operation.operands[0])
    let columns = type.dimensions.last ?? 1
    let rows = type.count / max(columns, 1)
    if rows * k == 0 { return [] }
    let sort = DeviceSort(types: [type.element, .i32], outer: rows, size: columns, inner: 1) {
      builder, x, y in
      type.element.isFloat
        ? builder.compare(.totalLess, y[0], x[0]) : builder.compare(.greater, x[0], y[0])
    }
    var scratch = DeviceScratch(self)
    let places = scratch.buffer(.i32, count: type.count)
    let sorted = sort.types.map { scratch.buffer($0, count: type.count) }
    let numbering = KernelBuilder(name: "places")
    let numbered = numbering.parameter(.i32, count: type.count, access: .write)
    numbering.loop(
      from: numbering.index(0), to: numbering.index(type.count), kind: .parallelVector
    ) {
      let place = numbering.remainder($0, by: columns)
      numbering.store(numbering.convert(place, to: .i32), to: numbered, at: $0)
    }
    let taking = KernelBuilder(name: "take")
    let sources = sort.types.map { taking.parameter($0, count: type.count, access: .read) }
    let targets = sort.types.map { taking.parameter($0, count: rows * k, access: .write) }
    taking.loop(from: taking.index(0), to: taking.index(rows * k), kind: .parallelVector) {
      let row = taking.divide($0, by: k)
      let place = taking.add(
        taking.multiply(row, by: columns),
        taking.remainder($0, by: k))
      for (source, target) in zip(sources, targets) {
        taking.store(taking.load(source, at: place), to: target, at: $0)
      }
    }
    var steps: [Step] = [.launch(add(numbering.finish(), named: "places"), buffers: [places])]
    steps += try self.steps(
      sort, from: [try buffer(of: operation.operands[0]), places], to: sorted, &scratch)
    let results = try operation.results.map { try buffer(of: $0) }
    steps.append(.launch(add(taking.finish(), named: "take"), buffers: sorted + results))
    return steps
  }

  private func steps(
    _ sort: DeviceSort, from sources: [Procedure.BufferID], to targets: [Procedure.BufferID],
    _ scratch: inout DeviceScratch
  ) throws -> [Step] {
    let merges = sort.mergeCount
    var steps: [Step] = []
    var sources = sources
    // The runs take turns between the results and other memory, and end in the results.
    let overlaps = zip(sources, targets).contains {
      procedure.mayOverlap($0, $1, isEntry: true)
    }
    let needsOthers = merges > 0 || overlaps
    let others = needsOthers ? sort.types.map { scratch.buffer($0, count: sort.count) } : []
    if merges % 2 == 0, overlaps {
      for (source, other) in zip(sources, others) { steps += copy(source, to: other) }
      sources = others
    }
    var (from, to) = merges % 2 == 0 ? (targets, others) : (others, targets)
    steps.append(.launch(add(try sort.runKernel(), named: "sort_runs"), buffers: sources + from))
    if merges == 0 { return steps }
    let length = scratch.buffer(.i64, count: 1)
    let merge = add(try sort.mergeKernel(), named: "merge_runs")
    let double = add(sort.doublingKernel(), named: "double_length")
    steps.append(.fill(length, ScalarBits(UInt64(DeviceSort.runLength))))
    for pass in 0..<merges {
      steps.append(.launch(merge, buffers: from + to + [length]))
      if pass + 1 < merges { steps.append(.launch(double, buffers: [length])) }
      swap(&from, &to)
    }
    return steps
  }
}

/// Memory for what one operation needs on a GPU in between, behind the rest of the workspace. The
/// next operation may use the same.
struct DeviceScratch {
  private let scheduler: ProgramScheduler
  private var end: Int

  init(_ scheduler: ProgramScheduler) {
    self.scheduler = scheduler
    end = (scheduler.assignment.workspaceByteCount + 63) / 64 * 64
  }

  mutating func buffer(_ type: ElementType, count: Int) -> Procedure.BufferID {
    let buffer = Procedure.Buffer(type: type, shape: [count], place: .workspace(offset: end))
    end += (buffer.byteCount + 63) / 64 * 64
    scheduler.procedure.workspaceByteCount = max(scheduler.procedure.workspaceByteCount, end)
    return scheduler.procedure.buffers.append(buffer)
  }
}
