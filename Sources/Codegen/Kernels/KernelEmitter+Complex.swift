import CLLVM
import LoopIR
import Support
import Tensor

/// A complex number of the code being emitted.
private struct ComplexReal {
  var real: VectorReal
  var imaginary: VectorReal

  init(_ real: VectorReal, _ imaginary: VectorReal) {
    self.real = real
    self.imaginary = imaginary
  }

  static func + (a: Self, b: Self) -> Self { Self(a.real + b.real, a.imaginary + b.imaginary) }
  static func - (a: Self, b: Self) -> Self { Self(a.real - b.real, a.imaginary - b.imaginary) }
  static prefix func - (a: Self) -> Self { Self(-a.real, -a.imaginary) }
  static func * (a: Self, b: Self) -> Self {
    Self(
      a.real * b.real - a.imaginary * b.imaginary, a.real * b.imaginary + a.imaginary * b.real)
  }

  /// Smith's division: scaled by the larger part of the divisor. What is divided by zero is infinite,
  /// and a finite number divided by an infinite one is zero.
  static func / (a: Self, b: Self) -> Self {
    let realIsLarger = b.imaginary.magnitude .<= b.real.magnitude
    let large = VectorReal.select(realIsLarger, b.real, b.imaginary)
    let small = VectorReal.select(realIsLarger, b.imaginary, b.real)
    let ratio = small / large
    let scale = large + small * ratio
    let (p, q) = (
      VectorReal.select(realIsLarger, a.real, a.imaginary),
      VectorReal.select(realIsLarger, a.imaginary, a.real)
    )
    let real = (p + q * ratio) / scale
    let cross = (q - p * ratio) / scale
    let quotient = Self(real, VectorReal.select(realIsLarger, cross, -cross))
    let isRare = ratio .!= ratio
    return Self(
      VectorReal.rarely(isRare, { rareQuotient(a, b).real }, otherwise: quotient.real),
      VectorReal.rarely(isRare, { rareQuotient(a, b).imaginary }, otherwise: quotient.imaginary))
  }

  /// The quotient where the divisor's parts have no ratio: both zero, both infinite, or one is NaN.
  private static func rareQuotient(_ a: Self, _ b: Self) -> Self {
    let infinity = b.real.constant(.infinity)
    func isInfinite(_ x: VectorReal) -> VectorMask { x.magnitude .== infinity }
    func isFinite(_ x: VectorReal) -> VectorMask { x.magnitude .< infinity }
    let (zero, one) = (b.real.constant(0), b.real.constant(1))
    func unit(_ x: VectorReal) -> VectorReal {
      VectorReal.select(
        isInfinite(x), VectorReal.select(x .< zero, -one, one),
        VectorReal.select(x .< zero, -zero, zero))
    }
    let (c, d) = (unit(b.real), unit(b.imaginary))
    let vanishes =
      isFinite(a.real) .& isFinite(a.imaginary) .& (isInfinite(b.real) .| isInfinite(b.imaginary))
    let isZero = (b.real .== zero) .& (b.imaginary .== zero)
    func chosen(_ vanished: VectorReal, _ part: VectorReal) -> VectorReal {
      VectorReal.select(
        vanishes, vanished * zero, VectorReal.select(isZero, part / b.real, zero / zero))
    }
    return Self(
      chosen(a.real * c + a.imaginary * d, a.real),
      chosen(a.imaginary * c - a.real * d, a.imaginary))
  }

  func constant(_ real: Double, _ imaginary: Double = 0) -> Self {
    Self(self.real.constant(real), self.real.constant(imaginary))
  }

  func scaled(by factor: VectorReal) -> Self { Self(real * factor, imaginary * factor) }
  var timesI: Self { Self(-imaginary, real) }
}

extension KernelEmitter {
  private func complex(_ value: LaneValue, _ type: ElementType) -> ComplexReal {
    ComplexReal(number(value.real, type), number(value.imaginary!, type))
  }

