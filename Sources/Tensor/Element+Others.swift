/// A complex number in Cartesian form.
public struct Complex<Part: BinaryFloatingPoint & Sendable & BitwiseCopyable>: Hashable, Sendable,
  BitwiseCopyable
{
  public var real: Part
  public var imaginary: Part

  public init(_ real: Part, _ imaginary: Part = 0) {
    self.real = real
    self.imaginary = imaginary
  }
}

extension Complex: TensorElement {
  public static var elementType: ElementType { Part.self == Float.self ? .c64 : .c128 }
  public var wide: Complex<Double> { Complex<Double>(Double(real), Double(imaginary)) }
  public init(wide value: Int64) { self.init(Part(value)) }
  public init(wide value: UInt64) { self.init(Part(value)) }
  public init(wide value: Double) { self.init(Part(value)) }
  public init(wide value: Complex<Double>) { self.init(Part(value.real), Part(value.imaginary)) }
}

extension Complex: WideElement where Part == Double {
  public var wide: Complex<Double> { self }
  public func narrowed<T: TensorElement>(to type: T.Type) -> T { T(wide: self) }
  public static func narrow<T: TensorElement>(
    _ wide: UnsafePointer<Complex<Double>>, count: Int, to type: T.Type,
    into target: UnsafeMutableRawPointer
  ) {
    T.narrow(wide, count: count, into: target)
  }
  public var scalar: Scalar { .complex(self) }
}

/// JAX's `float0`: no value. Conversion to and from it is of no use and gives zeros.
public struct Float0: TensorElement {
  public init() {}
  public static var elementType: ElementType { .float0 }
  public var wide: Int64 { 0 }
  public init(wide value: Int64) {}
  public init(wide value: UInt64) {}
  public init(wide value: Double) {}
}

/// The two words of a key of JAX's default generator.
public struct KeyData: TensorElement {
  public var high: UInt32
  public var low: UInt32

  public init(high: UInt32, low: UInt32) {
    self.high = high
    self.low = low
  }

  public static var elementType: ElementType { .key }
  public var wide: UInt64 { UInt64(high) << 32 | UInt64(low) }
  public init(wide value: Int64) { self.init(wide: UInt64(bitPattern: value)) }
  public init(wide value: UInt64) {
    self.init(high: UInt32(truncatingIfNeeded: value >> 32), low: UInt32(truncatingIfNeeded: value))
  }
  public init(wide value: Double) { self.init(wide: UInt64(wide: value)) }
}
