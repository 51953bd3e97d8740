import Tensor

/// `{{1, 2}, {3, 4}}`, or just a number for a scalar.
func xlaLiteral(_ tensor: HostTensor, _ dimensions: [Int]) -> String {
  if tensor.count == 0 { return withoutElements(dimensions[...]) }
  // The numbers of elements inside the braces that open or close at a position.
  var sizes: [Int] = []
  var size = 1
  for extent in dimensions.reversed() {
    size *= extent
    sizes.append(size)
  }
  var text = ""
  for position in 0..<tensor.count {
    if position > 0 { text += ", " }
    for size in sizes where position % size == 0 { text += "{" }
    text += number(tensor[position], tensor.type)
    for size in sizes where (position + 1) % size == 0 { text += "}" }
  }
  return text
}

/// Braces down to the dimension that has no elements.
private func withoutElements(_ dimensions: ArraySlice<Int>) -> String {
  guard let first = dimensions.first, first > 0 else { return "{}" }
  let inner = withoutElements(dimensions.dropFirst())
  return "{" + [String](repeating: inner, count: first).joined(separator: ", ") + "}"
}

private func number(_ scalar: Scalar, _ type: ElementType) -> String {
  func real(_ value: Double) -> String {
    if value.isNaN { return value.sign == .minus ? "-nan" : "nan" }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    let text = type == .f64 || type == .c128 ? "\(value)" : "\(Float(value))"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
  return switch scalar {
  case .bool(let value): value ? "true" : "false"
  case .int(let value): "\(value)"
  case .uint(let value): "\(value)"
  case .float(let value): real(value)
  case .complex(let value): "(\(real(value.real)), \(real(value.imaginary)))"
  }
}