  func emitComplex(_ operation: Kernel.UnaryOperation, _ x: LaneValue) throws -> LaneValue {
    let type: ElementType = ir.element(x.real.type) == ir.double ? .c128 : .c64
    let z = complex(x, type)
    func made(_ z: ComplexReal) -> LaneValue {
      result(z.real.value, z.imaginary.value, like: x)
    }
    let one = z.constant(1)
    switch operation {
    case .real: return result(x.real, like: x)
    case .imag: return result(x.imaginary!, like: x)
    case .conjugate: return made(ComplexReal(z.real, -z.imaginary))
    case .negate: return made(-z)
    case .abs: return result(magnitude(z).value, like: x)
    case .sign:
      let size = magnitude(z)
      let isZero = size .== size.constant(0)
      let divisor = VectorReal.select(isZero, size.constant(1), size)
      return made(ComplexReal(z.real / divisor, z.imaginary / divisor))
    case .exponential: return made(exponential(z))
    case .exponentialMinusOne:
      // e^x cos y - 1 = expm1(x) cos y - 2 sin²(y/2)
      let half = Elementary.sin(z.imaginary * z.imaginary.constant(0.5))
      let grown = Elementary.expm1(z.real)
      let cosine = Elementary.cos(z.imaginary)
      return made(
        ComplexReal(
          grown * cosine - half * half * half.constant(2), exponential(z).imaginary))
    case .log: return made(logarithm(z))
    case .logPlusOne: return made(logarithmPlusOne(z))
    case .logistic: return made(one / (one + exponential(-z)))
    case .sqrt:
      // A zero beside the branch cut has one side.
      let root = squareRoot(z)
      let isBelow = z.imaginary .< z.imaginary.constant(0)
      return made(
        ComplexReal(
          root.real, VectorReal.select(isBelow, -root.imaginary, root.imaginary)))
    case .rsqrt:
      let root = squareRoot(z)
      return made(one / ComplexReal(root.real, copySign(z.imaginary, to: root.imaginary)))
    case .sine:
      let h = hyperbolic(z.imaginary)
      return made(
        ComplexReal(
          vanishing(with: z.real, h.cosh * Elementary.sin(z.real) * h.scale),
          h.sinh * Elementary.cos(z.real) * h.scale))
    case .cosine:
      let h = hyperbolic(z.imaginary)
      return made(
        ComplexReal(
          h.cosh * Elementary.cos(z.real) * h.scale,
          vanishing(with: z.real, -(h.sinh * Elementary.sin(z.real) * h.scale))))
    case .sinh:
      let h = hyperbolic(z.real)
      return made(
        ComplexReal(
          positiveZero(h.sinh * Elementary.cos(z.imaginary) * h.scale),
          vanishing(with: z.imaginary, h.cosh * Elementary.sin(z.imaginary) * h.scale)))
    case .cosh:
      let h = hyperbolic(z.real)
      let imaginary = h.sinh * Elementary.sin(z.imaginary) * h.scale
      return made(
        ComplexReal(
          h.cosh * Elementary.cos(z.imaginary) * h.scale,
          vanishing(with: z.imaginary, positiveZero(imaginary))))
    case .tanh: return made(tangentHyperbolic(z))
    case .tan: return made(-tangentHyperbolic(z.timesI).timesI)
    case .isFinite, .not, .popcnt, .countLeadingZeros, .ceil, .floor, .roundNearestAfz,
      .roundNearestEven, .cbrt, .asin, .acos, .atan, .asinh, .acosh, .atanh, .erf, .erfc, .erfInv,
      .lgamma, .digamma, .besselI0e, .besselI1e:
      throw unsupported("\(operation.rawValue) of complex numbers")
    }
  }

  func emitComplex(
    _ operation: Kernel.BinaryOperation, _ x: LaneValue, _ y: LaneValue, _ type: ElementType
  ) throws -> LaneValue {
    let (a, b) = (complex(x, type), complex(y, type))
    let z: ComplexReal
    switch operation {
    case .add: z = a + b
    case .subtract: z = a - b
    case .multiply, .multiplyRounded: z = a * b
    case .divide: z = a / b
    case .power:
      // 0^0 = 1, and 0^b = 0.
      let power = exponential(logarithm(a) * b)
      let zero = a.real.constant(0)
      let isZero = (a.real .== zero) .& (a.imaginary .== zero)
      let exponentIsZero = (b.real .== zero) .& (b.imaginary .== zero)
      let atZero = VectorReal.select(exponentIsZero, zero.constant(1), zero)
      z = ComplexReal(
        VectorReal.select(isZero, atZero, power.real),
        VectorReal.select(isZero, zero, power.imaginary))
    case .remainder, .atan2, .maximum, .minimum, .and, .or, .xor, .shiftLeft, .shiftRightLogical,
      .shiftRightArithmetic, .nextAfter, .complex, .zeta, .polygamma, .igamma, .igammac:
      throw unsupported("\(operation.rawValue) of complex numbers")
    }
    return result(z.real.value, z.imaginary.value, like: x)
  }

