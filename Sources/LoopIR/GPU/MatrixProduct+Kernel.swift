import Support
import Tensor

extension Routine.MatrixProduct {
  /// The part of the result that a block computes, and how it goes about it: it moves through the
  /// contracted axis in steps of `depth`, keeps what both operands have there in shared memory, and
  /// each thread computes a square of `side` × `side` elements in registers.
  private struct Tile {
    var rows = 64
    var columns = 64
    var depth = 16
    var side = 4
    var threads: Int { rows / side * (columns / side) }
    /// Rows of the first operand lie this far apart, so that threads which write them meet different
    /// banks.
    var rowPitch: Int { rows + side }
  }

  /// The product as a kernel of the memories `a`, `b`, `c`.
  func kernel() -> Kernel {
    let builder = KernelBuilder(name: "product")
    let tile = Tile()
    let a = builder.parameter(type, count: strideA * (batch - 1) + rows * inner, access: .read)
    let b = builder.parameter(type, count: strideB * (batch - 1) + inner * columns, access: .read)
    let c = builder.parameter(type, count: batch * rows * columns, access: .write)
    let wide: ElementType = type == .f16 || type == .bf16 ? .f32 : type
    let left = builder.local(wide, count: tile.depth * tile.rowPitch)
    let right = builder.local(wide, count: tile.depth * tile.columns)
    let squares = builder.local(wide, count: tile.threads * tile.side * tile.side)
    let zero = builder.constant(wide, ScalarBits(0))
    let add: Kernel.BinaryOperation = type == .bool ? .or : .add
    func index(_ value: Int) -> Kernel.ValueID { builder.index(value) }
    func times(_ x: Kernel.ValueID, _ factor: Int) -> Kernel.ValueID {
      builder.multiply(x, index(factor))
    }
    func quotient(_ x: Kernel.ValueID, _ divisor: Int) -> Kernel.ValueID {
      builder.binary(.divide, x, index(divisor))
    }
    func rest(_ x: Kernel.ValueID, _ divisor: Int) -> Kernel.ValueID {
      builder.binary(.remainder, x, index(divisor))
    }
    func each(_ count: Int, _ body: (Kernel.ValueID) -> Void) {
      builder.loop(from: index(0), to: index(count), kind: .vector, body: body)
    }
    let down = (rows + tile.rows - 1) / tile.rows
    let along = (columns + tile.columns - 1) / tile.columns
    builder.loop(from: index(0), to: index(batch * down * along), kind: .parallel) { number in
      let column = times(rest(number, along), tile.columns)
      let row = times(rest(quotient(number, along), down), tile.rows)
      let matrix = quotient(number, along * down)

      /// Brings a part of an operand to shared memory; zeros stand for what is outside.
      func fetch(
        _ memory: Kernel.MemoryID, _ stride: Int, isTransposed: Bool, lines: Int, extent: Int,
        from first: Kernel.ValueID, depth start: Kernel.ValueID, to shared: Kernel.MemoryID,
        pitch: Int
      ) {
        // The axis along which memory is contiguous is the inner one.
        let innerIsDepth = !isTransposed
        each(lines * tile.depth) { element in
          let width = innerIsDepth ? tile.depth : lines
          let (outerPlace, innerPlace) = (quotient(element, width), rest(element, width))
          let line = innerIsDepth ? outerPlace : innerPlace
          let step = innerIsDepth ? innerPlace : outerPlace
          let (x, k) = (builder.add(first, line), builder.add(start, step))
          var inside: Kernel.ValueID?
          func require(_ value: Kernel.ValueID, below limit: Int, by unit: Int) {
            if limit % unit == 0 { return }
            let here = builder.compare(.less, value, index(limit))
            inside = inside.map { builder.binary(.and, $0, here) } ?? here
          }
          require(x, below: extent, by: lines)
          require(k, below: inner, by: tile.depth)
          let place = builder.add(
            times(matrix, stride),
            innerIsDepth ? builder.add(times(x, inner), k) : builder.add(times(k, extent), x))
          func fetched() -> Kernel.ValueID {
            builder.convert(builder.load(memory, at: place), to: wide)
          }
          let value =
            inside.map { builder.branch($0, then: { [fetched()] }, otherwise: { [zero] })[0] }
            ?? fetched()
          builder.store(value, to: shared, at: builder.add(times(step, pitch), line))
        }
      }

      let count = tile.side * tile.side
      func place(_ thread: Kernel.ValueID, _ number: Int) -> Kernel.ValueID {
        builder.add(times(thread, count), index(number))
      }
      let across = tile.columns / tile.side
      each(tile.threads) { thread in
        for number in 0..<count { builder.store(zero, to: squares, at: place(thread, number)) }
      }
      builder.loop(from: index(0), to: index((inner + tile.depth - 1) / tile.depth)) { part in
        let start = times(part, tile.depth)
        fetch(
          a, strideA, isTransposed: transposeA, lines: tile.rows, extent: rows, from: row,
          depth: start, to: left, pitch: tile.rowPitch)
        fetch(
          b, strideB, isTransposed: !transposeB, lines: tile.columns, extent: columns,
          from: column, depth: start, to: right, pitch: tile.columns)
        each(tile.threads) { thread in
          let (x, y) = (
            times(rest(thread, across), tile.side), times(quotient(thread, across), tile.side)
          )
          let sums = (0..<count).map { builder.load(squares, at: place(thread, $0)) }
          let next = builder.loop(
            from: index(0), to: index(tile.depth), carrying: sums
          ) { k, sums in
            let rows = (0..<tile.side).map {
              builder.load(
                left, at: builder.add(builder.add(times(k, tile.rowPitch), y), index($0)))
            }
            let columns = (0..<tile.side).map {
              builder.load(
                right, at: builder.add(builder.add(times(k, tile.columns), x), index($0)))
            }
            return sums.enumerated().map { number, sum in
              builder.binary(
                add, sum,
                builder.multiply(rows[number / tile.side], columns[number % tile.side]))
            }
          }
          for number in 0..<count {
            builder.store(next[number], to: squares, at: place(thread, number))
          }
        }
      }
      each(tile.threads) { thread in
        let (x, y) = (
          times(rest(thread, across), tile.side), times(quotient(thread, across), tile.side)
        )
        for number in 0..<count {
          let i = builder.add(builder.add(row, y), index(number / tile.side))
          let j = builder.add(builder.add(column, x), index(number % tile.side))
          let sum = builder.convert(builder.load(squares, at: place(thread, number)), to: type)
          let target = builder.add(
            times(matrix, rows * columns), builder.add(times(i, columns), j))
          var inside: Kernel.ValueID?
          if rows % tile.rows != 0 { inside = builder.compare(.less, i, index(rows)) }
          if columns % tile.columns != 0 {
            let here = builder.compare(.less, j, index(columns))
            inside = inside.map { builder.binary(.and, $0, here) } ?? here
          }
          if let inside {
            builder.branch(inside) { builder.store(sum, to: c, at: target) }
          } else {
            builder.store(sum, to: c, at: target)
          }
        }
      }
    }
    return builder.finish()
  }
}
