import Tensor

extension HostTensor {
  /// The numbers that the integers stand for.
  func dequantized(_ quantization: Quantization) -> HostTensor {
    let parameters = parameters(quantization)
    let values = elements(as: Int64.self).enumerated().map { position, stored in
      let (scale, zeroPoint) = parameters(position)
      return Double(Int(stored) - zeroPoint) * scale
    }
    return HostTensor(values, shape: shape).converted(to: quantization.expressed)
  }

  /// The integers that stand for the numbers: the nearest ones, within the range.
  func quantized(_ quantization: Quantization) -> HostTensor {
    let parameters = parameters(quantization)
    let range = quantization.range
    let values = elements(as: Double.self).enumerated().map { position, number -> Int64 in
      let (scale, zeroPoint) = parameters(position)
      let steps = number / scale
      if steps.isNaN { return Int64(zeroPoint) }
      let rounded = steps.rounded(.toNearestOrEven) + Double(zeroPoint)
      return Int64(min(max(rounded, Double(range.lowerBound)), Double(range.upperBound)))
    }
    return HostTensor(values, shape: shape).converted(to: quantization.storage)
  }

  /// Scale and zero point of the element at a position.
  private func parameters(
    _ quantization: Quantization
  ) -> (_ position: Int) -> (scale: Double, zeroPoint: Int) {
    let (scales, zeroPoints) = (quantization.scales, quantization.zeroPoints)
    guard let axis = quantization.axis else { return { _ in (scales[0], zeroPoints[0]) } }
    let (stride, extent) = (shape.strides[axis], max(shape[axis], 1))
    return { position in
      let index = position / stride % extent
      return (scales[index], zeroPoints[index])
    }
  }
}
