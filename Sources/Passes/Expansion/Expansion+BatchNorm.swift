import HLO
import Support
import Tensor

extension FunctionBuilder {
  /// The value of a feature, repeated over the shape of `x`.
  private func spread(_ feature: ValueID, _ x: ValueID, _ axis: Int) throws -> ValueID {
    try broadcastInDim(feature, tensorType(of: x).dimensions, [axis])
  }

  /// The sum over all axes but one.
  private func sumFeatures(_ x: ValueID, _ axis: Int) throws -> ValueID {
    let type = try tensorType(of: x)
    return try reduce(
      .add, x, scalar(0.0, type.element), dimensions: (0..<type.rank).filter { $0 != axis })
  }

  /// How many elements a feature has, for each feature.
  private func featureSize(_ x: ValueID, _ axis: Int) throws -> ValueID {
    let type = try tensorType(of: x)
    let features = type.dimensions[axis]
    return try splat(
      Double(features == 0 ? 0 : type.count / features), type.with([features]))
  }

  private func deviation(_ variance: ValueID, _ epsilon: Float) throws -> ValueID {
    try sqrt(add(variance, splat(Double(epsilon), tensorType(of: variance))))
  }

  /// `(x - mean) / sqrt(variance + ε) * scale + offset`
  func batchNormInference(
    _ operands: [ValueID], _ attributes: BatchNormAttributes
  ) throws -> ValueID {
    let (x, axis) = (operands[0], Int(attributes.featureIndex))
    let centered = try subtract(x, spread(operands[3], x, axis))
    let deviation = try deviation(operands[4], attributes.epsilon)
    let normal = try divide(centered, spread(deviation, x, axis))
    return try add(
      multiply(normal, spread(operands[1], x, axis)), spread(operands[2], x, axis))
  }

  /// The same by the operand's own mean and variance, which are results, too.
  func batchNormTraining(
    _ operands: [ValueID], _ attributes: BatchNormAttributes
  ) throws -> [ValueID] {
    let (x, axis) = (operands[0], Int(attributes.featureIndex))
    let size = try featureSize(x, axis)
    let mean = try divide(sumFeatures(x, axis), size)
    let centered = try subtract(x, spread(mean, x, axis))
    let variance = try divide(sumFeatures(multiply(centered, centered), axis), size)
    return [try batchNormInference(operands + [mean, variance], attributes), mean, variance]
  }

  /// The gradients of operand, scale and offset.
  func batchNormGrad(
    _ operands: [ValueID], _ attributes: BatchNormAttributes
  ) throws -> [ValueID] {
    let axis = Int(attributes.featureIndex)
    let (x, scale, mean, variance, gradient) = (
      operands[0], operands[1], operands[2], operands[3], operands[4]
    )
    let size = try featureSize(x, axis)
    let safe = try add(variance, splat(Double(attributes.epsilon), tensorType(of: variance)))
    let deviation = try sqrt(safe)
    let centered = try subtract(x, spread(mean, x, axis))
    let products = try sumFeatures(multiply(gradient, centered), axis)
    let sum = try sumFeatures(gradient, axis)
    let first = try multiply(gradient, spread(size, x, axis))
    let second = try subtract(first, spread(sum, x, axis))
    let third = try multiply(centered, spread(divide(products, safe), x, axis))
    let factor = try divide(divide(scale, deviation), size)
    return [
      try multiply(spread(factor, x, axis), subtract(second, third)),
      try divide(products, deviation), sum,
    ]
  }
}
