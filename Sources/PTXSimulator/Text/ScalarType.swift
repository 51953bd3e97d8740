/// The fundamental types of PTX.
enum ScalarType: String {
  case b8, b16, b32, b64, b128
  case u8, u16, u32, u64
  case s8, s16, s32, s64
  case f16, f16x2, bf16, bf16x2, f32, f64
  case pred

  enum Kind { case bits, unsigned, signed, float, predicate }

  var kind: Kind {
    switch self {
    case .b8, .b16, .b32, .b64, .b128: .bits
    case .u8, .u16, .u32, .u64: .unsigned
    case .s8, .s16, .s32, .s64: .signed
    case .f16, .f16x2, .bf16, .bf16x2, .f32, .f64: .float
    case .pred: .predicate
    }
  }

  /// The size in bits; 1 for predicates.
  var bitWidth: Int {
    switch self {
    case .pred: 1
    case .b8, .u8, .s8: 8
    case .b16, .u16, .s16, .f16, .bf16: 16
    case .b32, .u32, .s32, .f32, .f16x2, .bf16x2: 32
    case .b64, .u64, .s64, .f64: 64
    case .b128: 128
    }
  }

  var byteCount: Int { (bitWidth + 7) / 8 }

  var isInteger: Bool { kind == .unsigned || kind == .signed }

  /// Whether an instruction of this type may read or write a register declared as `register`:
  /// the same size, and the same kind unless one of them is untyped.
  func accepts(register: ScalarType) -> Bool {
    guard bitWidth == register.bitWidth else { return false }
    if kind == .bits || register.kind == .bits { return true }
    if isInteger { return register.isInteger }
    return self == register
  }
}