  /// `√(x² + y²)` without overflow on the way.
  private func magnitude(_ z: ComplexReal) -> VectorReal {
    let (x, y) = (z.real.magnitude, z.imaginary.magnitude)
    let (large, small) = ordered(z)
    let zero = large.constant(0)
    let infinity = large.constant(.infinity)
    let ratio = small / large
    let size = large * (ratio * ratio + ratio.constant(1)).squareRoot()
    let isPlain = (zero .< large) .& (large .< infinity)
    return VectorReal.select(isPlain, size, x + y)
  }

  private func exponential(_ z: ComplexReal) -> ComplexReal {
    let zero = z.real.constant(0)
    let one = z.real.constant(1)
    // The square of half, where the whole would overflow before the cosine makes it smaller.
    let isLarge = z.real.constant(z.real.precision == .single ? 88 : 709) .< z.real
    let size = Elementary.exp(
      VectorReal.select(isLarge, z.real * z.real.constant(0.5), z.real))
    let again = VectorReal.select(isLarge, size, one)
    let isReal = z.imaginary .== zero
    return ComplexReal(
      VectorReal.select(isReal, size, size * Elementary.cos(z.imaginary)) * again,
      VectorReal.select(
        isReal, zero, size * Elementary.sin(z.imaginary) * again))
  }

  private func logarithm(_ z: ComplexReal) -> ComplexReal {
    let (large, small) = ordered(z)
    // |z|² - 1, where the square of the larger part less one is exact.
    let (square, low) = exactSquare(large)
    let (other, otherLow) = exactSquare(small)
    let excess = (square - square.constant(1) + other) + (low + otherLow)
    return ComplexReal(
      logarithmOfSize(z, excess: excess), Elementary.atan2(z.imaginary, z.real))
  }

  private func logarithmPlusOne(_ z: ComplexReal) -> ComplexReal {
    let shifted = ComplexReal(z.real + z.real.constant(1), z.imaginary)
    // |1 + z|² - 1 = 2x + x² + y²; what the first sum loses is added at the end.
    let twice = z.real + z.real
    let (square, low) = exactSquare(z.real)
    let (other, otherLow) = exactSquare(z.imaginary)
    let sum = twice + square
    let added = sum - twice
    let lost = (twice - (sum - added)) + (square - added)
    let excess = (sum + other) + (lost + (low + otherLow))
    return ComplexReal(
      logarithmOfSize(shifted, excess: excess), Elementary.atan2(z.imaginary, shifted.real))
  }

  /// `log |z|`, by `excess`, which is `|z|² - 1`, where that is near zero.
  private func logarithmOfSize(_ z: ComplexReal, excess: VectorReal) -> VectorReal {
    let (large, small) = ordered(z)
    let half = large.constant(0.5)
    let ratio = small / large
    let isPlain = (large.constant(0) .< large) .& (large .< large.constant(.infinity))
    let size = VectorReal.select(isPlain, large, magnitude(z))
    let far =
      Elementary.log(size)
      + VectorReal.select(
        isPlain, Elementary.log1p(ratio * ratio) * half, large.constant(0))
    let near = Elementary.log1p(excess) * half
    let isNear = (large.constant(-0.5) .< excess) .& (excess .< large.constant(1))
    return VectorReal.select(isNear, near, far)
  }

  /// The square and what rounding it has lost.
  private func exactSquare(_ x: VectorReal) -> (VectorReal, VectorReal) {
    let square = x * x
    return (square, (-square).addingProduct(x, x))
  }

  /// The absolute values of the parts, the larger first.
  private func ordered(_ z: ComplexReal) -> (VectorReal, VectorReal) {
    let (x, y) = (z.real.magnitude, z.imaginary.magnitude)
    let xIsLarger = y .<= x
    return (VectorReal.select(xIsLarger, x, y), VectorReal.select(xIsLarger, y, x))
  }

