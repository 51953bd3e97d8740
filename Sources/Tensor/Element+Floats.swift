extension Double: WideElement {
  public static var elementType: ElementType { .f64 }
  public init(wide value: Int64) { self.init(value) }
  public init(wide value: UInt64) { self.init(value) }
  public init(wide value: Double) { self = value }
  public func narrowed<T: TensorElement>(to type: T.Type) -> T { T(wide: self) }
  public static func narrow<T: TensorElement>(
    _ wide: UnsafePointer<Double>, count: Int, to type: T.Type, into target: UnsafeMutableRawPointer
  ) {
    T.narrow(wide, count: count, into: target)
  }
  public var scalar: Scalar { .float(self) }
}

extension Float: TensorElement {
  public static var elementType: ElementType { .f32 }
  public var wide: Double { Double(self) }
  public init(wide value: Int64) { self.init(value) }
  public init(wide value: UInt64) { self.init(value) }
  public init(wide value: Double) { self.init(value) }
}

// Types narrower than `f32` are rounded twice, first to `f32`, as XLA does.

extension Float16: TensorElement {
  public static var elementType: ElementType { .f16 }
  public var wide: Double { Double(self) }
  public init(wide value: Int64) { self.init(Float(value)) }
  public init(wide value: UInt64) { self.init(Float(value)) }
  public init(wide value: Double) { self.init(Float(value)) }
}

/// The upper half of a `Float`.
public struct BFloat16: TensorElement {
  public var bitPattern: UInt16

  public init(bitPattern: UInt16) { self.bitPattern = bitPattern }

  /// The nearest value, ties to even; every NaN stays one.
  public init(_ value: Float) {
    let bits = value.bitPattern
    if value.isNaN {
      bitPattern = UInt16(bits >> 16) | 0x40
    } else {
      bitPattern = UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16)
    }
  }

  public var float: Float { Float(bitPattern: UInt32(bitPattern) << 16) }

  public static var elementType: ElementType { .bf16 }
  public var wide: Double { Double(float) }
  public init(wide value: Int64) { self.init(Float(value)) }
  public init(wide value: UInt64) { self.init(Float(value)) }
  public init(wide value: Double) { self.init(Float(value)) }
}

/// Names one of the floating types of at most 8 bits.
public protocol MinifloatKind: Hashable, Sendable {
  static var elementType: ElementType { get }
  /// The value of each bit pattern.
  static var values: [Double] { get }
}

public enum F4E2M1FN: MinifloatKind {
  public static let elementType = ElementType.f4E2M1FN
  public static let values = decoded(elementType)
}

public enum F6E2M3FN: MinifloatKind {
  public static let elementType = ElementType.f6E2M3FN
  public static let values = decoded(elementType)
}

public enum F6E3M2FN: MinifloatKind {
  public static let elementType = ElementType.f6E3M2FN
  public static let values = decoded(elementType)
}

public enum F8E3M4: MinifloatKind {
  public static let elementType = ElementType.f8E3M4
  public static let values = decoded(elementType)
}

public enum F8E4M3: MinifloatKind {
  public static let elementType = ElementType.f8E4M3
  public static let values = decoded(elementType)
}

public enum F8E4M3FN: MinifloatKind {
  public static let elementType = ElementType.f8E4M3FN
  public static let values = decoded(elementType)
}

public enum F8E4M3FNUZ: MinifloatKind {
  public static let elementType = ElementType.f8E4M3FNUZ
  public static let values = decoded(elementType)
}

public enum F8E4M3B11FNUZ: MinifloatKind {
  public static let elementType = ElementType.f8E4M3B11FNUZ
  public static let values = decoded(elementType)
}

public enum F8E5M2: MinifloatKind {
  public static let elementType = ElementType.f8E5M2
  public static let values = decoded(elementType)
}

public enum F8E5M2FNUZ: MinifloatKind {
  public static let elementType = ElementType.f8E5M2FNUZ
  public static let values = decoded(elementType)
}

public enum F8E8M0FNU: MinifloatKind {
  public static let elementType = ElementType.f8E8M0FNU
  public static let values = decoded(elementType)
}

private func decoded(_ type: ElementType) -> [Double] {
  guard let format = type.floatFormat else { return [] }
  return (0..<256).map { format.decode($0) }
}

/// A floating-point number of at most 8 bits, in the low bits of a byte.
public struct Minifloat<Kind: MinifloatKind>: TensorElement {
  public var bitPattern: UInt8

  public init(bitPattern: UInt8) { self.bitPattern = bitPattern }

  public static var elementType: ElementType { Kind.elementType }
  public var wide: Double { Kind.values[Int(bitPattern)] }
  public init(wide value: Int64) { self.init(wide: Double(value)) }
  public init(wide value: UInt64) { self.init(wide: Double(value)) }

  public init(wide value: Double) {
    let rounded = Double(Float(value))
    bitPattern = UInt8(truncatingIfNeeded: Kind.elementType.floatFormat?.encode(rounded) ?? 0)
  }
}
