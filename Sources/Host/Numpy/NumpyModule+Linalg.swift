import Syntax
import Tensor

extension NumpyModule {
  /// The module `numpy.linalg`: small systems on the host.
  static func makeLinalg() -> ModuleObject {
    let module = ModuleObject("numpy.linalg", isLibrary: true)
    module["LinAlgError"] = .type(Exceptions["LinAlgError"])
    module.def("norm(x, ord=, axis=, keepdims=)") { a in
      let x = try numpy(a[0]).tensor
      let axes = try numpyAxes(a[2], rank: x.shape.rank)
      let type = x.type.isComplex ? x.type.realPart : inexact(x.type)
      let order = a[1].given.flatMap { try? double($0) } ?? 2
      guard order == 2 || axes.count == 1 else { throw unsupportedNumpy("this norm of matrices") }
      let magnitudes = numpyAbsolute(x)
      return wrapped(
        reduceLines(
          magnitudes, axes, keepsAxes: try a[3].map(isTrue) ?? false, as: Double.self, to: type
        ) { line -> Double in
          if order == .infinity { return line.max() ?? 0 }
          if order == 1 { return line.reduce(0, +) }
          return line.reduce(0) { $0 + $1 * $1 }.squareRoot()
        })
    }
    module.def("inv(a)") { a in
      let (x, n, type) = try square(a[0])
      var identity = [Double](repeating: 0, count: n * n)
      for i in 0..<n { identity[i * n + i] = 1 }
      let (result, _) = try solve(x, identity, n, n)
      return .native(NumpyArray(HostTensor(result, shape: [n, n]).converted(to: type)))
    }
    module.def("solve(a, b)") { a in
      let (x, n, type) = try square(a[0])
      let right = try numpy(a[1]).tensor
      guard right.shape.dimensions.first == n else {
        throw valueError("solve: the operands have mismatched sizes")
      }
      let (result, _) = try solve(x, right.elements(as: Double.self), n, right.count / max(n, 1))
      return .native(NumpyArray(HostTensor(result, shape: right.shape).converted(to: type)))
    }
    module.def("det(a)") { a in
      let (x, n, type) = try square(a[0])
      let determinant = (try? solve(x, [], n, 0).1) ?? 0
      return wrapped(HostTensor(scalar: determinant).converted(to: type))
    }
    return module
  }
}

private func square(_ object: Object?) throws -> ([Double], Int, ElementType) {
  let x = try numpy(object).tensor
  guard x.shape.rank == 2, x.shape[0] == x.shape[1] else {
    throw raised("LinAlgError", "Last 2 dimensions of the array must be square")
  }
  if x.type.isComplex { throw unsupportedNumpy("linear systems of complex numbers") }
  return (x.elements(as: Double.self), x.shape[0], x.type == .f32 ? .f32 : .f64)
}

/// Gaussian elimination with partial pivoting: the solution for `columns` right sides, and the
/// determinant.
private func solve(_ a: [Double], _ b: [Double], _ n: Int, _ columns: Int) throws -> (
  [Double], Double
) {
  var (a, b) = (a, b)
  var determinant = 1.0
  for i in 0..<n {
    let pivot = (i..<n).max { a[$0 * n + i].magnitude < a[$1 * n + i].magnitude } ?? i
    if a[pivot * n + i] == 0 { throw raised("LinAlgError", "Singular matrix") }
    if pivot != i {
      for j in 0..<n { a.swapAt(i * n + j, pivot * n + j) }
      for j in 0..<columns { b.swapAt(i * columns + j, pivot * columns + j) }
      determinant = -determinant
    }
    determinant *= a[i * n + i]
    for row in (i + 1)..<max(n, i + 1) {
      let factor = a[row * n + i] / a[i * n + i]
      for j in i..<n { a[row * n + j] -= factor * a[i * n + j] }
      for j in 0..<columns { b[row * columns + j] -= factor * b[i * columns + j] }
    }
  }
  for i in stride(from: n - 1, through: 0, by: -1) {
    for j in 0..<columns {
      var value = b[i * columns + j]
      for k in (i + 1)..<max(n, i + 1) { value -= a[i * n + k] * b[k * columns + j] }
      b[i * columns + j] = value / a[i * n + i]
    }
  }
  return (b, determinant)
}
