import HLO
import Support
import Tensor

/// A discrete Fourier transform on a GPU: each axis is transformed in as many passes as its length
/// has prime factors. A pass joins `radix` transforms of `length` elements to one, for all of them;
/// powers of the root of unity come from a table.
///
///     joined[f] = Σ over p of root^(p f) · part p [f mod length],   root = e^(-2πi / (radix length))
struct DeviceFourier {
  let transform: Routine.FFT
  /// Of the elements that are transformed.
  var type: ElementType { transform.type == .f64 ? .c128 : .c64 }
  var lengths: [Int] { transform.lengths }
  var count: Int { transform.batch * lengths.reduce(1, *) }
  var isInverse: Bool { transform.kind == .ifft || transform.kind == .irfft }
  /// The elements of a line that the real transforms keep.
  private var half: Int { (lengths.last ?? 1) / 2 + 1 }

  /// The powers of the root of unity for an axis, as they lie in memory.
  func roots(_ length: Int) -> Program.Constant {
    var bytes: [UInt8] = []
    for power in 0..<length {
      let angle = (isInverse ? 2 : -2) * Double.pi * Double(power) / Double(length)
      let root = Complex(Elementary.cos(angle), Elementary.sin(angle))
      bytes += ScalarBits(.complex(root), type: type).bytes(of: type)
    }
    return Program.Constant(type: type, shape: [length], bytes: bytes)
  }

  static func primeFactors(_ number: Int) -> [Int] {
    var (rest, factor, found) = (number, 2, [Int]())
    while factor * factor <= rest {
      while rest % factor == 0 {
        found.append(factor)
        rest /= factor
      }
      factor += 1
    }
    return rest > 1 ? found + [rest] : found
  }

  // MARK: Kernels

  private func each(_ builder: KernelBuilder, _ count: Int, _ body: (Kernel.ValueID) -> Void) {
    builder.loop(
      from: builder.index(0), to: builder.index(count), kind: .parallelVector, body: body)
  }

  /// From the operand to complex numbers; what real transforms leave out is the conjugate of what is
  /// opposite.
  func loadKernel() -> Kernel {
    let builder = KernelBuilder(name: "fft_load")
    let line = transform.kind == .irfft ? half : lengths.last ?? 1
    let sourceCount = count / max(lengths.last ?? 1, 1) * line
    let isReal = transform.kind == .rfft
    let source = builder.parameter(
      isReal ? transform.type : type, count: sourceCount, access: .read)
    let target = builder.parameter(type, count: count, access: .write)
    each(builder, count) { place in
      guard transform.kind == .irfft else {
        let value = builder.load(source, at: place)
        let zero = builder.constant(.float(0), transform.type)
        builder.store(isReal ? builder.binary(.complex, value, zero) : value, to: target, at: place)
        return
      }
      var rest = place
      var own: [Kernel.ValueID] = []
      for length in lengths.reversed() {
        own.insert(builder.remainder(rest, by: length), at: 0)
        rest = builder.divide(rest, by: length)
      }
      let last = own[own.count - 1]
      let isKept = builder.compare(.less, last, builder.index(half))
      var position = rest
      for (axis, (index, length)) in zip(own, lengths).enumerated() {
        let opposite = builder.remainder(builder.subtract(builder.index(length), index), by: length)
        position = builder.add(
          builder.multiply(position, by: axis == lengths.count - 1 ? half : length),
          builder.select(isKept, index, opposite))
      }
      let value = builder.load(source, at: position)
      builder.store(
        builder.select(isKept, value, builder.unary(.conjugate, value)), to: target, at: place)
    }
    return builder.finish()
  }

