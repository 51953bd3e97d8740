import Testing

@testable import Tensor

/// Errors of the elementary functions against values computed to 40 digits.
@Suite struct ElementaryTests {
  @Test func functionsAreAccurateToAFewUnitsInTheLastPlace() throws {
    let lines = try cases("elementary.txt")
    #expect(lines.count > 4000)
    for line in lines {
      let name = String(line[0])
      let numbers = line[2...].compactMap { Double($0) }
      let operands = Array(numbers.dropLast(2))
      let (high, low) = (numbers[numbers.count - 2], numbers[numbers.count - 1])
      let isSingle = line[1] == "f32"
      let actual =
        isSingle
        ? evaluate(name, operands.map { Float($0) }).map { Double($0) } : evaluate(name, operands)
      let result = try #require(actual, "unknown function \(name)")
      let error = unitsInTheLastPlace(result, high, low, isSingle: isSingle, name)
      #expect(error <= limit(name, operands[0]), "\(line) gave \(result)")
    }
  }

  /// Functions with zeros inside their domain are accurate relative to 1 there.
  private func isAbsolute(_ name: String) -> Bool { name == "lgamma" || name == "digamma" }

  private func limit(_ name: String, _ x: Double) -> Double {
    // XLA's own formulas, whose errors grow.
    if name == "sinh" || name == "cosh", x.isFinite { return 4 + x.magnitude }
    return name.hasPrefix("bessel") || isAbsolute(name) ? 10 : 4
  }

  private func unitsInTheLastPlace(
    _ actual: Double, _ high: Double, _ low: Double, isSingle: Bool, _ name: String
  ) -> Double {
    if high.isNaN || actual.isNaN { return high.isNaN && actual.isNaN ? 0 : .infinity }
    if high.isInfinite || actual.isInfinite { return high == actual ? 0 : .infinity }
    if high == 0 && !isAbsolute(name) {
      return actual == 0 && actual.sign == high.sign ? 0 : .infinity
    }
    let scale = isAbsolute(name) ? max(abs(high), 1) : abs(high)
    let unit = Double(
      sign: .plus, exponent: Int(scale.exponent) - (isSingle ? 23 : 52), significand: 1)
    return abs((actual - high) - low) / unit
  }

  private func evaluate<T: Arithmetic>(_ name: String, _ x: [T]) -> T? {
    switch name {
    case "exp": Elementary.exp(x[0])
    case "expm1": Elementary.expm1(x[0])
    case "exp2": Elementary.exp2(x[0])
    case "log": Elementary.log(x[0])
    case "log1p": Elementary.log1p(x[0])
    case "log2": Elementary.log2(x[0])
    case "log10": Elementary.log10(x[0])
    case "logistic": Elementary.logistic(x[0])
    case "sin": Elementary.sin(x[0])
    case "cos": Elementary.cos(x[0])
    case "tan": Elementary.tan(x[0])
    case "atan": Elementary.atan(x[0])
    case "asin": Elementary.asin(x[0])
    case "acos": Elementary.acos(x[0])
    case "sinh": Elementary.sinh(x[0])
    case "cosh": Elementary.cosh(x[0])
    case "tanh": Elementary.tanh(x[0])
    case "asinh": Elementary.asinh(x[0])
    case "acosh": Elementary.acosh(x[0])
    case "atanh": Elementary.atanh(x[0])
    case "cbrt": Elementary.cbrt(x[0])
    case "rsqrt": Elementary.rsqrt(x[0])
    case "erf": Elementary.erf(x[0])
    case "erfc": Elementary.erfc(x[0])
    case "erfInv": Elementary.erfInv(x[0])
    case "lgamma": Elementary.lgamma(x[0])
    case "digamma": Elementary.digamma(x[0])
    case "besselI0e": Elementary.besselI0e(x[0])
    case "besselI1e": Elementary.besselI1e(x[0])
    case "pow": Elementary.pow(x[0], x[1])
    case "atan2": Elementary.atan2(x[0], x[1])
    default: nil
    }
  }
}
