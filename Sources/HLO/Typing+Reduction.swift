import Support
import Tensor

extension Typing {
  /// The element types that a combining region gives: it takes two scalars per input.
  func reducer(
    _ region: Int, inputs: [TensorType], initial: [TensorType], _ label: String
  ) throws(Diagnostic) -> [ElementType] {
    let results = try self.results(ofRegion: region)
    var elements: [ElementType] = []
    for result in results {
      guard let type = result.tensor, type.rank == 0 else {
        throw violation(label, "the region gives \(result), not a scalar")
      }
      elements.append(type.element)
    }
    let expected = results + results
    try require(
      elements.count == inputs.count && regions[region].arguments == expected, label,
      "the region takes \(regions[region].arguments) and gives \(results)")
    for (input, element) in zip(inputs, elements) {
      try require(
        promotable(input.element, element), label,
        "the region gives \(element.stablehloName) for \(input)")
    }
    for (value, element) in zip(initial, elements) {
      try require(
        promotable(value.element, element), label,
        "the region gives \(element.stablehloName) for the initial value \(value)")
    }
    return elements
  }

  func promotable(_ from: ElementType, _ to: ElementType) -> Bool {
    from == to || from.kind == to.kind && from.bitWidth <= to.bitWidth
  }

  func reduction() throws(Diagnostic) -> [ValueType] {
    switch op {
    case .reduce(let dimensions):
      let (inputs, initial) = try inputsAndInitialValues()
      let x = inputs[0]
      for input in inputs {
        try require(
          compatible(input.dimensions, x.dimensions), "C1", "shapes differ: \(x) and \(input)")
      }
      try axes(dimensions, below: x.rank, "C4", "dimensions")
      try distinct(dimensions, "C5", "dimensions")
      try regionCount(1)
      let elements = try reducer(0, inputs: inputs, initial: initial, "C6")
      let reduced = Set(dimensions)
      let kept = (0..<x.rank).filter { !reduced.contains($0) }
      return zip(inputs, elements).map { input, element in
        .tensor(kept.map { input.dimensions[$0] }, element)
      }

    case .reduceWindow(let window):
      let (inputs, initial) = try inputsAndInitialValues()
      let x = inputs[0]
      for input in inputs {
        try require(
          compatible(input.dimensions, x.dimensions), "C2", "shapes differ: \(x) and \(input)")
      }
      try regionCount(1)
      let elements = try reducer(0, inputs: inputs, initial: initial, "C13")
      let dimensions = try windowed(x, window)
      return elements.map { .tensor(dimensions, $0) }

    case .selectAndScatter(let window):
      try count(3)
      try regionCount(2)
      let (x, source, initial) = (try tensor(0), try tensor(1), try tensor(2))
      try require(x.element == source.element, "C1", "\(source) cannot scatter into \(x)")
      try require(isScalar(initial), "C3", "the initial value is \(initial)")
      let dimensions = try windowed(x, window)
      try require(
        compatible(source.dimensions, dimensions), "C2",
        "the source is \(source), the windows \(dimensions)")
      let scalar = ValueType.tensor(.scalar(x.element))
      try require(
        regions[0].arguments == [scalar, scalar], "C9",
        "select takes \(regions[0].arguments)")
      let selected = try results(ofRegion: 0)
      try require(selected == [.tensor([], .bool)], "C9", "select gives \(selected), not an i1")
      let elements = try reducer(1, inputs: [x], initial: [initial], "C10")
      return [.tensor(x.with(elements[0]))]

    case .sort(let dimension, _):
      try require(!operands.isEmpty, "C1", "no inputs")
      try regionCount(1)
      let inputs = try tensors(0..<operands.count)
      let x = inputs[0]
      for input in inputs {
        try require(
          compatible(input.dimensions, x.dimensions), "C2", "shapes differ: \(x) and \(input)")
      }
      try require(
        x.rank == 0
          ? dimension == 0 || dimension == -1 : dimension >= -x.rank && dimension < x.rank,
        "C4", "dimension \(dimension) is not in \(-x.rank)..<\(x.rank)")
      let expected = inputs.flatMap { type in
        [ValueType.tensor(.scalar(type.element)), .tensor(.scalar(type.element))]
      }
      try require(
        regions[0].arguments == expected, "C5",
        "the comparator takes \(regions[0].arguments), not \(expected)")
      let results = try self.results(ofRegion: 0)
      try require(
        results == [.tensor([], .bool)], "C5", "the comparator gives \(results), not an i1")
      return operands

    default: throw internalError()
    }
  }

  private func inputsAndInitialValues() throws(Diagnostic) -> ([TensorType], [TensorType]) {
    try require(
      operands.count >= 2 && operands.count % 2 == 0, op.resultConstraints.count,
      "as many initial values as inputs expected, got \(operands.count) operands")
    let half = operands.count / 2
    let (inputs, initial) = (try tensors(0..<half), try tensors(half..<operands.count))
    for (input, value) in zip(inputs, initial) {
      try require(
        value.rank == 0 && promotable(value.element, input.element)
          || promotable(input.element, value.element) && value.rank == 0, "C2",
        "the initial value of \(input) is \(value)")
    }
    return (inputs, initial)
  }

  /// The number of windows along each dimension of the operand of `reduce_window`, or of
  /// `select_and_scatter`, which has no dilations.
  func windowed(_ x: TensorType, _ window: WindowAttributes) throws(Diagnostic) -> [Int] {
    let isScatter = if case .selectAndScatter = op { true } else { false }
    try windowList(
      window.dimensions, x.rank, "window_dimensions", count: "C4", positive: "C5")
    try windowList(window.strides, x.rank, "window_strides", count: "C6", positive: "C7")
    if !isScatter {
      try windowList(
        window.baseDilations, x.rank, "base_dilations", count: "C8", positive: "C9")
      try windowList(
        window.windowDilations, x.rank, "window_dilations", count: "C10", positive: "C11")
    }
    try require(
      window.padding.count == x.rank, isScatter ? "C8" : "C12",
      "the padding has \(window.padding.count) pairs, not \(x.rank)")
    var dimensions: [Int] = []
    for axis in 0..<x.rank {
      dimensions.append(
        try windowCount(
          x.dimensions[axis], size: window.dimensions[axis], stride: window.strides[axis],
          baseDilation: window.baseDilations[axis], windowDilation: window.windowDilations[axis],
          padding: window.padding[axis]))
    }
    return dimensions
  }

  /// Throws unless `list` has one positive number for each of `rank` dimensions.
  func windowList(
    _ list: [Int], _ rank: Int, _ what: String, count: String, positive: String
  ) throws(Diagnostic) {
    try require(list.count == rank, count, "\(what) \(list) does not have \(rank) entries")
    try require(list.allSatisfy { $0 > 0 }, positive, "\(what) \(list) must be positive")
  }

  /// The number of windows, dynamic where what it follows from is not known. Requires positive numbers.
  func windowCount(
    _ extent: Int, size: Int, stride: Int, baseDilation: Int, windowDilation: Int,
    padding: Padding
  ) throws(Diagnostic) -> Int {
    guard extent != TensorType.dynamic, size != TensorType.dynamic else {
      return TensorType.dynamic
    }
    guard
      let padded = dilated(extent, by: baseDilation).flatMap({
        sum($0, padding.low, padding.high)
      }), let reach = dilated(size, by: windowDilation)
    else { throw violation("size", "the window's extents overflow") }
    return padded <= 0 || reach > padded ? 0 : (padded - reach) / stride + 1
  }
}
