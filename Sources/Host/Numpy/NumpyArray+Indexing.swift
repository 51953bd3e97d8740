import Tensor

/// What an index selects: a view of the array, or single positions of it.
private enum Selection {
  case view(NumpyArray)
  case positions([Int], Shape)
}

extension NumpyArray {
  /// `self[key]`: slices are views, integer and Boolean arrays select copies.
  func selected(_ key: Object) throws -> Object {
    switch try selection(key) {
    case .view(let view):
      if view.rank == 0 && !containsEllipsis(key) { return wrapped(view.copied) }
      return .native(view)
    case .positions(let positions, let shape):
      let size = type.byteCount
      let result = HostTensor(type: type, shape: shape) { target in
        for (i, position) in positions.enumerated() {
          (target + i * size).copyMemory(from: buffer.address + position * size, byteCount: size)
        }
      }
      return .native(NumpyArray(result))
    }
  }

  /// `self[key] = value`
  func assign(_ value: Object, at key: Object) throws {
    let values = try NumpyArray.from(value).copied
    switch try selection(key) {
    case .view(let view): try view.assign(numpyCast(values, to: type))
    case .positions(let positions, let shape):
      let source = try broadcast(numpyCast(values, to: type), to: shape, "input array")
      let size = type.byteCount
      for (i, position) in positions.enumerated() {
        (buffer.address + position * size)
          .copyMemory(from: source.buffer.address + i * size, byteCount: size)
      }
    }
  }

  private func containsEllipsis(_ key: Object) -> Bool {
    switch key {
    case .ellipsis: return true
    case .tuple(let tuple): return tuple.items.contains { containsEllipsis($0) }
    default: return false
    }
  }

  private func selection(_ key: Object) throws -> Selection {
    var items: [Object] = [key]
    if case .tuple(let tuple) = key { items = tuple.items }
    items = try expanded(items)

    // Slices, integers and new axes make a view; index arrays keep their axis until the end.
    var (newShape, newStrides, newOffset) = ([Int](), [Int](), offset)
    var advanced: [(axis: Int, indices: HostTensor)] = []
    var axis = 0
    for item in items {
      switch item {
      case .none:
        newShape.append(1)
        newStrides.append(0)
        continue
      case .slice(let slice):
        let (start, step, count) = try slice.resolve(shape[axis])
        newOffset += start * strides[axis]
        newShape.append(count)
        newStrides.append(step * strides[axis])
      case .native(let array as NumpyArray) where array.rank > 0 || array.type == .bool:
        advanced.append((newShape.count, try checked(array.tensor, axis)))
        newShape.append(shape[axis])
        newStrides.append(strides[axis])
      default:
        guard let given = try Host.index(item) else { throw invalidIndex() }
        let position = given < 0 ? given + shape[axis] : given
        guard position >= 0 && position < shape[axis] else {
          throw indexError(
            "index \(given) is out of bounds for axis \(axis) with size \(shape[axis])")
        }
        newOffset += position * strides[axis]
      }
      axis += 1
    }
    let view = view(shape: Shape(newShape), strides: newStrides, offset: newOffset)
    return advanced.isEmpty ? .view(view) : try view.gathered(advanced)
  }

  private func invalidIndex() -> any Error {
    indexError(
      """
      only integers, slices (`:`), ellipsis (`...`), numpy.newaxis (`None`) and integer or boolean \
      arrays are valid indices
      """)
  }

  /// One item per axis: the ellipsis is filled in, Boolean masks become integer arrays.
  private func expanded(_ items: [Object]) throws -> [Object] {
    var result: [Object] = []
    var ellipsis: Int?
    var used = 0
    for item in items {
      switch item {
      case .none: result.append(item)
      case .ellipsis:
        if ellipsis != nil {
          throw indexError("an index can only have a single ellipsis ('...')")
        }
        ellipsis = result.count
      case .list, .array, .bool:
        let array = try NumpyArray.from(item)
        used += try append(
          array.elementCount == 0 ? NumpyArray(array.tensor.converted(to: .i64)) : array,
          to: &result,
          axis: used)
      case .native(let array as NumpyArray) where !array.isScalar || array.type == .bool:
        used += try append(array, to: &result, axis: used)
      default:
        result.append(item)
        used += 1
      }
    }
    guard used <= rank else {
      throw indexError(
        "too many indices for array: array is \(rank)-dimensional, but \(used) were indexed")
    }
    let everything = Object.slice(Slice(.none, .none, .none))
    let rest = [Object](repeating: everything, count: rank - used)
    if let ellipsis {
      result.insert(contentsOf: rest, at: ellipsis)
    } else {
      result += rest
    }
    return result
  }

