import Execution
import Glibc
import LoopIR
import Support
import Tensor
import Testing

@Suite struct RoutineTests {
  private func call(
    _ routine: Routine, _ operands: [HostTensor], _ results: [(ElementType, Shape)]
  ) throws -> [HostTensor] {
    try run(program(routine, operands, results), operands)
  }

  private func expectClose(_ a: [Double], _ b: [Double], _ tolerance: Double = 1e-9) {
    #expect(a.count == b.count)
    for (x, y) in zip(a, b) { #expect(abs(x - y) <= tolerance * max(1, abs(y))) }
  }

  private func matrix(_ rows: Int, _ columns: Int, _ seed: Int = 1) -> HostTensor {
    HostTensor(
      (0..<rows * columns).map { Double(($0 * 7919 + seed * 104729) % 1009) / 500 - 1 },
      shape: [rows, columns])
  }

  private func product(_ a: [Double], _ b: [Double], _ m: Int, _ n: Int, _ k: Int) -> [Double] {
    var c = [Double](repeating: 0, count: m * n)
    for i in 0..<m {
      for j in 0..<n { for l in 0..<k { c[i * n + j] += a[i * k + l] * b[l * n + j] } }
    }
    return c
  }

  @Test(arguments: [ElementType.f32, .f64, .i32, .u8, .bf16])
  func matrixProduct(type: ElementType) throws {
    let (m, n, k) = (5, 7, 3)
    let a = floats(m * k) { Float($0 % 4) }.converted(to: type).reshaped([m, k])
    let b = floats(k * n) { Float($0 % 3) }.converted(to: type).reshaped([k, n])
    let expected = product(
      a.elements(as: Double.self), b.elements(as: Double.self), m, n, k)
    for (ta, tb) in [(false, false), (true, false), (false, true), (true, true)] {
      let routine = Routine.matrixProduct(
        .init(type: type, rows: m, columns: n, inner: k, transposeA: ta, transposeB: tb))
      let result = try call(
        routine, [ta ? a.transposed([1, 0]) : a, tb ? b.transposed([1, 0]) : b],
        [(type, [m, n])])[0]
      #expect(result.elements(as: Double.self) == expected)
    }
  }

  @Test func largeMatrixProduct() throws {
    let (m, n, k) = (301, 299, 97)
    let a = matrix(m, k)
    let b = matrix(k, n, 2)
    let result = try call(
      .matrixProduct(.init(type: .f64, rows: m, columns: n, inner: k)), [a, b],
      [(.f64, [m, n])])[0]
    expectClose(
      result.elements(as: Double.self),
      product(a.elements(as: Double.self), b.elements(as: Double.self), m, n, k))
  }

  /// One row, one column, and a long inner extent, transposed and not.
  @Test(arguments: [(1, 700, 9000), (700, 1, 9000), (3, 2, 20_000)])
  func unusualMatrixProducts(m: Int, n: Int, k: Int) throws {
    let a = matrix(m, k)
    let b = matrix(k, n, 2)
    let expected = product(a.elements(as: Double.self), b.elements(as: Double.self), m, n, k)
    for (ta, tb) in [(false, false), (true, false), (false, true), (true, true)] {
      let result = try call(
        .matrixProduct(
          .init(type: .f64, rows: m, columns: n, inner: k, transposeA: ta, transposeB: tb)),
        [ta ? a.transposed([1, 0]) : a, tb ? b.transposed([1, 0]) : b], [(.f64, [m, n])])[0]
      expectClose(result.elements(as: Double.self), expected)
    }
  }

  /// Two groups, strides, dilations, padding and a reversed kernel, with features first or last.
  @Test(arguments: [ElementType.f32, .f64])
  func convolution(type: ElementType) throws {
    let (groups, batch, features, outputs, size, window) = (2, 2, 3, 5, 9, 3)
    let (stride, padding, inputDilation, windowDilation) = (2, 2, 2, 1)
    let extent = ((size - 1) * inputDilation + 1 + 2 * padding - window) / stride + 1
    for featuresLast in [false, true] {
      let (f, o) = (groups * features, groups * outputs)
      let routine = Routine.convolution(
        .init(
          type: type, groups: groups, batch: batch, features: features, outputs: outputs,
          window: [1, 1, window], resultExtent: [1, 1, extent], inputExtent: [1, 1, size],
          windowStride: [1, 1, stride], padding: [0, 0, padding],
          inputDilation: [1, 1, inputDilation], windowDilation: [1, 1, windowDilation],
          inputStride: featuresLast
            ? [features, size * f, 1, 0, 0, f] : [features * size, size * f, size, 0, 0, 1],
          // Outputs × features of a group × window, reversed.
          kernelStride: [outputs * features * window, window, features * window, 0, 0, -1],
          kernelStart: window - 1,
          resultStride: featuresLast
            ? [outputs, extent * o, 1, 0, 0, o] : [outputs * extent, extent * o, extent, 0, 0, 1]))
      let x = floats(batch * f * size) { Float($0 % 7) - 3 }.converted(to: type)
      let w = floats(o * features * window) { Float($0 % 5) - 2 }.converted(to: type)
      let result = try call(routine, [x, w], [(type, [batch * o * extent])])[0]
      let (a, b) = (x.elements(as: Double.self), w.elements(as: Double.self))
      var expected = Array(repeating: 0.0, count: batch * o * extent)
      for n in 0..<batch {
        for output in 0..<o {
          for place in 0..<extent {
            var sum = 0.0
            for position in 0..<window {
              let at = place * stride + position * windowDilation - padding
              guard at >= 0, at % inputDilation == 0, at / inputDilation < size else { continue }
              for feature in 0..<features {
                let (row, column) = (output / outputs * features + feature, at / inputDilation)
                let input =
                  featuresLast ? (n * size + column) * f + row : (n * f + row) * size + column
                sum +=
                  a[input] * b[(output * features + feature) * window + window - 1 - position]
              }
            }
            expected[
              featuresLast ? (n * extent + place) * o + output : (n * o + output) * extent + place] =
              sum
          }
        }
      }
      #expect(result.elements(as: Double.self) == expected)
    }
  }

  @Test func topKOfMany() throws {
    let count = 1000
    let k = 50
    let x = floats(count) { Float(($0 * 37) % 101) }
    let result = try call(
      .topK(type: .f32, rows: 1, columns: count, k: k), [x], [(.f32, [k]), (.i32, [k])])
    let values = x.elements(as: Float.self)
    let order = (0..<count).sorted { (-values[$0], $0) < (-values[$1], $1) }
    #expect(result[1].elements(as: Int32.self) == order.prefix(k).map { Int32($0) })
  }

  @Test func sortsStably() throws {
    let count = 300
    let keys = floats(count) { $0 % 50 == 0 ? .nan : Float(($0 * 37) % 11) - 5 }
    let values = HostTensor((0..<Int32(count)).map { $0 }, shape: [count])
    let routine = Routine.sort(
      .init(types: [.f32, .i32], outer: 1, size: count, inner: 1, order: .ascending(keys: 1)))
    let result = try call(routine, [keys, values], [(.f32, [count]), (.i32, [count])])
    let input = keys.elements(as: Float.self)
    let expected = (0..<count).sorted { a, b in
      switch (input[a].isNaN, input[b].isNaN) {
      case (true, true): a < b
      case (true, false): false
      case (false, true): true
      case (false, false): (input[a], a) < (input[b], b)
      }
    }
    #expect(result[1].elements(as: Int32.self) == expected.map { Int32($0) })
  }

  @Test func comparator() throws {
    let k = KernelBuilder(name: "compare")
    let a = k.parameter(.i32, count: 1, access: .read)
    let b = k.parameter(.i32, count: 1, access: .read)
    let c = k.parameter(.bool, count: 1, access: .write)
    let zero = k.index(0)
    k.store(
      k.compare(.greater, k.load(a, at: zero), k.load(b, at: zero)), to: c, at: zero)
    var program = Program(name: "sort")
    let kernel = program.kernels.append(k.finish())
    var procedure = Procedure(name: "main")
    let x = procedure.parameter(.i32, [3, 2])
    let y = procedure.parameter(.i32, [3, 2], isResult: true)
    procedure.body = [
      .library(
        LibraryCall(
          .sort(
            .init(types: [.i32], outer: 1, size: 3, inner: 2, order: .comparator(kernel))),
          [x, y]))
    ]
    program.entry = program.procedures.append(procedure)
    let result = try run(program, [HostTensor([1, 4, 3, 9, 2, 5] as [Int32], shape: [3, 2])])[0]
    #expect(result.elements(as: Int32.self) == [3, 9, 2, 5, 1, 4])
  }

  @Test func topK() throws {
    let x = HostTensor([1, 5, 3, 5, -2, 9, 0, 9] as [Float], shape: [2, 4])
    let result = try call(
      .topK(type: .f32, rows: 2, columns: 4, k: 2), [x], [(.f32, [2, 2]), (.i32, [2, 2])])
    #expect(result[0].elements(as: Float.self) == [5, 5, 9, 9])
    #expect(result[1].elements(as: Int32.self) == [1, 3, 1, 3])
  }

  @Test(arguments: [1, 2, 8, 12, 35, 37, 74, 101, 128])
  func fourier(length n: Int) throws {
    let x = matrix(1, n).reshaped([n])
    let spectrum = try call(
      .fft(.init(kind: .rfft, type: .f64, batch: 1, lengths: [n])), [x],
      [(.c128, [n / 2 + 1])])[0]
    let values = x.elements(as: Double.self)
    spectrum.withElements(of: Complex<Double>.self) { spectrum in
      for k in 0...n / 2 {
        var (real, imaginary) = (0.0, 0.0)
        for (j, value) in values.enumerated() {
          let angle = -2 * Double.pi * Double((j * k) % n) / Double(n)
          real += value * cos(angle)
          imaginary += value * sin(angle)
        }
        #expect(abs(real - spectrum[k].real) < 1e-9)
        #expect(abs(imaginary - spectrum[k].imaginary) < 1e-9)
      }
    }
    let back = try call(
      .fft(.init(kind: .irfft, type: .f64, batch: 1, lengths: [n])), [spectrum],
      [(.f64, [n])])[0]
    expectClose(back.elements(as: Double.self), values)
  }

  @Test func factorisations() throws {
    let n = 6
    let a = matrix(n, n)
    let values = a.elements(as: Double.self)
    var spd = product(a.transposed([1, 0]).elements(as: Double.self), values, n, n, n)
    for i in 0..<n { spd[i * n + i] += 1 }
    let positive = HostTensor(spd, shape: [n, n])
    let l = try call(
      .cholesky(type: .f64, batch: 1, size: n, lower: true), [positive], [(.f64, [n, n])])[0]
    expectClose(
      product(
        l.elements(as: Double.self), l.transposed([1, 0]).elements(as: Double.self), n, n, n),
      spd)
    let solved = try call(
      .triangularSolve(
        .init(
          type: .f64, batch: 1, rows: n, columns: n, left: true, lower: true,
          unitDiagonal: false, transpose: .none)), [l, a], [(.f64, [n, n])])[0]
    expectClose(
      product(l.elements(as: Double.self), solved.elements(as: Double.self), n, n, n), values)
    let eigen = try call(
      .eigh(type: .f64, batch: 1, size: n, lower: true), [positive],
      [(.f64, [n, n]), (.f64, [n])])
    let vectors = eigen[0].elements(as: Double.self)
    let w = eigen[1].elements(as: Double.self)
    let scaled = (0..<n * n).map { vectors[$0] * w[$0 % n] }
    expectClose(product(spd, vectors, n, n, n), scaled)
    #expect(w == w.sorted())

    let tall = matrix(8, 4)
    let svd = try call(
      .svd(type: .f64, batch: 1, rows: 8, columns: 4, vectors: true, full: false), [tall],
      [(.f64, [4]), (.f64, [8, 4]), (.f64, [4, 4])])
    let s = svd[0].elements(as: Double.self)
    let u = svd[1].elements(as: Double.self)
    expectClose(
      product(
        (0..<32).map { u[$0] * s[$0 % 4] }, svd[2].elements(as: Double.self), 8, 4, 4),
      tall.elements(as: Double.self))

    let qr = try call(
      .geqrf(type: .f64, batch: 1, rows: 8, columns: 4), [tall], [(.f64, [8, 4]), (.f64, [4])])
    let q = try call(
      .householderProduct(type: .f64, batch: 1, rows: 8, columns: 4, reflectors: 4), qr,
      [(.f64, [8, 4])])[0]
    var r = Array(qr[0].elements(as: Double.self).prefix(16))
    for i in 0..<4 { for j in 0..<i { r[i * 4 + j] = 0 } }
    expectClose(
      product(q.elements(as: Double.self), r, 8, 4, 4), tall.elements(as: Double.self))

    let lu = try call(
      .lu(type: .f64, batch: 1, rows: n, columns: n), [a],
      [(.f64, [n, n]), (.i32, [n]), (.i32, [n])])
    let packed = lu[0].elements(as: Double.self)
    var lower = packed
    var upper = packed
    for i in 0..<n {
      for j in 0..<n {
        if i < j { lower[i * n + j] = 0 } else { if i > j { upper[i * n + j] = 0 } }
        if i == j { lower[i * n + j] = 1 }
      }
    }
    let order = lu[2].elements(as: Int32.self)
    expectClose(
      product(lower, upper, n, n, n),
      order.flatMap { row in values[Int(row) * n..<(Int(row) + 1) * n] })

    let eig = try call(
      .eig(type: .f64, batch: 1, size: n, left: false, right: true), [a],
      [(.c128, [n]), (.c128, [n, n])])
    eig[0].withElements(of: Complex<Double>.self) { w in
      eig[1].withElements(of: Complex<Double>.self) { v in
        for j in 0..<n {
          for i in 0..<n {
            var (real, imaginary) = (0.0, 0.0)
            for k in 0..<n {
              real += values[i * n + k] * v[k * n + j].real
              imaginary += values[i * n + k] * v[k * n + j].imaginary
            }
            let (a, b) = (w[j], v[i * n + j])
            #expect(abs(real - (a.real * b.real - a.imaginary * b.imaginary)) < 1e-9)
            #expect(abs(imaginary - (a.real * b.imaginary + a.imaginary * b.real)) < 1e-9)
          }
        }
      }
    }
  }
}