  /// One pass along the axis of `size` elements that lie `inner` apart.
  func passKernel(size: Int, inner: Int, length: Int, radix: Int) -> Kernel {
    let builder = KernelBuilder(name: "fft_pass")
    let source = builder.parameter(type, count: count, access: .read)
    let target = builder.parameter(type, count: count, access: .write)
    let roots = builder.parameter(type, count: size, access: .read)
    let others = size / (length * radix)
    each(builder, count) { place in
      let column = builder.remainder(place, by: inner)
      let line = builder.divide(place, by: inner)
      let first = builder.multiply(builder.divide(line, by: size), by: size)
      let own = builder.remainder(line, by: size)
      let number = builder.divide(own, by: length * radix)
      let frequency = builder.remainder(own, by: length * radix)
      let within = builder.remainder(frequency, by: length)
      func part(_ p: Kernel.ValueID) -> Kernel.ValueID {
        let start = builder.add(number, builder.multiply(p, by: others))
        let element = builder.add(builder.multiply(start, by: length), within)
        let position = builder.add(
          builder.multiply(builder.add(first, element), by: inner), column)
        return builder.load(source, at: position)
      }
      let sum = builder.loop(
        from: builder.index(1), to: builder.index(radix), carrying: [part(builder.index(0))]
      ) { p, sum in
        let power = builder.remainder(
          builder.multiply(builder.multiply(p, frequency), by: others), by: size)
        return [
          builder.add(sum[0], builder.multiply(part(p), builder.load(roots, at: power)))
        ]
      }
      builder.store(sum[0], to: target, at: place)
    }
    return builder.finish()
  }

  /// From complex numbers to the result.
  func storeKernel() -> Kernel {
    let builder = KernelBuilder(name: "fft_store")
    let size = lengths.last ?? 1
    let line = transform.kind == .rfft ? half : size
    let resultCount = count / max(size, 1) * line
    let isReal = transform.kind == .irfft
    let source = builder.parameter(type, count: count, access: .read)
    let target = builder.parameter(
      isReal ? transform.type : type, count: resultCount, access: .write)
    let scale = builder.constant(.float(1 / Double(lengths.reduce(1, *))), transform.type)
    each(builder, resultCount) { place in
      let position =
        line == size
        ? place
        : builder.add(
          builder.multiply(builder.divide(place, by: line), by: size),
          builder.remainder(place, by: line))
      let value = builder.load(source, at: position)
      var real = builder.unary(.real, value)
      if isInverse { real = builder.multiply(real, scale) }
      guard !isReal else { return builder.store(real, to: target, at: place) }
      guard isInverse else { return builder.store(value, to: target, at: place) }
      let imaginary = builder.multiply(builder.unary(.imag, value), scale)
      builder.store(builder.binary(.complex, real, imaginary), to: target, at: place)
    }
    return builder.finish()
  }
}

extension ProgramScheduler {
  func deviceFourier(
    _ transform: Routine.FFT, _ buffers: [Procedure.BufferID]
  ) -> [Step] {
    let plan = DeviceFourier(transform: transform)
    if plan.count == 0 { return [] }
    var scratch = DeviceScratch(self)
    var (from, to) = (
      scratch.buffer(plan.type, count: plan.count), scratch.buffer(plan.type, count: plan.count)
    )
    var steps: [Step] = [
      .launch(add(plan.loadKernel(), named: "fft_load"), buffers: [buffers[0], from])
    ]
    for (axis, size) in plan.lengths.enumerated() where size > 1 {
      let inner = plan.lengths.dropFirst(axis + 1).reduce(1, *)
      let roots = procedure.buffers.append(
        Procedure.Buffer(
          type: plan.type, shape: [size],
          place: .constant(program.constants.append(plan.roots(size)))))
      var length = 1
      for radix in DeviceFourier.primeFactors(size) {
        let kernel = plan.passKernel(size: size, inner: inner, length: length, radix: radix)
        steps.append(.launch(add(kernel, named: "fft_pass"), buffers: [from, to, roots]))
        swap(&from, &to)
        length *= radix
      }
    }
    steps.append(.launch(add(plan.storeKernel(), named: "fft_store"), buffers: [from, buffers[1]]))
    return steps
  }
}
