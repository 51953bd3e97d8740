/// What a lane of a register may hold: a value in the low bits of a 64-bit slot. The bits above are
/// arbitrary.
protocol LaneValue: SendableMetatype {
  init(slot: UInt64)
  var slot: UInt64 { get }
}

protocol LaneInteger: LaneValue, FixedWidthInteger {}

extension LaneInteger {
  @inline(__always) init(slot: UInt64) { self.init(truncatingIfNeeded: slot) }
  @inline(__always) var slot: UInt64 { UInt64(truncatingIfNeeded: self) }
}

extension UInt8: LaneInteger {}
extension UInt16: LaneInteger {}
extension UInt32: LaneInteger {}
extension UInt64: LaneInteger {}
extension Int8: LaneInteger {}
extension Int16: LaneInteger {}
extension Int32: LaneInteger {}
extension Int64: LaneInteger {}

/// The upper half of a `Float`.
struct BFloat16 {
  var bitPattern: UInt16
}

/// Two halves in 32 bits, the first one low: `f16x2`, `bf16x2`.
struct Packed<Element: LaneValue>: LaneValue {
  var low: Element
  var high: Element

  @inline(__always) init(low: Element, high: Element) {
    self.low = low
    self.high = high
  }

  @inline(__always) init(slot: UInt64) {
    low = Element(slot: slot)
    high = Element(slot: slot >> 16)
  }

  @inline(__always) var slot: UInt64 { low.slot | high.slot << 16 }
}
