extension TensorElement where Self: FixedWidthInteger {
  /// Truncated towards zero and saturated; NaN is 0.
  init(saturating value: Double) {
    if value.isNaN {
      self = 0
    } else if value <= Double(Self.min) {
      self = .min
    } else if value >= Double(Self.max) {
      self = .max
    } else {
      self.init(value)
    }
  }
}

extension Int8: TensorElement {
  public static var elementType: ElementType { .i8 }
  public var wide: Int64 { Int64(self) }
  public init(wide value: Int64) { self.init(truncatingIfNeeded: value) }
  public init(wide value: UInt64) { self.init(truncatingIfNeeded: value) }
  public init(wide value: Double) { self.init(saturating: value) }
}

extension Int16: TensorElement {
  public static var elementType: ElementType { .i16 }
  public var wide: Int64 { Int64(self) }
  public init(wide value: Int64) { self.init(truncatingIfNeeded: value) }
  public init(wide value: UInt64) { self.init(truncatingIfNeeded: value) }
  public init(wide value: Double) { self.init(saturating: value) }
}

extension Int32: TensorElement {
  public static var elementType: ElementType { .i32 }
  public var wide: Int64 { Int64(self) }
  public init(wide value: Int64) { self.init(truncatingIfNeeded: value) }
  public init(wide value: UInt64) { self.init(truncatingIfNeeded: value) }
  public init(wide value: Double) { self.init(saturating: value) }
}

extension Int64: WideElement {
  public static var elementType: ElementType { .i64 }
  public init(wide value: Int64) { self = value }
  public init(wide value: UInt64) { self.init(bitPattern: value) }
  public init(wide value: Double) { self.init(saturating: value) }
  public func narrowed<T: TensorElement>(to type: T.Type) -> T { T(wide: self) }
  public static func narrow<T: TensorElement>(
    _ wide: UnsafePointer<Int64>, count: Int, to type: T.Type, into target: UnsafeMutableRawPointer
  ) {
    T.narrow(wide, count: count, into: target)
  }
  public var scalar: Scalar { .int(self) }
}

extension UInt8: TensorElement {
  public static var elementType: ElementType { .u8 }
  public var wide: Int64 { Int64(self) }
  public init(wide value: Int64) { self.init(truncatingIfNeeded: value) }
  public init(wide value: UInt64) { self.init(truncatingIfNeeded: value) }
  public init(wide value: Double) { self.init(saturating: value) }
}

extension UInt16: TensorElement {
  public static var elementType: ElementType { .u16 }
  public var wide: Int64 { Int64(self) }
  public init(wide value: Int64) { self.init(truncatingIfNeeded: value) }
  public init(wide value: UInt64) { self.init(truncatingIfNeeded: value) }
  public init(wide value: Double) { self.init(saturating: value) }
}

extension UInt32: TensorElement {
  public static var elementType: ElementType { .u32 }
  public var wide: Int64 { Int64(self) }
  public init(wide value: Int64) { self.init(truncatingIfNeeded: value) }
  public init(wide value: UInt64) { self.init(truncatingIfNeeded: value) }
  public init(wide value: Double) { self.init(saturating: value) }
}

extension UInt64: WideElement {
  public static var elementType: ElementType { .u64 }
  public init(wide value: Int64) { self.init(bitPattern: value) }
  public init(wide value: UInt64) { self = value }
  public init(wide value: Double) { self.init(saturating: value) }
  public func narrowed<T: TensorElement>(to type: T.Type) -> T { T(wide: self) }
  public static func narrow<T: TensorElement>(
    _ wide: UnsafePointer<UInt64>, count: Int, to type: T.Type, into target: UnsafeMutableRawPointer
  ) {
    T.narrow(wide, count: count, into: target)
  }
  public var scalar: Scalar { .uint(self) }
}

extension Bool: TensorElement {
  public static var elementType: ElementType { .bool }
  public var wide: Int64 { self ? 1 : 0 }
  public init(wide value: Int64) { self = value != 0 }
  public init(wide value: UInt64) { self = value != 0 }
  public init(wide value: Double) { self = value != 0 }
}

/// An integer below 8 bits, sign-extended or zero-extended to a byte.
protocol NarrowInteger: TensorElement {
  static var bits: Int8 { get }
  static var isSigned: Bool { get }
  init(storage: Int8)
  var storage: Int8 { get }
}

extension NarrowInteger {
  public var wide: Int64 { Int64(storage) }

  public init(wide value: Int64) {
    let unused = 8 - Self.bits
    let shifted = Int8(truncatingIfNeeded: value) << unused
    self.init(
      storage: Self.isSigned
        ? shifted >> unused : Int8(bitPattern: UInt8(bitPattern: shifted) >> UInt8(unused)))
  }

  public init(wide value: UInt64) { self.init(wide: Int64(bitPattern: value)) }

  public init(wide value: Double) {
    let lowest: Int64 = Self.isSigned ? -1 << Int64(Self.bits - 1) : 0
    let highest: Int64 = 1 << Int64(Self.isSigned ? Self.bits - 1 : Self.bits) - 1
    self.init(wide: min(max(Int64(wide: value), lowest), highest))
  }
}

public struct Int2: NarrowInteger {
  static let bits: Int8 = 2
  static let isSigned = true
  public static var elementType: ElementType { .i2 }
  let storage: Int8
}

public struct Int4: NarrowInteger {
  static let bits: Int8 = 4
  static let isSigned = true
  public static var elementType: ElementType { .i4 }
  let storage: Int8
}

public struct UInt2: NarrowInteger {
  static let bits: Int8 = 2
  static let isSigned = false
  public static var elementType: ElementType { .u2 }
  let storage: Int8
}

public struct UInt4: NarrowInteger {
  static let bits: Int8 = 4
  static let isSigned = false
  public static var elementType: ElementType { .u4 }
  let storage: Int8
}
