import HLO
import Support
import Tensor

/// Brings the updates of large scatters into the order of their places, for a GPU: of those that fall
/// on one place, which then are neighbours, one thread applies all, in the order that they had.
///
///     %r = scatter(%x, %i, %u)                                    // 100,000 updates
///
/// becomes
///
///     %j, %o = sort(%i, iota)
///     %v = gather(%u, %o)
///     %r = scatter(%x, %j, %v) { indices_are_sorted = true }
public let scatterSorting = updateSorting(usesAtomics: false)

/// The same, but for updates that atomic operations combine in any order.
public func updateSorting(usesAtomics: Bool) -> Pass<Module> {
  Pass("sort-updates", "bring the updates of large scatters into the order of their places") {
    module in
    module.forEachFunction { function in
      Rewriter.run(on: &function, at: \.isScatter) { rewriter, id in
        usesAtomics && rewriter.function.hasAtomicUpdates(rewriter.operation(id))
          ? .keep : sortUpdates(&rewriter, id)
      }
    }
  }
}

extension Op {
  fileprivate var isScatter: Bool { if case .scatter = self { true } else { false } }
}

/// The updates that are worth sorting. Of fewer, each thread can look at all.
private let fewestUpdates = 4096
/// The places of which a GPU rather keeps several copies.
private let mostCopied = 1 << 16

extension Function {
  /// Do atomic operations of a GPU apply the updates of this scatter?
  public func hasAtomicUpdates(_ operation: Operation) -> Bool {
    operation.results.count == 1
      && Combiner(self, operation.regions[0])?.hasAtomic == true
  }

  /// Do threads of a GPU apply the updates of this scatter, which are many, to copies of its places,
  /// which are few?
  public func updatesCopies(_ operation: Operation) -> Bool {
    guard operation.results.count == 1,
      let places = values[operation.results[0]].type.tensor?.count,
      let updates = values[operation.operands[2]].type.tensor,
      case .scatter(let attributes) = operation.op
    else { return false }
    let window = attributes.dimensionNumbers.updateWindowDims.map { updates.dimensions[$0] }
    return window.allSatisfy { $0 == 1 } && updates.count >= fewestUpdates && places <= mostCopied
      && Combiner(self, operation.regions[0]) != nil
  }
}

private func sortUpdates(_ rewriter: inout Rewriter, _ id: OperationID) -> Rewrite {
  let operation = rewriter.operation(id)
  let count = operation.results.count
  guard case .scatter(let attributes) = operation.op, !attributes.uniqueIndices,
    !attributes.indicesAreSorted,
    rewriter.type(of: operation.results[0])?.isStatic == true,
    let indices = rewriter.type(of: operation.operands[count]), indices.isStatic,
    indices.element.isInteger,
    let updates = rewriter.type(of: operation.operands[count + 1]), updates.isStatic
  else { return .keep }
  let numbers = attributes.dimensionNumbers
  let window = numbers.updateWindowDims.map { updates.dimensions[$0] }
  let batchRank = updates.dimensions.count - window.count
  let number = updates.dimensions.prefix(batchRank).reduce(1, *)
  guard numbers.scatterDimsToOperandDims.count == 1, numbers.inputBatchingDims.isEmpty,
    // Windows that begin at different places do not overlap.
    numbers.insertedWindowDims.contains(numbers.scatterDimsToOperandDims[0]),
    // Batches come first.
    numbers.updateWindowDims == Array(batchRank..<updates.dimensions.count),
    number >= fewestUpdates, number <= Int(Int32.max), indices.count == number,
    !rewriter.function.updatesCopies(operation)
  else { return .keep }

  let line = TensorType([number], indices.element)
  let order = TensorType([number], .i32)
  let flat = rewriter.insert(.reshape, [operation.operands[count]], type: line)
  let places = rewriter.insert(.iota(dimension: 0), [], type: order)
  let scalar = { (element: ElementType) in ValueType.tensor(TensorType([], element)) }
  let precedes = rewriter.makeRegion(
    arguments: [indices.element, indices.element, .i32, .i32].map(scalar)
  ) { rewriter, arguments in
    [
      rewriter.insert(
        .compare(Comparison(.lt)), [arguments[0], arguments[1]], type: TensorType([], .bool))
    ]
  }
  let sorted = rewriter.insert(
    .sort(dimension: 0, isStable: true), [flat, places], types: [.tensor(line), .tensor(order)],
    regions: [precedes])
  let chosen = rewriter.insert(
    .reshape, [sorted[1]], type: TensorType([number, 1], .i32))
  let windowAxes = Array(1..<1 + window.count)
  let gather = GatherAttributes(
    GatherDimensionNumbers(
      offsetDims: windowAxes, collapsedSliceDims: [0], startIndexMap: [0], indexVectorDim: 1),
    sliceSizes: [1] + window, indicesAreSorted: false)
  var operands = Array(operation.operands.prefix(count))
  operands.append(
    rewriter.insert(.reshape, [sorted[0]], type: TensorType([number, 1], indices.element)))
  for value in operation.operands.dropFirst(count + 1) {
    let type = TensorType([number] + window, rewriter.type(of: value)?.element ?? updates.element)
    let whole = rewriter.insert(.reshape, [value], type: type)
    operands.append(rewriter.insert(.gather(gather), [whole, chosen], type: type))
  }
  var inOrder = attributes
  inOrder.dimensionNumbers.updateWindowDims = windowAxes
  inOrder.dimensionNumbers.indexVectorDim = 1
  inOrder.indicesAreSorted = true
  return .update(.scatter(inOrder), Operands(operands))
}
