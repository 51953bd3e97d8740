import Tensor

/// A routine of the run-time library. Matrices are row-major unless said otherwise; each comes in a
/// batch of `batch`, one after the other.
public enum Routine: Hashable, Sendable {
  /// `c = op(a) op(b)`: buffers `a`, `b`, `c`.
  case matrixProduct(MatrixProduct)
  case convolution(Convolution)
  /// Sorts slices stably. Buffers: the operands, then as many results.
  case sort(Sort)
  /// The `k` largest of each of `rows` rows of `columns`, descending, and their `i32` indices:
  /// buffers operand, values, indices.
  case topK(type: ElementType, rows: Int, columns: Int, k: Int)
  /// The discrete Fourier transform over the trailing axes: buffers operand, result.
  case fft(FFT)
  /// `a = l lᴴ`, or `uᴴ u` unless `lower`; NaN where `a` is not positive definite. Buffers `a`,
  /// factor (the other triangle of which is zero).
  case cholesky(type: ElementType, batch: Int, size: Int, lower: Bool)
  /// `op(a) x = b`, or `x op(a) = b` unless `left`; `b` is `rows` by `columns`. Buffers `a`, `b`,
  /// `x`.
  case triangularSolve(TriangularSolve)
  /// LU with partial pivoting: buffers `a`, factors, `i32` pivots (from 0), `i32` permutation.
  case lu(type: ElementType, batch: Int, rows: Int, columns: Int)
  /// QR by Householder reflectors: buffers `a`, packed factors, scalar factors `taus`.
  case geqrf(type: ElementType, batch: Int, rows: Int, columns: Int)
  /// The first `columns` columns of the product of `reflectors` Householder reflectors: buffers
  /// packed (rows × columns), taus (reflectors), product.
  case householderProduct(
    type: ElementType, batch: Int, rows: Int, columns: Int, reflectors: Int)
  /// Matrices times the product of the reflectors, on the side and transposed as said: buffers packed
  /// (`size` × columns), taus (reflectors), `c`, result.
  case householderMultiply(HouseholderMultiply)
  /// Eigenvectors (columns) and ascending eigenvalues of Hermitian matrices, of which the lower or
  /// the upper triangle is read: buffers `a`, vectors, values (real).
  case eigh(type: ElementType, batch: Int, size: Int, lower: Bool)
  /// Singular values, and `u` and `vᴴ` where `vectors`: buffers `a`, values (real), `u`, `vᴴ`.
  case svd(
    type: ElementType, batch: Int, rows: Int, columns: Int, vectors: Bool, full: Bool)
  /// Eigenvalues of general matrices, complex, and left and right eigenvectors where asked: buffers
  /// `a`, values, then `left` and `right` vectors, as columns.
  case eig(type: ElementType, batch: Int, size: Int, left: Bool, right: Bool)
  /// The Schur form, real or complex as the type: buffers `a`, `t`, and `z` where `vectors`.
  case schur(type: ElementType, batch: Int, size: Int, vectors: Bool)
  /// The Hessenberg form: buffers `a`, packed result, taus.
  case hessenberg(type: ElementType, batch: Int, size: Int)
  /// The tridiagonal form of Hermitian matrices: buffers `a`, packed result, diagonal and the
  /// elements beside it (real), taus.
  case tridiagonal(type: ElementType, batch: Int, size: Int, lower: Bool)
  /// Solves with tridiagonal matrices: buffers lower, middle and upper diagonal, of `size` elements
  /// each, `b`; then the factors in the place of the diagonals, and `x`.
  case tridiagonalSolve(type: ElementType, batch: Int, size: Int, columns: Int)
  /// QR of the columns in an order of falling norms: buffers `a`, `i32` numbers of columns that come
  /// first, packed factors, `i32` pivots (from 1), taus.
  case pivotedQR(type: ElementType, batch: Int, rows: Int, columns: Int)

