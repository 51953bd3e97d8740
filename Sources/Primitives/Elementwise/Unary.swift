import Core
import HLO
import Tensor
import Transforms

/// Functions of one array without parameters, from `neg` to `erf_inv`.
public struct Unary: Elementwise {
  /// The functions, by the names of their primitives.
  public enum Function: String, CaseIterable, Sendable {
    case neg, sign, floor, ceil
    case isFinite = "is_finite"
    case exp, exp2, log, expm1, log1p
    case tan, tanh, sin, cos, asin, acos, atan, sinh, cosh, asinh, acosh, atanh
    case lgamma, digamma, erf, erfc
    case erfInv = "erf_inv"
    case besselI0e = "bessel_i0e"
    case besselI1e = "bessel_i1e"
    case logistic, sqrt, rsqrt, cbrt, square, abs
    case real, imag, not
    case populationCount = "population_count"
    case clz
  }

  public let function: Function

  public init(_ function: Function) { self.function = function }

  public var name: String { function.rawValue }
  public var parameters: [Parameter] { [] }
  public func allParameters(for operands: [ShapedArray]) -> [Parameter] {
    switch function {
    case .cbrt, .cos, .exp, .exp2, .expm1, .log, .log1p, .logistic, .rsqrt, .sin, .sqrt, .tan,
      .tanh:
      [Parameter("accuracy", .none)]
    case .neg, .sign, .floor, .ceil, .isFinite, .asin, .acos, .atan, .sinh, .cosh, .asinh, .acosh,
      .atanh, .lgamma, .digamma, .erf, .erfc, .erfInv, .besselI0e, .besselI1e, .square, .abs, .real,
      .imag, .not, .populationCount, .clz:
      []
    }
  }

  public func resultType(_ operands: [ShapedArray]) throws -> ElementType {
    let dtype = operands[0].dtype
    func require(_ families: [TypeFamily]) throws {
      try Primitives.require(operands, in: families, for: name)
    }
    switch function {
    case .neg, .sign, .square: try require(.numeric)
    case .floor, .ceil, .lgamma, .digamma, .erf, .erfc, .erfInv, .besselI0e, .besselI1e, .cbrt:
      try require([.floating])
    case .isFinite:
      try require([.floating])
      return .bool
    case .exp, .exp2, .log, .expm1, .log1p, .tan, .tanh, .sin, .cos, .asin, .acos, .atan, .sinh,
      .cosh, .asinh, .acosh, .atanh, .logistic, .sqrt, .rsqrt:
      try require(.inexact)
    case .abs:
      try require(dtype.isUnsigned ? [.integer] : .inexact + [.signedinteger])
      return dtype.realPart
    case .real, .imag:
      try require([.complexfloating])
      return dtype.realPart
    case .not: try require([.integer, .bool])
    case .populationCount, .clz: try require([.integer])
    }
    return dtype
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let x = primals[0]
    let result = try bind(self, primals)[0]
    guard let t = tangents[0].value, result.dtype.isInexact,
      let derivative = try tangent(t, x, result)
    else { return ([result], [.zero(result.aval.tangent)]) }
    return ([result], [.value(derivative)])
  }

