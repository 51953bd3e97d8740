import HLO
import Passes
import Tensor

// Loops over tiles: where an operand is read across the order in which results are written, the
// lines of memory that a tile touches stay in the cache until all of their elements are used.
extension NestEmitter {
  /// The extents of a tile along the axis that operands read in order, and along the last one.
  private static let tile = (across: 32, along: 64)

  /// The axis of the result along which a large operand is read in the order of its memory, if that
  /// is not the last axis.
  func transposedAxis(_ shape: Shape) -> Int? {
    guard let last = shape.dimensions.lastIndex(where: { $0 > 1 }), shape.count >= 1 << 15 else {
      return nil
    }
    func crossed(_ access: Access, _ operand: Shape) -> Int? {
      guard operand.count >= 1 << 14,
        let inner = operand.dimensions.lastIndex(where: { $0 > 1 }),
        case .root(let axis, _) = access.sources[inner], axis < last,
        shape[axis] >= (processor.isGPU ? 2 : 8),
        access.sources.contains(where: { $0 == .root(axis: last, extent: shape[last]) })
      else { return nil }
      return axis
    }
    if case .fusion = operation.op {
      for argument in function.regions[operation.regions[0]].arguments {
        let shape = generator.shape(of: argument)
        for access in accesses[argument] ?? [] where access.sources.count == shape.rank {
          if let axis = crossed(access, shape) { return axis }
        }
      }
      return nil
    }
    for (number, operand) in root.operands.enumerated() {
      let access = function.operandAccess(root, number, .root(shape), root: shape)
      let operandShape = generator.shape(of: operand)
      if access.sources.count == operandShape.rank, let axis = crossed(access, operandShape) {
        return axis
      }
    }
    return nil
  }

  /// Visits every index of `shape` in tiles over `axis` and the last axis: threads for tiles, lanes
  /// for the last axis.
  func iterateTiles(
    _ shape: Shape, _ axis: Int, _ body: (ElementIndex) throws -> Void
  ) throws {
    guard let last = shape.dimensions.lastIndex(where: { $0 > 1 }) else { return }
    let others = shape.dimensions.indices.map { $0 == axis || $0 == last ? 1 : shape[$0] }
    func parts(_ extent: Int, _ size: Int) -> Int { (extent + size - 1) / size }
    let down = parts(shape[axis], Self.tile.across)
    let along = parts(shape[last], Self.tile.along)
    try loop(others.reduce(1, *) * down * along, kind: .parallel) { number in
      let rest = generator.divide(number, by: along)
      let inner = Part(
        generator.remainder(number, by: along), size: Self.tile.along, of: shape[last], generator)
      let outer = Part(
        generator.remainder(rest, by: down), size: Self.tile.across, of: shape[axis], generator)
      var coordinates = generator.coordinates(of: generator.divide(rest, by: down), others)
      try builder.loop(from: builder.index(0), to: outer.count) { i in
        try generator.scoped {
          coordinates[axis] = generator.add(outer.start, i)
          try builder.loop(from: builder.index(0), to: inner.count, kind: .vector) { j in
            try generator.scoped {
              var index = coordinates
              index[last] = generator.add(inner.start, j)
              try body(ElementIndex(index))
            }
          }
        }
      }
    }
  }
}
