import Tensor

/// The common type of two NumPy types.
func numpyPromote(_ a: ElementType, _ b: ElementType) -> ElementType {
  if a == b { return a }
  switch (a.kind, b.kind) {
  case (.bool, _): return b
  case (_, .bool): return a
  case (.signed, .signed), (.unsigned, .unsigned): return a.bitWidth >= b.bitWidth ? a : b
  case (.signed, .unsigned): return mixed(signed: a, unsigned: b)
  case (.unsigned, .signed): return mixed(signed: b, unsigned: a)
  case (.complex, _), (_, .complex):
    return numpyPromote(inexact(a.realPart), inexact(b.realPart)).complexType
  case (.float, .float):
    if a.bitWidth == b.bitWidth { return .f32 }
    return a.bitWidth > b.bitWidth ? a : b
  case (.float, .signed), (.float, .unsigned): return numpyPromote(a, inexact(b))
  case (.signed, .float), (.unsigned, .float): return numpyPromote(inexact(a), b)
  case (.float0, _), (_, .float0), (.key, _), (_, .key): return a
  }
}

private func mixed(signed: ElementType, unsigned: ElementType) -> ElementType {
  if signed.bitWidth > unsigned.bitWidth { return signed }
  return ElementType.integer(bits: unsigned.bitWidth * 2, signed: true) ?? .f64
}

/// The floating type that functions such as `sin` give for operands of `type`.
func inexact(_ type: ElementType) -> ElementType {
  switch type.kind {
  case .bool: return .f16
  case .signed, .unsigned:
    return type.bitWidth <= 8 ? .f16 : type.bitWidth <= 16 ? .f32 : .f64
  case .float, .complex, .float0, .key: return type
  }
}

/// The common type of operands: Python numbers only decide the kind.
func numpyResultType(_ operands: [NumpyOperand]) -> ElementType {
  let strong = operands.filter { !$0.isWeak }.map(\.tensor.type)
  let weak = operands.filter(\.isWeak).map(\.tensor.type)
  guard var type = strong.first else {
    return weak.dropFirst().reduce(weak.first ?? .f64, numpyPromote)
  }
  type = strong.dropFirst().reduce(type, numpyPromote)
  for scalar in weak {
    switch (scalar.kind, type.kind) {
    case (.signed, .bool), (.unsigned, .bool): type = .i64
    case (.float, .bool), (.float, .signed), (.float, .unsigned): type = .f64
    case (.complex, .bool), (.complex, .signed), (.complex, .unsigned): type = .c128
    case (.complex, .float): type = type.complexType
    default: break
    }
  }
  return type
}

/// Whether the results of an operation in place may be stored: the kind must not get narrower.
func numpyCanCast(_ type: ElementType, to target: ElementType) -> Bool {
  func order(_ type: ElementType) -> Int {
    switch type.kind {
    case .bool: 0
    case .unsigned: 1
    case .signed: 2
    case .float: 3
    case .complex: 4
    case .float0, .key: 5
    }
  }
  return order(type) <= order(target) || type.isUnsigned && target.isSigned
}

/// The elements as another type, as NumPy converts: floats wrap on their way to integers.
func numpyCast(_ tensor: HostTensor, to type: ElementType) -> HostTensor {
  if tensor.type == type { return tensor }
  if type == .bool && tensor.type.isComplex {
    return HostTensor(
      tensor.elements(as: Complex<Double>.self).map { $0.real != 0 || $0.imaginary != 0 },
      shape: tensor.shape)
  }
  if tensor.type.isFloat && type.isInteger && type.bitWidth < 64 {
    return tensor.converted(to: .i64).converted(to: type)
  }
  return tensor.converted(to: type)
}
