import Support
import Tensor

extension Typing {
  func contraction() throws(Diagnostic) -> [ValueType] {
    switch op {
    case .dotGeneral(let attributes):
      try count(2)
      let (a, b) = (try tensor(0), try tensor(1))
      let n = attributes.dimensionNumbers
      try require(
        n.lhsBatching.count == n.rhsBatching.count, "C1",
        "batching dimensions \(n.lhsBatching) and \(n.rhsBatching)")
      try require(
        n.lhsContracting.count == n.rhsContracting.count, "C2",
        "contracting dimensions \(n.lhsContracting) and \(n.rhsContracting)")
      try distinct(
        n.lhsBatching + n.lhsContracting, "C3", "batching and contracting dimensions of lhs")
      try distinct(
        n.rhsBatching + n.rhsContracting, "C4", "batching and contracting dimensions of rhs")
      try axes(n.lhsBatching, below: a.rank, "C5", "lhs_batching_dimensions")
      try axes(n.lhsContracting, below: a.rank, "C6", "lhs_contracting_dimensions")
      try axes(n.rhsBatching, below: b.rank, "C7", "rhs_batching_dimensions")
      try axes(n.rhsContracting, below: b.rank, "C8", "rhs_contracting_dimensions")
      for (i, j) in zip(n.lhsBatching, n.rhsBatching) {
        try require(
          compatible(a.dimensions[i], b.dimensions[j]), "C9",
          "batching dimensions \(i) of \(a) and \(j) of \(b) differ")
      }
      for (i, j) in zip(n.lhsContracting, n.rhsContracting) {
        try require(
          compatible(a.dimensions[i], b.dimensions[j]), "C10",
          "contracting dimensions \(i) of \(a) and \(j) of \(b) differ")
      }
      try require(
        attributes.precision.isEmpty || attributes.precision.count == 2, "C11",
        "\(attributes.precision.count) precisions")
      if let algorithm = attributes.algorithm {
        try require(
          attributes.precision.allSatisfy { $0 == .default }, "C21",
          "the precision is \(attributes.precision.map(\.rawValue)) beside an algorithm")
        try check(algorithm)
      }
      let (lhsUsed, rhsUsed) = (
        Set(n.lhsBatching + n.lhsContracting), Set(n.rhsBatching + n.rhsContracting)
      )
      let dimensions =
        n.lhsBatching.map { a.dimensions[$0] }
        + (0..<a.rank).filter { !lhsUsed.contains($0) }.map { a.dimensions[$0] }
        + (0..<b.rank).filter { !rhsUsed.contains($0) }.map { b.dimensions[$0] }
      let element = stated?.first?.tensor?.element ?? a.element
      return [.tensor(dimensions, element)]

    case .convolution(let attributes):
      try count(2)
      return [.tensor(try convolution(attributes, padding: attributes.padding))]

    case .dynamicConv(let attributes):
      try count(3)
      let (x, padding) = (try tensor(0), try tensor(2))
      try require(
        x.rank < 2 || compatible(padding.dimensions, [x.rank - 2, 2]), "C4",
        "the padding \(padding) is not \(TensorType([x.rank - 2, 2], padding.element))")
      let pairs = known(2).map { list in
        stride(from: 0, to: list.count - 1, by: 2).map { Padding(list[$0], list[$0 + 1]) }
      }
      return [.tensor(try convolution(attributes, padding: pairs))]

    case .cholesky:
      try count(1)
      let a = try tensor(0)
      try require(a.element.kind == .float || a.element.kind == .complex, "I1", "\(a)")
      try require(a.rank >= 2, "C2", "\(a) is no matrix")
      try require(
        compatible(a.dimensions[a.rank - 1], a.dimensions[a.rank - 2]), "C3",
        "\(a) is not square")
      return [.tensor(a)]

    case .triangularSolve(let attributes):
      try count(2)
      let (a, b) = (try tensor(0), try tensor(1))
      try require(a.element == b.element, "C1", "element types differ: \(a) and \(b)")
      try require(a.rank >= 2 && a.rank == b.rank, "C2", "ranks of \(a) and \(b)")
      try require(
        compatible(Array(a.dimensions.dropLast(2)), Array(b.dimensions.dropLast(2))), "C3",
        "batch dimensions of \(a) and \(b) differ")
      try require(
        compatible(a.dimensions[a.rank - 1], a.dimensions[a.rank - 2])
          && compatible(
            a.dimensions[a.rank - 1], b.dimensions[b.rank - (attributes.leftSide ? 2 : 1)]),
        "C3", "\(a) cannot solve for \(b)")
      return [.tensor(b)]

    case .fft(let attributes):
      try count(1)
      let x = try tensor(0)
      let length = attributes.length
      try require(length.count <= x.rank, "C1", "fft_length \(length) for \(x)")
      try require((1...3).contains(length.count), "C3", "fft_length \(length)")
      try require(length.allSatisfy { $0 >= 0 }, "C3", "fft_length \(length)")
      var dimensions = x.dimensions
      let inner = x.rank - length.count
      switch attributes.kind {
      case .fft, .ifft:
        try require(x.element.kind == .complex, "C2", "\(x) is not complex")
        try require(
          compatible(Array(dimensions[inner...]), length), "C5", "fft_length \(length) for \(x)")
        return [.tensor(x)]
      case .rfft:
        try require(x.element == .f32 || x.element == .f64, "C2", "\(x) is not real")
        try require(
          compatible(Array(dimensions[inner...]), length), "C5", "fft_length \(length) for \(x)")
        dimensions[x.rank - 1] = length.last! / 2 + 1
        return [.tensor(dimensions, x.element == .f32 ? .c64 : .c128)]
      case .irfft:
        try require(x.element.kind == .complex, "C2", "\(x) is not complex")
        var expected = length
        expected[length.count - 1] = length.last! / 2 + 1
        try require(
          compatible(Array(dimensions[inner...]), expected), "C5", "fft_length \(length) for \(x)")
        dimensions[x.rank - 1] = length.last!
        return [.tensor(dimensions, x.element.realPart)]
      }

    case .batchNormInference(let attributes):
      try count(5)
      let x = try tensor(0)
      _ = try features(x, attributes, ["C3", "C4", "C5", "C6"])
      return [.tensor(x)]

    case .batchNormTraining(let attributes):
      try count(3)
      let x = try tensor(0)
      let feature = try features(x, attributes, ["C3", "C4"])
      return [.tensor(x), .tensor(feature), .tensor(feature)]

    case .batchNormGrad(let attributes):
      try count(5)
      let x = try tensor(0)
      let shapes = try tensors(1..<4).map(\.dimensions)
      try require(
        shapes.allSatisfy { compatible($0, shapes[0]) }, "C4",
        "the shapes of scale, mean and variance differ: \(shapes)")
      let feature = try features(x, attributes, ["C5", "C5", "C5"])
      try require(compatible(try tensor(4), x), "C3", "grad_output is \(operands[4]), not \(x)")
      return [.tensor(x), .tensor(feature), .tensor(feature)]

    default: throw internalError()
    }
  }

