import Execution
import Glibc
import LoopIR
import Tensor
import Testing

@Suite struct KernelTests {
  @Test(arguments: [1, 3, 8, 16, 17, 100, 1003, 300_001])
  func selu(count: Int) throws {
    let kernel = elementwise("selu", [.f32], to: .f32, count: count) { k, v in
      let x = v[0]
      let alpha = k.constant(Float(1.6732632))
      let scale = k.constant(Float(1.050701))
      let low = k.multiply(alpha, k.unary(.exponentialMinusOne, x))
      return k.multiply(
        scale, k.select(k.compare(.greater, x, k.constant(Float(0))), x, low))
    }
    let x = floats(count) { Float($0 % 200 - 100) / 10 }
    let y = try run(program(kernel), [x])[0].elements(as: Float.self)
    for (x, y) in zip(x.elements(as: Float.self), y) {
      let expected = 1.050701 * (x > 0 ? x : 1.6732632 * expm1f(x))
      #expect(abs(expected - y) <= 1e-6 * max(1, abs(expected)))
    }
  }

  @Test(arguments: [0, 1, 5, 16, 33, 100, 1000, 4097])
  func sum(count: Int) throws {
    let k = KernelBuilder(name: "sum")
    let x = k.parameter(.f32, count: count, access: .read)
    let y = k.parameter(.f32, count: 1, access: .write)
    let zero = k.constant(Float(0))
    let total = k.reduce(
      from: k.index(0), to: k.index(count), initial: [zero], identity: [zero],
      body: { [k.load(x, at: $0)] }, combine: { [k.add($0[0], $1[0])] })
    k.store(total[0], to: y, at: k.index(0))
    let result = try run(program(k.finish()), [floats(count) { Float($0 % 7) }])[0]
    #expect(result.elements(as: Float.self)[0] == Float((0..<count).reduce(0) { $0 + $1 % 7 }))
  }

  @Test func argmax() throws {
    let count = 777
    let k = KernelBuilder(name: "argmax")
    let x = k.parameter(.f32, count: count, access: .read)
    let y = k.parameter(.i64, count: 1, access: .write)
    let start = [k.constant(-Float.infinity), k.index(-1)]
    let best = k.reduce(
      from: k.index(0), to: k.index(count), initial: start, identity: start,
      body: { [k.load(x, at: $0), $0] },
      combine: { a, b in
        let greater = k.compare(.greater, b[0], a[0])
        let equal = k.binary(
          .and, k.compare(.equal, b[0], a[0]), k.compare(.less, b[1], a[1]))
        let takes = k.binary(.or, greater, equal)
        return [k.select(takes, b[0], a[0]), k.select(takes, b[1], a[1])]
      })
    k.store(best[1], to: y, at: k.index(0))
    let result = try run(program(k.finish()), [floats(count) { Float(($0 * 37) % 501) }])[0]
    let values = (0..<count).map { ($0 * 37) % 501 }
    #expect(result.elements(as: Int64.self)[0] == Int64(values.firstIndex(of: 500)!))
  }

  @Test(arguments: [(3, 10), (70, 1000)])
  func softmax(rows: Int, columns: Int) throws {
    let k = KernelBuilder(name: "softmax")
    let x = k.parameter(.f32, count: rows * columns, access: .read)
    let y = k.parameter(.f32, count: rows * columns, access: .write)
    let cache = k.local(.f32, count: columns)
    let zero = k.constant(Float(0))
    let low = k.constant(-Float.infinity)
    let n = k.index(columns)
    k.loop(from: k.index(0), to: k.index(rows), kind: .parallel) { row in
      let base = k.multiply(row, n)
      let top = k.reduce(
        from: k.index(0), to: n, initial: [low], identity: [low],
        body: { [k.load(x, at: k.add(base, $0))] },
        combine: { [k.binary(.maximum, $0[0], $1[0])] })
      let total = k.reduce(
        from: k.index(0), to: n, initial: [zero], identity: [zero],
        body: { j in
          let e = k.unary(.exponential, k.subtract(k.load(x, at: k.add(base, j)), top[0]))
          k.store(e, to: cache, at: j)
          return [e]
        }, combine: { [k.add($0[0], $1[0])] })
      k.loop(from: k.index(0), to: n, kind: .vector) { j in
        k.store(
          k.binary(.divide, k.load(cache, at: j), total[0]), to: y, at: k.add(base, j))
      }
    }
    let input = floats(rows * columns) { Float(($0 * 7919) % 1000) / 100 }
    let result = try run(program(k.finish()), [input])[0].elements(as: Float.self)
    let values = input.elements(as: Float.self)
    for row in 0..<rows {
      let slice = values[row * columns..<(row + 1) * columns]
      let top = slice.max()!
      let total = slice.reduce(0) { $0 + expf($1 - top) }
      for j in 0..<columns {
        let expected = expf(values[row * columns + j] - top) / total
        #expect(abs(result[row * columns + j] - expected) <= 3e-6 * expected)
      }
    }
  }

