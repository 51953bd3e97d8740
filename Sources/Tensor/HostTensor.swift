/// A dense row-major array in host memory.
///
/// One element takes `type.byteCount` bytes; Booleans take one byte, 0 or 1; types below 8 bits
/// take one byte each; complex numbers are pairs (real, imaginary).
public struct HostTensor: Sendable {
  public let type: ElementType
  public let shape: Shape
  public let buffer: Buffer

  /// Wraps `buffer`, which holds at least `shape.count` elements.
  public init(type: ElementType, shape: Shape, buffer: Buffer) {
    self.type = type
    self.shape = shape
    self.buffer = buffer
  }
}
