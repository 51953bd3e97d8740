import HLO
import Support
import Tensor

/// Makes convolutions do what is done to their operands before, or products where they are nothing
/// else.
///
///     %1 = pad %x, 0.0, low = [0, 1, 0, 0]       %3 = convolution %x, %k,
///     %2 = reverse %k                                   pad = [[1, 0], …], reverse = [true, true]
///     %3 = convolution %1, %2
///
///     %4 = convolution %x, %w                    %5 = reshape %w
///                                                %6 = dot_general %x, %5
///                                                %4 = transpose %6
///
/// The second is for windows of one element that visit all positions.
public let convolutionCanonicalization = Pass<Module>(
  "canonical-conv", "simplify convolutions, or make products of them"
) { module in
  module.forEachFunction { function in
    Rewriter.run(on: &function, at: \.isConvolution) { rewriter, id in
      let operation = rewriter.operation(id)
      guard case .convolution(let attributes) = operation.op,
        let result = rewriter.type(of: operation.result), result.isStatic, result.count > 0
      else { return .keep }
      for rule in [asProduct, foldPadding, foldReversal] {
        let rewrite = rule(&rewriter, operation, attributes)
        if case .keep = rewrite { continue }
        return rewrite
      }
      return .keep
    }
  }
}

extension Op {
  fileprivate var isConvolution: Bool { if case .convolution = self { true } else { false } }
}

/// Windows of one element are rows of a product.
private func asProduct(
  _ rewriter: inout Rewriter, _ operation: Operation, _ attributes: ConvolutionAttributes
) -> Rewrite {
  let numbers = attributes.dimensionNumbers
  guard let input = rewriter.type(of: operation.operands[0]),
    let kernel = rewriter.type(of: operation.operands[1]),
    let result = rewriter.type(of: operation.result), input.isStatic, kernel.isStatic,
    attributes.featureGroupCount == 1, attributes.batchGroupCount == 1,
    numbers.kernelSpatial.allSatisfy({ kernel.dimensions[$0] == 1 }),
    (attributes.strides + attributes.lhsDilation).allSatisfy({ $0 == 1 }),
    attributes.padding.allSatisfy({ $0.low == 0 && $0.high == 0 })
  else { return .keep }
  // Without the axes of the window, which have extent 1.
  let order = [numbers.kernelInputFeature, numbers.kernelOutputFeature].sorted()
  let matrix = rewriter.insert(
    .reshape, [operation.operands[1]], type: kernel.with(order.map { kernel.dimensions[$0] }))
  let contracted = order[0] == numbers.kernelInputFeature ? 0 : 1
  let free = input.dimensions.indices.filter { $0 != numbers.inputFeature }
  let product = rewriter.insert(
    .dotGeneral(
      DotAttributes(
        DotDimensionNumbers(
          lhsContracting: [numbers.inputFeature], rhsContracting: [contracted]),
        precision: attributes.precision)),
    [operation.operands[0], matrix],
    type: result.with(
      free.map { input.dimensions[$0] } + [kernel.dimensions[numbers.kernelOutputFeature]]))
  // Where the product has each axis of the result.
  var axes = [Int](repeating: free.count, count: result.rank)
  axes[numbers.outputBatch] = free.firstIndex(of: numbers.inputBatch) ?? 0
  for (output, own) in zip(numbers.outputSpatial, numbers.inputSpatial) {
    axes[output] = free.firstIndex(of: own) ?? 0
  }
  guard let permutation = Permutation(checking: axes) else { return .keep }
  return permutation.isIdentity
    ? .replace([product]) : .update(.transpose(permutation), [product])
}

/// Zeros around the input, and between its elements, are the window's padding.
private func foldPadding(
  _ rewriter: inout Rewriter, _ operation: Operation, _ attributes: ConvolutionAttributes
) -> Rewrite {
  let numbers = attributes.dimensionNumbers
  guard let pad = rewriter.definition(of: operation.operands[0]), case .pad(let amounts) = pad.op,
    let zero = rewriter.splat(pad.operands[1]), !zero[0].isTrue,
    (amounts.low + amounts.high).allSatisfy({ $0 >= 0 })
  else { return .keep }
  var changed = attributes
  for axis in amounts.low.indices {
    let (low, high, between) = (amounts.low[axis], amounts.high[axis], amounts.interior[axis])
    guard let place = numbers.inputSpatial.firstIndex(of: axis) else {
      if low != 0 || high != 0 || between != 0 { return .keep }
      continue
    }
    let dilation = changed.lhsDilation[place]
    // The elements that the pad put between others are not next to those of the dilation.
    if between > 0 {
      guard dilation == 1 else { return .keep }
      changed.lhsDilation[place] = between + 1
    }
    changed.padding[place].low += low * dilation
    changed.padding[place].high += high * dilation
  }
  changed.stated.formUnion([.padding, .baseDilations])
  return .update(.convolution(changed), [pad.operands[0], operation.operands[1]])
}

/// A kernel that is reversed along its window is read backwards.
private func foldReversal(
  _ rewriter: inout Rewriter, _ operation: Operation, _ attributes: ConvolutionAttributes
) -> Rewrite {
  guard let reverse = rewriter.definition(of: operation.operands[1]),
    case .reverse(let dimensions) = reverse.op
  else { return .keep }
  var changed = attributes
  for axis in dimensions {
    guard let place = attributes.dimensionNumbers.kernelSpatial.firstIndex(of: axis) else {
      return .keep
    }
    changed.windowReversal[place].toggle()
  }
  changed.stated.insert(.reversal)
  return .update(.convolution(changed), [operation.operands[0], reverse.operands[0]])
}
