import Support
import Tensor

/// What `op` makes of `operands`: one plain function per operation, the definition of what it
/// means.
///
/// Only for operations on tensors without regions, calls and effects; those need an `Interpreter`.
/// Types and constraints must hold (`resultTypesOf`). `results` are the result types.
///
/// Elements narrower than 32 bits are computed in 32 bits, and rounded or wrapped back.
public func evaluate(
  _ op: Op, _ operands: [HostTensor], results: [TensorType]
) throws -> [HostTensor] {
  switch op {
  case .unary(let unary): return [try evaluateUnary(unary, operands[0])]
  case .binary(let binary): return [try evaluateBinary(binary, operands[0], operands[1])]
  case .compare(let comparison):
    return [try evaluateCompare(comparison, operands[0], operands[1])]
  case .select: return [select(operands[0], operands[1], operands[2])]
  case .clamp:
    let shape = operands[1].shape
    func expanded(_ x: HostTensor) -> HostTensor {
      x.shape == shape ? x : x.broadcast(to: shape, dimensions: [])
    }
    let low = try evaluateBinary(.maximum, expanded(operands[0]), operands[1])
    return [try evaluateBinary(.minimum, low, expanded(operands[2]))]
  case .convert: return [operands[0].converted(to: results[0].element)]
  case .bitcastConvert:
    if operands[0].type.bitWidth < 8 || results[0].element.bitWidth < 8 {
      return [bitcastNarrow(operands[0], results[0])]
    }
    guard let cast = operands[0].bitcast(to: results[0].element) else {
      throw unsupported("bitcast_convert of \(operands[0].type) to \(results[0].element)")
    }
    return [cast]
  case .reducePrecision(let exponent, let mantissa):
    return [reducePrecision(operands[0], exponent: Int(exponent), mantissa: Int(mantissa))]

  case .constant(let constant): return [constant.tensor]
  case .iota(let dimension), .dynamicIota(let dimension):
    let shape = op == .iota(dimension: dimension) ? results[0].shape : shapeOperand(operands[0])
    return [HostTensor.iota(results[0].element, shape, dimension: dimension)]
  case .rngBitGenerator(let algorithm):
    return try randomBits(algorithm, state: operands[0], results[1])

  case .broadcastInDim(let dimensions):
    return [operands[0].broadcast(to: results[0].shape, dimensions: dimensions)]
  case .dynamicBroadcastInDim(let dimensions, _, _):
    return [operands[0].broadcast(to: shapeOperand(operands[1]), dimensions: dimensions)]
  case .reshape: return [operands[0].reshaped(results[0].shape)]
  case .dynamicReshape:
    let shape = shapeOperand(operands[1])
    guard shape.count == operands[0].count else {
      throw Diagnostic(.error, "dynamic_reshape.C2: \(operands[0].shape) cannot become \(shape)")
    }
    return [operands[0].reshaped(shape)]
  case .transpose(let permutation): return [operands[0].transposed(permutation.axes)]
  case .reverse(let dimensions): return [reverse(operands[0], dimensions)]
  case .concatenate(let dimension): return [concatenate(operands, dimension)]
  case .slice(let bounds):
    return [
      operands[0].sliced(starts: bounds.start, limits: bounds.limit, strides: bounds.strides)
    ]
  case .realDynamicSlice:
    let (start, limit, strides) = (
      integers(operands[1]), integers(operands[2]), integers(operands[3])
    )
    let inside = start.indices.allSatisfy {
      start[$0] >= 0 && start[$0] <= limit[$0] && limit[$0] <= operands[0].shape[$0]
        && strides[$0] > 0
    }
    guard inside else {
      throw Diagnostic(.error, "real_dynamic_slice: \(start), \(limit) are out of bounds")
    }
    return [operands[0].sliced(starts: start, limits: limit, strides: strides)]
  case .pad(let amounts): return [try pad(operands[0], operands[1], amounts)]
  case .dynamicPad:
    return [
      try pad(
        operands[0], operands[1],
        PadAmounts(
          low: integers(operands[2]), high: integers(operands[3]),
          interior: integers(operands[4])))
    ]
  case .dynamicSlice(let sizes): return [dynamicSlice(operands[0], operands.dropFirst(), sizes)]
  case .dynamicUpdateSlice:
    return [dynamicUpdateSlice(operands[0], operands[1], operands.dropFirst(2))]
  case .gather(let attributes):
    return [
      gather(operands[0], operands[1], attributes.dimensionNumbers, attributes.sliceSizes)
    ]
  case .dynamicGather(let attributes):
    return [
      gather(operands[0], operands[1], attributes.dimensionNumbers, integers(operands[2]))
    ]
  case .getDimensionSize(let dimension):
    return [HostTensor(scalar: Int32(truncatingIfNeeded: operands[0].shape[dimension]))]
  case .setDimensionSize(let dimension):
    let size = integers(operands[1])[0]
    var limits = operands[0].shape.dimensions
    guard size >= 0, size <= limits[dimension] else {
      throw Diagnostic(.error, "set_dimension_size: \(size) is out of bounds")
    }
    limits[dimension] = size
    let zeros = limits.map { _ in 0 }
    return [operands[0].sliced(starts: zeros, limits: limits, strides: limits.map { _ in 1 })]

  case .dotGeneral(let attributes):
    return [try dotGeneral(operands[0], operands[1], attributes.dimensionNumbers, results[0])]
  case .convolution(let attributes):
    return [try convolution(operands[0], operands[1], attributes, results[0])]
  case .dynamicConv(let attributes):
    return [
      try convolution(
        operands[0], operands[1], attributes.padded(by: integers(operands[2])), results[0])
    ]
  case .cholesky(let lower): return [try cholesky(operands[0], lower: lower)]
  case .triangularSolve(let attributes):
    return [try triangularSolve(operands[0], operands[1], attributes)]
  case .fft(let attributes): return [try fft(operands[0], attributes, results[0])]
  case .batchNormInference(let attributes):
    return [try batchNormInference(operands, attributes)]
  case .batchNormTraining(let attributes): return try batchNormTraining(operands, attributes)
  case .batchNormGrad(let attributes): return try batchNormGrad(operands, attributes)
  case .einsum(let config): return [try einsum(operands, config, results[0])]
  case .torchIndexSelect(let dimension, let batchDimensions):
    return [torchIndexSelect(operands[0], operands[1], dimension, batchDimensions)]
  case .constantLike(let constant):
    return [constant.tensor.broadcast(to: operands[0].shape, dimensions: [])]
  case .topK(let k): return topK(operands[0], k)
  case .broadcasting(let op, let dimensions):
    return try evaluateBroadcasting(op, operands, dimensions: dimensions, results[0])
  case .raggedDot(let attributes):
    return [try raggedDot(operands[0], operands[1], operands[2], attributes, results[0])]
  case .optimizationBarrier, .shardingConstraint: return operands

  case .uniformQuantize, .uniformDequantize, .rng, .partitionID, .replicaID, .map,
    .scatter, .reduce, .reduceWindow, .selectAndScatter, .sort, .while, .if, .case, .call,
    .return, .customCall, .composite, .tuple, .getTupleElement, .afterAll, .createToken, .infeed,
    .outfeed, .send, .recv, .allGather, .allReduce, .reduceScatter, .allToAll,
    .collectiveBroadcast, .collectivePermute, .collectiveReduce, .check, .fusion, .scan,
    .asyncStart, .asyncDone:
    throw unsupported("\(op.mnemonic) outside of a program")
  }
}

