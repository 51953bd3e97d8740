import Tensor

// Every step is rounded to the type of the numbers that are meant, as the specification has it.
extension HostTensor {
  /// The numbers that the integers stand for.
  func dequantized(_ quantization: Quantization) -> HostTensor {
    let parameters = parameters(quantization)
    let round = quantization.expressed.rounding
    let values = elements(as: Int64.self).enumerated().map { position, stored in
      let (scale, zeroPoint) = parameters(position)
      return round(Double(Int(stored) - zeroPoint) * scale)
    }
    return HostTensor(values, shape: shape).converted(to: quantization.expressed)
  }

  /// The integers that stand for the numbers: the nearest ones, within the range. What is no number
  /// becomes 0.
  func quantized(_ quantization: Quantization) -> HostTensor {
    let parameters = parameters(quantization)
    let round = quantization.expressed.rounding
    let (least, most) = (
      Double(quantization.range.lowerBound), Double(quantization.range.upperBound)
    )
    let values = elements(as: Double.self).enumerated().map { position, number -> Int64 in
      let (scale, zeroPoint) = parameters(position)
      let steps = round(round(number / scale) + Double(zeroPoint))
      if steps.isNaN { return Int64(min(max(0, least), most)) }
      return Int64(min(max(steps, least), most).rounded(.toNearestOrEven))
    }
    return HostTensor(values, shape: shape).converted(to: quantization.storage)
  }

  /// Scale and zero point of the element at a position.
  private func parameters(
    _ quantization: Quantization
  ) -> (_ position: Int) -> (scale: Double, zeroPoint: Int) {
    let scales = quantization.scales.map(quantization.expressed.rounding)
    let zeroPoints = quantization.zeroPoints
    guard let axis = quantization.axis else { return { _ in (scales[0], zeroPoints[0]) } }
    let (stride, extent) = (shape.strides[axis], max(shape[axis], 1))
    return { position in
      let index = position / stride % extent
      return (scales[index], zeroPoints[index])
    }
  }
}

extension ElementType {
  /// What the type makes of a number.
  fileprivate var rounding: (Double) -> Double {
    guard self != .f64, let format = floatFormat else { return { $0 } }
    return { format.decode(format.encode($0)) }
  }
}
