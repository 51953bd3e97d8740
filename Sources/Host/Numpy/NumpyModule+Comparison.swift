import Glibc
import Syntax
import Tensor

extension NumpyModule {
  /// Whether arrays are equal, exactly or nearly.
  static func defineComparison(in module: ModuleObject) {
    module.def("allclose(a, b, rtol=, atol=, equal_nan=)") { a in
      .bool(!(try closeness(a).contains(false)))
    }
    module.def("isclose(a, b, rtol=, atol=, equal_nan=)") { a in
      let shape = try broadcastShapes([numpy(a[0]).shape, numpy(a[1]).shape])
      return wrapped(HostTensor(try closeness(a), shape: shape))
    }
    module.def("array_equal(a, b)") { a in
      let (x, y) = (try numpy(a[0]).tensor, try numpy(a[1]).tensor)
      guard x.shape == y.shape else { return .bool(false) }
      let equal = try numpyCompare(
        .equal, NumpyOperand(x), NumpyOperand(y))
      return .bool(!equal.elements(as: Bool.self).contains(false))
    }
  }
}

/// `|a − b| ≤ atol + rtol |b|`, element by element.
func closeness(_ a: [Object?]) throws -> [Bool] {
  let rtol = try a[2].map { try double(plainNumber($0)) } ?? 1e-5
  let atol = try a[3].map { try double(plainNumber($0)) } ?? 1e-8
  let equalNaN = try a[4].map(isTrue) ?? false
  let (x, y) = (try numpy(a[0]).tensor, try numpy(a[1]).tensor)
  return try zipElements(x, y, as: Complex<Double>.self, to: .bool) { x, y -> Bool in
    if x == y { return true }
    if x.real.isNaN || y.real.isNaN || x.imaginary.isNaN || y.imaginary.isNaN {
      return equalNaN && x.real.isNaN && y.real.isNaN
    }
    let distance = hypot(x.real - y.real, x.imaginary - y.imaginary)
    let size = hypot(y.real, y.imaginary)
    return distance.isFinite && size.isFinite && distance <= atol + rtol * size
  }.elements(as: Bool.self)
}
