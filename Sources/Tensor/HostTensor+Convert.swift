extension HostTensor {
  /// The same values as elements of another type, as JAX and XLA convert: integers wrap, floats
  /// truncate towards zero and saturate (NaN becomes 0) on the way to integers, and round to
  /// nearest even on the way to other floats; complex numbers lose their imaginary part; anything
  /// but zero is true.
  public func converted(to target: ElementType) -> HostTensor {
    if target == type { return self }
    let source = type.representation
    return HostTensor(type: target, shape: shape) {
      convert(source, to: target.representation, into: $0)
    }
  }

  private func convert<S: TensorElement, T: TensorElement>(
    _: S.Type, to _: T.Type, into address: UnsafeMutableRawPointer
  ) {
    let count = count
    let (sourceSize, targetSize) = (S.elementType.byteCount, T.elementType.byteCount)
    // Block by block, so that the widened elements stay in cache.
    withUnsafeTemporaryAllocation(of: S.Wide.self, capacity: 512) { block in
      guard let wide = block.baseAddress else { return }
      var start = 0
      while start < count {
        let length = min(512, count - start)
        S.widen(buffer.address + start * sourceSize, count: length, into: wide)
        S.Wide.narrow(wide, count: length, to: T.self, into: address + start * targetSize)
        start += length
      }
    }
  }

  /// The same bits as elements of another type of the same width.
  ///
  /// Where the widths differ, the last axis shrinks or grows, or appears or vanishes, as in
  /// StableHLO's `bitcast_convert`. `nil` where the bits do not come out even.
  public func bitcast(to target: ElementType) -> HostTensor? {
    let (from, to) = (type.byteCount, target.byteCount)
    guard from > 0, to > 0 else { return nil }
    var dimensions = shape.dimensions
    if from > to {
      dimensions.append(from / to)
    } else if from < to {
      guard dimensions.last == to / from else { return nil }
      dimensions.removeLast()
    }
    return HostTensor(type: target, shape: Shape(dimensions), buffer: buffer)
  }
}
