extension HostTensor {
  /// The number of elements.
  public var count: Int { shape.count }

  /// The number of bytes that the elements take.
  public var byteCount: Int { count * type.byteCount }

  /// The elements as bytes; valid as long as the array is.
  public var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: buffer.address, count: byteCount)
  }

  /// Calls `body` with the elements in row-major order.
  /// - Precondition: the array's element type is that of `T`.
  public func withElements<T: TensorElement, R>(
    of type: T.Type, _ body: (UnsafeBufferPointer<T>) throws -> R
  ) rethrows -> R {
    precondition(self.type == T.elementType, "\(self.type) elements read as \(T.elementType)")
    return try body(
      UnsafeBufferPointer(start: buffer.address.assumingMemoryBound(to: T.self), count: count))
  }

  /// The elements in row-major order, converted to `T` as JAX converts.
  public func elements<T: TensorElement>(as _: T.Type) -> [T] {
    converted(to: T.elementType).withElements(of: T.self) { Array($0) }
  }

  /// The element at a row-major position, widened.
  public subscript(position: Int) -> Scalar {
    precondition(position >= 0 && position < count, "position out of range")
    if type == .bool { return .bool(bytes[position] != 0) }
    let representation = type.representation
    return element(of: representation, at: position)
  }

  private func element<T: TensorElement>(of _: T.Type, at position: Int) -> Scalar {
    buffer.address.assumingMemoryBound(to: T.self)[position].wide.scalar
  }

  /// The only element; `nil` unless there is exactly one.
  public var item: Scalar? { count == 1 ? self[0] : nil }

  /// `true` iff type, shape and every bit agree.
  public func isIdentical(to other: HostTensor) -> Bool {
    type == other.type && shape == other.shape && bytes.elementsEqual(other.bytes)
  }
}