  /// The algorithm is one that some hardware knows.
  private func check(_ algorithm: DotAlgorithm) throws(Diagnostic) {
    try require(
      algorithm.lhsComponents > 0, "C22", "lhs_component_count is \(algorithm.lhsComponents)")
    try require(
      algorithm.rhsComponents > 0, "C23", "rhs_component_count is \(algorithm.rhsComponents)")
    let steps = algorithm.primitiveOperations
    try require(steps > 0, "C24", "num_primitive_operations is \(steps)")
    let (lhs, rhs) = (algorithm.lhsPrecision, algorithm.rhsPrecision)
    for (type, label) in [(lhs, "I8"), (rhs, "I9"), (algorithm.accumulation, "I10")] {
      try require(
        type == "tf32" || ElementType(stablehlo: type)?.isFloat == true, label,
        "\(type) is no type of floating-point numbers")
    }
    let isNarrow = lhs.hasPrefix("f8") && rhs.hasPrefix("f8")
    let stepCounts: [Int] =
      switch (isNarrow ? "f8" : lhs == rhs ? lhs : "", algorithm.accumulation) {
      case ("f8", _), ("f16", "f16"), ("f16", "f32"), ("bf16", "bf16"), ("f32", "f32"),
        ("f64", "f64"):
        [1]
      case ("bf16", "f32"): [1, 3, 6, 9]
      case ("tf32", "f32"): [1, 3]
      default: []
      }
    try require(
      algorithm.lhsComponents == 1 && algorithm.rhsComponents == 1 && stepCounts.contains(steps)
        && (!algorithm.allowImpreciseAccumulation || isNarrow),
      "C25",
      "no hardware is known to have the algorithm "
        + Printer().algorithmText(algorithm))
  }

  /// The type of an operand with one element per feature, after the first of them are checked, each
  /// with the label of its constraint.
  private func features(
    _ x: TensorType, _ attributes: BatchNormAttributes, _ labels: [String]
  ) throws(Diagnostic) -> TensorType {
    let axis = Int(attributes.featureIndex)
    try require(axis >= 0 && axis < x.rank, "C1", "feature_index \(axis) for \(x)")
    try require(x.element.kind == .float, "I1", "\(x) is not floating-point")
    let feature = TensorType([x.dimensions[axis]], x.element)
    for (index, label) in zip(1..., labels) {
      let type = try tensor(index)
      try require(type.element == x.element, "C2", "element types differ: \(type) and \(x)")
      try require(compatible(type, feature), label, "\(type) is not \(feature)")
    }
    return feature
  }

