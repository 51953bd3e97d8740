import Glibc

/// Floating-point arithmetic, for every format.
protocol FloatBinary: SendableMetatype {
  static func apply<T: FloatLane>(_ a: T, _ b: T, _ rounding: Rounding) -> T
}

enum FloatAdd: FloatBinary {
  @inline(__always)
  static func apply<T: FloatLane>(_ a: T, _ b: T, _ rounding: Rounding) -> T {
    T.sum(a, b, rounding)
  }
}
enum FloatSubtract: FloatBinary {
  @inline(__always)
  static func apply<T: FloatLane>(_ a: T, _ b: T, _ rounding: Rounding) -> T {
    T.sum(a, b.negated, rounding)
  }
}
enum FloatMultiply: FloatBinary {
  @inline(__always)
  static func apply<T: FloatLane>(_ a: T, _ b: T, _ rounding: Rounding) -> T {
    T.product(a, b, rounding)
  }
}
enum FloatDivide: FloatBinary {
  @inline(__always)
  static func apply<T: FloatLane>(_ a: T, _ b: T, _ rounding: Rounding) -> T {
    T.quotient(a, b, rounding)
  }
}
enum FloatMinimum: FloatBinary {
  @inline(__always)
  static func apply<T: FloatLane>(_ a: T, _ b: T, _ rounding: Rounding) -> T {
    T.minimum(a, b, isStrict: false)
  }
}
enum FloatMaximum: FloatBinary {
  @inline(__always)
  static func apply<T: FloatLane>(_ a: T, _ b: T, _ rounding: Rounding) -> T {
    T.maximum(a, b, isStrict: false)
  }
}
/// `min.NaN`.
enum FloatStrictMinimum: FloatBinary {
  @inline(__always)
  static func apply<T: FloatLane>(_ a: T, _ b: T, _ rounding: Rounding) -> T {
    T.minimum(a, b, isStrict: true)
  }
}
/// `max.NaN`.
enum FloatStrictMaximum: FloatBinary {
  @inline(__always)
  static func apply<T: FloatLane>(_ a: T, _ b: T, _ rounding: Rounding) -> T {
    T.maximum(a, b, isStrict: true)
  }
}

protocol FloatUnary: SendableMetatype {
  static func apply<T: FloatLane>(_ a: T, _ rounding: Rounding) -> T
}

enum FloatNegate: FloatUnary {
  @inline(__always) static func apply<T: FloatLane>(_ a: T, _ rounding: Rounding) -> T {
    a.negated
  }
}
enum FloatAbsolute: FloatUnary {
  @inline(__always) static func apply<T: FloatLane>(_ a: T, _ rounding: Rounding) -> T {
    a.absolute
  }
}
enum FloatSquareRoot: FloatUnary {
  @inline(__always) static func apply<T: FloatLane>(_ a: T, _ rounding: Rounding) -> T {
    T.root(a, rounding)
  }
}

/// The functions that machines approximate. Here they are computed in `f64` and rounded, so they
/// are at least as accurate as the ISA asks.
enum ReciprocalSquareRoot: FloatUnary {
  @inline(__always) static func apply<T: FloatLane>(_ a: T, _ rounding: Rounding) -> T {
    T.map(a) { 1 / $0.squareRoot() }
  }
}
enum PowerOfTwo: FloatUnary {
  @inline(__always) static func apply<T: FloatLane>(_ a: T, _ rounding: Rounding) -> T {
    T.map(a) { exp2($0) }
  }
}
enum LogarithmOfTwo: FloatUnary {
  @inline(__always) static func apply<T: FloatLane>(_ a: T, _ rounding: Rounding) -> T {
    T.map(a) { log2($0) }
  }
}
enum Sine: FloatUnary {
  @inline(__always) static func apply<T: FloatLane>(_ a: T, _ rounding: Rounding) -> T {
    T.map(a) { sin($0) }
  }
}
enum Cosine: FloatUnary {
  @inline(__always) static func apply<T: FloatLane>(_ a: T, _ rounding: Rounding) -> T {
    T.map(a) { cos($0) }
  }
}
enum HyperbolicTangent: FloatUnary {
  @inline(__always) static func apply<T: FloatLane>(_ a: T, _ rounding: Rounding) -> T {
    T.map(a) { tanh($0) }
  }
}

extension FloatLane {
  /// An operand under `flags`.
  @inline(__always)
  func operand(_ flags: Step.Flags) -> Self { flags.contains(.flush) ? flushed : self }

  /// A result under `flags`.
  @inline(__always)
  func result(_ flags: Step.Flags) -> Self {
    var result = self
    if flags.contains(.flush) { result = result.flushed }
    if flags.contains(.saturate) { result = result.saturated }
    if flags.contains(.rectify) { result = result.rectified }
    return result
  }
}