  /// Vector lanes that leave a loop at different times, and a branch that some take.
  @Test func collatz() throws {
    let count = 50
    let kernel = elementwise("collatz", [.i32], to: .i32, count: count) { k, v in
      func c(_ value: Int) -> KernelBuilder.ValueID { k.constant(.int(Int64(value)), .i32) }
      return k.loopWhile(
        carrying: [v[0], c(0)], condition: { k.compare(.greater, $0[0], c(1)) }
      ) { carried in
        let isOdd = k.compare(.equal, k.binary(.remainder, carried[0], c(2)), c(1))
        let next = k.branch(
          isOdd, then: { [k.add(k.multiply(carried[0], c(3)), c(1))] },
          otherwise: { [k.binary(.divide, carried[0], c(2))] })
        return [next[0], k.add(carried[1], c(1))]
      }[1]
    }
    let input = HostTensor((1...Int32(count)).map { $0 }, shape: [count])
    let result = try run(program(kernel), [input])[0].elements(as: Int32.self)
    for start in 1...count {
      var (n, steps) = (start, Int32(0))
      while n > 1 {
        n = n % 2 == 1 ? 3 * n + 1 : n / 2
        steps += 1
      }
      #expect(result[start - 1] == steps)
    }
  }

  @Test func transposeAndReverse() throws {
    let (rows, columns) = (37, 53)
    let k = KernelBuilder(name: "transpose")
    let x = k.parameter(.i32, count: rows * columns, access: .read)
    let y = k.parameter(.i32, count: rows * columns, access: .write)
    k.loop(from: k.index(0), to: k.index(columns), kind: .parallel) { j in
      k.loop(from: k.index(0), to: k.index(rows), kind: .vector) { i in
        let from = k.add(k.multiply(k.subtract(k.index(rows - 1), i), k.index(columns)), j)
        k.store(k.load(x, at: from), to: y, at: k.add(k.multiply(j, k.index(rows)), i))
      }
    }
    let input = HostTensor((0..<Int32(rows * columns)).map { $0 }, shape: [rows * columns])
    let result = try run(program(k.finish()), [input])[0].elements(as: Int32.self)
    for i in 0..<rows {
      for j in 0..<columns {
        #expect(result[j * rows + i] == Int32((rows - 1 - i) * columns + j))
      }
    }
  }

  @Test func complexNumbers() throws {
    let count = 21
    let kernel = elementwise("complex", [.c64, .c64], to: .c64, count: count) { k, v in
      k.unary(.exponential, k.binary(.divide, k.multiply(v[0], v[1]), k.add(v[0], v[1])))
    }
    let a = (0..<count).map { Complex<Float>(Float($0) / 10 + 1, Float($0 % 3)) }
    let b = (0..<count).map { Complex<Float>(2, -Float($0) / 5) }
    let result = try run(
      program(kernel), [HostTensor(a, shape: [count]), HostTensor(b, shape: [count])])[0]
    result.withElements(of: Complex<Float>.self) { result in
      for i in 0..<count {
        let (x, y) = (a[i], b[i])
        let top = (
          x.real * y.real - x.imaginary * y.imaginary, x.real * y.imaginary + x.imaginary * y.real
        )
        let bottom = (x.real + y.real, x.imaginary + y.imaginary)
        let norm = bottom.0 * bottom.0 + bottom.1 * bottom.1
        let real = (top.0 * bottom.0 + top.1 * bottom.1) / norm
        let imaginary = (top.1 * bottom.0 - top.0 * bottom.1) / norm
        let size = expf(real)
        #expect(abs(result[i].real - size * cosf(imaginary)) < 1e-4 * size)
        #expect(abs(result[i].imaginary - size * sinf(imaginary)) < 1e-4 * size)
      }
    }
  }

  @Test(arguments: [ElementType.bf16, .f16, .f8E4M3FN, .f8E5M2])
  func smallFloats(type: ElementType) throws {
    let count = 40
    let kernel = elementwise("small", [type, .f32], to: type, count: count) { k, v in
      k.add(v[0], k.convert(v[1], to: type))
    }
    let a = floats(count) { Float($0) / 8 - 2 }.converted(to: type)
    let b = floats(count) { Float($0 * $0) / 7 }
    let result = try run(program(kernel), [a, b])[0]
    let left = a.elements(as: Float.self)
    let right = b.converted(to: type).elements(as: Float.self)
    let expected = HostTensor(zip(left, right).map { $0 + $1 }, shape: [count])
      .converted(to: type)
    #expect(result.isIdentical(to: expected))
  }

  @Test func integerDivision() throws {
    let a: [Int32] = [7, -7, 7, .min, .min, 0, 5, -1, 3]
    let b: [Int32] = [2, 2, 0, -1, 0, 0, -3, .min, 3]
    let arguments = [HostTensor(a, shape: [9]), HostTensor(b, shape: [9])]
    for operation in [Kernel.BinaryOperation.divide, .remainder] {
      let kernel = elementwise("division", [.i32, .i32], to: .i32, count: 9) { k, v in
        k.binary(operation, v[0], v[1])
      }
      let result = try run(program(kernel), arguments)[0].elements(as: Int32.self)
      let expected: [Int32] =
        operation == .divide
        ? [3, -3, -1, .min, -1, -1, -1, 0, 1] : [1, -1, 7, 0, .min, 0, 2, -1, 0]
      #expect(result == expected)
    }
  }
}
