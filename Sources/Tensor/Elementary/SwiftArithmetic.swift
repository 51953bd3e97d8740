// Swift's own numbers as `Arithmetic`: what the interpreter and the constant folder compute with.

extension Float: Arithmetic {
  public typealias Integer = Int32
  public typealias Mask = Bool

  public var precision: Precision { .single }
  public func constant(_ value: Double) -> Float { Float(value) }
  public func integer(_ value: Int64) -> Int32 { Int32(truncatingIfNeeded: value) }
  public func roundedToEven() -> Float { rounded(.toNearestOrEven) }
  public func roundedDown() -> Float { rounded(.down) }
  public static func .< (a: Float, b: Float) -> Bool { a < b }
  public static func .<= (a: Float, b: Float) -> Bool { a <= b }
  public static func .== (a: Float, b: Float) -> Bool { a == b }
  public static func .!= (a: Float, b: Float) -> Bool { a != b }
  public var bits: Int32 { Int32(bitPattern: bitPattern) }
  public static func select(_ mask: Bool, _ a: Float, _ b: Float) -> Float { mask ? a : b }
  public static func rarely(_ mask: Bool, _ rare: () -> Float, otherwise common: Float) -> Float {
    mask ? rare() : common
  }
}

extension Double: Arithmetic {
  public typealias Integer = Int64
  public typealias Mask = Bool

  public var precision: Precision { .double }
  public func constant(_ value: Double) -> Double { value }
  public func integer(_ value: Int64) -> Int64 { value }
  public func roundedToEven() -> Double { rounded(.toNearestOrEven) }
  public func roundedDown() -> Double { rounded(.down) }
  public static func .< (a: Double, b: Double) -> Bool { a < b }
  public static func .<= (a: Double, b: Double) -> Bool { a <= b }
  public static func .== (a: Double, b: Double) -> Bool { a == b }
  public static func .!= (a: Double, b: Double) -> Bool { a != b }
  public var bits: Int64 { Int64(bitPattern: bitPattern) }
  public static func select(_ mask: Bool, _ a: Double, _ b: Double) -> Double { mask ? a : b }
  public static func rarely(_ mask: Bool, _ rare: () -> Double, otherwise common: Double)
    -> Double
  {
    mask ? rare() : common
  }
}

extension Int32: IntegerArithmetic {
  public typealias Real = Float
  public typealias Mask = Bool

  public func constant(_ value: Int64) -> Int32 { Int32(truncatingIfNeeded: value) }
  public func adding(_ b: Int32) -> Int32 { self &+ b }
  public func subtracting(_ b: Int32) -> Int32 { self &- b }
  public func shiftedLeft(by count: Int) -> Int32 { self &<< Int32(truncatingIfNeeded: count) }
  public func shiftedRight(by count: Int) -> Int32 { self &>> Int32(truncatingIfNeeded: count) }
  public static func .< (a: Int32, b: Int32) -> Bool { a < b }
  public static func .== (a: Int32, b: Int32) -> Bool { a == b }
  public static func select(_ mask: Bool, _ a: Int32, _ b: Int32) -> Int32 { mask ? a : b }
  public var real: Float { Float(bitPattern: UInt32(bitPattern: self)) }
  public func convertedToReal() -> Float { Float(self) }
}

extension Int64: IntegerArithmetic {
  public typealias Real = Double
  public typealias Mask = Bool

  public func constant(_ value: Int64) -> Int64 { value }
  public func adding(_ b: Int64) -> Int64 { self &+ b }
  public func subtracting(_ b: Int64) -> Int64 { self &- b }
  public func shiftedLeft(by count: Int) -> Int64 { self &<< Int64(count) }
  public func shiftedRight(by count: Int) -> Int64 { self &>> Int64(count) }
  public static func .< (a: Int64, b: Int64) -> Bool { a < b }
  public static func .== (a: Int64, b: Int64) -> Bool { a == b }
  public static func select(_ mask: Bool, _ a: Int64, _ b: Int64) -> Int64 { mask ? a : b }
  public var real: Double { Double(bitPattern: UInt64(bitPattern: self)) }
  public func convertedToReal() -> Double { Double(self) }
}

extension Bool: MaskArithmetic {
  public static func .& (a: Bool, b: Bool) -> Bool { a && b }
  public static func .| (a: Bool, b: Bool) -> Bool { a || b }
  public static prefix func .! (a: Bool) -> Bool { !a }
}
