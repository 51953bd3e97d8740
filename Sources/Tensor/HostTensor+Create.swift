extension HostTensor {
  /// An array whose elements are undefined until `initialize` has written all of them.
  public init(
    type: ElementType, shape: Shape, initialize: (UnsafeMutableRawPointer) throws -> Void
  ) rethrows {
    let buffer = Buffer(byteCount: shape.count * type.byteCount)
    try initialize(buffer.address)
    self.init(type: type, shape: shape, buffer: buffer)
  }

  /// The elements in row-major order.
  /// - Precondition: there are as many elements as `shape` says.
  public init<T: TensorElement>(_ elements: [T], shape: Shape) {
    precondition(elements.count == shape.count, "\(elements.count) elements for shape \(shape)")
    self.init(type: T.elementType, shape: shape) { target in
      elements.withUnsafeBytes {
        target.copyMemory(from: $0.baseAddress!, byteCount: $0.count)
      }
    }
  }

  /// A vector.
  public init<T: TensorElement>(_ elements: [T]) {
    self.init(elements, shape: [elements.count])
  }

  /// An array of rank 0.
  public init<T: TensorElement>(scalar value: T) { self.init([value], shape: .scalar) }

  /// An array of rank 0 of the given type; the value is converted as JAX converts.
  public init(_ value: Scalar, type: ElementType) {
    self.init(type: type, shape: .scalar, filledWith: value)
  }

  /// All elements equal to `value`, converted to `type` as JAX converts.
  public init(type: ElementType, shape: Shape, filledWith value: Scalar) {
    self.init(type: type, shape: shape) { target in
      func fill<T: TensorElement>(_: T.Type) {
        target.initializeMemory(
          as: T.self, repeating: value.converted(to: T.self), count: shape.count)
      }
      if type != .float0 { fill(type.representation) }
    }
  }

  public static func zeros(_ type: ElementType, _ shape: Shape) -> HostTensor {
    HostTensor(type: type, shape: shape) {
      $0.initializeMemory(as: UInt8.self, repeating: 0, count: shape.count * type.byteCount)
    }
  }

  /// `0, 1, …` along `dimension`, constant along the others.
  public static func iota(_ type: ElementType, _ shape: Shape, dimension: Int) -> HostTensor {
    let line = HostTensor((0..<shape[dimension]).map { Int64($0) }).converted(to: type)
    var strides = [Int](repeating: 0, count: shape.rank)
    strides[dimension] = 1
    return line.strided(shape: shape, strides: strides)
  }

  /// The given bytes, in the layout of host memory.
  /// - Precondition: there are as many bytes as the elements take.
  public init(type: ElementType, shape: Shape, bytes: UnsafeRawBufferPointer) {
    precondition(bytes.count == shape.count * type.byteCount)
    self.init(type: type, shape: shape) { target in
      if let source = bytes.baseAddress {
        target.copyMemory(from: source, byteCount: bytes.count)
      }
    }
  }
}
