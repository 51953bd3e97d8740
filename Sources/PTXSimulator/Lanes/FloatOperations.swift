import Glibc

/// Floating-point arithmetic, for every format.
protocol FloatBinary: FloatTask, Sendable {
  func apply<T: FloatLane>(_ a: T, _ b: T, _ rounding: Rounding) -> T
}

extension FloatBinary {
  func of<T: FloatLane>(_: T.Type) -> Step.Execute {
    { warp, step, lanes in
      let (flags, rounding) = (step.pointee.flags, step.pointee.rounding)
      if flags.isEmpty, rounding == .nearest {
        mapLanes(warp, step, lanes) { (a: T, b: T) in apply(a, b, .nearest) }
      } else {
        mapLanes(warp, step, lanes) { (a: T, b: T) in
          apply(a.operand(flags), b.operand(flags), rounding).result(flags)
        }
      }
    }
  }
}

struct FloatAdd: FloatBinary {
  @inline(__always)
  func apply<T: FloatLane>(_ a: T, _ b: T, _ rounding: Rounding) -> T {
    T.sum(a, b, rounding)
  }
}
struct FloatSubtract: FloatBinary {
  @inline(__always)
  func apply<T: FloatLane>(_ a: T, _ b: T, _ rounding: Rounding) -> T {
    T.sum(a, b.negated, rounding)
  }
}
struct FloatMultiply: FloatBinary {
  @inline(__always)
  func apply<T: FloatLane>(_ a: T, _ b: T, _ rounding: Rounding) -> T {
    T.product(a, b, rounding)
  }
}
struct FloatDivide: FloatBinary {
  @inline(__always)
  func apply<T: FloatLane>(_ a: T, _ b: T, _ rounding: Rounding) -> T {
    T.quotient(a, b, rounding)
  }
}
struct FloatMinimum: FloatBinary {
  @inline(__always)
  func apply<T: FloatLane>(_ a: T, _ b: T, _ rounding: Rounding) -> T {
    T.minimum(a, b, isStrict: false)
  }
}
struct FloatMaximum: FloatBinary {
  @inline(__always)
  func apply<T: FloatLane>(_ a: T, _ b: T, _ rounding: Rounding) -> T {
    T.maximum(a, b, isStrict: false)
  }
}
/// `min.NaN`.
struct FloatStrictMinimum: FloatBinary {
  @inline(__always)
  func apply<T: FloatLane>(_ a: T, _ b: T, _ rounding: Rounding) -> T {
    T.minimum(a, b, isStrict: true)
  }
}
/// `max.NaN`.
struct FloatStrictMaximum: FloatBinary {
  @inline(__always)
  func apply<T: FloatLane>(_ a: T, _ b: T, _ rounding: Rounding) -> T {
    T.maximum(a, b, isStrict: true)
  }
}

protocol FloatUnary: FloatTask, Sendable {
  func apply<T: FloatLane>(_ a: T, _ rounding: Rounding) -> T
}

extension FloatUnary {
  func of<T: FloatLane>(_: T.Type) -> Step.Execute {
    { warp, step, lanes in
      let (flags, rounding) = (step.pointee.flags, step.pointee.rounding)
      mapLanes(warp, step, lanes) { (a: T) in
        apply(a.operand(flags), rounding).result(flags)
      }
    }
  }
}

struct FloatNegate: FloatUnary {
  @inline(__always) func apply<T: FloatLane>(_ a: T, _ rounding: Rounding) -> T {
    a.negated
  }
}
struct FloatAbsolute: FloatUnary {
  @inline(__always) func apply<T: FloatLane>(_ a: T, _ rounding: Rounding) -> T {
    a.absolute
  }
}
struct Reciprocal: FloatUnary {
  @inline(__always) func apply<T: FloatLane>(_ a: T, _ rounding: Rounding) -> T {
    T.quotient(.one, a, rounding)
  }
}
struct FloatSquareRoot: FloatUnary {
  @inline(__always) func apply<T: FloatLane>(_ a: T, _ rounding: Rounding) -> T {
    T.root(a, rounding)
  }
}

/// The functions that machines approximate. Here they are computed in `f64` and rounded, so they
/// are at least as accurate as the ISA asks.
struct ReciprocalSquareRoot: FloatUnary {
  @inline(__always) func apply<T: FloatLane>(_ a: T, _ rounding: Rounding) -> T {
    T.map(a) { 1 / $0.squareRoot() }
  }
}
struct PowerOfTwo: FloatUnary {
  @inline(__always) func apply<T: FloatLane>(_ a: T, _ rounding: Rounding) -> T {
    T.map(a) { exp2($0) }
  }
}
struct LogarithmOfTwo: FloatUnary {
  @inline(__always) func apply<T: FloatLane>(_ a: T, _ rounding: Rounding) -> T {
    T.map(a) { log2($0) }
  }
}
struct Sine: FloatUnary {
  @inline(__always) func apply<T: FloatLane>(_ a: T, _ rounding: Rounding) -> T {
    T.map(a) { sin($0) }
  }
}
struct Cosine: FloatUnary {
  @inline(__always) func apply<T: FloatLane>(_ a: T, _ rounding: Rounding) -> T {
    T.map(a) { cos($0) }
  }
}
struct HyperbolicTangent: FloatUnary {
  @inline(__always) func apply<T: FloatLane>(_ a: T, _ rounding: Rounding) -> T {
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

/// `fma`.
struct FusedMultiplyAdd: FloatTask {
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
