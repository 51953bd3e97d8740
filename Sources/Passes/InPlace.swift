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
    case .dotGeneral:
      guard case .result(let id, _) = values[operation.result].definition else { return true }
      return libraryRoutine(id) != nil
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
    case .dynamicUpdateSlice, .scatter:
      guard let result = rootOperation.results.firstIndex(of: operations[last].operands[number])
      else { return operandsAlongUpdate(fusion.regions[0], rootOperation, isCandidate) }
      guard
        let operand = arguments.firstIndex(of: rootOperation.operands[result]),
        readsBeforeWriting(fusion.regions[0], rootOperation, arguments[operand])
      else { return [] }
      return [operand]
    case .concatenate, .reduceWindow, .reduce, .sort: return []
    default: break
    }
    let shape = shape(of: fusion.results[0])
    let candidates = arguments.indices.filter {
      self.shape(of: arguments[$0]) == shape && isCandidate($0)
    }
    if candidates.isEmpty { return [] }
    let accesses = nestAccesses(fusion.regions[0])
    let rank = reducesRowsFirst(region) ? rowRank(of: fusion.regions[0], accesses) : nil
    return candidates.filter { candidate in
      guard let reads = accesses[arguments[candidate]], !reads.isEmpty else { return false }
      return reads.allSatisfy { read in
        // A row is reduced before anything is written there.
        read == .root(shape) || rank.map { read.reducesRow($0, of: shape) } ?? false
      }
    }
  }

  /// `true` iff every loop over operands in `region` belongs to a reduction that is done before the
  /// elements of a row are written.
  private func reducesRowsFirst(_ region: Region) -> Bool {
    region.operations.allSatisfy { id in
      switch operations[id].op {
      case .reduce: operations[id].results.count == 1
      case .gather: false
      default: true
      }
    }
  }

  /// How many leading dimensions tell apart the rows of a nest that runs row by row: reductions of a
  /// row come first, its elements last. `nil` for a nest that runs otherwise.
  public func rowRank(of region: RegionID, _ accesses: [ValueID: Set<Access>]) -> Int? {
    guard let root = nestRoot(region), let last = terminator(of: region) else { return nil }
    let shape = shape(of: operations[root].results[0])
    guard operations[last].operands.allSatisfy({ self.shape(of: $0) == shape }) else { return nil }
    var rank: Int?
    for id in regions[region].operations {
      let operation = operations[id]
      guard case .reduce = operation.op, let reads = accesses[operation.results[0]],
        reads.count == 1, let access = reads.first
      else { continue }
      let own =
        (access.sources.compactMap { source in
          if case .root(let axis, _) = source { axis } else { nil }
        }.max() ?? -1) + 1
      guard access.isRow(own), shape.dimensions.dropFirst(own).reduce(1, *) > 1 else { continue }
      if self.shape(of: operation.results[0]).count == 1 && shape.rank > 1 { continue }
      rank = max(rank ?? 0, own)
    }
    return rank
  }

  /// `true` iff a nest that ends in the update `root` reads each element of `array` before it writes
  /// there.
  private func readsBeforeWriting(_ region: RegionID, _ root: Operation, _ array: ValueID) -> Bool {
    let window = updateWindow(root)
    // One element is read before it is written.
    if window?.count == 1 { return true }
    let readers = regions[region].operations.filter { operations[$0].operands.contains(array) }
    if readers.count == 1 { return root.operands.filter { $0 == array }.count == 1 }
    guard let window else { return false }
    let parts = root.operands.indices.filter(root.isUpdate).map {
      Access.part($0, shape(of: root.operands[$0]))
    }
    let accesses = nestAccesses(region)
    return readers.allSatisfy { id in
      let operation = operations[id]
      if operation.results == root.results { return true }
      return operation.operands.dropFirst().allSatisfy { $0 != array }
        && isRow(operation, of: window)
        && (accesses[operation.results[0]] ?? []).allSatisfy { access in
          parts.contains { access.isAlong($0) }
        }
    }
  }

  /// The operands over which a copy of what `root` writes may be written: they are read in the order
  /// of the update.
  private func operandsAlongUpdate(
    _ region: RegionID, _ root: Operation, _ isCandidate: (Int) -> Bool
  ) -> [Int] {
    let arguments = regions[region].arguments
    let update = shape(of: root.operands[1])
    let candidates = arguments.indices.filter {
      shape(of: arguments[$0]).count == update.count && arguments[$0] != root.operands[0]
        && isCandidate($0)
    }
    if candidates.isEmpty { return [] }
    let accesses = nestAccesses(region)
    let part = Access.part(1, update)
    return candidates.filter { (accesses[arguments[$0]] ?? []).allSatisfy { $0.isAlong(part) } }
  }

  /// The extents, along the axes of the array, of what `root` writes at a single place; `nil` where it
  /// writes at several.
  func updateWindow(_ root: Operation) -> Shape? {
    switch root.op {
    case .dynamicUpdateSlice: return shape(of: root.operands[1])
    case .scatter(let attributes):
      let numbers = attributes.dimensionNumbers
      let updates = shape(of: root.operands[root.results.count + 1])
      let extents = numbers.updateWindowDims.map { updates[$0] }
      guard updates.count == extents.reduce(1, *) else { return nil }
      var rest = extents[...]
      return Shape(
        shape(of: root.results[0]).dimensions.indices.map { axis in
          let isSingle =
            numbers.insertedWindowDims.contains(axis) || numbers.inputBatchingDims.contains(axis)
          return isSingle ? 1 : rest.popFirst() ?? 1
        })
    default: return nil
    }
  }

  /// `true` iff `operation` takes a slice of the size `window`, which either is the one at another
  /// place or has nothing in common with it: along each axis it is whole, or has a single element.
  func isRow(_ operation: Operation, of window: Shape) -> Bool {
    switch operation.op {
    case .dynamicSlice: break
    case .slice(let bounds) where bounds.strides.allSatisfy({ $0 == 1 }): break
    default: return false
    }
    let whole = shape(of: operation.operands[0])
    return shape(of: operation.results[0]) == window
      && window.dimensions.indices.allSatisfy { window[$0] == 1 || window[$0] == whole[$0] }
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
    for value in operations[last].operands {
      // What goes beside an updated array are the elements of the update.
      if case .dynamicUpdateSlice = operations[rootID].op, value != operations[rootID].result {
        let part = Access.part(1, shape(of: operations[rootID].operands[1]))
        accesses[value, default: []].insert(part.along(shape(of: value)))
      } else {
        accesses[value, default: []].insert(.root(root))
      }
    }
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