  /// The derivative along `t` at `x`, where the function has the value `y`; `nil` where it is
  /// zero everywhere.
  private func tangent(_ t: Value, _ x: Value, _ y: Value) throws -> Value? {
    let one = constant(1, like: x)
    switch function {
    case .neg: return try neg(t)
    case .sign, .floor, .ceil, .isFinite, .not, .populationCount, .clz: return nil
    case .exp: return try mul(t, y)
    case .exp2:
      let factor = try log(constant(2, like: x))
      return try mul(factor, mul(t, y))
    case .log: return try div(t, x)
    case .expm1: return try mul(t, add(y, one))
    case .log1p: return try div(t, add(x, one))
    case .tan: return try mul(t, add(one, square(y)))
    case .tanh: return try mul(add(t, mul(t, y)), sub(one, y))
    case .sin: return try mul(t, bind1(Unary(.cos), x))
    case .cos: return try neg(mul(t, bind1(Unary(.sin), x)))
    case .asin: return try mul(t, rsqrt(sub(one, square(x))))
    case .acos: return try mul(t, neg(rsqrt(sub(one, square(x)))))
    case .atan: return try div(t, add(one, square(x)))
    case .sinh: return try mul(t, bind1(Unary(.cosh), x))
    case .cosh: return try mul(t, bind1(Unary(.sinh), x))
    case .asinh: return try mul(t, rsqrt(add(square(x), one)))
    case .acosh: return try mul(t, rsqrt(sub(square(x), one)))
    case .atanh:
      let reciprocal = try integerPow(add(one, x), -1)
      return try mul(reciprocal, div(t, sub(one, x)))
    case .lgamma: return try mul(t, bind1(Unary(.digamma), x))
    case .digamma: return try mul(t, bind1(Binary(.polygamma), one, x))
    case .erf, .erfc:
      let bell = try exp(neg(square(x)))
      let factor = 2 / 3.141592653589793.squareRoot()
      return try mul(constant(function == .erf ? factor : -factor, like: x), mul(t, bell))
    case .erfInv:
      let factor = constant(3.141592653589793.squareRoot() / 2, like: x)
      return try mul(factor, mul(t, exp(square(y))))
    case .besselI0e:
      let next = try bind1(Unary(.besselI1e), x)
      return try mul(t, sub(next, mul(sign(x), y)))
    case .besselI1e:
      // The quotient y/x has the limit 1/2 at zero.
      let epsilon = constant(x.dtype == .f64 ? 0x1p-52 : 0x1p-23, like: x)
      let isSafe = try compare(bind1(Unary(.abs), x), .gt, epsilon)
      let safe = try select(isSafe, x, full(x.dtype == .f64 ? 0x1p-52 : 0x1p-23, like: x))
      let slope = try sub(
        bind1(Unary(.besselI0e), safe), mul(y, add(sign(safe), integerPow(safe, -1))))
      return try mul(t, select(isSafe, slope, full(0.5, like: x)))
    case .logistic: return try mul(t, mul(y, sub(one, y)))
    case .sqrt: return try mul(t, div(constant(0.5, like: x), y))
    case .rsqrt: return try mul(t, mul(constant(-0.5, like: x), div(y, x)))
    case .cbrt: return try mul(t, mul(constant(1.0 / 3, like: x), integerPow(y, -2)))
    case .square: return try mul(t, mul(constant(2, like: x), x))
    case .abs:
      if x.dtype.isComplex {
        // d|z| = Re(dz conj(z) / |z|), zero at zero.
        let conjugate = try bind1(Conj(x.dtype), x)
        let size = try convert(y, to: x.dtype)
        let isZero = try compare(size, .eq, constant(0, like: size))
        let safe = try select(isZero, full(1, like: size), size)
        return try bind1(Unary(.real), mul(t, div(conjugate, safe)))
      }
      let isPositive = try compare(x, .ge, constant(0, like: x))
      return try select(isPositive, t, neg(t))
    case .real: return try bind1(Unary(.real), t)
    case .imag: return try bind1(Unary(.imag), t)
    }
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    guard let cotangent = cotangents[0].value else { return [nil] }
    switch function {
    case .neg: return [try neg(cotangent)]
    case .real:
      return [try bind1(Binary(.complex), cotangent, constant(0, like: cotangent))]
    case .imag:
      return [try bind1(Binary(.complex), constant(0, like: cotangent), neg(cotangent))]
    case .sign, .floor, .ceil, .isFinite, .exp, .exp2, .log, .expm1, .log1p, .tan, .tanh, .sin,
      .cos, .asin, .acos, .atan, .sinh, .cosh, .asinh, .acosh, .atanh, .lgamma, .digamma, .erf,
      .erfc, .erfInv, .besselI0e, .besselI1e, .logistic, .sqrt, .rsqrt, .cbrt, .square, .abs,
      .not, .populationCount, .clz:
      throw notLinear(self)
    }
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let x = operands[0]
    let builder = context.builder
    func emit(_ op: UnaryOp) throws -> [ValueID] { [try builder.unary(op, x)] }
    switch function {
    case .neg: return try emit(.negate)
    case .sign where context.inAvals[0].dtype.isUnsigned:
      return try context.expand(operands) { inputs in
        let x = inputs[0]
        return [
          try select(compare(x, .eq, full(0, like: x)), full(0, like: x), full(1, like: x))
        ]
      }
    case .sign: return try emit(.sign)
    case .floor: return try emit(.floor)
    case .ceil: return try emit(.ceil)
    case .isFinite: return try emit(.isFinite)
    case .exp: return try emit(.exponential)
    case .exp2:
      let type = context.resultType()
      let factor = try builder.full(0.6931471805599453, type)
      return [try builder.exponential(builder.multiply(factor, x))]
    case .log: return try emit(.log)
    case .expm1: return try emit(.exponentialMinusOne)
    case .log1p: return try emit(.logPlusOne)
    case .tan: return try emit(.tan)
    case .tanh: return try emit(.tanh)
    case .sin where context.inAvals[0].dtype.isComplex:
      return try context.expand(operands) { [try complexSine($0[0])] }
    case .cos where context.inAvals[0].dtype.isComplex:
      return try context.expand(operands) { [try complexCosine($0[0])] }
    case .sin: return try emit(.sine)
    case .cos: return try emit(.cosine)
    case .asin: return try emit(.asin)
    case .acos: return try emit(.acos)
    case .atan: return try emit(.atan)
    case .sinh: return try emit(.sinh)
    case .cosh: return try emit(.cosh)
    case .asinh: return try emit(.asinh)
    case .acosh: return try emit(.acosh)
    case .atanh: return try emit(.atanh)
    case .lgamma: return try emit(.lgamma)
    case .digamma: return try emit(.digamma)
    case .erf: return try emit(.erf)
    case .erfc: return try emit(.erfc)
    case .erfInv: return try emit(.erfInv)
    case .besselI0e: return try context.expand(operands) { [try Primitives.besselI0e($0[0])] }
    case .besselI1e: return try emit(.besselI1e)
    case .logistic:
      // 1 / (1 + exp(-x)), as JAX writes it out.
      let builder = context.builder
      let exponential = try builder.exponential(builder.negate(operands[0]))
      let sum = try builder.add(builder.number(1, with: operands[0]), exponential)
      return [try builder.divide(builder.number(1, with: operands[0]), sum)]
    case .sqrt: return try emit(.sqrt)
    case .rsqrt: return try emit(.rsqrt)
    case .cbrt: return try emit(.cbrt)
    case .square where context.inAvals[0].dtype.isInteger: return [try builder.multiply(x, x)]
    case .square: return try emit(.square)
    case .abs: return try emit(.abs)
    case .real: return try emit(.real)
    case .imag: return try emit(.imag)
    case .not: return try emit(.not)
    case .populationCount: return try emit(.popcnt)
    case .clz: return try emit(.countLeadingZeros)
    }
  }
}

