import Support
import Tensor

extension Constant {
  /// Every element is `value`, rounded to the element type; integers truncate.
  public init(_ value: Double, _ type: TensorType) throws {
    self.init(splat: try encode(value, type.element), shape: type.shape)
  }

  /// Every element is `value`; integers wrap.
  public init(_ value: Int, _ type: TensorType) throws {
    self.init(splat: try encode(value, type.element), shape: type.shape)
  }
}

/// A scalar tensor that holds `value` as its bytes.
private func scalar<T>(_ value: T, _ type: ElementType) -> HostTensor {
  let buffer = Buffer(byteCount: type.storageSize)
  buffer.address.storeBytes(of: value, as: T.self)
  return HostTensor(type: type, shape: .scalar, buffer: buffer)
}

private func encode(_ value: Double, _ type: ElementType) throws -> HostTensor {
  switch type {
  case .f64: return scalar(value, type)
  case .f32: return scalar(Float(value), type)
  case .f16: return scalar(Float16(value), type)
  case .bf16:
    let bits = Float(value).bitPattern
    let rounded = value.isNaN ? bits | 0x40_0000 : bits &+ 0x7fff &+ (bits >> 16 & 1)
    return scalar(UInt16(rounded >> 16), type)
  case .c64: return scalar((Float(value), Float(0)), type)
  case .c128: return scalar((value, 0.0), type)
  default:
    guard let integer = Int(exactly: value.rounded(.towardZero)) else {
      throw Diagnostic(.error, "\(value) is no \(type.mlirName)")
    }
    return try encode(integer, type)
  }
}

private func encode(_ value: Int, _ type: ElementType) throws -> HostTensor {
  switch type {
  case .bool: return scalar(UInt8(value == 0 ? 0 : 1), type)
  case .i2: return scalar(Int8(truncatingIfNeeded: (value << 62) >> 62), type)
  case .i4: return scalar(Int8(truncatingIfNeeded: (value << 60) >> 60), type)
  case .u2: return scalar(UInt8(truncatingIfNeeded: value & 3), type)
  case .u4: return scalar(UInt8(truncatingIfNeeded: value & 15), type)
  case .i8, .u8: return scalar(UInt8(truncatingIfNeeded: value), type)
  case .i16, .u16: return scalar(UInt16(truncatingIfNeeded: value), type)
  case .i32, .u32: return scalar(UInt32(truncatingIfNeeded: value), type)
  case .i64, .u64: return scalar(value, type)
  case .bf16, .f16, .f32, .f64, .c64, .c128: return try encode(Double(value), type)
  case .f8E3M4, .f8E4M3, .f8E4M3FN, .f8E4M3FNUZ, .f8E4M3B11FNUZ, .f8E5M2, .f8E5M2FNUZ,
    .f8E8M0FNU, .float0, .key:
    throw unsupported("a constant of \(type.mlirName)")
  }
}
