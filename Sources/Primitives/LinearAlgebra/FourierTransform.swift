import Core
import HLO
import Tensor
import Transforms

/// `fft[fft_lengths fft_type] x`: the discrete Fourier transform over the last axes.
public struct FourierTransform: LinearPrimitive {
  public let kind: FFTKind
  public let lengths: [Int]

  public init(_ kind: FFTKind, lengths: [Int]) {
    self.kind = kind
    self.lengths = lengths
  }

  public init(_ reader: ParameterReader) throws {
    lengths = try reader.ints("fft_lengths")
    switch reader["fft_type"] {
    case .int(let number)? where FFTKind.allCases.indices.contains(number):
      kind = FFTKind.allCases[number]
    case let other:
      let text = other.map { "\($0)" } ?? ""
      let name = text.split(separator: ".").last.map(String.init) ?? text
      if let number = Int(name), FFTKind.allCases.indices.contains(number) {
        kind = FFTKind.allCases[number]
      } else if let named = FFTKind(rawValue: name.uppercased()) {
        kind = named
      } else {
        throw RaisedError.value("Unknown FFT type '\(text)'")
      }
    }
  }

  public var name: String { "fft" }

  public var parameters: [Parameter] {
    [
      Parameter("fft_lengths", .ints(lengths)),
      Parameter("fft_type", .int(FFTKind.allCases.firstIndex(of: kind)!)),
    ]
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let operand = operands[0]
    let count = lengths.count
    guard operand.rank >= count, count <= 3 else {
      throw RaisedError.value(
        "FFT requires at least \(count) axes and at most 3 transformed ones, got "
          + "\(ParameterValue.ints(operand.shape.dimensions))")
    }
    var dimensions = operand.shape.dimensions
    let given = Array(dimensions.suffix(count))
    switch kind {
    case .fft, .ifft:
      guard operand.dtype.isComplex else {
        throw RaisedError.value("FFT requires complex input, got \(operand.dtype.numpyName)")
      }
      guard given == lengths else { throw wrongLengths(given) }
      return [operand.strengthened]
    case .rfft:
      guard operand.dtype == .f32 || operand.dtype == .f64 else {
        throw RaisedError.value(
          "RFFT input must be float32 or float64, got \(operand.dtype.numpyName)")
      }
      guard given == lengths else { throw wrongLengths(given) }
      if count > 0 { dimensions[dimensions.count - 1] = lengths[count - 1] / 2 + 1 }
      return [ShapedArray(Shape(dimensions), operand.dtype.complexType)]
    case .irfft:
      guard operand.dtype.isComplex else {
        throw RaisedError.value("IRFFT requires complex input, got \(operand.dtype.numpyName)")
      }
      guard given.dropLast() == lengths.dropLast(),
        given.last.map({ $0 == lengths[count - 1] / 2 + 1 }) ?? true
      else { throw wrongLengths(given) }
      if count > 0 { dimensions[dimensions.count - 1] = lengths[count - 1] }
      return [ShapedArray(Shape(dimensions), operand.dtype.realPart)]
    }
  }

  private func wrongLengths(_ given: [Int]) -> RaisedError {
    .value(
      "\(kind.rawValue) operand dimensions \(ParameterValue.ints(given)) must be compatible with "
        + "fft_lengths \(ParameterValue.ints(lengths))")
  }

  /// The transform is symmetric. Of a real signal's spectrum only half is kept, so that the
  /// elements in between count twice.
  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    guard let cotangent = cotangents[0].value else { return [nil] }
    guard let length = lengths.last else { return [cotangent] }
    let total = Double(lengths.reduce(1, *))
    switch kind {
    case .fft, .ifft: return [try called(on: cotangent)]
    case .rfft:
      let inverse = FourierTransform(.irfft, lengths: lengths)
      let transpose = try stage([cotangent.aval]) { inputs in
        let counts = try multiplicities(length, inputs[0])
        let spread = try div(bind1(Conj(cotangent.dtype), inputs[0]), counts)
        let signal = try inverse.called(on: spread)
        return [try mul(constant(total, like: signal), signal)]
      }
      return [try bind1(Jit(name: "_rfft_transpose", jaxpr: transpose), cotangent)]
    case .irfft:
      let spectrum = try FourierTransform(.rfft, lengths: lengths).called(on: cotangent)
      let counts = try multiplicities(length, spectrum)
      let scale = try mul(constant(1 / total, like: counts), counts)
      return [try bind1(Conj(spectrum.dtype), mul(scale, spectrum))]
    }
  }

  /// How often each element of the half spectrum `like` stands in the whole one: once at the ends,
  /// else twice.
  private func multiplicities(_ length: Int, _ like: Value) throws -> Value {
    let count = length / 2 + 1
    let aval = ShapedArray([count], like.dtype)
    let one = try full(1, ShapedArray([1], like.dtype))
    var result = try bind1(
      DynamicUpdateSlice(), full(2, aval), one, .literal(0, .i32))
    if length % 2 == 0 {
      result = try bind1(
        DynamicUpdateSlice(), result, one, .literal(Double(count - 1), .i32))
    }
    if like.rank == 1 { return result }
    var shape = [Int](repeating: 1, count: like.rank)
    shape[like.rank - 1] = count
    return try bind1(
      BroadcastInDim(shape: Shape(shape), dimensions: [like.rank - 1]), result)
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    (
      [try called(on: moveBatchAxis(operands[0], dims[0], to: 0, size: size))], [0]
    )
  }

  /// The transform of `x` as a call of its own: JAX's rules call a staged function.
  private func called(on x: Value) throws -> Value {
    try bind1(Jit(name: name, jaxpr: stage([x.aval]) { try bind(self, $0) }), x)
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    if lengths.isEmpty { return operands }
    return [try context.builder.fft(operands[0], kind, length: lengths)]
  }
}

/// `symmetric_product[alpha beta] a c`: `alpha a aᵀ + beta c`.
public struct SymmetricProduct: BatchedMatrixPrimitive, NonlinearPrimitive {
  public let alpha: Double
  public let beta: Double

  public init(_ reader: ParameterReader) throws {
    alpha = try reader.double("alpha")
    beta = try reader.double("beta")
  }

  public var name: String { "symmetric_product" }

  public var parameters: [Parameter] {
    [Parameter("alpha", .float(alpha)), Parameter("beta", .float(beta))]
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let (batch, rows, _) = try operands[0].matrix(for: name)
    guard operands[1].shape.dimensions == batch + [rows, rows] else {
      throw RaisedError.value(
        "symmetric_product expects c_matrix of shape [..., n, n], got \(operands[1])")
    }
    return [operands[1].strengthened]
  }

  private func definition(_ a: Value, _ c: Value) throws -> Value {
    let square = try product(a, transposed(a))
    return try add(mul(constant(alpha, like: a), square), mul(constant(beta, like: c), c))
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    try Transforms.jvp({ [try definition($0[0], $0[1])] }, primals, tangents)
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    try context.expand(operands) { [try definition($0[0], $0[1])] }
  }
}
