import HLO
import Support
import Tensor

/// Reduces long rows of several arrays together in two steps: `argmax` and its like, of which one
/// block of a GPU would see to a whole row.
///
///     %r:2 = reduce(%x, %i) across dimensions = [0]              // 1,000,000 elements
///
/// becomes
///
///     %y = reshape (pad %x), %j = reshape (pad %i)                // 245 × 4096
///     %p:2 = reduce(%y, %j) across dimensions = [1]
///     %r:2 = reduce(%p#0, %p#1) across dimensions = [0]
///
/// What is added to fill the last part are the initial values, which change no result.
public let reductionSplitting = Pass<Module>(
  "split-reduce", "reduce long rows of several arrays in two steps"
) { module in
  module.forEachFunction { function in
    Rewriter.run(on: &function, at: \.isReduce, splitReduction)
  }
}

extension Op {
  fileprivate var isReduce: Bool { if case .reduce = self { true } else { false } }
}

/// The elements of a row that are worth two kernels.
private let longest = 65_536
/// The elements of a part, at least, and the parts of a row, at most.
private let partSize = 4096
private let mostParts = 4096

private func splitReduction(_ rewriter: inout Rewriter, _ id: OperationID) -> Rewrite {
  let operation = rewriter.operation(id)
  let count = operation.results.count
  guard count > 1, rewriter.function.isRowReduction(operation),
    let result = rewriter.type(of: operation.results[0]), result.isStatic, result.count > 0,
    let whole = rewriter.type(of: operation.operands[0]), whole.isStatic,
    result.count <= 16, whole.count / result.count >= longest,
    let step = rewriter.copyFlatRegion(operation.regions[0])
  else { return .keep }
  let length = whole.count / result.count
  let least = (length + mostParts - 1) / mostParts
  let size = max(partSize, (least + 255) / 256 * 256)
  let parts = (length + size - 1) / size
  let kept = result.dimensions
  let initials = operation.operands.dropFirst(count)
  var rows: [ValueID] = []
  for (array, initial) in zip(operation.operands.prefix(count), initials) {
    guard let element = rewriter.type(of: array)?.element else { return .keep }
    func type(_ dimensions: [Int]) -> TensorType { TensorType(kept + dimensions, element) }
    var row = array
    if rewriter.type(of: array) != type([length]) {
      row = rewriter.insert(.reshape, [array], type: type([length]))
    }
    if parts * size > length {
      let none = kept.map { _ in 0 }
      let amounts = PadAmounts(
        low: none + [0], high: none + [parts * size - length], interior: none + [0])
      row = rewriter.insert(.pad(amounts), [row, initial], type: type([parts * size]))
    }
    rows.append(rewriter.insert(.reshape, [row], type: type([parts, size])))
  }
  let partial = rewriter.insert(
    .reduce(dimensions: [kept.count + 1]), Operands(rows + initials),
    types: operation.results.map { value in
      .tensor(TensorType(kept + [parts], rewriter.type(of: value)?.element ?? whole.element))
    },
    regions: [step])
  return .update(.reduce(dimensions: [kept.count]), Operands(partial + initials))
}

extension Rewriter {
  /// A copy of a region whose operations have no regions; `nil` for any other.
  fileprivate mutating func copyFlatRegion(_ region: RegionID) -> RegionID? {
    let source = function.regions[region]
    guard source.operations.allSatisfy({ function.operations[$0].regions.isEmpty }) else {
      return nil
    }
    return makeRegion(arguments: source.arguments.map { function.values[$0].type }) {
      rewriter, arguments in
      var names = Dictionary(uniqueKeysWithValues: zip(source.arguments, arguments))
      var results: [ValueID] = []
      for id in source.operations {
        let operation = rewriter.operation(id)
        let operands = operation.operands.map { names[$0] ?? $0 }
        if case .return = operation.op {
          results = Array(operands)
          continue
        }
        let types = operation.results.map { rewriter.function.values[$0].type }
        let copies = rewriter.insert(operation.op, Operands(operands), types: types)
        for (old, new) in zip(operation.results, copies) { names[old] = new }
      }
      return results
    }
  }
}
