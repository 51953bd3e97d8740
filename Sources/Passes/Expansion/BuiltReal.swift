import HLO
import Tensor

/// Numbers of a function that is being built, as the `Arithmetic` that `Elementary` is written over:
/// the functions emit StableHLO instead of computing.
///
/// StableHLO has no fused multiply-add, so the last bits are not those of the other tiers.
struct BuiltReal: Arithmetic {
  let emitter: RealEmitter
  let value: ValueID

  var precision: Tensor.Precision { emitter.real.element == .f64 ? .double : .single }

  private func with(_ value: ValueID) -> BuiltReal { BuiltReal(emitter: emitter, value: value) }

  func constant(_ value: Double) -> BuiltReal {
    with(emitter.emit { try $0.splat(value, emitter.real) })
  }

  func integer(_ value: Int64) -> BuiltInteger {
    BuiltInteger(
      emitter: emitter, value: emitter.emit { try $0.splat(Int(value), emitter.integer) })
  }

  private static func binary(_ op: BinaryOp, _ a: Self, _ b: Self) -> Self {
    a.with(a.emitter.emit { try $0.binary(op, a.value, b.value) })
  }
  private func unary(_ op: UnaryOp) -> Self { with(emitter.emit { try $0.unary(op, value) }) }

  static func + (a: Self, b: Self) -> Self { binary(.add, a, b) }
  static func - (a: Self, b: Self) -> Self { binary(.subtract, a, b) }
  static func * (a: Self, b: Self) -> Self { binary(.multiply, a, b) }
  static func / (a: Self, b: Self) -> Self { binary(.divide, a, b) }
  static prefix func - (a: Self) -> Self { a.unary(.negate) }
  func addingProduct(_ a: Self, _ b: Self) -> Self { a * b + self }
  func squareRoot() -> Self { unary(.sqrt) }
  var magnitude: Self { unary(.abs) }
  func roundedToEven() -> Self { unary(.roundNearestEven) }
  func roundedDown() -> Self { unary(.floor) }
  /// Other compilers that read the text would take what is small beside 1 out of sums with 1.
  func applying(_ function: ElementaryFunction) -> Self? {
    switch function {
    case .exp: unary(.exponential)
    case .expm1: unary(.exponentialMinusOne)
    case .log: unary(.log)
    case .log1p: unary(.logPlusOne)
    default: nil
    }
  }

  /// By an operation that says so: other compilers that read the text take `x + c - c` for `x`.
  func nearestInteger() -> (real: Self, integer: BuiltInteger) {
    let rounded = roundedToEven()
    let integer = emitter.emit { try $0.convert(rounded.value, to: emitter.integer.element) }
    return (rounded, BuiltInteger(emitter: emitter, value: integer))
  }

  private static func compare(_ direction: ComparisonDirection, _ a: Self, _ b: Self) -> BuiltMask {
    a.emitter.compare(direction, a.value, b.value)
  }
  static func .< (a: Self, b: Self) -> BuiltMask { compare(.lt, a, b) }
  static func .<= (a: Self, b: Self) -> BuiltMask { compare(.le, a, b) }
  static func .== (a: Self, b: Self) -> BuiltMask { compare(.eq, a, b) }
  static func .!= (a: Self, b: Self) -> BuiltMask { compare(.ne, a, b) }

  var bits: BuiltInteger {
    BuiltInteger(
      emitter: emitter, value: emitter.emit { try $0.bitcastConvert(value, to: emitter.integer) })
  }

  static func select(_ mask: BuiltMask, _ a: Self, _ b: Self) -> Self {
    a.with(a.emitter.emit { try $0.select(mask.value, a.value, b.value) })
  }
}

/// Integers as wide as the numbers.
struct BuiltInteger: IntegerArithmetic {
  let emitter: RealEmitter
  let value: ValueID

  private func with(_ value: ValueID) -> BuiltInteger {
    BuiltInteger(emitter: emitter, value: value)
  }
  private static func binary(_ op: BinaryOp, _ a: Self, _ b: Self) -> Self {
    a.with(a.emitter.emit { try $0.binary(op, a.value, b.value) })
  }

  func constant(_ value: Int64) -> BuiltInteger {
    with(emitter.emit { try $0.splat(Int(value), emitter.integer) })
  }
  func adding(_ b: Self) -> Self { Self.binary(.add, self, b) }
  func subtracting(_ b: Self) -> Self { Self.binary(.subtract, self, b) }
  static func & (a: Self, b: Self) -> Self { binary(.and, a, b) }
  static func | (a: Self, b: Self) -> Self { binary(.or, a, b) }
  static func ^ (a: Self, b: Self) -> Self { binary(.xor, a, b) }
  func shiftedLeft(by count: Int) -> Self { Self.binary(.shiftLeft, self, constant(Int64(count))) }
  func shiftedRight(by count: Int) -> Self {
    Self.binary(.shiftRightArithmetic, self, constant(Int64(count)))
  }
  static func .< (a: Self, b: Self) -> BuiltMask { a.emitter.compare(.lt, a.value, b.value) }
  static func .== (a: Self, b: Self) -> BuiltMask { a.emitter.compare(.eq, a.value, b.value) }
  static func select(_ mask: BuiltMask, _ a: Self, _ b: Self) -> Self {
    a.with(a.emitter.emit { try $0.select(mask.value, a.value, b.value) })
  }

  var real: BuiltReal {
    BuiltReal(
      emitter: emitter, value: emitter.emit { try $0.bitcastConvert(value, to: emitter.real) })
  }
  func convertedToReal() -> BuiltReal {
    BuiltReal(
      emitter: emitter, value: emitter.emit { try $0.convert(value, to: emitter.real.element) })
  }
}

struct BuiltMask: MaskArithmetic {
  let emitter: RealEmitter
  let value: ValueID

  private func with(_ value: ValueID) -> BuiltMask { BuiltMask(emitter: emitter, value: value) }

  static func .& (a: Self, b: Self) -> Self {
    a.with(a.emitter.emit { try $0.and(a.value, b.value) })
  }
  static func .| (a: Self, b: Self) -> Self {
    a.with(a.emitter.emit { try $0.or(a.value, b.value) })
  }
  static prefix func .! (a: Self) -> Self { a.with(a.emitter.emit { try $0.not(a.value) }) }
}

/// Emits operations on tensors of one shape for code that cannot throw: the first error is kept.
final class RealEmitter {
  let builder: FunctionBuilder
  /// The type of the numbers, and of the integers that are as wide.
  let real: TensorType
  let integer: TensorType
  private var error: (any Error)?

  init(_ builder: FunctionBuilder, _ real: TensorType) {
    self.builder = builder
    self.real = real
    integer = real.with(real.element == .f64 ? .i64 : .i32)
  }

  func emit(_ body: (FunctionBuilder) throws -> ValueID) -> ValueID {
    do {
      return try body(builder)
    } catch {
      self.error = self.error ?? error
      return builder.arguments.first ?? ValueID(0)
    }
  }

  func compare(_ direction: ComparisonDirection, _ a: ValueID, _ b: ValueID) -> BuiltMask {
    BuiltMask(emitter: self, value: emit { try $0.compare(a, direction, b) })
  }

  /// The value of `body`. Throws what its operations threw.
  func checked(_ body: (RealEmitter) -> BuiltReal) throws -> ValueID {
    let result = body(self).value
    if let error { throw error }
    return result
  }
}
