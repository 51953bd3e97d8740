import Tensor

extension Printer {
  /// The number of elements above which MLIR prints bytes.
  private static var hexLimit: Int { 100 }

  /// `dense<…>` without the type.
  func denseText(_ constant: Constant) -> String {
    if let splat = constant.splat { return "dense<" + elementText(splat, 0) + ">" }
    if constant.type.count == 0 { return "dense<>" }
    let tensor = constant.tensor
    if constant.type.count > Printer.hexLimit { return "dense<\"0x" + hexText(tensor) + "\">" }
    var text = "dense<"
    let dimensions = constant.type.dimensions
    // Brackets open and close where the positions of the inner dimensions are zero.
    var sizes: [Int] = []
    var size = 1
    for extent in dimensions.reversed() {
      size *= extent
      sizes.append(size)
    }
    for position in 0..<tensor.count {
      if position > 0 { text += ", " }
      for size in sizes where position % size == 0 { text += "[" }
      text += elementText(tensor, position)
      for size in sizes where (position + 1) % size == 0 { text += "]" }
    }
    return text + ">"
  }

  private func hexText(_ tensor: HostTensor) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    let bytes = tensor.bytes
    return String(unsafeUninitializedCapacity: bytes.count * 2) { target in
      for (index, byte) in bytes.enumerated() {
        target[index * 2] = digits[Int(byte >> 4)]
        target[index * 2 + 1] = digits[Int(byte & 15)]
      }
      return bytes.count * 2
    }
  }

  private func elementText(_ tensor: HostTensor, _ position: Int) -> String {
    switch tensor[position] {
    case .bool(let value): return "\(value)"
    case .int(let value): return "\(value)"
    case .uint(let value): return "\(value)"
    case .float(let value):
      return floatText(value, tensor.type, bits: bits(tensor, tensor.type, position))
    case .complex(let value):
      let part = tensor.type.realPart
      return "(" + floatText(value.real, part, bits: bits(tensor, part, position * 2)) + ","
        + floatText(value.imaginary, part, bits: bits(tensor, part, position * 2 + 1)) + ")"
    }
  }

  /// The pattern of the `index`-th element of `part`.
  private func bits(_ tensor: HostTensor, _ part: ElementType, _ index: Int) -> UInt64 {
    let address = tensor.buffer.address
    switch part.byteCount {
    case 1: return UInt64(address.load(fromByteOffset: index, as: UInt8.self))
    case 2: return UInt64(address.load(fromByteOffset: index * 2, as: UInt16.self))
    case 4: return UInt64(address.load(fromByteOffset: index * 4, as: UInt32.self))
    default: return address.load(fromByteOffset: index * 8, as: UInt64.self)
    }
  }
}
