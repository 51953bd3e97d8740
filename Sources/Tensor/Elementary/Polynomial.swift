/// Polynomials that approximate one function in each precision; lowest coefficient first.
struct Polynomial: Sendable {
  let single: [Double]
  let double: [Double]

  /// The value at `x`: the even and the odd powers form two chains that run side by side.
  func callAsFunction<T: Arithmetic>(_ x: T) -> T {
    let coefficients = x.precision == .single ? single : double
    guard coefficients.count > 3 else { return horner(coefficients, step: 1, from: 0, x) }
    let square = x * x
    let even = horner(coefficients, step: 2, from: 0, square)
    let odd = horner(coefficients, step: 2, from: 1, square)
    return even.addingProduct(odd, x)
  }

  private func horner<T: Arithmetic>(
    _ coefficients: [Double], step: Int, from first: Int, _ x: T
  ) -> T {
    var position = first + (coefficients.count - 1 - first) / step * step
    var value = x.constant(coefficients[position])
    while position > first {
      position -= step
      value = x.constant(coefficients[position]).addingProduct(value, x)
    }
    return value
  }
}

/// The words of a constant that needs more than one, in each precision.
struct Constants: Sendable {
  let single: [Double]
  let double: [Double]

  func words(_ precision: Precision) -> [Double] { precision == .single ? single : double }
}
