import Support
import Tensor

// Decompositions on a GPU: a block for each matrix, and a thread for each column that is solved for.
// They are right for every size, and meant for small ones.

/// Index arithmetic and loops for the kernels of this file.
private struct MatrixKernel {
  let builder: KernelBuilder

  init(_ name: String) { builder = KernelBuilder(name: name) }

  func both(_ x: Kernel.ValueID, _ y: Kernel.ValueID) -> Kernel.ValueID {
    builder.binary(.and, x, y)
  }
  /// `count - 1 - x`
  func mirrored(_ x: Kernel.ValueID, _ count: Int) -> Kernel.ValueID {
    builder.subtract(builder.index(count - 1), x)
  }
  func number(_ value: Double, _ type: ElementType) -> Kernel.ValueID {
    builder.constant(.float(value), type)
  }
  func conjugate(_ x: Kernel.ValueID) -> Kernel.ValueID {
    builder.type(of: x).isComplex ? builder.unary(.conjugate, x) : x
  }
  /// The threads of the block share the iterations.
  func each(from lower: Kernel.ValueID, to upper: Kernel.ValueID, _ body: (Kernel.ValueID) -> Void)
  {
    builder.loop(from: lower, to: upper, kind: .vector, body: body)
  }
  func each(_ count: Int, _ body: (Kernel.ValueID) -> Void) {
    each(from: builder.index(0), to: builder.index(count), body)
  }
  func sequentially(_ count: Int, _ body: (Kernel.ValueID) -> Void) {
    builder.loop(from: builder.index(0), to: builder.index(count), body: body)
  }
}

extension Routine {
  /// The routine as a kernel of its buffers; `nil` where there is none.
  func deviceKernel() -> Kernel? {
    switch self {
    case .cholesky(let type, let batch, let size, let lower):
      choleskyKernel(type, batch: batch, size: size, isLower: lower)
    case .triangularSolve(let solve): solve.kernel()
    case .lu(let type, let batch, let rows, let columns):
      luKernel(type, batch: batch, rows: rows, columns: columns)
    case .matrixProduct, .convolution, .sort, .topK, .fft, .geqrf, .householderProduct,
      .householderMultiply, .eigh, .svd,
      .eig, .schur, .hessenberg, .tridiagonal, .tridiagonalSolve, .pivotedQR:
      nil
    }
  }
}