/// sin (a + b i) = sin a cosh b + i cos a sinh b, and a = 0 has no real part.
private func complexSine(_ x: Value) throws -> Value {
  let parts = try CircularParts(x)
  let (real, imaginary) = (
    try mul(parts.sine, parts.hyperbolicCosine), try mul(parts.cosine, parts.hyperbolicSine)
  )
  return try select(
    parts.isImaginary, bind1(Binary(.complex), full(0, like: imaginary), imaginary),
    bind1(Binary(.complex), real, imaginary))
}

/// cos (a + b i) = cos a cosh b - i sin a sinh b, and a = 0 has no imaginary part.
private func complexCosine(_ x: Value) throws -> Value {
  let parts = try CircularParts(x)
  let real = try mul(parts.cosine, parts.hyperbolicCosine)
  let imaginary = try mul(neg(parts.sine), parts.hyperbolicSine)
  return try select(
    parts.isImaginary, bind1(Binary(.complex), real, full(0, like: real)),
    bind1(Binary(.complex), real, imaginary))
}

/// Functions of the parts of a + b i, in JAX's order; the hyperbolic ones by e^b - 1, which is right
/// near zero.
private struct CircularParts {
  let isImaginary: Value
  let sine: Value
  let cosine: Value
  let hyperbolicSine: Value
  let hyperbolicCosine: Value

  init(_ x: Value) throws {
    let a = try bind1(Unary(.real), x)
    let b = try bind1(Unary(.imag), x)
    isImaginary = try compare(a, .eq, full(0, like: a))
    sine = try bind1(Unary(.sin), a)
    cosine = try bind1(Unary(.cos), a)
    let up = try bind1(Unary(.expm1), b)
    let down = try bind1(Unary(.expm1), neg(b))
    hyperbolicSine = try div(sub(up, down), full(2, like: b))
    hyperbolicCosine = try div(add(add(up, down), full(2, like: b)), full(2, like: b))
  }
}
