import HLO
import Support
import Tensor

/// Sums and multiplies halves of single precision in single precision.
///
///     %s = reduce(%x, %i) applies add : (tensor<3000xbf16>, tensor<bf16>) -> tensor<bf16>
///
/// becomes
///
///     %y = convert %x : (tensor<3000xbf16>) -> tensor<3000xf32>
///     %t = reduce(%y, convert %i) applies add : (tensor<3000xf32>, tensor<f32>) -> tensor<f32>
///     %s = convert %t : (tensor<f32>) -> tensor<bf16>
///
/// Rounded at each step, the sum of 3,000 ones would end at 256. XLA does the same.
public let sumWidening = Pass<Module>(
  "widen-sums", "sum and multiply halves of single precision in single precision"
) { module in
  try module.forEachFunction { function in
    let narrow = function.operationsInOrder().compactMap { id in
      function.narrowCombiner(of: function.operations[id]).map { (id, $0) }
    }
    if narrow.isEmpty { return false }
    let editor = FunctionEditor(function)
    for (id, combiner) in narrow { try widen(id, combiner, editor) }
    function = editor.finish()
    return true
  }
}

private func widen(_ id: OperationID, _ combiner: Combiner, _ editor: FunctionEditor) throws {
  let operation = editor[id]
  try editor.replace(id) { b in
    let wide = try operation.operands.map { try b.convert($0, to: .f32) }
    func combine(_ b: FunctionBuilder, _ pair: [ValueID]) throws -> [ValueID] {
      [try b.binary(combiner.operation, pair[0], pair[1])]
    }
    let result =
      switch operation.op {
      case .reduce(let dimensions):
        try b.reduce([wide[0]], [wide[1]], dimensions: dimensions, combine: combine)
      case .reduceWindow(let window):
        try b.reduceWindow([wide[0]], [wide[1]], window, combine: combine)
      default: preconditionFailure("\(operation.op.mnemonic) has no sums")
      }
    return [try b.convert(result[0], to: combiner.type)]
  }
}

extension Function {
  /// How `operation` combines halves of single precision, if it sums or multiplies them.
  fileprivate func narrowCombiner(of operation: Operation) -> Combiner? {
    guard operation.op.reduces, operation.results.count == 1,
      operation.operands.allSatisfy({ values[$0].type.tensor?.isStatic == true }),
      let combiner = Combiner(self, operation.regions[0]),
      combiner.type == .f16 || combiner.type == .bf16,
      combiner.operation == .add || combiner.operation == .multiply
    else { return nil }
    return combiner
  }
}

extension Op {
  fileprivate var reduces: Bool {
    switch self {
    case .reduce, .reduceWindow: true
    default: false
    }
  }
}
