import LoopIR
import Tensor

/// The value of a kernel's scalar in the code being emitted, in all lanes at once.
struct LaneValue {
  /// Scalar where all lanes agree up to `stride`, else a vector.
  var real: IRValue
  /// The imaginary part of a complex value.
  var imaginary: IRValue?
  /// `true` iff the parts are vectors.
  var isVarying: Bool
  /// Lane `l` of an index holds `real + l * stride`: what makes memory accesses contiguous.
  var stride = 0
  /// A power of two that divides `real`, where that is an index: what tells aligned vectors.
  var multiple = 1
  /// A loaded element as it is in memory: where it is stored again, nothing is to be converted.
  var loaded: IRValue?

  static func uniform(_ real: IRValue, _ imaginary: IRValue? = nil) -> LaneValue {
    LaneValue(real: real, imaginary: imaginary, isVarying: false)
  }

  static func varying(_ real: IRValue, _ imaginary: IRValue? = nil) -> LaneValue {
    LaneValue(real: real, imaginary: imaginary, isVarying: true)
  }

  static func linear(_ base: IRValue, stride: Int, multiple: Int = 1) -> LaneValue {
    LaneValue(real: base, imaginary: nil, isVarying: false, stride: stride, multiple: multiple)
  }

  /// What was loaded, as it is computed with, and as it is in memory.
  static func loaded(_ value: LaneValue, from memory: IRValue) -> LaneValue {
    var value = value
    value.loaded = memory
    return value
  }

  /// `true` iff every lane holds the same.
  var isUniform: Bool { !isVarying && stride == 0 }

  var parts: [IRValue] { [real] + (imaginary.map { [$0] } ?? []) }
}

extension IRBuilder {
  /// The type in which one lane of `type` (of its real part) is computed: floating-point types
  /// narrower than `f32` hold rounded values in `f32`.
  func register(_ type: ElementType) -> IRType {
    switch type {
    case .bool: i1
    case .i2, .i4, .i8, .u2, .u4, .u8: i8
    case .i16, .u16: integer(16)
    case .i32, .u32: i32
    case .i64, .u64, .key: i64
    case .f4E2M1FN, .f6E2M3FN, .f6E3M2FN, .f8E3M4, .f8E4M3, .f8E4M3FN, .f8E4M3FNUZ, .f8E4M3B11FNUZ,
      .f8E5M2, .f8E5M2FNUZ,
      .f8E8M0FNU, .bf16, .f16, .f32, .c64:
      float
    case .f64, .c128: double
    case .float0: i8
    }
  }

  /// The type of one element (of its real part) in memory.
  func storage(_ type: ElementType) -> IRType {
    switch type {
    case .bool, .f4E2M1FN, .f6E2M3FN, .f6E3M2FN, .f8E3M4, .f8E4M3, .f8E4M3FN, .f8E4M3FNUZ,
      .f8E4M3B11FNUZ, .f8E5M2, .f8E5M2FNUZ,
      .f8E8M0FNU:
      i8
    case .bf16: integer(16)
    case .f16: half
    default: register(type)
    }
  }
}

extension ElementType {
  /// The bytes from one element to the next, at least 1.
  var elementBytes: Int { max(byteCount, 1) }

  /// The alignment that the type asks of memory.
  var alignment: Int { isComplex ? elementBytes / 2 : elementBytes }

  var isSmallFloat: Bool { isFloat && self != .f32 && self != .f64 }
}