extension ConvolutionAttributes {
  /// With the padding that is an operand: low and high of each axis in turn.
  func padded(by amounts: [Int]) -> ConvolutionAttributes {
    var known = self
    known.padding = stride(from: 0, to: amounts.count - 1, by: 2).map {
      Padding(amounts[$0], amounts[$0 + 1])
    }
    return known
  }
}

/// The elements of an integer tensor.
func integers(_ tensor: HostTensor) -> [Int] { tensor.elements(as: Int64.self).map { Int($0) } }

/// The shape that an operand states.
private func shapeOperand(_ tensor: HostTensor) -> Shape {
  Shape(integers(tensor).map { max(0, $0) })
}

extension ElementType {
  /// The type in which elementwise operations compute.
  var computeType: ElementType {
    switch self {
    case .i2, .i4, .i8, .i16: .i32
    case .u2, .u4, .u8, .u16: .u32
    case .f4E2M1FN, .f6E2M3FN, .f6E3M2FN, .f8E3M4, .f8E4M3, .f8E4M3FN, .f8E4M3FNUZ, .f8E4M3B11FNUZ,
      .f8E5M2, .f8E5M2FNUZ,
      .f8E8M0FNU, .bf16, .f16:
      .f32
    case .bool, .i32, .i64, .u32, .u64, .f32, .f64, .c64, .c128, .float0, .key: self
    }
  }
}

/// `f` of every element.
@inline(__always)
func map<A: TensorElement, R: TensorElement>(
  _ x: HostTensor, _: A.Type, _ f: (A) -> R
) -> HostTensor {
  HostTensor(type: R.elementType, shape: x.shape) { target in
    let count = x.count
    let source = x.buffer.address.assumingMemoryBound(to: A.self)
    let target = target.assumingMemoryBound(to: R.self)
    for index in 0..<count { target[index] = f(source[index]) }
  }
}

/// `f` of every pair of elements.
@inline(__always)
func zip<A: TensorElement, R: TensorElement>(
  _ x: HostTensor, _ y: HostTensor, _: A.Type, _ f: (A, A) -> R
) -> HostTensor {
  HostTensor(type: R.elementType, shape: x.shape) { target in
    let count = x.count
    let a = x.buffer.address.assumingMemoryBound(to: A.self)
    let b = y.buffer.address.assumingMemoryBound(to: A.self)
    let target = target.assumingMemoryBound(to: R.self)
    for index in 0..<count { target[index] = f(a[index], b[index]) }
  }
}

/// Advances `index` in row-major order; `false` after the last one.
func advance(_ index: inout [Int], in shape: [Int]) -> Bool {
  var axis = shape.count - 1
  while axis >= 0 {
    index[axis] += 1
    if index[axis] < shape[axis] { return true }
    index[axis] = 0
    axis -= 1
  }
  return false
}

/// Calls `body` with every index of `shape` in row-major order.
func forEachIndex(_ shape: [Int], _ body: ([Int]) throws -> Void) rethrows {
  if shape.contains(0) { return }
  var index = [Int](repeating: 0, count: shape.count)
  repeat { try body(index) } while advance(&index, in: shape)
}

/// The row-major position of an index.
func position(_ index: [Int], _ strides: [Int]) -> Int {
  var position = 0
  for axis in index.indices { position += index[axis] * strides[axis] }
  return position
}