func floatFunction<Operation: FloatBinary>(
  _ operation: Operation.Type, _ type: ScalarType
) -> Step.Execute? {
  func of<T: FloatLane>(_: T.Type) -> Step.Execute {
    { warp, step, lanes in
      let (flags, rounding) = (step.pointee.flags, step.pointee.rounding)
      if flags.isEmpty, rounding == .nearest {
        mapLanes(warp, step, lanes) { (a: T, b: T) in Operation.apply(a, b, .nearest) }
      } else {
        mapLanes(warp, step, lanes) { (a: T, b: T) in
          Operation.apply(a.operand(flags), b.operand(flags), rounding).result(flags)
        }
      }
    }
  }
  return switch type {
  case .f32: of(Float.self)
  case .f64: of(Double.self)
  case .f16: of(Float16.self)
  case .bf16: of(BFloat16.self)
  case .f16x2: of(Packed<Float16>.self)
  case .bf16x2: of(Packed<BFloat16>.self)
  case .b8, .b16, .b32, .b64, .b128, .u8, .u16, .u32, .u64, .s8, .s16, .s32, .s64, .pred: nil
  }
}

func floatFunction<Operation: FloatUnary>(
  _ operation: Operation.Type, _ type: ScalarType
) -> Step.Execute? {
  func of<T: FloatLane>(_: T.Type) -> Step.Execute {
    { warp, step, lanes in
      let (flags, rounding) = (step.pointee.flags, step.pointee.rounding)
      mapLanes(warp, step, lanes) { (a: T) in
        Operation.apply(a.operand(flags), rounding).result(flags)
      }
    }
  }
  return switch type {
  case .f32: of(Float.self)
  case .f64: of(Double.self)
  case .f16: of(Float16.self)
  case .bf16: of(BFloat16.self)
  case .f16x2: of(Packed<Float16>.self)
  case .bf16x2: of(Packed<BFloat16>.self)
  case .b8, .b16, .b32, .b64, .b128, .u8, .u16, .u32, .u64, .s8, .s16, .s32, .s64, .pred: nil
  }
}

/// `fma`.
func fusedMultiplyAdd(_ type: ScalarType) -> Step.Execute? {
  func of<T: FloatLane>(_: T.Type) -> Step.Execute {
    { warp, step, lanes in
      let (flags, rounding) = (step.pointee.flags, step.pointee.rounding)
      if flags.isEmpty, rounding == .nearest {
        mapLanes(warp, step, lanes) { (a: T, b: T, c: T) in T.fused(a, b, c, .nearest) }
      } else {
        mapLanes(warp, step, lanes) { (a: T, b: T, c: T) in
          T.fused(a.operand(flags), b.operand(flags), c.operand(flags), rounding).result(flags)
        }
      }
    }
  }
  return switch type {
  case .f32: of(Float.self)
  case .f64: of(Double.self)
  case .f16: of(Float16.self)
  case .bf16: of(BFloat16.self)
  case .f16x2: of(Packed<Float16>.self)
  case .bf16x2: of(Packed<BFloat16>.self)
  case .b8, .b16, .b32, .b64, .b128, .u8, .u16, .u32, .u64, .s8, .s16, .s32, .s64, .pred: nil
  }
}

/// `rcp`.
func reciprocal(_ type: ScalarType) -> Step.Execute? {
  func of<T: FloatScalar>(_: T.Type) -> Step.Execute {
    { warp, step, lanes in
      let (flags, rounding) = (step.pointee.flags, step.pointee.rounding)
      mapLanes(warp, step, lanes) { (a: T) in
        T.quotient(T(1, .nearest), a.operand(flags), rounding).result(flags)
      }
    }
  }
  return type == .f32 ? of(Float.self) : type == .f64 ? of(Double.self) : nil
}

/// `copysign`: `b` with the sign of `a`.
func copySign(_ type: ScalarType) -> Step.Execute? {
  func of<T: FloatScalar>(_: T.Type) -> Step.Execute {
    { warp, step, lanes in
      mapLanes(warp, step, lanes) { (a: T, b: T) in T.copySign(a, from: b) }
    }
  }
  return type == .f32 ? of(Float.self) : type == .f64 ? of(Double.self) : nil
}

/// `testp`.
func floatTest(_ type: ScalarType, _ name: String) -> Step.Execute? {
  func of<T: FloatScalar & BinaryFloatingPoint>(_: T.Type) -> Step.Execute? {
    func test(_ holds: @escaping @Sendable (T) -> Bool) -> Step.Execute {
      { warp, step, lanes in
        let a = warp.register(step.pointee.a)
        var mask: UInt32 = 0
        forEachLane(lanes) { if holds(T(slot: a[$0])) { mask |= 1 << UInt32($0) } }
        warp.setPredicate(step.pointee.q, mask, lanes)
      }
    }
    return switch name {
    case "finite": test { $0.isFinite }
    case "infinite": test { $0.isInfinite }
    case "number": test { !$0.isNaN }
    case "notanumber": test { $0.isNaN }
    case "normal": test { $0.isNormal }
    case "subnormal": test { $0.isSubnormal }
    default: nil
    }
  }
  return type == .f32 ? of(Float.self) : type == .f64 ? of(Double.self) : nil
}
