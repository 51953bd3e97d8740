import BigInt
import Glibc
import Syntax

/// The module `math`.
func makeMath() -> ModuleObject {
  let module = ModuleObject("math")
  for (name, value) in [
    ("pi", Double.pi), ("e", 2.718281828459045), ("tau", 2 * Double.pi), ("inf", .infinity),
    ("nan", .nan),
  ] {
    module[Symbol(name)] = .float(value)
  }
  defineFunctions(in: module)
  defineIntegers(in: module)
  return module
}

/// Raises Python's errors for results outside of the reals.
private func checked(_ result: Double, _ x: Double) throws -> Object {
  if result.isNaN && !x.isNaN { throw valueError("math domain error") }
  if result.isInfinite && x.isFinite { throw overflowError("math range error") }
  return .float(result)
}

private func defineFunctions(in module: ModuleObject) {
  let functions: [(String, (Double) -> Double)] = [
    ("sqrt", { $0.squareRoot() }), ("exp", exp), ("expm1", expm1), ("sin", sin), ("cos", cos),
    ("tan", tan), ("asin", asin), ("acos", acos), ("atan", atan), ("sinh", sinh), ("cosh", cosh),
    ("tanh", tanh), ("asinh", asinh), ("acosh", acosh), ("erf", erf), ("erfc", erfc),
    ("gamma", tgamma), ("lgamma", lgamma), ("fabs", { $0.magnitude }), ("exp2", exp2),
    ("cbrt", cbrt), ("degrees", { $0 * (180 / .pi) }), ("radians", { $0 * (.pi / 180) }),
  ]
  for (name, function) in functions {
    module.def("\(name)(x, /)") { a in
      let x = try double(a[0] ?? .none)
      return try checked(function(x), x)
    }
  }
  for (name, function) in [("log1p", log1p), ("atanh", atanh)] as [(String, (Double) -> Double)] {
    module.def("\(name)(x, /)") { a in
      let x = try double(a[0] ?? .none)
      let result = function(x)
      if result.isInfinite && x.isFinite { throw valueError("math domain error") }
      return try checked(result, x)
    }
  }
  func logarithm(_ object: Object, _ function: (Double) -> Double) throws -> Double {
    if case .big(let big) = object, big.value > 0 {
      let shift = max(0, big.value.magnitude.bitWidth - 1000)
      return function(Double(big.value >> shift)) + Double(shift) * function(2)
    }
    let x = try double(object)
    if x <= 0 { throw valueError("math domain error") }
    return function(x)
  }
  module.def("log(x, base=, /)") { a in
    let result = try logarithm(a[0] ?? .none, log)
    guard let base = a[1] else { return .float(result) }
    let divisor = try logarithm(base, log)
    if divisor == 0 { throw zeroDivision("float division by zero") }
    return .float(result / divisor)
  }
  module.def("log2(x, /)") { a in .float(try logarithm(a[0] ?? .none, log2)) }
  module.def("log10(x, /)") { a in .float(try logarithm(a[0] ?? .none, log10)) }
  let pairs: [(String, (Double, Double) -> Double)] = [
    ("atan2", atan2), ("copysign", copysign), ("fmod", fmod), ("pow", pow),
    ("remainder", remainder), ("nextafter", nextafter),
  ]
  for (name, function) in pairs {
    module.def("\(name)(x, y, /)") { a in
      let (x, y) = (try double(a[0] ?? .none), try double(a[1] ?? .none))
      let result = function(x, y)
      if result.isNaN && !x.isNaN && !y.isNaN { throw valueError("math domain error") }
      if name == "pow", result.isInfinite && x.isFinite && y.isFinite {
        throw x == 0 ? valueError("math domain error") : overflowError("math range error")
      }
      return .float(result)
    }
  }
  module.def("hypot(*coordinates)") { a in
    .float(try list(a[0] ?? .none).map(double).reduce(0) { hypot($0, $1) })
  }
  module.def("dist(p, q, /)") { a in
    let (p, q) = (try list(a[0] ?? .none).map(double), try list(a[1] ?? .none).map(double))
    guard p.count == q.count else {
      throw valueError("both points must have the same number of dimensions")
    }
    return .float(zip(p, q).map { $0 - $1 }.reduce(0) { hypot($0, $1) })
  }
  module.def("fsum(iterable, /)") { a in
    // Shewchuk's exact partial sums.
    var partials: [Double] = []
    // What is not finite is added apart: an infinity once, and NaN where there are both.
    var infinities = 0.0
    var special = 0.0
    for item in try list(a[0] ?? .none) {
      let next = try double(item)
      guard next.isFinite else {
        if next.isInfinite { infinities += next }
        special += next
        continue
      }
      var x = next
      var kept: [Double] = []
      for var y in partials {
        if x.magnitude < y.magnitude { (x, y) = (y, x) }
        let high = x + y
        let low = y - (high - x)
        if low != 0 { kept.append(low) }
        x = high
      }
      guard x.isFinite else { throw overflowError("intermediate overflow in fsum") }
      partials = x == 0 ? kept : kept + [x]
    }
    if special != 0 {
      if infinities.isNaN { throw valueError("-inf + inf in fsum") }
      return .float(special)
    }
    // The partial sums do not overlap: they are added from the largest on until one is rounded off,
    // and where that was half of the last digit, the next says which way to round.
    guard var sum = partials.popLast() else { return .float(0) }
    while let next = partials.popLast() {
      let larger = sum
      sum = larger + next
      let rest = next - (sum - larger)
      if rest == 0 { continue }
      if let below = partials.last, (rest < 0) == (below < 0) {
        let rounded = sum + 2 * rest
        if rounded - sum == 2 * rest { sum = rounded }
      }
      break
    }
    return .float(sum)
  }
  module.def("sumprod(p, q, /)") { a in
    var total = Object.int(0)
    for (x, y) in zip(try list(a[0] ?? .none), try list(a[1] ?? .none)) {
      total = try binary(.add, total, binary(.multiply, x, y))
    }
    return total
  }
  module.def("prod(iterable, /, *, start=)") { a in
    try list(a[0] ?? .none).reduce(a[1] ?? .int(1)) { try binary(.multiply, $0, $1) }
  }
  module.def("isnan(x, /)") { a in .bool(try double(a[0] ?? .none).isNaN) }
  module.def("isinf(x, /)") { a in .bool(try double(a[0] ?? .none).isInfinite) }
  module.def("isfinite(x, /)") { a in .bool(try double(a[0] ?? .none).isFinite) }
  module.def("isclose(a, b, *, rel_tol=, abs_tol=)") { a in
    let (x, y) = (try double(a[0] ?? .none), try double(a[1] ?? .none))
    let relative = try a[2].map(double) ?? 1e-9
    let absolute = try a[3].map(double) ?? 0
    if x == y { return .bool(true) }
    if x.isInfinite || y.isInfinite { return .bool(false) }
    let difference = (x - y).magnitude
    return .bool(
      difference <= max(relative * max(x.magnitude, y.magnitude), absolute))
  }
  module.def("frexp(x, /)") { a in
    let x = try double(a[0] ?? .none)
    guard x.isFinite, x != 0 else { return .tuple([.float(x), .int(0)]) }
    var exponent: Int32 = 0
    let mantissa = Glibc.frexp(x, &exponent)
    return .tuple([.float(mantissa), .int(Int(exponent))])
  }
  module.def("ldexp(x, i, /)") { a in
    .float(scalbn(try double(a[0] ?? .none), Int32(clamping: try requireIndex(a[1] ?? .none))))
  }
  module.def("modf(x, /)") { a in
    let x = try double(a[0] ?? .none)
    let whole = x.rounded(.towardZero)
    return .tuple([.float(x.isInfinite ? copysign(0, x) : copysign(x - whole, x)), .float(whole)])
  }
  module.def("ulp(x, /)") { a in .float(try double(a[0] ?? .none).magnitude.ulp) }
}