  /// The result; `padding` is `nil` where it is not known.
  private func convolution(
    _ c: ConvolutionAttributes, padding: [Padding]?
  ) throws(Diagnostic) -> TensorType {
    let (a, b) = (try tensor(0), try tensor(1))
    let n = c.dimensionNumbers
    try require(a.rank == b.rank, "C1", "ranks of \(a) and \(b)")
    try require(
      a.element == b.element, "C27", "element types differ: \(a) and \(b)")
    try require(c.precision.count <= 2, "C24", "\(c.precision.count) precisions")
    try require(a.rank >= 2, "C13", "\(a) has no batch and feature dimensions")
    let spatial = a.rank - 2
    // Without a padding nothing can be said of the windows.
    if let padding {
      try windowList(c.strides, spatial, "window_strides", count: "C2", positive: "C3")
      try require(
        padding.count == spatial, "C4", "the padding has \(padding.count) pairs, not \(spatial)")
      try windowList(c.lhsDilation, spatial, "lhs_dilation", count: "C5", positive: "C6")
      try windowList(c.rhsDilation, spatial, "rhs_dilation", count: "C7", positive: "C8")
      try require(
        c.windowReversal.count == spatial, "C9",
        "window_reversal has \(c.windowReversal.count) entries, not \(spatial)")
    }
    for (axes, others, size, permutation) in [
      (n.inputSpatial, [n.inputBatch, n.inputFeature], "C12", "C13"),
      (n.kernelSpatial, [n.kernelInputFeature, n.kernelOutputFeature], "C17", "C18"),
      (n.outputSpatial, [n.outputBatch, n.outputFeature], "C19", "C20"),
    ] {
      try require(axes.count == spatial, size, "\(axes) are not \(spatial) spatial dimensions")
      try require(
        Permutation(checking: others + axes) != nil, permutation,
        "dimension numbers \(others + axes) are not a permutation of 0..<\(a.rank)")
    }
    try require(
      c.featureGroupCount > 0, "C21", "feature_group_count is \(c.featureGroupCount)")
    try require(c.batchGroupCount > 0, "C22", "batch_group_count is \(c.batchGroupCount)")
    try require(
      c.featureGroupCount == 1 || c.batchGroupCount == 1, "C23", "both group counts exceed 1")
    let (batch, features) = (a.dimensions[n.inputBatch], a.dimensions[n.inputFeature])
    let (kernelIn, kernelOut) = (
      b.dimensions[n.kernelInputFeature], b.dimensions[n.kernelOutputFeature]
    )
    if batch != TensorType.dynamic {
      try require(
        batch % c.batchGroupCount == 0, "C10", "batch \(batch) in \(c.batchGroupCount) groups")
    }
    if features != TensorType.dynamic {
      try require(
        features % c.featureGroupCount == 0, "C11",
        "\(features) features in \(c.featureGroupCount) groups")
      try require(
        compatible(kernelIn, features / c.featureGroupCount), "C14",
        "the kernel \(b) takes \(kernelIn) features, not \(features / c.featureGroupCount)")
    }
    if kernelOut != TensorType.dynamic {
      try require(
        kernelOut % c.batchGroupCount == 0, "C15",
        "\(kernelOut) kernels in \(c.batchGroupCount) groups")
      try require(
        kernelOut % c.featureGroupCount == 0, "C16",
        "\(kernelOut) kernels in \(c.featureGroupCount) groups")
    }
    var dimensions = [Int](repeating: 0, count: a.rank)
    dimensions[n.outputBatch] =
      batch == TensorType.dynamic ? batch : batch / c.batchGroupCount
    dimensions[n.outputFeature] = kernelOut
    for axis in 0..<spatial {
      let size = b.dimensions[n.kernelSpatial[axis]]
      let extent = a.dimensions[n.inputSpatial[axis]]
      var count = size == 0 ? 0 : TensorType.dynamic
      if let padding, size != 0 {
        count = try windowCount(
          extent, size: size, stride: c.strides[axis], baseDilation: c.lhsDilation[axis],
          windowDilation: c.rhsDilation[axis], padding: padding[axis])
      }
      dimensions[n.outputSpatial[axis]] = count
    }
    return TensorType(dimensions, stated?.first?.tensor?.element ?? a.element)
  }
}
