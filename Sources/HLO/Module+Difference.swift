import Support

/// Where two modules first differ.
public struct ModuleDifference: Hashable, Sendable {
  /// What is different there.
  public var message: String
  /// The places in the two texts, where they are known.
  public var first: Span?
  public var second: Span?
}

extension Module {
  /// The first difference from `other`, function by function and operation by operation; `nil` if
  /// there is none. The numbers of values and the places of operations do not count.
  public func firstDifference(from other: Module) -> ModuleDifference? {
    let theirs = Dictionary(
      other.functions.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for function in functions {
      guard let counterpart = theirs[function.name] else {
        return ModuleDifference(message: "@\(function.name) is only in the first")
      }
      var comparison = FunctionComparison(function, counterpart)
      if let difference = comparison.firstDifference() { return difference }
    }
    let ours = Set(functions.map(\.name))
    if let missing = other.functions.first(where: { !ours.contains($0.name) }) {
      return ModuleDifference(message: "@\(missing.name) is only in the second")
    }
    if functions.map(\.name) != other.functions.map(\.name) {
      return ModuleDifference(message: "the functions are in another order")
    }
    if name != other.name {
      return ModuleDifference(message: "the modules have different names")
    }
    if attributes != other.attributes {
      return ModuleDifference(message: "the attributes of the modules differ")
    }
    return nil
  }
}

/// One function next to another.
private struct FunctionComparison {
  let first: Function
  let second: Function
  /// The value of `second` that a value of `first` corresponds to.
  private var counterparts: [ValueID?]

  init(_ first: Function, _ second: Function) {
    self.first = first
    self.second = second
    counterparts = [ValueID?](repeating: nil, count: first.values.count)
  }

  mutating func firstDifference() -> ModuleDifference? {
    func signature(_ function: Function) -> [[ValueType]] {
      [function.argumentTypes, function.resultTypes]
    }
    if signature(first) != signature(second) {
      return ModuleDifference(message: "@\(first.name) has other arguments or results")
    }
    if first.argumentAttributes != second.argumentAttributes
      || first.resultAttributes != second.resultAttributes || first.attributes != second.attributes
      || first.visibility != second.visibility
    {
      return ModuleDifference(message: "@\(first.name) has other attributes")
    }
    pair(first.arguments, second.arguments)
    let ours = first.operationsInOrder()
    let theirs = second.operationsInOrder()
    for (position, (a, b)) in zip(ours, theirs).enumerated() {
      if let reason = difference(first.operations[a], second.operations[b], a, b) {
        return ModuleDifference(
          message: "@\(first.name), operation \(position + 1): \(reason)",
          first: first.locations[a].span, second: second.locations[b].span)
      }
    }
    guard ours.count != theirs.count else { return nil }
    let position = min(ours.count, theirs.count)
    return ModuleDifference(
      message: "@\(first.name), operation \(position + 1): only in the "
        + (ours.count > theirs.count ? "first" : "second"),
      first: ours.count > position ? first.locations[ours[position]].span : nil,
      second: theirs.count > position ? second.locations[theirs[position]].span : nil)
  }

  /// What is different about two operations whose predecessors are the same; `nil` if nothing is.
  private mutating func difference(
    _ a: Operation, _ b: Operation, _ idOfA: OperationID, _ idOfB: OperationID
  ) -> String? {
    if a.op != b.op {
      return a.op.mnemonic == b.op.mnemonic
        ? "\(a.op.mnemonic) with other attributes" : "\(a.op.mnemonic), not \(b.op.mnemonic)"
    }
    let name = a.op.mnemonic
    if a.operands.count != b.operands.count
      || zip(a.operands, b.operands).contains(where: { counterparts[$0.index] != $1 })
    {
      return "\(name) of other operands"
    }
    if a.results.map(first.type(of:)) != b.results.map(second.type(of:)) {
      return "\(name) with other results"
    }
    if first.operationAttributes[idOfA] ?? [] != second.operationAttributes[idOfB] ?? [] {
      return "\(name) with other attributes"
    }
    let regions = (a.regions, b.regions)
    if regions.0.count != regions.1.count
      || zip(regions.0, regions.1).contains(where: {
        first.regions[$0].arguments.map(first.type(of:))
          != second.regions[$1].arguments.map(second.type(of:))
          || first.regions[$0].operations.count != second.regions[$1].operations.count
      })
    {
      return "\(name) with other regions"
    }
    pair(a.results, b.results)
    for (mine, yours) in zip(regions.0, regions.1) {
      pair(first.regions[mine].arguments, second.regions[yours].arguments)
    }
    return nil
  }

  private mutating func pair(
    _ ours: some Sequence<ValueID>, _ theirs: some Sequence<ValueID>
  ) {
    for (a, b) in zip(ours, theirs) { counterparts[a.index] = b }
  }
}
