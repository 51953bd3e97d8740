import Core
import HLO
import Tensor
import Transforms

// The transposes of a convolution are convolutions: with the flipped kernel for the left operand,
// and of the left operand with the cotangent, whose spacing is the stride, for the kernel.
extension Convolution {
  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    guard let cotangent = cotangents[0].value else { return [nil, nil] }
    switch (operands[0], operands[1]) {
    case (.linear(let lhs), .known(let rhs)):
      return [try transposeLHS(cotangent, lhs, rhs), nil]
    case (.known(let lhs), .linear(let rhs)):
      return [nil, try transposeRHS(cotangent, lhs, rhs)]
    case (.linear, .linear), (.known, .known): throw notLinear(self)
    }
  }

  private func transposeLHS(_ cotangent: Value, _ lhs: ShapedArray, _ rhs: Value) throws -> Value {
    var kernel = rhs
    let groups = max(featureGroups, batchGroups)
    if groups > 1 {
      kernel = try splitAxis(kernel, dimensions.rhs[0], into: groups)
      kernel = try mergeAxis(kernel, dimensions.rhs[0], into: dimensions.rhs[1])
    }
    kernel = try bind1(Rev(Array(dimensions.rhs.dropFirst(2))), kernel)
    var back = self
    back.dimensions = ConvolutionDimensions(
      lhs: dimensions.out, rhs: swappingFirstTwo(dimensions.rhs), out: dimensions.lhs)
    back.strides = lhsDilation
    back.lhsDilation = strides
    back.featureGroups = groups
    back.batchGroups = 1
    back.preferredType = lhs.dtype == cotangent.dtype ? preferredType : lhs.dtype
    for axis in strides.indices {
      let window = dilated(rhs.shape[dimensions.rhs[axis + 2]], rhsDilation[axis])
      let low = window - padding[axis].low - 1
      let high =
        dilated(lhs.shape[dimensions.lhs[axis + 2]], lhsDilation[axis]) + window - 1
        - dilated(cotangent.shape[dimensions.out[axis + 2]], strides[axis]) - low
      back.padding[axis] = Padding(low, high)
    }
    var result = try bind1(back, cotangent, kernel)
    if batchGroups > 1 {
      result = try splitAxis(result, dimensions.lhs[1], into: batchGroups)
      result = try mergeAxis(result, dimensions.lhs[1], into: dimensions.lhs[0])
    }
    return result
  }

  private func transposeRHS(_ cotangent: Value, _ lhs: Value, _ rhs: ShapedArray) throws -> Value {
    var back = self
    back.dimensions = ConvolutionDimensions(
      lhs: swappingFirstTwo(dimensions.lhs), rhs: swappingFirstTwo(dimensions.out),
      out: swappingFirstTwo(dimensions.rhs))
    back.strides = rhsDilation
    back.rhsDilation = strides
    back.featureGroups = batchGroups
    back.batchGroups = featureGroups
    back.preferredType = rhs.dtype == cotangent.dtype ? preferredType : rhs.dtype
    for axis in strides.indices {
      let low = padding[axis].low
      let high =
        dilated(cotangent.shape[dimensions.out[axis + 2]], strides[axis])
        - dilated(lhs.shape[dimensions.lhs[axis + 2]], lhsDilation[axis])
        + dilated(rhs.shape[dimensions.rhs[axis + 2]], rhsDilation[axis]) - low - 1
      back.padding[axis] = Padding(low, high)
    }
    return try bind1(back, lhs, cotangent)
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    var batched = self
    switch (dims[0], dims[1]) {
    case (let dim?, nil) where batchGroups == 1:
      // More of the batch.
      let lhs = try moveBatchAxis(operands[0], dim, to: 0, size: size)
      let result = try bind1(
        self, mergeAxis(lhs, 0, into: dimensions.lhs[0]), operands[1])
      return ([try splitAxis(result, dimensions.out[0], into: size)], [dimensions.out[0]])
    case (nil, let dim?) where batchGroups == 1 && featureGroups == 1:
      // More output features.
      let rhs = try moveBatchAxis(operands[1], dim, to: 0, size: size)
      let result = try bind1(
        self, operands[0], mergeAxis(rhs, 0, into: dimensions.rhs[0]))
      return try ([inFront(result, dimensions.out[1], size)], [0])
    case (let lhsDim, let rhsDim):
      // A group for each element.
      let lhs = try moveBatchAxis(operands[0], lhsDim, to: 0, size: size)
      let rhs = try moveBatchAxis(operands[1], rhsDim, to: 0, size: size)
      let lhsAxis: Int
      if batchGroups > 1 {
        batched.batchGroups *= size
        lhsAxis = dimensions.lhs[0]
      } else {
        batched.featureGroups *= size
        lhsAxis = dimensions.lhs[1]
      }
      let result = try bind1(
        batched, mergeAxis(lhs, 0, into: lhsAxis), mergeAxis(rhs, 0, into: dimensions.rhs[0]))
      return try ([inFront(result, dimensions.out[1], size)], [0])
    }
  }

  /// Splits the elements of a mapped axis off `axis` and brings them to the front.
  private func inFront(_ value: Value, _ axis: Int, _ size: Int) throws -> Value {
    try moveBatchAxis(splitAxis(value, axis, into: size), axis, to: 0, size: size)
  }
}

private func swappingFirstTwo(_ axes: [Int]) -> [Int] {
  var axes = axes
  axes.swapAt(0, 1)
  return axes
}

/// Makes `axis` two axes, the first of extent `count`.
private func splitAxis(_ value: Value, _ axis: Int, into count: Int) throws -> Value {
  var shape = value.shape
  let extent = shape[axis]
  shape.dimensions.replaceSubrange(axis...axis, with: [count, count == 0 ? 0 : extent / count])
  return try reshape(value, shape)
}

/// Makes `axis` the slower part of what is axis `target` without it.
private func mergeAxis(_ value: Value, _ axis: Int, into target: Int) throws -> Value {
  let moved = try moveBatchAxis(value, axis, to: target, size: value.shape[axis])
  var shape = moved.shape
  let merged = shape[target] * shape[target + 1]
  shape.dimensions.replaceSubrange(target...target + 1, with: [merged])
  return try reshape(moved, shape)
}