/// Column after column: its root, its quotients, and what they take from the columns behind it.
private func choleskyKernel(
  _ type: ElementType, batch: Int, size n: Int, isLower: Bool
) -> Kernel {
  let k = MatrixKernel("cholesky")
  let builder = k.builder
  let source = builder.parameter(type, count: batch * n * n, access: .read)
  let target = builder.parameter(type, count: batch * n * n, access: .readWrite)
  let zero = builder.constant(type, ScalarBits(0))
  builder.loop(from: builder.index(0), to: builder.index(batch), kind: .parallel) { matrix in
    let first = builder.multiply(matrix, by: n * n)
    // Element (i, j) of the lower factor, i >= j.
    func place(_ i: Kernel.ValueID, _ j: Kernel.ValueID) -> Kernel.ValueID {
      builder.add(
        first,
        isLower
          ? builder.add(builder.multiply(i, by: n), j) : builder.add(builder.multiply(j, by: n), i))
    }
    func element(_ i: Kernel.ValueID, _ j: Kernel.ValueID) -> Kernel.ValueID {
      builder.load(target, at: place(i, j))
    }
    k.each(n * n) { e in
      let (i, j) = (builder.divide(e, by: n), builder.remainder(e, by: n))
      let isKept = builder.compare(isLower ? .lessOrEqual : .greaterOrEqual, j, i)
      let old = builder.load(source, at: builder.add(first, e))
      builder.store(builder.select(isKept, old, zero), to: target, at: builder.add(first, e))
    }
    let isDefinite = builder.loop(
      from: builder.index(0), to: builder.index(n), carrying: [builder.constant(true)]
    ) { column, carried in
      let pivot = element(column, column)
      let real = type.isComplex ? builder.unary(.real, pivot) : pivot
      let isPositive = builder.compare(.greater, real, k.number(0, type.realPart))
      let root = builder.unary(.sqrt, real)
      let divisor =
        type.isComplex ? builder.binary(.complex, root, k.number(0, type.realPart)) : root
      k.each(from: column, to: builder.index(n)) { i in
        let isDiagonal = builder.compare(.equal, i, column)
        let scaled = builder.binary(.divide, element(i, column), divisor)
        builder.store(builder.select(isDiagonal, divisor, scaled), to: target, at: place(i, column))
      }
      k.each(n * n) { e in
        let (i, j) = (builder.divide(e, by: n), builder.remainder(e, by: n))
        let isBehind = k.both(
          builder.compare(.greater, j, column), builder.compare(.lessOrEqual, j, i))
        builder.branch(isBehind) {
          // The upper factor is the conjugate transpose of the lower one.
          let (p, q) = (element(i, column), element(j, column))
          let product =
            isLower ? builder.multiply(p, k.conjugate(q)) : builder.multiply(k.conjugate(q), p)
          builder.store(
            builder.subtract(element(i, j), product), to: target, at: place(i, j))
        }
      }
      return [k.both(carried[0], isPositive)]
    }[0]
    let nan = k.number(.nan, type.realPart)
    let isWrong = builder.unary(.not, isDefinite)
    k.each(n * n) { e in
      let (i, j) = (builder.divide(e, by: n), builder.remainder(e, by: n))
      let isKept = builder.compare(isLower ? .lessOrEqual : .greaterOrEqual, j, i)
      builder.branch(k.both(isWrong, isKept)) {
        builder.store(
          type.isComplex ? builder.binary(.complex, nan, nan) : nan, to: target,
          at: builder.add(first, e))
      }
    }
  }
  return builder.finish()
}

extension Routine.TriangularSolve {
  /// A thread for each vector that is solved for: element after element, of which each needs those
  /// before it.
  fileprivate func kernel() -> Kernel {
    let k = MatrixKernel("triangular_solve")
    let builder = k.builder
    let n = left ? rows : columns
    let vectors = left ? columns : rows
    let a = builder.parameter(type, count: batch * n * n, access: .read)
    let b = builder.parameter(type, count: batch * rows * columns, access: .read)
    let x = builder.parameter(type, count: batch * rows * columns, access: .readWrite)
    // `x op(a) = b` is `op(a)ᵀ xᵀ = bᵀ`.
    let isTurned = (transpose != .none) != !left
    let isForward = lower != isTurned
    builder.loop(from: builder.index(0), to: builder.index(batch * vectors), kind: .parallel) {
      number in
      let (matrix, vector) = (
        builder.divide(number, by: vectors), builder.remainder(number, by: vectors)
      )
      func factor(_ i: Kernel.ValueID, _ j: Kernel.ValueID) -> Kernel.ValueID {
        let (p, q) = isTurned ? (j, i) : (i, j)
        let place = builder.add(
          builder.multiply(matrix, by: n * n), builder.add(builder.multiply(p, by: n), q))
        let value = builder.load(a, at: place)
        return transpose == .adjoint ? k.conjugate(value) : value
      }
      func place(_ i: Kernel.ValueID) -> Kernel.ValueID {
        let (p, q) = left ? (i, vector) : (vector, i)
        return builder.add(
          builder.multiply(matrix, by: rows * columns),
          builder.add(builder.multiply(p, by: columns), q))
      }
      k.sequentially(n) { step in
        let i = isForward ? step : k.mirrored(step, n)
        let rest = builder.loop(
          from: builder.index(0), to: step, carrying: [builder.load(b, at: place(i))]
        ) { earlier, rest in
          let j = isForward ? earlier : k.mirrored(earlier, n)
          return [
            builder.subtract(
              rest[0], builder.multiply(factor(i, j), builder.load(x, at: place(j))))
          ]
        }[0]
        builder.store(
          unitDiagonal ? rest : builder.binary(.divide, rest, factor(i, i)), to: x, at: place(i))
      }
    }
    return builder.finish()
  }
}

