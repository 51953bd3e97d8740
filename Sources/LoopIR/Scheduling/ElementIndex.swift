import Support
import Tensor

/// Where an element stands in an array: by its coordinates, by its row-major position, or by both.
///
/// Loops over one flat range know positions, nested loops know coordinates; the other form is
/// computed only where an operation asks for it.
struct ElementIndex: Hashable {
  /// One per axis.
  var coordinates: [Kernel.ValueID]?
  /// The row-major position.
  var position: Kernel.ValueID?

  init(_ coordinates: [Kernel.ValueID], position: Kernel.ValueID? = nil) {
    self.coordinates = coordinates
    self.position = position
  }

  init(position: Kernel.ValueID) { self.position = position }

  static let scalar = ElementIndex([])
}

// Index arithmetic. Results are remembered, so that equal indices are equal values.
extension ElementGenerator {
  func multiply(_ x: Kernel.ValueID, by factor: Int) -> Kernel.ValueID {
    arithmetic(.multiply, x, builder.index(factor))
  }

  func add(_ x: Kernel.ValueID, _ y: Kernel.ValueID) -> Kernel.ValueID { arithmetic(.add, x, y) }

  func add(_ x: Kernel.ValueID, _ offset: Int) -> Kernel.ValueID {
    arithmetic(.add, x, builder.index(offset))
  }

  func subtract(_ x: Kernel.ValueID, _ y: Kernel.ValueID) -> Kernel.ValueID {
    arithmetic(.subtract, x, y)
  }

  func divide(_ x: Kernel.ValueID, by divisor: Int) -> Kernel.ValueID {
    arithmetic(.divide, x, builder.index(divisor))
  }

  func remainder(_ x: Kernel.ValueID, by divisor: Int) -> Kernel.ValueID {
    arithmetic(.remainder, x, builder.index(divisor))
  }

  /// `low <= x < high`
  func isInside(_ x: Kernel.ValueID, _ low: Int, _ high: Int) -> Kernel.ValueID {
    both(
      builder.compare(.greaterOrEqual, x, builder.index(low)),
      builder.compare(.less, x, builder.index(high)))
  }

  /// `x` moved into `low ... high`.
  func clamp(_ x: Kernel.ValueID, _ low: Int, _ high: Int) -> Kernel.ValueID {
    if let constant = builder.constantIndex(x) {
      return builder.index(min(max(constant, low), high))
    }
    let raised = builder.binary(.maximum, x, builder.index(low))
    return builder.binary(.minimum, raised, builder.index(high))
  }

  func both(_ x: Kernel.ValueID, _ y: Kernel.ValueID) -> Kernel.ValueID {
    builder.binary(.and, x, y)
  }

  /// The coordinates of `index` in an array of shape `shape`.
  func coordinates(_ index: ElementIndex, _ shape: Shape) -> [Kernel.ValueID] {
    if let coordinates = index.coordinates { return coordinates }
    guard let position = index.position else { return [] }
    return coordinates(of: position, shape.dimensions)
  }

  /// The coordinates at row-major `position` in an array with these extents.
  func coordinates(of position: Kernel.ValueID, _ extents: [Int]) -> [Kernel.ValueID] {
    var rest = position
    var coordinates = [Kernel.ValueID](repeating: builder.index(0), count: extents.count)
    guard let first = extents.firstIndex(where: { $0 != 1 }) else { return coordinates }
    for axis in extents.indices.reversed() where extents[axis] != 1 {
      if axis == first {
        coordinates[axis] = rest
      } else {
        coordinates[axis] = remainder(rest, by: max(extents[axis], 1))
        rest = divide(rest, by: max(extents[axis], 1))
      }
    }
    return coordinates
  }

  /// The row-major position of `index` in an array of shape `shape`.
  func position(_ index: ElementIndex, _ shape: Shape) -> Kernel.ValueID {
    if let position = index.position { return position }
    return position(of: index.coordinates ?? [], shape.dimensions)
  }

  func position(of coordinates: [Kernel.ValueID], _ extents: [Int]) -> Kernel.ValueID {
    // Outer axes first: the sum without the innermost term is what an inner loop leaves alone.
    var sum = builder.index(0)
    let strides = Shape(extents).strides
    for axis in extents.indices where extents[axis] != 1 {
      sum = add(sum, multiply(coordinates[axis], by: strides[axis]))
    }
    return sum
  }

  /// The index in `from` of the element that a reshape puts at `index` of `to`.
  func reshaped(_ index: ElementIndex, from: Shape, to: Shape) -> ElementIndex {
    guard let coordinates = index.coordinates else { return index }
    if from.dimensions == to.dimensions { return index }
    // Runs of axes with equal products are reshaped on their own, so that a coordinate that is only
    // moved needs no division.
    var result = [Kernel.ValueID](repeating: builder.index(0), count: from.rank)
    var (i, j) = (0, 0)
    while i < from.rank || j < to.rank {
      var (p, q) = (1, 1)
      let (iStart, jStart) = (i, j)
      if i < from.rank {
        p = from[i]
        i += 1
      }
      if j < to.rank {
        q = to[j]
        j += 1
      }
      while p != q {
        if p < q && i < from.rank {
          p *= from[i]
          i += 1
        } else if q < p && j < to.rank {
          q *= to[j]
          j += 1
        } else if i < from.rank {
          p *= from[i]
          i += 1
        } else if j < to.rank {
          q *= to[j]
          j += 1
        } else {
          break
        }
      }
      let position = position(of: Array(coordinates[jStart..<j]), Array(to.dimensions[jStart..<j]))
      let part = self.coordinates(of: position, Array(from.dimensions[iStart..<i]))
      for (offset, coordinate) in part.enumerated() { result[iStart + offset] = coordinate }
    }
    return ElementIndex(result, position: index.position)
  }

  private func arithmetic(
    _ operation: Kernel.BinaryOperation, _ x: Kernel.ValueID, _ y: Kernel.ValueID
  ) -> Kernel.ValueID {
    let key = Key.index(operation, x, y)
    if let known = lookUp(key) { return known }
    // (x + a) + b = x + (a + b): neighbours reached on different ways are the same value.
    if operation == .add, let b = builder.constantIndex(y), b != 0, let (base, a) = offsets[x] {
      let sum = a + b == 0 ? base : arithmetic(.add, base, builder.index(a + b))
      remember(key, sum)
      return sum
    }
    let value = builder.binary(operation, x, y)
    if operation == .add, let b = builder.constantIndex(y), value != x,
      builder.constantIndex(x) == nil
    {
      offsets[value] = (x, b)
    }
    remember(key, value)
    return value
  }
}
