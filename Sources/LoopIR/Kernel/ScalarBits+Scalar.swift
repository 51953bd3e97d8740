import Tensor

extension ScalarBits {
  /// The bits of `scalar` as an element of `type`.
  public init(_ scalar: Scalar, type: ElementType) {
    let tensor = HostTensor(scalar, type: type)
    self = withExtendedLifetime(tensor) { ScalarBits(bytes: tensor.bytes, type: type) }
  }

  /// The bits of one element as it lies in host memory; signed integers are extended to 64 bits.
  public init(bytes: UnsafeRawBufferPointer, type: ElementType) {
    func word(_ range: Range<Int>) -> UInt64 {
      range.reversed().reduce(0) { $0 << 8 | UInt64(bytes[$1]) }
    }
    let size = type.byteCount
    if type.isComplex {
      self.init(word(0..<size / 2), imaginary: word(size / 2..<size))
    } else {
      let bits = word(0..<size)
      let shift = UInt64(64 - 8 * size)
      self.init(
        type.isSigned && size > 0
          ? UInt64(bitPattern: Int64(bitPattern: bits << shift) >> Int64(shift)) : bits)
    }
  }

  /// The element as it lies in host memory.
  public func bytes(of type: ElementType) -> [UInt8] {
    let size = type.isComplex ? type.byteCount / 2 : type.byteCount
    func bytes(_ word: UInt64) -> [UInt8] {
      (0..<size).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * $0)) }
    }
    return type.isComplex ? bytes(real) + bytes(imaginary) : bytes(real)
  }

  /// The value.
  public func scalar(of type: ElementType) -> Scalar {
    bytes(of: type).withUnsafeBytes { HostTensor(type: type, shape: .scalar, bytes: $0)[0] }
  }
}

extension KernelBuilder {
  /// `scalar` as a constant of `type`.
  public func constant(_ scalar: Scalar, _ type: ElementType) -> ValueID {
    constant(type, ScalarBits(scalar, type: type))
  }
}
