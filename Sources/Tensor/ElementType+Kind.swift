extension ElementType {
  /// What arithmetic an element type has.
  public enum Kind: UInt8, Hashable, Sendable {
    case bool, signed, unsigned, float, complex
    /// No value at all: `ElementType.float0`.
    case float0
    /// Opaque: `ElementType.key`.
    case key
  }

  public var kind: Kind {
    switch self {
    case .bool: .bool
    case .i2, .i4, .i8, .i16, .i32, .i64: .signed
    case .u2, .u4, .u8, .u16, .u32, .u64: .unsigned
    case .f4E2M1FN, .f6E2M3FN, .f6E3M2FN, .f8E3M4, .f8E4M3, .f8E4M3FN, .f8E4M3FNUZ,
      .f8E4M3B11FNUZ, .f8E5M2, .f8E5M2FNUZ, .f8E8M0FNU, .bf16, .f16, .f32, .f64:
      .float
    case .c64, .c128: .complex
    case .float0: .float0
    case .key: .key
    }
  }

  /// The bytes that one element takes in host memory; types below 8 bits take one byte.
  public var byteCount: Int { (bitWidth + 7) / 8 }

  /// The significant bits of one element: 1 for Booleans, both parts of complex numbers.
  public var bitWidth: Int {
    switch self {
    case .bool: 1
    case .i2, .u2: 2
    case .i4, .u4, .f4E2M1FN: 4
    case .f6E2M3FN, .f6E3M2FN: 6
    case .i8, .u8, .f8E3M4, .f8E4M3, .f8E4M3FN, .f8E4M3FNUZ, .f8E4M3B11FNUZ, .f8E5M2,
      .f8E5M2FNUZ, .f8E8M0FNU:
      8
    case .i16, .u16, .bf16, .f16: 16
    case .i32, .u32, .f32: 32
    case .i64, .u64, .f64, .c64, .key: 64
    case .c128: 128
    case .float0: 0
    }
  }

  public var isBool: Bool { self == .bool }
  public var isSigned: Bool { kind == .signed }
  public var isUnsigned: Bool { kind == .unsigned }
  /// `true` iff signed or unsigned; Booleans are not integers.
  public var isInteger: Bool { isSigned || isUnsigned }
  public var isFloat: Bool { kind == .float }
  public var isComplex: Bool { kind == .complex }
  /// `true` iff a floating-point number of at most 8 bits.
  public var isMinifloat: Bool { isFloat && bitWidth <= 8 }
  /// `true` iff floating or complex: the types that have derivatives.
  public var isInexact: Bool { isFloat || isComplex }
  /// `true` iff numbers: neither keys nor `float0`, nor Booleans.
  public var isNumeric: Bool { isInteger || isInexact }

  /// The type of the real and imaginary parts; a type that is not complex is its own.
  public var realPart: ElementType {
    switch self {
    case .c64: .f32
    case .c128: .f64
    default: self
    }
  }

  /// The complex type whose parts hold values of this type: `c128` for `f64`, else `c64`.
  public var complexType: ElementType {
    switch self {
    case .f64, .c128: .c128
    default: .c64
    }
  }

  /// The values of an integer type, as far as `Int` can hold the upper end (`u64` cannot).
  public var integerMinimum: Int {
    isSigned ? -1 << (bitWidth - 1) : 0
  }

  /// The largest value of an integer type; 0 for other types.
  public var integerMaximum: UInt64 {
    switch kind {
    case .signed: UInt64(1) << UInt64(bitWidth - 1) - 1
    case .unsigned: bitWidth == 64 ? .max : UInt64(1) << UInt64(bitWidth) - 1
    case .bool: 1
    case .float, .complex, .float0, .key: 0
    }
  }

  /// The integer type of the given width and signedness, if there is one.
  public static func integer(bits: Int, signed: Bool) -> ElementType? {
    switch bits {
    case 2: signed ? .i2 : .u2
    case 4: signed ? .i4 : .u4
    case 8: signed ? .i8 : .u8
    case 16: signed ? .i16 : .u16
    case 32: signed ? .i32 : .u32
    case 64: signed ? .i64 : .u64
    default: nil
    }
  }
}
