import HLO
import Support
import Tensor

extension Op {
  /// `true` iff the regions run as steps of a program, not inside a loop nest.
  public var hasScheduledRegions: Bool {
    switch self {
    case .while, .if, .case: true
    default: false
    }
  }

  /// `true` iff the operation is computed by loops that evaluate operands of equal elements
  /// themselves.
  var evaluatesConstants: Bool {
    switch self {
    case .unary, .binary, .compare, .select, .clamp, .convert, .reducePrecision, .map, .iota,
      .broadcastInDim, .transpose, .reverse, .concatenate, .slice, .pad, .dynamicSlice,
      .dynamicUpdateSlice, .gather, .scatter, .dotGeneral, .convolution, .reduce, .reduceWindow,
      .selectAndScatter:
      true
    default: false
    }
  }
}

extension Function {
  /// `true` iff operand `number` of `operation` is read from memory, even if its elements are all
  /// equal.
  func needsMemory(_ operation: Operation, _ number: Int) -> Bool {
    guard operation.op.evaluatesConstants else { return true }
    switch operation.op {
    case .dotGeneral: return !isInlineProduct(operation, FusionLimits())
    case .selectAndScatter: return number == 0
    default: return !absorbsOperand(operation, number)
    }
  }

  /// The byte of its operand at which a slice starts; `nil` unless its elements lie one after the
  /// other there, so that it needs no memory of its own.
  public func viewStart(_ slice: Operation, _ bounds: SliceBounds) -> Int? {
    guard let source = values[slice.operands[0]].type.tensor,
      let type = values[slice.result].type.tensor, source.isStatic, type.count > 0,
      bounds.strides.allSatisfy({ $0 == 1 })
    else { return nil }
    // After the first axis with several elements, all are whole.
    if let axis = type.dimensions.firstIndex(where: { $0 != 1 }) {
      let rest = (axis + 1)..<type.rank
      guard rest.allSatisfy({ type.dimensions[$0] == source.dimensions[$0] }) else { return nil }
    }
    let element = zip(source.dimensions, bounds.start).reduce(0) { $0 * $1.0 + $1.1 }
    return element * type.element.byteCount
  }

  /// The operands over which result `number` of `id` may be written: each element is read, at the
  /// latest, just before the element of the result at the same place is written. Operands that are
  /// no candidates are not looked at.
  func overwritableOperands(
    _ id: OperationID, _ number: Int, where isCandidate: (Int) -> Bool = { _ in true }
  ) -> [Int] {
    let operation = operations[id]
    switch operation.op {
    case .unary, .binary, .compare, .select, .clamp, .convert, .reducePrecision:
      let shape = shape(of: operation.results[0])
      return operation.operands.indices.filter { self.shape(of: operation.operands[$0]) == shape }
    case .dynamicUpdateSlice: return [0]
    case .scatter: return [number]
    case .fusion: return overwritableFusionOperands(operation, number, isCandidate)
    default: return []
    }
  }

  private func overwritableFusionOperands(
    _ fusion: Operation, _ number: Int, _ isCandidate: (Int) -> Bool
  ) -> [Int] {
    let region = regions[fusion.regions[0]]
    guard let last = region.operations.last, let root = nestRoot(fusion.regions[0]) else {
      return []
    }
    let rootOperation = operations[root]
    let arguments = region.arguments
    switch rootOperation.op {
    case .dynamicUpdateSlice:
      // The update must not read what it overwrites, unless it is read before: one element.
      guard let operand = arguments.firstIndex(of: rootOperation.operands[0]) else { return [] }
      let isSingle = shape(of: rootOperation.operands[1]).count == 1
      return isSingle || useCount(of: arguments[operand], in: region) == 1 ? [operand] : []
    case .scatter:
      guard operations[last].operands[number] == rootOperation.results[number],
        let operand = arguments.firstIndex(of: rootOperation.operands[number])
      else { return [] }
      // One element is read before it is written.
      let updates = rootOperation.operands[rootOperation.results.count + 1]
      let isSingle = shape(of: updates).count == 1
      return isSingle || useCount(of: arguments[operand], in: region) == 1 ? [operand] : []
    case .concatenate, .reduceWindow, .reduce, .sort: return []
    default: break
    }
    let shape = shape(of: fusion.results[0])
    let candidates = arguments.indices.filter {
      self.shape(of: arguments[$0]) == shape && isCandidate($0)
    }
    if candidates.isEmpty { return [] }
    let accesses = nestAccesses(fusion.regions[0])
    return candidates.filter { accesses[arguments[$0]] == [.root(shape)] }
  }

  private func useCount(of value: ValueID, in region: Region) -> Int {
    region.operations.reduce(0) { count, id in
      count + operations[id].operands.lazy.filter { $0 == value }.count
    }
  }

  /// The operation that defines the last result of a fusion's region: the root of its nest.
  public func nestRoot(_ region: RegionID) -> OperationID? {
    guard let last = terminator(of: region) else { return nil }
    let definitions = operations[last].operands.compactMap { value -> OperationID? in
      if case .result(let id, _) = values[value].definition { id } else { nil }
    }
    return definitions.max()
  }

  /// How the nest that computes the results of a fusion's `region` reads its values.
  public func nestAccesses(_ region: RegionID) -> [ValueID: Set<Access>] {
    guard let last = terminator(of: region), let rootID = nestRoot(region) else { return [:] }
    let root = shape(of: operations[rootID].results[0])
    var accesses: [ValueID: Set<Access>] = [:]
    for value in operations[last].operands { accesses[value, default: []].insert(.root(root)) }
    for id in regions[region].operations.reversed() {
      let operation = operations[id]
      var own: Set<Access> = []
      for result in operation.results { own.formUnion(accesses[result] ?? []) }
      if own.isEmpty { continue }
      for number in operation.operands.indices {
        let operand = operation.operands[number]
        if id == rootID && hasOwnLoops(operation) {
          let shape = shape(of: operand)
          accesses[operand, default: []].insert(shape.rank == 0 ? .scalar : .part(number, shape))
        } else {
          for access in own {
            accesses[operand, default: []].insert(
              operandAccess(operation, number, access, root: root))
          }
        }
      }
    }
    return accesses
  }

  /// `true` iff each operand of a nest's root has loops of its own.
  private func hasOwnLoops(_ operation: Operation) -> Bool {
    switch operation.op {
    case .concatenate, .dynamicUpdateSlice, .scatter: true
    default: false
    }
  }
}
