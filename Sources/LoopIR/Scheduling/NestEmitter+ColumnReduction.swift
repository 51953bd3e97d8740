import HLO
import Passes
import Tensor

/// How a reduction over axes in front of the last ones is computed: of an array of
/// `outer` × `rows` × `columns`, the rows are reduced.
///
/// A thread reads whole rows of a *strip* of columns, one after the other, and keeps one accumulator
/// per column in the cache. Where strips are few, *chunks* of rows are reduced apart, and then their
/// results. All of it depends on the shape alone.
struct ColumnReduction {
  var outer: Int
  var rows: Int
  var columns: Int
  /// The columns of a strip, and the rows of a chunk; the last ones may have less.
  var stripSize: Int
  var chunkSize: Int

  var strips: Int { (columns + stripSize - 1) / stripSize }
  var chunks: Int { (rows + chunkSize - 1) / chunkSize }
  /// The elements of memory for the results of chunks.
  var scratchCount: Int { chunks == 1 ? 0 : outer * chunks * columns }
}

extension Function {
  /// The plan for `operation`, a `reduce`; `nil` if it does not reduce rows, or only few elements.
  func columnReduction(_ operation: Operation, for processor: Processor) -> ColumnReduction? {
    guard case .reduce(let dimensions) = operation.op, !operation.regions.isEmpty,
      let first = dimensions.min(), let last = dimensions.max(),
      let shape = values[operation.operands[0]].type.tensor?.shape
    else { return nil }
    let between = (first...last).filter { !dimensions.contains($0) }
    let outer = shape.dimensions[..<first].reduce(1, *)
    let rows = shape.dimensions[first...last].reduce(1, *)
    let columns = shape.dimensions[(last + 1)...].reduce(1, *)
    guard between.allSatisfy({ shape[$0] == 1 }), rows >= 8, columns >= 8,
      shape.count >= 1 << 13
    else { return nil }
    let isAssociative =
      operation.results.count == 1 && Combiner(self, operation.regions[0]) != nil
    func rounded(_ value: Int, to unit: Int) -> Int { (value + unit - 1) / unit * unit }
    if processor.isGPU {
      return gridReduction(
        outer: outer, rows: rows, columns: columns, isAssociative: isAssociative)
    }
    // Strips fit into the first-level cache; where rows cannot be shared, they are narrower.
    let wanted = isAssociative ? (columns + 2047) / 2048 : max(1, min(16 / outer, columns / 128))
    let stripSize = min(columns, rounded((columns + wanted - 1) / wanted, to: 64))
    var plan = ColumnReduction(
      outer: outer, rows: rows, columns: columns, stripSize: stripSize, chunkSize: rows)
    let chunks = min(32 / max(outer * plan.strips, 1), rows / 64)
    if isAssociative, chunks > 1, shape.count >= 1 << 16 {
      let least = rounded((rows + chunks - 1) / chunks, to: 4)
      plan.chunkSize = (least...2 * least).first { rows % $0 == 0 && $0 % 4 == 0 } ?? least
    }
    return plan
  }
}

extension Function {
  /// Strips are as wide as a block, and there are chunks for a thousand blocks; strips are narrow
  /// where rows cannot be cut into chunks.
  private func gridReduction(
    outer: Int, rows: Int, columns: Int, isAssociative: Bool
  ) -> ColumnReduction {
    var plan = ColumnReduction(
      outer: outer, rows: rows, columns: columns,
      stripSize: min(columns, isAssociative ? 1024 : 128), chunkSize: rows)
    let chunks = min(1024 / max(outer * plan.strips, 1), rows / 32)
    if isAssociative, chunks > 1 {
      let least = (rows + chunks - 1) / chunks
      plan.chunkSize = (least...2 * least).first { rows % $0 == 0 && $0 % 4 == 0 } ?? least
    }
    return plan
  }
}

extension NestEmitter {
  /// How many rows are combined between loading and storing an accumulator.
  private static let unrolledRows = 4

