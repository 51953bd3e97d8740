/// A Swift type that holds one element of an array, in exactly the bytes of host memory.
///
/// Conversion between element types goes through the widest type of each kind (`Wide`), so that
/// each type states only how it widens and how it narrows.
public protocol TensorElement: Hashable, Sendable, BitwiseCopyable {
  /// The widest type of the same kind; widening is exact.
  associatedtype Wide: WideElement

  static var elementType: ElementType { get }

  var wide: Wide { get }
  /// The low bits of an integer, or the nearest floating-point number.
  init(wide value: Int64)
  init(wide value: UInt64)
  /// The nearest floating-point number, or the saturated integer towards zero (NaN becomes 0).
  init(wide value: Double)
  /// As from the real part, unless the type is complex.
  init(wide value: Complex<Double>)

  static func widen(_ source: UnsafeRawPointer, count: Int, into wide: UnsafeMutablePointer<Wide>)
  static func narrow(_ wide: UnsafePointer<Int64>, count: Int, into: UnsafeMutableRawPointer)
  static func narrow(_ wide: UnsafePointer<UInt64>, count: Int, into: UnsafeMutableRawPointer)
  static func narrow(_ wide: UnsafePointer<Double>, count: Int, into: UnsafeMutableRawPointer)
  static func narrow(
    _ wide: UnsafePointer<Complex<Double>>, count: Int, into: UnsafeMutableRawPointer)
}

/// `Int64`, `UInt64`, `Double` or `Complex<Double>`.
public protocol WideElement: TensorElement where Wide == Self {
  /// The value as an element of any type.
  func narrowed<T: TensorElement>(to type: T.Type) -> T
  static func narrow<T: TensorElement>(
    _ wide: UnsafePointer<Self>, count: Int, to type: T.Type, into target: UnsafeMutableRawPointer)
  var scalar: Scalar { get }
}

extension TensorElement {
  public init(wide value: Complex<Double>) { self.init(wide: value.real) }

  public static func widen(
    _ source: UnsafeRawPointer, count: Int, into wide: UnsafeMutablePointer<Wide>
  ) {
    let source = source.assumingMemoryBound(to: Self.self)
    for i in 0..<count { wide[i] = source[i].wide }
  }

  public static func narrow(
    _ wide: UnsafePointer<Int64>, count: Int, into target: UnsafeMutableRawPointer
  ) {
    let target = target.assumingMemoryBound(to: Self.self)
    for i in 0..<count { target[i] = Self(wide: wide[i]) }
  }

  public static func narrow(
    _ wide: UnsafePointer<UInt64>, count: Int, into target: UnsafeMutableRawPointer
  ) {
    let target = target.assumingMemoryBound(to: Self.self)
    for i in 0..<count { target[i] = Self(wide: wide[i]) }
  }

  public static func narrow(
    _ wide: UnsafePointer<Double>, count: Int, into target: UnsafeMutableRawPointer
  ) {
    let target = target.assumingMemoryBound(to: Self.self)
    for i in 0..<count { target[i] = Self(wide: wide[i]) }
  }

  public static func narrow(
    _ wide: UnsafePointer<Complex<Double>>, count: Int, into target: UnsafeMutableRawPointer
  ) {
    let target = target.assumingMemoryBound(to: Self.self)
    for i in 0..<count { target[i] = Self(wide: wide[i]) }
  }
}

extension WideElement {
  public var wide: Self { self }
}

extension ElementType {
  /// The Swift type that holds an element.
  public var representation: any TensorElement.Type {
    switch self {
    case .bool: Bool.self
    case .i2: Int2.self
    case .i4: Int4.self
    case .i8: Int8.self
    case .i16: Int16.self
    case .i32: Int32.self
    case .i64: Int64.self
    case .u2: UInt2.self
    case .u4: UInt4.self
    case .u8: UInt8.self
    case .u16: UInt16.self
    case .u32: UInt32.self
    case .u64: UInt64.self
    case .f4E2M1FN: Minifloat<F4E2M1FN>.self
    case .f6E2M3FN: Minifloat<F6E2M3FN>.self
    case .f6E3M2FN: Minifloat<F6E3M2FN>.self
    case .f8E3M4: Minifloat<F8E3M4>.self
    case .f8E4M3: Minifloat<F8E4M3>.self
    case .f8E4M3FN: Minifloat<F8E4M3FN>.self
    case .f8E4M3FNUZ: Minifloat<F8E4M3FNUZ>.self
    case .f8E4M3B11FNUZ: Minifloat<F8E4M3B11FNUZ>.self
    case .f8E5M2: Minifloat<F8E5M2>.self
    case .f8E5M2FNUZ: Minifloat<F8E5M2FNUZ>.self
    case .f8E8M0FNU: Minifloat<F8E8M0FNU>.self
    case .bf16: BFloat16.self
    case .f16: Float16.self
    case .f32: Float.self
    case .f64: Double.self
    case .c64: Complex<Float>.self
    case .c128: Complex<Double>.self
    case .float0: Float0.self
    case .key: KeyData.self
    }
  }
}

/// One element of any type, widened.
public enum Scalar: Hashable, Sendable {
  case bool(Bool)
  case int(Int64)
  case uint(UInt64)
  case float(Double)
  case complex(Complex<Double>)

  /// The value as an element of the given Swift type.
  public func converted<T: TensorElement>(to type: T.Type) -> T {
    switch self {
    case .bool(let value): T(wide: Int64(value ? 1 : 0))
    case .int(let value): T(wide: value)
    case .uint(let value): T(wide: value)
    case .float(let value): T(wide: value)
    case .complex(let value): T(wide: value)
    }
  }

  /// The nearest `Double`, of the real part where the value is complex.
  public var double: Double { converted(to: Double.self) }

  /// The value as an integer, saturated and truncated.
  public var int: Int { Int(converted(to: Int64.self)) }

  /// Python's truth: whether the value differs from zero.
  public var isTrue: Bool {
    switch self {
    case .bool(let value): value
    case .int(let value): value != 0
    case .uint(let value): value != 0
    case .float(let value): value != 0
    case .complex(let value): value.real != 0 || value.imaginary != 0
    }
  }
}
