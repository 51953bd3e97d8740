import HLO
import Passes
import Tensor

// Where an operand is read across the order in which results are written, a block reads a tile of it
// in the order of its own memory, and turns it over in shared memory.
extension NestEmitter {
  /// The bytes that the tiles of a block may take.
  private static let room = 40_960

  /// An operand that is read through tiles.
  private struct StagedOperand {
    var value: HLO.ValueID
    /// The axis of the result that each of its own axes follows; `nil` for those of extent 1.
    var axes: [Int?]
    var type: ElementType
  }

  /// Visits every index of `shape`, which is written along its last axis while operands are read
  /// along `axis`.
  func iterateSharedTiles(
    _ shape: Shape, _ axis: Int, _ body: (ElementIndex) throws -> Void
  ) throws {
    guard let last = shape.dimensions.lastIndex(where: { $0 > 1 }) else { return }
    let (staged, tile) = stagedOperands(shape, axis, last)
    let others = shape.dimensions.indices.map { $0 == axis || $0 == last ? 1 : shape[$0] }
    let memories = staged.map { builder.local($0.type, count: tile.lines * tile.visited) }
    let (down, along) = (
      tile.count(of: shape[axis], tile.lines), tile.count(of: shape[last], tile.steps)
    )
    try loop(others.reduce(1, *) * down * along, kind: .parallel) { number in
      let rest = generator.divide(number, by: along)
      let fixed = generator.coordinates(of: generator.divide(rest, by: down), others)
      let part = generator.remainder(rest, by: down)
      let first = generator.multiply(part, by: tile.lines)
      let second = generator.multiply(generator.remainder(number, by: along), by: tile.steps)

      // Neighbours in a line of the operand, of as many lines as make a word, and of others: all are
      // loaded before one is stored. What lies outside is read from the edge, and never used.
      let groups = tile.groups
      let (count, apart) = (tile.visited / groups / tile.packed, tile.visited / groups)
      try generator.loop(count * tile.lines, kind: .vector) { unit in
        let line = generator.remainder(unit, by: tile.lines)
        let step = generator.multiply(generator.divide(unit, by: tile.lines), by: tile.packed)
        var coordinates = fixed
        coordinates[axis] = generator.add(first, line)
        if shape[axis] % tile.lines != 0 {
          let size = tile.readLanes
          let vector = builder.select(
            builder.compare(.less, coordinates[axis], builder.index(shape[axis])),
            generator.divide(coordinates[axis], by: size), builder.index(shape[axis] / size - 1))
          coordinates[axis] = generator.add(
            generator.multiply(vector, by: size), generator.remainder(line, by: size))
        }
        let rows = (0..<groups * tile.packed).map { row in
          let offset = row / tile.packed * apart + row % tile.packed
          let place = generator.add(generator.add(second, step), offset)
          if shape[last] % tile.steps == 0 { return place }
          return builder.binary(.minimum, place, builder.index(shape[last] - 1))
        }
        let elements = try staged.map { operand in
          try rows.map { row in
            coordinates[last] = row
            let own = operand.axes.map { $0.map { coordinates[$0] } ?? builder.index(0) }
            return try generator.element(operand.value, ElementIndex(own))
          }
        }
        for (number, elements) in elements.enumerated() {
          let places = tile.places(
            of: staged[number].type, line, step, count: tile.packed, generator)
          for (row, element) in elements.enumerated() {
            let place = generator.add(
              places[row % tile.packed], row / tile.packed * apart)
            builder.store(element, to: memories[number], at: place)
          }
        }
      }
      try generator.loop(tile.lines * tile.visited, kind: .vector) { element in
        let (line, step) = (
          generator.divide(element, by: tile.visited),
          generator.remainder(element, by: tile.visited)
        )
        for (operand, memory) in zip(staged, memories) {
          let place = tile.places(of: operand.type, line, step, count: 1, generator)[0]
          generator.scalars[operand.value] = builder.load(memory, at: place)
        }
        defer { for operand in staged { generator.scalars[operand.value] = nil } }
        var coordinates = fixed
        coordinates[axis] = generator.add(first, line)
        coordinates[last] = generator.add(second, step)
        var inside: Kernel.ValueID?
        for (place, size) in [(axis, tile.lines), (last, tile.steps)] where shape[place] % size != 0
        {
          let here = builder.compare(.less, coordinates[place], builder.index(shape[place]))
          inside = inside.map { generator.both($0, here) } ?? here
        }
        let index = ElementIndex(coordinates)
        guard let inside else { return try body(index) }
        try builder.branch(inside) { try generator.scoped { try body(index) } }
      }
    }
  }

  /// The operands that are read along `axis`, and at one place for each element of the result, as
  /// many as there is room for, and the tiles of all of them.
  private func stagedOperands(
    _ shape: Shape, _ axis: Int, _ last: Int
  ) -> (operands: [StagedOperand], tile: SharedTile) {
    var chosen: [StagedOperand] = []
    var tile = SharedTile(shape, axis, last, [])
    for operand in operandsRead(along: axis, shape) {
      let types = (chosen + [operand]).map(\.type)
      let larger = SharedTile(shape, axis, last, types, room: Self.room)
      if larger.byteCount(types) <= Self.room {
        chosen.append(operand)
        tile = larger
      }
    }
    return (chosen, tile)
  }

