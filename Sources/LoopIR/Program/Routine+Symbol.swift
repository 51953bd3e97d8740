import Tensor

extension Routine {
  /// The function of the run-time library that does it:
  /// `int32_t symbol(const int64_t *parameters, void *const *buffers)`.
  public var symbol: String {
    switch self {
    case .matrixProduct(let product):
      product.type.isInexact ? "jx_matrix_product" : "jx_integer_product"
    case .convolution: "jx_convolution"
    case .sort: "jx_sort"
    case .topK: "jx_top_k"
    case .fft: "jx_fft"
    case .cholesky: "jx_cholesky"
    case .triangularSolve: "jx_triangular_solve"
    case .lu: "jx_lu"
    case .geqrf: "jx_geqrf"
    case .householderProduct: "jx_householder_product"
    case .householderMultiply: "jx_householder_multiply"
    case .eigh: "jx_eigh"
    case .svd: "jx_svd"
    case .eig: "jx_eig"
    case .schur: "jx_schur"
    case .hessenberg: "jx_hessenberg"
    case .tridiagonal: "jx_tridiagonal"
    case .tridiagonalSolve: "jx_tridiagonal_solve"
    case .pivotedQR: "jx_pivoted_qr"
    }
  }

  /// How many of its buffers are read; the others are written.
  public var readCount: Int {
    switch self {
    case .matrixProduct, .convolution, .triangularSolve, .householderProduct, .pivotedQR: 2
    case .householderMultiply: 3
    case .tridiagonalSolve: 4
    case .sort(let sort): sort.types.count
    case .topK, .fft, .cholesky, .lu, .geqrf, .eigh, .svd, .eig, .schur, .hessenberg,
      .tridiagonal:
      1
    }
  }

  /// What the function gets besides the buffers, in the order that `JXRuntime.h` documents.
  public var parameters: [Int64] {
    func words(_ type: ElementType, _ integers: Int..., flags: Bool...) -> [Int64] {
      [Int64(type.rawValue)] + integers.map { Int64($0) } + flags.map { $0 ? 1 : 0 }
    }
    switch self {
    case .matrixProduct(let p):
      return words(
        p.type, p.batch, p.rows, p.columns, p.inner, p.strideA, p.strideB,
        flags: p.transposeA, p.transposeB)
    case .convolution(let convolution):
      return [Int64(convolution.type.rawValue)] + convolution.words.map { Int64($0) }
    case .sort(let sort):
      let order: (Int, Int) =
        switch sort.order {
        case .ascending(let keys): (0, keys)
        case .descending(let keys): (1, keys)
        case .comparator: (2, 0)
        }
      return [sort.outer, sort.size, sort.inner, order.0, order.1, sort.types.count]
        .map { Int64($0) } + sort.types.map { Int64($0.rawValue) }
    case .topK(let type, let rows, let columns, let k): return words(type, rows, columns, k)
    case .fft(let fft):
      let lengths = Array(repeating: 1, count: 3 - fft.lengths.count) + fft.lengths
      return words(fft.type, fft.kind.rawValue, fft.batch, lengths[0], lengths[1], lengths[2])
    case .cholesky(let type, let batch, let size, let lower):
      return words(type, batch, size, flags: lower)
    case .triangularSolve(let s):
      return words(
        s.type, s.batch, s.rows, s.columns, s.transpose.rawValue,
        flags: s.left, s.lower, s.unitDiagonal)
    case .lu(let type, let batch, let rows, let columns),
      .geqrf(let type, let batch, let rows, let columns),
      .pivotedQR(let type, let batch, let rows, let columns),
      .tridiagonalSolve(let type, let batch, let rows, let columns):
      return words(type, batch, rows, columns)
    case .householderProduct(let type, let batch, let rows, let columns, let reflectors):
      return words(type, batch, rows, columns, reflectors)
    case .householderMultiply(let m):
      return words(
        m.type, m.batch, m.size, m.columns, m.reflectors, m.otherRows, m.otherColumns,
        flags: m.left, m.adjoint)
    case .eigh(let type, let batch, let size, let lower),
      .tridiagonal(let type, let batch, let size, let lower):
      return words(type, batch, size, flags: lower)
    case .svd(let type, let batch, let rows, let columns, let vectors, let full):
      return words(type, batch, rows, columns, flags: vectors, full)
    case .eig(let type, let batch, let size, let left, let right):
      return words(type, batch, size, flags: left, right)
    case .schur(let type, let batch, let size, let vectors):
      return words(type, batch, size, flags: vectors)
    case .hessenberg(let type, let batch, let size): return words(type, batch, size)
    }
  }
}
