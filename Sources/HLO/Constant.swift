import Glibc
import Tensor

/// The value of a `constant` operation. Equal elements are stored once (a *splat*).
public struct Constant: Hashable, Sendable {
  public let type: TensorType
  /// All elements, or the first one where all are equal.
  private let elements: HostTensor

  /// The elements of `tensor`; equal elements are noticed.
  public init(_ tensor: HostTensor) {
    type = TensorType(tensor.shape, tensor.type)
    let size = tensor.type.byteCount
    let count = tensor.shape.count
    let bytes = tensor.buffer.address
    // All elements are equal iff the bytes equal themselves shifted by one element.
    if count > 1, memcmp(bytes, bytes + size, (count - 1) * size) == 0 {
      let one = Buffer(byteCount: size)
      one.address.copyMemory(from: bytes, byteCount: size)
      elements = HostTensor(type: tensor.type, shape: .scalar, buffer: one)
    } else {
      elements = tensor
    }
  }

  /// Every element is the single element of `scalar`.
  public init(splat scalar: HostTensor, shape: Shape) {
    type = TensorType(shape, scalar.type)
    elements = scalar
  }

  /// `true` iff all elements are equal, as written: an array without elements may be a splat.
  public var isSplat: Bool { elements.shape.count == 1 }

  /// The element that all elements equal, as a scalar.
  public var splat: HostTensor? {
    isSplat ? HostTensor(type: type.element, shape: .scalar, buffer: elements.buffer) : nil
  }

  /// All elements; a splat is expanded.
  public var tensor: HostTensor {
    let count = type.count
    if elements.shape.count == count {
      return HostTensor(type: type.element, shape: type.shape, buffer: elements.buffer)
    }
    let size = type.element.byteCount
    let buffer = Buffer(byteCount: count * size)
    for index in 0..<count {
      (buffer.address + index * size).copyMemory(from: elements.buffer.address, byteCount: size)
    }
    return HostTensor(type: type.element, shape: type.shape, buffer: buffer)
  }

  /// The stored bytes: of one element for a splat, else of all.
  public var storedBytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(
      start: elements.buffer.address,
      count: elements.shape.count * type.element.byteCount)
  }

  public static func == (a: Constant, b: Constant) -> Bool {
    a.type == b.type && a.elements.shape.count == b.elements.shape.count
      && memcmp(a.elements.buffer.address, b.elements.buffer.address, a.storedBytes.count) == 0
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(type)
    hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: storedBytes.prefix(64)))
  }
}
