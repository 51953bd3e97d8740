import HLO
import Passes
import Tensor

// Where an operand is read across the order in which results are written, a block reads a tile of it
// in the order of its own memory, and turns it over in shared memory.
extension NestEmitter {
  /// The side of a tile. Its lines lie one element further apart, so that threads which read across
  /// them meet different banks.
  private static let side = 32
  /// The bytes that the tiles of a block may take.
  private static let room = 40_960

  /// An operand that is read through tiles.
  private struct StagedOperand {
    var value: HLO.ValueID
    /// The axis of the result that each of its own axes follows; `nil` for those of extent 1.
    var axes: [Int?]
    var tile: Kernel.MemoryID
  }

  /// Visits every index of `shape`, which is written along its last axis while operands are read
  /// along `axis`.
  func iterateSharedTiles(
    _ shape: Shape, _ axis: Int, _ body: (ElementIndex) throws -> Void
  ) throws {
    guard let last = shape.dimensions.lastIndex(where: { $0 > 1 }) else { return }
    let side = Self.side
    let staged = stagedOperands(shape, axis)
    let others = shape.dimensions.indices.map { $0 == axis || $0 == last ? 1 : shape[$0] }
    let down = (shape[axis] + side - 1) / side
    let along = (shape[last] + side - 1) / side
    try loop(others.reduce(1, *) * down * along, kind: .parallel) { number in
      let rest = generator.divide(number, by: along)
      let fixed = generator.coordinates(of: generator.divide(rest, by: down), others)
      let first = generator.multiply(generator.remainder(rest, by: down), by: side)
      let second = generator.multiply(generator.remainder(number, by: along), by: side)

      /// Visits the elements of the tile, in the order of the lines that `isTurned` asks for.
      func eachElement(
        isTurned: Bool,
        _ body: (ElementIndex, _ line: Kernel.ValueID, _ step: Kernel.ValueID) throws -> Void
      ) throws {
        try generator.loop(side * side, kind: .vector) { element in
          let (line, step) = (
            generator.divide(element, by: side), generator.remainder(element, by: side)
          )
          let (i, j) = isTurned ? (step, line) : (line, step)
          var coordinates = fixed
          coordinates[axis] = generator.add(first, i)
          coordinates[last] = generator.add(second, j)
          var inside: Kernel.ValueID?
          for (place, own) in [(axis, coordinates[axis]), (last, coordinates[last])]
          where shape[place] % side != 0 {
            let here = builder.compare(.less, own, builder.index(shape[place]))
            inside = inside.map { generator.both($0, here) } ?? here
          }
          let index = ElementIndex(coordinates)
          guard let inside else { return try body(index, line, step) }
          try builder.branch(inside) { try generator.scoped { try body(index, line, step) } }
        }
      }
      func place(_ line: Kernel.ValueID, _ step: Kernel.ValueID) -> Kernel.ValueID {
        generator.add(generator.multiply(line, by: side + 1), step)
      }

      try eachElement(isTurned: true) { index, line, step in
        for operand in staged {
          let own = operand.axes.map { axis in
            axis.flatMap { index.coordinates?[$0] } ?? builder.index(0)
          }
          let element = try generator.element(operand.value, ElementIndex(own))
          builder.store(element, to: operand.tile, at: place(line, step))
        }
      }
      try eachElement(isTurned: false) { index, line, step in
        for operand in staged {
          generator.scalars[operand.value] = builder.load(operand.tile, at: place(step, line))
        }
        defer { for operand in staged { generator.scalars[operand.value] = nil } }
        try body(index)
      }
    }
  }

  /// The operands that are read along `axis`, and at one place for each element of the result.
  private func stagedOperands(_ shape: Shape, _ axis: Int) -> [StagedOperand] {
    var room = Self.room
    func staged(_ value: HLO.ValueID, _ access: Access) -> StagedOperand? {
      let type = generator.type(of: value)
      let bytes = Self.side * (Self.side + 1) * type.element.byteCount
      guard access.sources.count == type.shape.rank, type.count >= 1 << 14, bytes <= room,
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
      room -= bytes
      let tile = builder.local(type.element, count: Self.side * (Self.side + 1))
      return StagedOperand(value: generator.resolve(value), axes: axes, tile: tile)
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
