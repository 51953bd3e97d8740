import Tensor

extension Routine {
  /// The routine with this `symbol` and these `parameters`: the inverse of the two.
  ///
  /// - Parameter comparator: the kernel that orders a sort whose parameters ask for one.
  /// - Returns: `nil` where there is none.
  init?(symbol: String, parameters: [Int64], comparator: Program.KernelID?) {
    var words = Words(parameters)
    guard let routine = Self.read(symbol, &words, comparator), words.isRead else { return nil }
    self = routine
  }

  private static func read(
    _ symbol: String, _ words: inout Words, _ comparator: Program.KernelID?
  ) -> Routine? {
    if symbol == "jx_sort" { return sort(&words, comparator) }
    let type = words.type()
    switch symbol {
    case "jx_matrix_product":
      let (batch, rows, columns, inner) = (words.int(), words.int(), words.int(), words.int())
      let (strideA, strideB) = (words.int(), words.int())
      return .matrixProduct(
        MatrixProduct(
          type: type, batch: batch, rows: rows, columns: columns, inner: inner,
          transposeA: words.flag(), transposeB: words.flag(), strideA: strideA, strideB: strideB))
    case "jx_convolution":
      let rest = (0..<words.left).map { _ in words.int() }
      return Convolution(type, rest).map { .convolution($0) }
    case "jx_top_k":
      return .topK(type: type, rows: words.int(), columns: words.int(), k: words.int())
    case "jx_fft":
      guard let kind = FFT.Kind(rawValue: words.int()) else { return nil }
      let batch = words.int()
      let lengths = [words.int(), words.int(), words.int()]
      return .fft(FFT(kind: kind, type: type, batch: batch, lengths: lengths))
    case "jx_cholesky":
      return .cholesky(type: type, batch: words.int(), size: words.int(), lower: words.flag())
    case "jx_triangular_solve":
      let (batch, rows, columns) = (words.int(), words.int(), words.int())
      guard let transpose = TriangularSolve.Transpose(rawValue: words.int()) else { return nil }
      return .triangularSolve(
        TriangularSolve(
          type: type, batch: batch, rows: rows, columns: columns, left: words.flag(),
          lower: words.flag(), unitDiagonal: words.flag(), transpose: transpose))
    case "jx_lu":
      return .lu(type: type, batch: words.int(), rows: words.int(), columns: words.int())
    case "jx_geqrf":
      return .geqrf(type: type, batch: words.int(), rows: words.int(), columns: words.int())
    case "jx_householder_product":
      return .householderProduct(
        type: type, batch: words.int(), rows: words.int(), columns: words.int(),
        reflectors: words.int())
    case "jx_householder_multiply":
      return .householderMultiply(
        HouseholderMultiply(
          type: type, batch: words.int(), size: words.int(), columns: words.int(),
          reflectors: words.int(), otherRows: words.int(), otherColumns: words.int(),
          left: words.flag(), adjoint: words.flag()))
    case "jx_eigh":
      return .eigh(type: type, batch: words.int(), size: words.int(), lower: words.flag())
    case "jx_svd":
      return .svd(
        type: type, batch: words.int(), rows: words.int(), columns: words.int(),
        vectors: words.flag(), full: words.flag())
    case "jx_eig":
      return .eig(
        type: type, batch: words.int(), size: words.int(), left: words.flag(), right: words.flag())
    case "jx_schur":
      return .schur(type: type, batch: words.int(), size: words.int(), vectors: words.flag())
    case "jx_tridiagonal":
      return .tridiagonal(type: type, batch: words.int(), size: words.int(), lower: words.flag())
    case "jx_tridiagonal_solve":
      return .tridiagonalSolve(
        type: type, batch: words.int(), size: words.int(), columns: words.int())
    case "jx_pivoted_qr":
      return .pivotedQR(type: type, batch: words.int(), rows: words.int(), columns: words.int())
    case "jx_hessenberg":
      return .hessenberg(type: type, batch: words.int(), size: words.int())
    default: return nil
    }
  }

  private static func sort(_ words: inout Words, _ comparator: Program.KernelID?) -> Routine? {
    let (outer, size, inner) = (words.int(), words.int(), words.int())
    let (kind, keys, count) = (words.int(), words.int(), words.int())
    guard (0...words.left).contains(count) else { return nil }
    let types = (0..<count).map { _ in words.type() }
    let order: Sort.Order
    switch (kind, comparator) {
    case (0, _): order = .ascending(keys: keys)
    case (1, _): order = .descending(keys: keys)
    case (2, let kernel?): order = .comparator(kernel)
    default: return nil
    }
    return .sort(Sort(types: types, outer: outer, size: size, inner: inner, order: order))
  }

  /// Parameters, from the first to the last; it remembers one that is missing or out of range.
  private struct Words {
    private var words: ArraySlice<Int64>
    private var isValid = true

    init(_ words: [Int64]) { self.words = words[...] }

    var left: Int { words.count }

    /// Whether all words have been read, and all were there.
    var isRead: Bool { isValid && words.isEmpty }

    mutating func int() -> Int {
      guard let word = words.popFirst() else {
        isValid = false
        return 0
      }
      return Int(word)
    }

    mutating func flag() -> Bool { int() != 0 }

    mutating func type() -> ElementType {
      if let type = UInt8(exactly: int()).flatMap(ElementType.init(rawValue:)) { return type }
      isValid = false
      return .bool
    }
  }
}
