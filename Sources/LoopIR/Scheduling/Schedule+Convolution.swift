import HLO
import Tensor

extension ProgramScheduler {
  /// The routine for a convolution whose operands are in memory; `nil` for any other.
  func convolution(
    _ operation: Operation, _ attributes: ConvolutionAttributes
  ) throws -> Routine.Convolution? {
    let (lhs, rhs) = (operation.operands[0], operation.operands[1])
    let (input, kernel) = (try staticType(lhs), try staticType(rhs))
    let result = try staticType(operation.result)
    let numbers = attributes.dimensionNumbers
    let groups = max(attributes.featureGroupCount, attributes.batchGroupCount)
    let rank = numbers.kernelSpatial.count
    let features = kernel.dimensions[numbers.kernelInputFeature]
    let outputs = kernel.dimensions[numbers.kernelOutputFeature] / max(groups, 1)
    let window = numbers.kernelSpatial.map { kernel.dimensions[$0] }
    guard needsMemory(lhs), needsMemory(rhs) else { return nil }

    let (inputStride, kernelStride) = (input.shape.strides, kernel.shape.strides)
    let resultStride = result.shape.strides
    /// One number for each spatial axis, and `other` for those that are missing.
    func axes(_ numbers: [Int], _ other: Int) -> [Int] {
      Array(repeating: other, count: 3 - rank) + numbers
    }
    let isByBatch = attributes.batchGroupCount > 1
    let batch = result.dimensions[numbers.outputBatch]
    let reversed = zip(numbers.kernelSpatial, attributes.windowReversal).map { axis, isReversed in
      isReversed ? -kernelStride[axis] : kernelStride[axis]
    }
    return Routine.Convolution(
      type: result.element, groups: groups, batch: batch, features: features, outputs: outputs,
      window: axes(window, 1),
      resultExtent: axes(numbers.outputSpatial.map { result.dimensions[$0] }, 1),
      inputExtent: axes(numbers.inputSpatial.map { input.dimensions[$0] }, 1),
      windowStride: axes(attributes.strides, 1), padding: axes(attributes.padding.map(\.low), 0),
      inputDilation: axes(attributes.lhsDilation, 1),
      windowDilation: axes(attributes.rhsDilation, 1),
      inputStride: [
        isByBatch
          ? batch * inputStride[numbers.inputBatch] : features * inputStride[numbers.inputFeature],
        inputStride[numbers.inputBatch], inputStride[numbers.inputFeature],
      ] + axes(numbers.inputSpatial.map { inputStride[$0] }, 0),
      kernelStride: [
        outputs * kernelStride[numbers.kernelOutputFeature],
        kernelStride[numbers.kernelInputFeature], kernelStride[numbers.kernelOutputFeature],
      ] + axes(reversed, 0),
      kernelStart: zip(window, reversed).reduce(0) { $1.1 < 0 ? $0 - ($1.0 - 1) * $1.1 : $0 },
      resultStride: [
        outputs * resultStride[numbers.outputFeature], resultStride[numbers.outputBatch],
        resultStride[numbers.outputFeature],
      ] + axes(numbers.outputSpatial.map { resultStride[$0] }, 0))
  }
}