private func defineIntegers(in module: ModuleObject) {
  let rounding: [(String, FloatingPointRoundingRule)] = [
    ("floor", .down), ("ceil", .up), ("trunc", .towardZero),
  ]
  for (name, rule) in rounding {
    let method = Symbol("__\(name)__")
    module.def("\(name)(x, /)") { a in
      let object = a[0] ?? .none
      switch object {
      case .int, .big: return object
      case .instance:
        if let result = try callMethod(object, method) { return result }
      default: break
      }
      let x = try double(object)
      if x.isNaN { throw valueError("cannot convert float NaN to integer") }
      if x.isInfinite { throw overflowError("cannot convert float infinity to integer") }
      return Object(BigInt(x.rounded(rule)))
    }
  }
  func integer(_ object: Object?) throws -> BigInt {
    if case .big(let big)? = object { return big.value }
    return BigInt(try requireIndex(object ?? .none))
  }
  module.def("gcd(*integers)") { a in
    Object(
      try list(a[0] ?? .none).reduce(BigInt(0)) { $0.greatestCommonDivisor(with: try integer($1)) })
  }
  module.def("lcm(*integers)") { a in
    Object(
      try list(a[0] ?? .none).reduce(BigInt(1)) { total, object in
        let x = try integer(object)
        if x == 0 || total == 0 { return 0 }
        return BigInt((total / total.greatestCommonDivisor(with: x) * x).magnitude)
      })
  }
  module.def("factorial(n, /)") { a in
    if case .float? = a[0] {
      throw typeError("'float' object cannot be interpreted as an integer")
    }
    let n = try requireIndex(a[0] ?? .none)
    if n < 0 { throw valueError("factorial() not defined for negative values") }
    return Object(stride(from: 2, through: n, by: 1).reduce(BigInt(1)) { $0 * BigInt($1) })
  }
  module.def("isqrt(n, /)") { a in
    let n = try integer(a[0])
    if n < 0 { throw valueError("isqrt() argument must be nonnegative") }
    return Object(n.squareRoot())
  }
  func choose(_ n: Int, _ k: Int, ordered: Bool) throws -> Object {
    if n < 0 || k < 0 { throw valueError("n must be a non-negative integer") }
    if k > n { return .int(0) }
    let k = ordered ? k : min(k, n - k)
    var result = BigInt(1)
    for i in 0..<k {
      result *= BigInt(n - i)
      if !ordered { result /= BigInt(i + 1) }
    }
    return Object(result)
  }
  module.def("comb(n, k, /)") { a in
    try choose(requireIndex(a[0] ?? .none), requireIndex(a[1] ?? .none), ordered: false)
  }
  module.def("perm(n, k=, /)") { a in
    let n = try requireIndex(a[0] ?? .none)
    return try choose(n, a[1].map(requireIndex) ?? n, ordered: true)
  }
}