  func emitColumnReduction(_ plan: ColumnReduction) throws {
    try emitScalars()
    let count = root.results.count
    let inputs = Array(root.operands.prefix(count))
    let initial = try root.operands.dropFirst(count).map { try generator.scalar($0) }
    let (strips, chunks) = (plan.strips, plan.chunks)
    let combiner = chunks > 1 ? Combiner(function, root.regions[0]) : nil
    let first = try combiner.map { [try $0.identity(generator)] } ?? initial
    let accumulators = inputs.map {
      builder.local(generator.type(of: $0).element, count: plan.stripSize)
    }
    try loop(plan.outer * chunks * strips, kind: .parallel) { item in
      let rest = generator.divide(item, by: strips)
      let strip = Part(
        generator.remainder(item, by: strips), size: plan.stripSize, of: plan.columns, generator)
      let chunk = Part(
        generator.remainder(rest, by: chunks), size: plan.chunkSize, of: plan.rows, generator)
      let outer = generator.divide(rest, by: chunks)
      func eachColumn(_ body: (Kernel.ValueID) throws -> Void) rethrows {
        try builder.loop(from: builder.index(0), to: strip.count, kind: .vector) { column in
          try generator.scoped { try body(column) }
        }
      }
      func add(_ rows: [Kernel.ValueID]) throws {
        try eachColumn { column in
          var values = accumulators.map { builder.load($0, at: column) }
          for row in rows {
            let index = index(plan, outer, row, generator.add(strip.start, column))
            let elements = try inputs.map { try generator.element($0, index) }
            values = try generator.evaluate(root.regions[0], values + elements)
          }
          for (memory, value) in zip(accumulators, values) {
            builder.store(value, to: memory, at: column)
          }
        }
      }
      eachColumn { column in
        for (memory, value) in zip(accumulators, first) {
          builder.store(value, to: memory, at: column)
        }
      }
      let together = isCheap ? Self.unrolledRows : 1
      let blocks = generator.divide(chunk.count, by: together)
      try builder.loop(from: builder.index(0), to: blocks) { block in
        try generator.scoped {
          let row = generator.add(chunk.start, generator.multiply(block, by: together))
          try add((0..<together).map { generator.add(row, $0) })
        }
      }
      if together > 1, builder.constantIndex(chunk.count).map({ $0 % together != 0 }) ?? true {
        let whole = generator.multiply(blocks, by: together)
        try builder.loop(from: whole, to: chunk.count) { row in
          try generator.scoped { try add([generator.add(chunk.start, row)]) }
        }
      }
      let memories = chunks > 1 ? scratch.map { [$0] } ?? targets : targets
      eachColumn { column in
        let line = chunks > 1 ? rest : outer
        let place = generator.add(
          generator.multiply(line, by: plan.columns), generator.add(strip.start, column))
        for (target, memory) in zip(memories, accumulators) {
          builder.store(builder.load(memory, at: column), to: target, at: place)
        }
      }
    }
    if chunks > 1 { try emitTotals(plan, initial) }
  }

  /// Combines what the chunks gave, in order.
  private func emitTotals(_ plan: ColumnReduction, _ initial: [Kernel.ValueID]) throws {
    guard let scratch else { throw generator.internalError("chunks of rows without memory") }
    try loop(plan.outer * plan.columns, kind: .parallelVector) { position in
      let outer = generator.divide(position, by: plan.columns)
      let column = plan.outer == 1 ? position : generator.remainder(position, by: plan.columns)
      let start = plan.outer == 1 ? builder.index(0) : generator.multiply(outer, by: plan.chunks)
      let totals = try generator.loop(plan.chunks, carrying: initial) { chunk, carried in
        let line = generator.multiply(generator.add(start, chunk), by: plan.columns)
        let partial = builder.load(scratch, at: generator.add(line, column))
        return try generator.evaluate(root.regions[0], carried + [partial])
      }
      builder.store(totals[0], to: targets[0], at: position)
    }
  }

  /// Are elements so cheap that accumulators should not be loaded for each row?
  private var isCheap: Bool {
    members.reduce(0) { $0 + function.cost(of: function.operations[$1]) } <= 8
  }

  private func index(
    _ plan: ColumnReduction, _ outer: Kernel.ValueID, _ row: Kernel.ValueID,
    _ column: Kernel.ValueID
  ) -> ElementIndex {
    let inputs = root.operands.prefix(root.results.count)
    guard !inputs.allSatisfy(generator.isFlat) else {
      let line = generator.add(generator.multiply(outer, by: plan.rows), row)
      return ElementIndex(
        position: generator.add(generator.multiply(line, by: plan.columns), column))
    }
    guard case .reduce(let dimensions) = root.op, let first = dimensions.min(),
      let last = dimensions.max()
    else { return .scalar }
    let extents = generator.shape(of: root.operands[0]).dimensions
    return ElementIndex(
      generator.coordinates(of: outer, Array(extents[..<first]))
        + generator.coordinates(of: row, Array(extents[first...last]))
        + generator.coordinates(of: column, Array(extents[(last + 1)...])))
  }

  /// One of the equal parts of a range, of which the last may be shorter.
  struct Part {
    var start: Kernel.ValueID
    var count: Kernel.ValueID

    init(_ number: Kernel.ValueID, size: Int, of extent: Int, _ generator: ElementGenerator) {
      let builder = generator.builder
      start = generator.multiply(number, by: size)
      count =
        extent % size == 0
        ? builder.index(size)
        : builder.binary(
          .minimum, builder.index(size), generator.subtract(builder.index(extent), start))
    }
  }
}