/// Column after column: the largest element below comes up, the column is divided by it, and what
/// that makes of the columns behind is taken from them.
private func luKernel(_ type: ElementType, batch: Int, rows: Int, columns: Int) -> Kernel {
  let k = MatrixKernel("lu")
  let builder = k.builder
  let (size, least) = (rows * columns, min(rows, columns))
  let source = builder.parameter(type, count: batch * size, access: .read)
  let target = builder.parameter(type, count: batch * size, access: .readWrite)
  let pivots = builder.parameter(.i32, count: batch * least, access: .readWrite)
  let order = builder.parameter(.i32, count: batch * rows, access: .readWrite)
  let zero = builder.constant(type, ScalarBits(0))
  builder.loop(from: builder.index(0), to: builder.index(batch), kind: .parallel) { matrix in
    let first = builder.multiply(matrix, by: size)
    func place(_ i: Kernel.ValueID, _ j: Kernel.ValueID) -> Kernel.ValueID {
      builder.add(first, builder.add(builder.multiply(i, by: columns), j))
    }
    func element(_ i: Kernel.ValueID, _ j: Kernel.ValueID) -> Kernel.ValueID {
      builder.load(target, at: place(i, j))
    }
    func magnitude(_ value: Kernel.ValueID) -> Kernel.ValueID {
      guard type.isComplex else { return builder.unary(.abs, value) }
      let parts = [Kernel.UnaryOperation.real, .imag].map {
        builder.unary(.abs, builder.unary($0, value))
      }
      return builder.add(parts[0], parts[1])
    }
    k.each(size) { e in
      let place = builder.add(first, e)
      builder.store(builder.load(source, at: place), to: target, at: place)
    }
    k.each(rows) { i in
      let place = builder.add(builder.multiply(matrix, by: rows), i)
      builder.store(builder.convert(i, to: .i32), to: order, at: place)
    }
    k.sequentially(least) { column in
      let pivot = builder.reduce(
        from: column, to: builder.index(rows), kind: .vector,
        initial: [k.number(-1, type.realPart), column],
        identity: [k.number(-1, type.realPart), builder.index(rows)],
        body: { i in [magnitude(element(i, column)), i] }
      ) { kept, new in
        let isLarger = builder.compare(.greater, new[0], kept[0])
        let isEarlier = k.both(
          builder.compare(.equal, new[0], kept[0]), builder.compare(.less, new[1], kept[1]))
        let takes = builder.binary(.or, isLarger, isEarlier)
        return [
          builder.select(takes, new[0], kept[0]), builder.select(takes, new[1], kept[1]),
        ]
      }[1]
      builder.store(
        builder.convert(pivot, to: .i32), to: pivots,
        at: builder.add(builder.multiply(matrix, by: least), column))
      k.each(columns) { j in
        let (upper, lower) = (element(column, j), element(pivot, j))
        builder.store(lower, to: target, at: place(column, j))
        builder.store(upper, to: target, at: place(pivot, j))
      }
      let line = builder.multiply(matrix, by: rows)
      let (here, there) = (
        builder.load(order, at: builder.add(line, column)),
        builder.load(order, at: builder.add(line, pivot))
      )
      builder.store(there, to: order, at: builder.add(line, column))
      builder.store(here, to: order, at: builder.add(line, pivot))
      let divisor = element(column, column)
      builder.branch(builder.compare(.notEqual, divisor, zero)) {
        k.each(from: builder.add(column, 1), to: builder.index(rows)) { i in
          builder.store(
            builder.binary(.divide, element(i, column), divisor), to: target, at: place(i, column))
        }
        k.each(size) { e in
          let (i, j) = (builder.divide(e, by: columns), builder.remainder(e, by: columns))
          let isBehind = k.both(
            builder.compare(.greater, i, column), builder.compare(.greater, j, column))
          builder.branch(isBehind) {
            let product = builder.multiply(element(i, column), element(column, j))
            builder.store(builder.subtract(element(i, j), product), to: target, at: place(i, j))
          }
        }
      }
    }
  }
  return builder.finish()
}
