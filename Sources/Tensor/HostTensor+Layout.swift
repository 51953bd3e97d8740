extension HostTensor {
  /// The same elements in the same order under another shape; shares the buffer.
  /// - Precondition: `shape` has as many elements.
  public func reshaped(_ shape: Shape) -> HostTensor {
    precondition(shape.count == count, "reshape changes the number of elements")
    return HostTensor(type: type, shape: shape, buffer: buffer)
  }

  /// A copy whose element at index `i` is the element of `self` at the row-major position
  /// `offset + Σ i[k] * strides[k]`; every layout change below is one of these.
  /// - Precondition: all of these positions exist.
  public func strided(shape: Shape, strides: [Int], offset: Int = 0) -> HostTensor {
    precondition(strides.count == shape.rank)
    return HostTensor(type: type, shape: shape) { target in
      let source = UnsafeRawPointer(buffer.address)
      switch type.byteCount {
      case 1: copyStrided(UInt8.self, source, offset, shape, strides, into: target)
      case 2: copyStrided(UInt16.self, source, offset, shape, strides, into: target)
      case 4: copyStrided(UInt32.self, source, offset, shape, strides, into: target)
      case 8: copyStrided(UInt64.self, source, offset, shape, strides, into: target)
      case 16: copyStrided(Complex<Double>.self, source, offset, shape, strides, into: target)
      default: break
      }
    }
  }

  /// Result axis `i` is axis `permutation[i]` of `self`.
  public func transposed(_ permutation: [Int]) -> HostTensor {
    let strides = shape.strides
    return strided(
      shape: Shape(permutation.map { shape[$0] }), strides: permutation.map { strides[$0] })
  }

  /// Axis `i` of `self` becomes axis `dimensions[i]` of the result; axes of extent 1 stretch.
  public func broadcast(to shape: Shape, dimensions: [Int]) -> HostTensor {
    var strides = [Int](repeating: 0, count: shape.rank)
    for (axis, stride) in self.shape.strides.enumerated() where self.shape[axis] != 1 {
      strides[dimensions[axis]] = stride
    }
    return strided(shape: shape, strides: strides)
  }

  /// Every `strides[k]`-th element of `starts[k] ..< limits[k]` along each axis `k`.
  public func sliced(starts: [Int], limits: [Int], strides: [Int]) -> HostTensor {
    let own = shape.strides
    let axes = shape.dimensions.indices
    return strided(
      shape: Shape(axes.map { max(0, (limits[$0] - starts[$0] + strides[$0] - 1) / strides[$0]) }),
      strides: axes.map { own[$0] * strides[$0] },
      offset: axes.reduce(0) { $0 + starts[$1] * own[$1] })
  }

  /// The elements along each of `dimensions` in the opposite order.
  public func reversed(_ dimensions: [Int]) -> HostTensor {
    var strides = shape.strides
    var offset = 0
    for axis in dimensions where shape[axis] > 0 {
      offset += (shape[axis] - 1) * strides[axis]
      strides[axis] = -strides[axis]
    }
    return strided(shape: shape, strides: strides, offset: offset)
  }

  /// The arrays one after the other along `axis`; they agree in everything else.
  /// - Precondition: there is at least one array.
  public static func concatenated(_ parts: [HostTensor], axis: Int) -> HostTensor {
    var shape = parts[0].shape
    shape[axis] = parts.reduce(0) { $0 + $1.shape[axis] }
    let type = parts[0].type
    let outer = shape.dimensions[..<axis].reduce(1, *)
    let inner = shape.dimensions[(axis + 1)...].reduce(1, *) * type.byteCount
    return HostTensor(type: type, shape: shape) { target in
      var target = target
      for row in 0..<outer {
        for part in parts {
          let length = part.shape[axis] * inner
          target.copyMemory(from: part.buffer.address + row * length, byteCount: length)
          target += length
        }
      }
    }
  }
}

/// Copies the strided view to consecutive elements; the innermost axis is a plain loop.
private func copyStrided<T: BitwiseCopyable>(
  _: T.Type, _ source: UnsafeRawPointer, _ offset: Int, _ shape: Shape, _ strides: [Int],
  into target: UnsafeMutableRawPointer
) {
  if shape.count == 0 { return }
  var source = source.assumingMemoryBound(to: T.self) + offset
  var target = target.assumingMemoryBound(to: T.self)
  guard let innerCount = shape.dimensions.last, let innerStride = strides.last else {
    target.pointee = source.pointee
    return
  }
  var index = [Int](repeating: 0, count: shape.rank - 1)
  while true {
    if innerStride == 1 {
      target.update(from: source, count: innerCount)
    } else {
      for i in 0..<innerCount { target[i] = source[i * innerStride] }
    }
    target += innerCount
    var axis = index.count - 1
    while axis >= 0 {
      index[axis] += 1
      source += strides[axis]
      if index[axis] < shape[axis] { break }
      source -= strides[axis] * shape[axis]
      index[axis] = 0
      axis -= 1
    }
    if axis < 0 { return }
  }
}
