import Tensor

extension ScalarBits {
  /// The value as text: exact for every type, NaN as its bits.
  func text(of type: ElementType) -> String {
    switch type.kind {
    case .bool: return real == 0 ? "false" : "true"
    case .signed: return "\(Int64(bitPattern: real))"
    case .unsigned: return "\(real)"
    case .float: return Self.text(real, type)
    case .complex:
      return "(\(Self.text(real, type.realPart)), \(Self.text(imaginary, type.realPart)))"
    case .float0, .key: return Self.hexadecimal(real)
    }
  }

  private static func text(_ bits: UInt64, _ type: ElementType) -> String {
    let value = ScalarBits(bits).scalar(of: type).double
    if value.isNaN || value.isInfinite { return hexadecimal(bits) }
    // The shortest text that reads back as the same bits.
    return type == .f64 ? "\(value)" : "\(Float(value))"
  }

  private static func hexadecimal(_ bits: UInt64) -> String {
    "0x" + String(bits, radix: 16, uppercase: true)
  }
}