  /// Appends an index array; a mask becomes one array of positions per axis. The number of axes.
  private func append(_ array: NumpyArray, to result: inout [Object], axis: Int) throws -> Int {
    guard array.type == .bool else {
      guard array.type.isInteger else { throw invalidIndex() }
      result.append(.native(array))
      return 1
    }
    for (i, extent) in array.shape.dimensions.enumerated()
    where axis + i >= rank || shape[axis + i] != extent {
      guard axis + i < rank else {
        throw indexError(
          "too many indices for array: array is \(rank)-dimensional, but \(array.rank) were indexed"
        )
      }
      throw indexError(
        """
        boolean index did not match indexed array along axis \(axis + i); size of axis is \
        \(shape[axis + i]) but size of corresponding boolean axis is \(extent)
        """)
    }
    if array.rank == 0 {
      // A Boolean scalar adds an axis of extent 0 or 1.
      result.append(.none)
      throw Host.unsupportedNumpy("indexing with a Boolean scalar")
    }
    let mask = array.tensor.elements(as: Bool.self)
    let positions = mask.indices.filter { mask[$0] }
    for (extent, stride) in zip(array.shape.dimensions, array.shape.strides) {
      result.append(.native(NumpyArray(HostTensor(positions.map { Int64($0 / stride % extent) }))))
    }
    return array.rank
  }

  /// Indices along an axis, with negative ones counted from the end.
  private func checked(_ indices: HostTensor, _ axis: Int) throws -> HostTensor {
    let extent = shape[axis]
    let positions = try indices.elements(as: Int64.self).map { given -> Int64 in
      let position = given < 0 ? given + Int64(extent) : given
      guard position >= 0 && position < extent else {
        throw indexError("index \(given) is out of bounds for axis \(axis) with size \(extent)")
      }
      return position
    }
    return HostTensor(positions, shape: indices.shape)
  }

  /// The positions that index arrays select; `self` is the view that the other items make.
  private func gathered(_ advanced: [(axis: Int, indices: HostTensor)]) throws -> Selection {
    let common: Shape
    do {
      common = try broadcastShapes(advanced.map(\.indices.shape))
    } catch {
      let shapes = advanced.map { shapeText($0.indices.shape) }.joined(separator: " ")
      throw indexError(
        "shape mismatch: indexing arrays could not be broadcast together with shapes \(shapes) ")
    }
    var bases = [Int](repeating: offset, count: common.count)
    for (axis, indices) in advanced {
      let positions = try broadcast(indices, to: common).elements(as: Int64.self)
      for i in bases.indices { bases[i] += Int(positions[i]) * strides[axis] }
    }
    // The axes of the index arrays stay in place if they are neighbours, else they come first.
    let axes = advanced.map(\.axis)
    let first = axes[0]
    let areNeighbours = axes == Array(first..<(first + axes.count))
    let others = (0..<rank).filter { !axes.contains($0) }
    let before = areNeighbours ? others.filter { $0 < first } : []
    let after = others.filter { !before.contains($0) }
    func offsets(_ axes: [Int]) -> [Int] {
      view(shape: Shape(axes.map { shape[$0] }), strides: axes.map { strides[$0] }, offset: 0)
        .positions
    }
    let (outer, inner) = (offsets(before), offsets(after))
    var positions: [Int] = []
    positions.reserveCapacity(outer.count * bases.count * inner.count)
    for a in outer { for b in bases { for c in inner { positions.append(a + b + c) } } }
    return .positions(
      positions,
      Shape(before.map { shape[$0] } + common.dimensions + after.map { shape[$0] }))
  }
}