  /// The square root of the number or its conjugate, whichever has its parts not below zero.
  private func squareRoot(_ whole: ComplexReal) -> ComplexReal {
    let half = whole.real.constant(0.5)
    let zero = whole.real.constant(0)
    // A quarter, where the sum of a part and the absolute value would overflow.
    let (large, _) = ordered(whole)
    let isHuge = large.constant(large.precision == .single ? 0x1p126 : 0x1p1022) .<= large
    let one = large.constant(1)
    let z = whole.scaled(by: VectorReal.select(isHuge, large.constant(0.25), one))
    let back = VectorReal.select(isHuge, large.constant(2), one)
    let size = magnitude(z)
    let root = ((size + z.real.magnitude) * half).squareRoot()
    let isZero = root .== zero
    let other = VectorReal.select(
      isZero, zero, z.imaginary.magnitude * half / VectorReal.select(isZero, half, root))
    let isRight = zero .<= z.real
    let infinity = zero.constant(.infinity)
    let isInfinite = (z.imaginary.magnitude .== infinity) .& (z.real .== z.real)
    let real = VectorReal.select(
      isInfinite, infinity, VectorReal.select(isRight, root, other))
    let imaginary = VectorReal.select(
      isInfinite, infinity, VectorReal.select(isRight, other, root))
    return ComplexReal(real, imaginary).scaled(by: back)
  }

  /// The hyperbolic sine and cosine, each to be multiplied by `scale`: where they would overflow
  /// before another factor makes them smaller, that is not 1.
  private func hyperbolic(
    _ x: VectorReal
  ) -> (sinh: VectorReal, cosh: VectorReal, scale: VectorReal) {
    let (half, one) = (x.constant(0.5), x.constant(1))
    let size = x.magnitude
    let isLarge = x.constant(x.precision == .single ? 88 : 709) .< size
    let grown = Elementary.expm1(VectorReal.select(isLarge, size * half, size))
    let whole = grown + one
    // 1 - e^-x, which adds nothing where x is large.
    let rest = VectorReal.select(isLarge, x.constant(0), grown / whole)
    let sinh = (grown + rest) * half
    return (
      copySign(x, to: sinh), (whole + one / whole) * half,
      VectorReal.select(isLarge, whole, one)
    )
  }

  /// `part`, but zero where its factor `x` is zero, whatever the other factor is.
  private func vanishing(with x: VectorReal, _ part: VectorReal) -> VectorReal {
    let zero = x.constant(0)
    return VectorReal.select(x .== zero, zero, part)
  }

  /// `part`, where a zero is positive.
  private func positiveZero(_ part: VectorReal) -> VectorReal { part + part.constant(0) }

  /// `size` with the sign of `x`, also of its zeros.
  private func copySign(_ x: VectorReal, to size: VectorReal) -> VectorReal {
    let signed = ir.intrinsic("llvm.copysign", [size.value.type], [size.value, x.value])
    return VectorReal(ir: ir, value: signed, precision: size.precision)
  }

  /// With u = e^-2|x|, the hyperbolic tangent is
  /// (±(1 - u)(1 + u) + 4u i sin y cos y) / ((1 - u)² + 4u cos² y).
  private func tangentHyperbolic(_ z: ComplexReal) -> ComplexReal {
    let (zero, one) = (z.real.constant(0), z.real.constant(1))
    let exponent = z.real.magnitude * z.real.constant(-2)
    let u = Elementary.exp(exponent)
    let rest = -Elementary.expm1(exponent)
    let (sine, cosine) = (Elementary.sin(z.imaginary), Elementary.cos(z.imaginary))
    let product = u * z.real.constant(4) * cosine
    // At infinity no angle matters.
    let isFar = z.real.magnitude .== z.real.constant(.infinity)
    let denominator = VectorReal.select(isFar, one, rest * rest + product * cosine)
    let size = rest * (one + u) / denominator
    let isUndefined = isFar .& (sine .!= sine)
    return ComplexReal(
      copySign(z.real, to: size),
      vanishing(
        with: z.imaginary,
        VectorReal.select(isUndefined, zero, product * sine / denominator)))
  }
}
