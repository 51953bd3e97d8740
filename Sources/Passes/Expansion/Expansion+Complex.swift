import HLO
import Support
import Tensor

extension UnaryOp {
  /// `true` iff the function of complex numbers is said in terms of others.
  var isExpanded: Bool {
    switch self {
    case .acos, .acosh, .asin, .asinh, .atan, .atanh, .cbrt: true
    default: false
    }
  }
}

// Inverse functions follow Kahan, who keeps both parts accurate near the branch cuts.
extension FunctionBuilder {
  /// A function of complex numbers, computed in double precision.
  func complexFunction(_ op: UnaryOp, _ x: ValueID) throws -> ValueID {
    let type = try tensorType(of: x)
    let z = try type.element == .c128 ? x : convert(x, to: .c128)
    let result: ValueID
    switch op {
    case .asin: result = try inverseSine(z)
    case .asinh: result = try timesMinusI(inverseSine(timesI(z)))
    case .acos: result = try inverseCosine(z)
    case .acosh: result = try inverseCosh(z)
    case .atanh: result = try inverseTanh(z)
    case .atan: result = try timesMinusI(inverseTanh(timesI(z)))
    case .cbrt: result = try power(z, number(1.0 / 3, like: z))
    default: throw unsupported("\(op.rawValue) of complex numbers")
    }
    return try type.element == .c128 ? result : convert(result, to: type.element)
  }

  /// The larger or smaller number: by real part, then by imaginary part; NaN wins.
  func complexExtremum(_ x: ValueID, _ y: ValueID, isLargest: Bool) throws -> ValueID {
    func hasNaN(_ z: ValueID) throws -> ValueID { try compare(z, .ne, z) }
    let (a, b) = isLargest ? (x, y) : (y, x)
    let (p, q) = (try real(a), try real(b))
    let isLess = try or(
      compare(p, .lt, q), and(compare(p, .eq, q), compare(imag(a), .lt, imag(b))))
    return try select(hasNaN(x), x, select(hasNaN(y), y, select(isLess, y, x)))
  }

  private func number(_ value: Double, like z: ValueID) throws -> ValueID {
    let one = HostTensor(.complex(Complex(value, 0)), type: .c128)
    return try constant(Constant(splat: one, shape: tensorType(of: z).shape))
  }

  private func timesI(_ z: ValueID) throws -> ValueID { try complex(negate(imag(z)), real(z)) }
  private func timesMinusI(_ z: ValueID) throws -> ValueID { try complex(imag(z), negate(real(z))) }
  private func conjugate(_ z: ValueID) throws -> ValueID { try complex(real(z), negate(imag(z))) }
  private func asinh(_ x: ValueID) throws -> ValueID { try unary(.asinh, x) }

  /// `small`, or `log z + log 2` for a number so large that squares would overflow.
  private func unlessHuge(
    _ z: ValueID, _ small: ValueID, _ huge: (ValueID) throws -> ValueID
  ) throws -> ValueID {
    let size = try abs(z)
    let isHuge = try compare(size, .gt, splat(1e150, tensorType(of: size)))
    return try select(isHuge, huge(number(0.6931471805599453, like: z)), small)
  }

  private func inverseSine(_ z: ValueID) throws -> ValueID {
    let one = try number(1, like: z)
    let (a, b) = (try sqrt(subtract(one, z)), try sqrt(add(one, z)))
    let small = try complex(
      binary(.atan2, real(z), real(multiply(a, b))), asinh(imag(multiply(conjugate(a), b))))
    return try unlessHuge(z, small) { try timesMinusI(add(log(timesI(z)), $0)) }
  }

  private func inverseCosine(_ z: ValueID) throws -> ValueID {
    let one = try number(1, like: z)
    let (a, b) = (try sqrt(subtract(one, z)), try sqrt(add(one, z)))
    let angle = try binary(.atan2, real(a), real(b))
    return try complex(add(angle, angle), asinh(imag(multiply(conjugate(b), a))))
  }

  private func inverseCosh(_ z: ValueID) throws -> ValueID {
    let one = try number(1, like: z)
    let (a, b) = (try sqrt(subtract(z, one)), try sqrt(add(z, one)))
    let angle = try binary(.atan2, imag(a), real(b))
    let small = try complex(asinh(real(multiply(conjugate(a), b))), add(angle, angle))
    return try unlessHuge(z, small) { try add(log(z), $0) }
  }

  private func inverseTanh(_ z: ValueID) throws -> ValueID {
    let difference = try subtract(unary(.logPlusOne, z), unary(.logPlusOne, negate(z)))
    let half = try splat(0.5, tensorType(of: z).with(.f64))
    return try complex(multiply(real(difference), half), multiply(imag(difference), half))
  }
}
