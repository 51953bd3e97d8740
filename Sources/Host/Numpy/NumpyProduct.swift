import COpenBLAS
import Tensor

/// `a @ b`
func matrixProduct(_ a: HostTensor, _ b: HostTensor) throws -> HostTensor {
  guard a.shape.rank > 0, b.shape.rank > 0 else {
    throw valueError(
      "matmul: Input operand \(a.shape.rank == 0 ? 0 : 1) does not have enough dimensions")
  }
  let type = numpyPromote(a.type, b.type)
  let x = a.shape.rank == 1 ? a.reshaped([1, a.shape[0]]) : a
  let y = b.shape.rank == 1 ? b.reshaped([b.shape[0], 1]) : b
  let (n, k, m) = (x.shape[x.shape.rank - 2], x.shape[x.shape.rank - 1], y.shape[y.shape.rank - 1])
  guard k == y.shape[y.shape.rank - 2] else {
    throw valueError(
      """
      matmul: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature \
      (n?,k),(k,m?)->(n?,m?) (size \(y.shape[y.shape.rank - 2]) is different from \(k))
      """)
  }
  let batch = try broadcastShapes([
    Shape(x.shape.dimensions.dropLast(2)), Shape(y.shape.dimensions.dropLast(2)),
  ])
  let left = try broadcast(x, to: Shape(batch.dimensions + [n, k]))
  let right = try broadcast(y, to: Shape(batch.dimensions + [k, m]))
  func multiply<W: MatrixElement>(_: W.Type) -> HostTensor {
    let p = left.converted(to: W.elementType).elements(as: W.self)
    let q = right.converted(to: W.elementType).elements(as: W.self)
    var result = [W](repeating: W.zero, count: batch.count * n * m)
    // BLAS has 32 bits for extents.
    guard [n, k, m].allSatisfy({ (1...Int(Int32.max)).contains($0) }) else {
      return HostTensor(result, shape: Shape(batch.dimensions + [n, m]))
    }
    p.withUnsafeBufferPointer { p in
      q.withUnsafeBufferPointer { q in
        result.withUnsafeMutableBufferPointer { result in
          for index in 0..<batch.count {
            W.multiply(
              p.baseAddress! + index * n * k, q.baseAddress! + index * k * m,
              into: result.baseAddress! + index * n * m, (n, k, m))
          }
        }
      }
    }
    return HostTensor(result, shape: Shape(batch.dimensions + [n, m]))
  }
  let result =
    switch type.kind {
    case .float: type == .f64 ? multiply(Double.self) : multiply(Float.self)
    case .complex: type == .c128 ? multiply(Complex<Double>.self) : multiply(Complex<Float>.self)
    case .bool: multiply(Bool.self)
    case .signed, .unsigned, .float0, .key: multiply(Int64.self)
    }
  var shape = batch.dimensions
  if a.shape.rank > 1 { shape.append(n) }
  if b.shape.rank > 1 { shape.append(m) }
  return result.converted(to: type).reshaped(Shape(shape))
}

/// An element of matrices that can be multiplied.
private protocol MatrixElement: TensorElement {
  static var zero: Self { get }

  /// The product of an `n × k` and a `k × m` matrix, row by row, in `result`, which is zero.
  static func multiply(
    _ a: UnsafePointer<Self>, _ b: UnsafePointer<Self>, into result: UnsafeMutablePointer<Self>,
    _ extents: (n: Int, k: Int, m: Int))
}

extension MatrixElement {
  @inline(__always)
  fileprivate static func addProducts(
    _ a: UnsafePointer<Self>, _ b: UnsafePointer<Self>, into result: UnsafeMutablePointer<Self>,
    _ extents: (n: Int, k: Int, m: Int), _ step: (Self, Self, Self) -> Self
  ) {
    for i in 0..<extents.n {
      let row = result + i * extents.m
      for inner in 0..<extents.k {
        let factor = a[i * extents.k + inner]
        let other = b + inner * extents.m
        for j in 0..<extents.m { row[j] = step(row[j], factor, other[j]) }
      }
    }
  }
}

extension Float: MatrixElement {
  fileprivate static func multiply(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
    into result: UnsafeMutablePointer<Float>, _ extents: (n: Int, k: Int, m: Int)
  ) {
    let (n, k, m) = (Int32(extents.n), Int32(extents.k), Int32(extents.m))
    cblas_sgemm(
      CblasRowMajor, CblasNoTrans, CblasNoTrans, n, m, k, 1, a, k, b, m, 0, result, m)
  }
}

extension Double: MatrixElement {
  fileprivate static func multiply(
    _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>,
    into result: UnsafeMutablePointer<Double>, _ extents: (n: Int, k: Int, m: Int)
  ) {
    let (n, k, m) = (Int32(extents.n), Int32(extents.k), Int32(extents.m))
    cblas_dgemm(
      CblasRowMajor, CblasNoTrans, CblasNoTrans, n, m, k, 1, a, k, b, m, 0, result, m)
  }
}

extension Complex: MatrixElement {
  fileprivate static var zero: Self { Complex(0) }

  fileprivate static func multiply(
    _ a: UnsafePointer<Self>, _ b: UnsafePointer<Self>, into result: UnsafeMutablePointer<Self>,
    _ extents: (n: Int, k: Int, m: Int)
  ) {
    addProducts(a, b, into: result, extents) { total, x, y in
      Complex(
        total.real + (x.real * y.real - x.imaginary * y.imaginary),
        total.imaginary + (x.real * y.imaginary + x.imaginary * y.real))
    }
  }
}

extension Int64: MatrixElement {
  fileprivate static func multiply(
    _ a: UnsafePointer<Int64>, _ b: UnsafePointer<Int64>,
    into result: UnsafeMutablePointer<Int64>, _ extents: (n: Int, k: Int, m: Int)
  ) {
    addProducts(a, b, into: result, extents) { $0 &+ $1 &* $2 }
  }
}

extension Bool: MatrixElement {
  fileprivate static var zero: Bool { false }

  fileprivate static func multiply(
    _ a: UnsafePointer<Bool>, _ b: UnsafePointer<Bool>, into result: UnsafeMutablePointer<Bool>,
    _ extents: (n: Int, k: Int, m: Int)
  ) {
    addProducts(a, b, into: result, extents) { $0 || $1 && $2 }
  }
}