  private func operandsRead(along axis: Int, _ shape: Shape) -> [StagedOperand] {
    func staged(_ value: HLO.ValueID, _ access: Access) -> StagedOperand? {
      let type = generator.type(of: value)
      guard access.sources.count == type.shape.rank, type.count >= 1 << 14,
        let inner = type.dimensions.lastIndex(where: { $0 > 1 }),
        access.sources[inner] == .root(axis: axis, extent: shape[axis]),
        generator.memories[generator.resolve(value)] != nil
      else { return nil }
      var axes: [Int?] = []
      for (source, extent) in zip(access.sources, type.dimensions) {
        switch source {
        case .zero: axes.append(nil)
        case .root(let axis, let whole) where whole == extent: axes.append(axis)
        case .root, .loop, .part, .other: return nil
        }
      }
      return StagedOperand(value: generator.resolve(value), axes: axes, type: type.element)
    }
    guard case .fusion = operation.op else {
      return root.operands.enumerated().compactMap { number, operand in
        staged(operand, function.operandAccess(root, number, .root(shape), root: shape))
      }
    }
    return function.regions[operation.regions[0]].arguments.compactMap { argument in
      guard let reads = accesses[argument], reads.count == 1, let access = reads.first else {
        return nil
      }
      return staged(argument, access)
    }
  }
}

/// A tile that is turned over in shared memory: lines of the result, each with so many steps along the
/// result's last axis. A line of the *operand* is as long as the tile has lines, 128 bytes where arrays
/// are that large, and a tile has 128 of them, less where that leaves too few tiles for a GPU.
///
/// In memory, a line lies after the other. 128 bytes are one element for each bank, or a part of one:
/// in each 128 bytes of a line, *granules* change places, such that threads which write the same step
/// of neighbouring lines meet different banks, and those which read neighbouring steps do so, too:
///
///     line 0    0 1 2 3 4 5 6 7
///     line 1    1 0 3 2 5 4 7 6
///     line 2    2 3 0 1 6 7 4 5      step / granule, exclusive or the line's number among vectors
///
/// Where the result's lines are short, so are the tile's, and fewer granules change places.
struct SharedTile {
  /// The elements that a tile has of the axis along which operands are read.
  var lines: Int
  /// The elements of a line, and those among them that arrays have: powers of two.
  var steps: Int
  var visited: Int
  /// The steps that a thread puts into memory at once: those of a word.
  var packed: Int
  /// The elements that one access to an operand moves.
  var readLanes: Int

  /// How many times a thread does that: such parts of a line are whole multiples of 128 bytes.
  var groups = 1

  private static let bytes = 128

  /// The tile for operands of `types`, of which those of a block take no more than `room` bytes, if that
  /// can be.
  init(
    _ shape: Shape, _ axis: Int, _ last: Int, _ types: [ElementType], room: Int = .max
  ) {
    func powerOfTwo(_ extent: Int) -> Int {
      var power = 1
      while power < extent { power *= 2 }
      return power
    }
    let sizes = types.map { max($0.byteCount, 1) }
    let (widest, narrowest) = (sizes.max() ?? 4, sizes.min() ?? 4)
    packed = max(1, 4 / narrowest)
    lines = min(Self.bytes / widest, powerOfTwo(shape[axis]))
    readLanes = min(16 / widest, lines, 1 << shape[axis].trailingZeroBitCount)
    let least = max(32, Self.bytes / narrowest)
    let extent = powerOfTwo(shape[last])
    // Short lines of operands: more of them.
    steps = max(least, min(Self.bytes * (Self.bytes / widest) / lines, 1024, extent))
    visited = max(packed, min(steps, extent))
    let others = shape.count / (shape[axis] * shape[last]) * count(of: shape[axis], lines)
    while steps > least,
      others * count(of: shape[last], steps) < 256 || byteCount(types) > room
    {
      steps /= 2
      visited = min(visited, steps)
    }
    groups = max(1, min(4 / packed, visited * narrowest / Self.bytes))
  }

  func count(of extent: Int, _ size: Int) -> Int { (extent + size - 1) / size }

  func byteCount(_ types: [ElementType]) -> Int {
    types.reduce(0) { $0 + lines * visited * max($1.byteCount, 1) }
  }

  /// Where the elements of a line are, from `step` on, which is a multiple of their number.
  func places(
    of type: ElementType, _ line: Kernel.ValueID, _ step: Kernel.ValueID, count: Int,
    _ generator: ElementGenerator
  ) -> [Kernel.ValueID] {
    let builder = generator.builder
    let start = generator.multiply(line, by: visited)
    // The threads of a warp that are side by side in an operand's line.
    let threads = min(32, lines / readLanes)
    let granule = max(1, Self.bytes / threads / max(type.byteCount, 1))
    let granules = min(threads, visited / granule)
    func place(_ step: Kernel.ValueID) -> Kernel.ValueID {
      if granules <= 1 { return generator.add(start, step) }
      let key = generator.remainder(generator.divide(line, by: readLanes), by: granules)
      let other = builder.binary(.xor, generator.divide(step, by: granule), key)
      return generator.add(
        generator.add(start, generator.multiply(other, by: granule)),
        generator.remainder(step, by: granule))
    }
    if count <= granule {
      let first = place(step)
      return (0..<count).map { generator.add(first, $0) }
    }
    return (0..<count).map { place(generator.add(step, $0)) }
  }
}