  public struct HouseholderMultiply: Hashable, Sendable {
    public var type: ElementType
    public var batch: Int
    /// Of the packed reflectors.
    public var size: Int
    public var columns: Int
    public var reflectors: Int
    /// Of the matrices that are multiplied.
    public var otherRows: Int
    public var otherColumns: Int
    /// Whether the product stands on their left.
    public var left: Bool
    /// Whether it is transposed, and conjugated.
    public var adjoint: Bool
  }

  /// A product of matrices, each operand of which may stand transposed in memory.
  public struct MatrixProduct: Hashable, Sendable {
    public var type: ElementType
    public var batch: Int
    /// `op(a)` is `rows` by `inner`, `op(b)` `inner` by `columns`.
    public var rows: Int
    public var columns: Int
    public var inner: Int
    public var transposeA: Bool
    public var transposeB: Bool
    /// The distance in elements between consecutive batches; 0 repeats one matrix.
    public var strideA: Int
    public var strideB: Int

    /// Dense operands; strides follow from the sizes unless given.
    public init(
      type: ElementType, batch: Int = 1, rows: Int, columns: Int, inner: Int,
      transposeA: Bool = false, transposeB: Bool = false, strideA: Int? = nil, strideB: Int? = nil
    ) {
      self.type = type
      self.batch = batch
      self.rows = rows
      self.columns = columns
      self.inner = inner
      self.transposeA = transposeA
      self.transposeB = transposeB
      self.strideA = strideA ?? rows * inner
      self.strideB = strideB ?? inner * columns
    }
  }

  /// A stable sort of several arrays by the first ones, along one axis.
  public struct Sort: Hashable, Sendable {
    public var types: [ElementType]
    /// The operands are `outer` × `size` × `inner`; the middle axis is sorted.
    public var outer: Int
    public var size: Int
    public var inner: Int
    public var order: Order

    /// What precedes what.
    public enum Order: Hashable, Sendable {
      /// Lexicographic in the first `keys` operands; NaN is the largest, and -0 equals +0.
      case ascending(keys: Int)
      case descending(keys: Int)
      /// A kernel whose parameters are one element of each operand from the left and right side,
      /// interleaved as in StableHLO, then the `bool` it writes: does left precede right?
      case comparator(Program.KernelID)
    }

    public init(types: [ElementType], outer: Int, size: Int, inner: Int, order: Order) {
      self.types = types
      self.outer = outer
      self.size = size
      self.inner = inner
      self.order = order
    }
  }

  /// A discrete Fourier transform.
  public struct FFT: Hashable, Sendable {
    /// Complex to complex, its inverse, real to complex, complex to real.
    public enum Kind: Int, Hashable, Sendable {
      case fft, ifft, rfft, irfft
    }
    public var kind: Kind
    /// The real type of the parts: `f32` or `f64`.
    public var type: ElementType
    public var batch: Int
    /// The lengths of the transformed (real) axes, outermost first; one to three.
    public var lengths: [Int]

    public init(kind: Kind, type: ElementType, batch: Int, lengths: [Int]) {
      self.kind = kind
      self.type = type
      self.batch = batch
      self.lengths = lengths
    }
  }

  /// Systems with triangular matrices `a`, of which the other triangle is not read.
  public struct TriangularSolve: Hashable, Sendable {
    /// What `op(a)` is: `a`, `aᵀ` or `aᴴ`.
    public enum Transpose: Int, Hashable, Sendable {
      case none, transpose, adjoint
    }
    public var type: ElementType
    public var batch: Int
    public var rows: Int
    public var columns: Int
    public var left: Bool
    public var lower: Bool
    /// Whether the diagonal counts as ones, and is not read.
    public var unitDiagonal: Bool
    public var transpose: Transpose

    public init(
      type: ElementType, batch: Int, rows: Int, columns: Int, left: Bool, lower: Bool,
      unitDiagonal: Bool, transpose: Transpose
    ) {
      self.type = type
      self.batch = batch
      self.rows = rows
      self.columns = columns
      self.left = left
      self.lower = lower
      self.unitDiagonal = unitDiagonal
      self.transpose = transpose
    }
  }
}
