/// The type of one element of an array.
///
/// Names are those of StableHLO and of jaxprs, which agree except for `i1`/`bool`,
/// `complex<f32>`/`c64` and the unsigned `ui8`/`u8`.
public enum ElementType: UInt8, Hashable, Sendable, CaseIterable {
  case bool
  case i2, i4, i8, i16, i32, i64
  case u2, u4, u8, u16, u32, u64
  case f4E2M1FN, f6E2M3FN, f6E3M2FN
  case f8E3M4, f8E4M3, f8E4M3FN, f8E4M3FNUZ, f8E4M3B11FNUZ, f8E5M2, f8E5M2FNUZ, f8E8M0FNU
  case bf16, f16, f32, f64
  /// Complex with `f32` and with `f64` parts.
  case c64, c128
  /// JAX's `float0`, the tangent type of integers and Booleans; it has no storage.
  case float0
  /// A key of JAX's default generator (`key<fry>`): two `u32` words.
  case key
}
