import HLO
import Support
import Tensor

/// What a rewriting rule makes of one operation.
enum Rewrite {
  /// Nothing: the rule does not apply.
  case keep
  /// The uses of its results become uses of these values.
  case replace([ValueID])
  /// Another operation with the same results.
  case update(Op, Operands)
}

/// Walks a function in program order and lets a rule look at each operation, once its operands are
/// rewritten. Linear in the size of the function.
///
/// Operations that lost their uses stay for dead code elimination.
struct Rewriter {
  typealias Rule = (inout Rewriter, OperationID) throws -> Rewrite

  private(set) var function: Function
  /// What the uses of a value become, by value; `nil` where they stay.
  private var replacements: [ValueID?]
  /// The operations of the region under construction.
  private var output: [OperationID] = []
  private(set) var changed = false
  /// The place of the operation at hand, given to those that are inserted before it.
  private var location = Location()
  /// How many operands each value was when the walk began.
  private var useCounts: [Int32]
  private var losesRegions = false

  private init(_ function: Function) {
    self.function = function
    replacements = [ValueID?](repeating: nil, count: function.values.count)
    useCounts = [Int32](repeating: 0, count: function.values.count)
    var pending = [function.body]
    while let region = pending.popLast() {
      for id in function.regions[region].operations {
        for operand in function.operations[id].operands { useCounts[operand.index] += 1 }
        pending += function.operations[id].regions
      }
    }
  }

  /// Rewrites `function` by `rule`, which looks at the operations that satisfy `isRoot`; the result
  /// is `true` iff it changed.
  static func run(
    on function: inout Function, at isRoot: (Op) -> Bool, _ rule: Rule
  ) rethrows -> Bool {
    guard function.operations.elements.contains(where: { isRoot($0.op) }) else { return false }
    return try run(on: &function) { rewriter, id in
      isRoot(rewriter.function.operations[id].op) ? try rule(&rewriter, id) : .keep
    }
  }

  /// Rewrites `function` by `rule`; the result is `true` iff it changed.
  static func run(on function: inout Function, _ rule: Rule) rethrows -> Bool {
    var rewriter = Rewriter(function)
    try rewriter.rewrite(region: function.body, rule)
    if rewriter.changed { function = rewriter.function }
    return rewriter.changed
  }

  // MARK: What rules see

  func operation(_ id: OperationID) -> Operation { function.operations[id] }

  func type(of value: ValueID) -> TensorType? { function.values[value].type.tensor }

  /// `true` iff `value` is an array.
  func isTensor(_ value: ValueID) -> Bool {
    if case .tensor = function.values[value].type { true } else { false }
  }

  /// The operation that defines `value`; `nil` for arguments and for operations with several results.
  func definition(of value: ValueID) -> Operation? {
    guard case .result(let id, _) = function.values[value].definition else { return nil }
    let operation = function.operations[id]
    return operation.results.count == 1 ? operation : nil
  }

  /// The constant that `value` is.
  func constant(_ value: ValueID) -> Constant? {
    guard let definition = definition(of: value), case .constant(let constant) = definition.op
    else { return nil }
    return constant
  }

  /// The single element that all elements of `value` are known to equal.
  func splat(_ value: ValueID) -> HostTensor? {
    var value = value
    while case .result(let id, _) = function.values[value].definition {
      switch function.operations[id].op {
      case .constant(let constant): return constant.splat
      case .broadcastInDim, .reshape, .transpose, .reverse:
        value = function.operations[id].operands[0]
      default: return nil
      }
    }
    return nil
  }

  /// `true` iff one operand was `value` when the walk began.
  func isUsedOnce(_ value: ValueID) -> Bool {
    value.index < useCounts.count && useCounts[value.index] == 1
  }

  /// `true` iff the two are one value, or constants of equal elements.
  func isSame(_ a: ValueID, _ b: ValueID) -> Bool {
    if a == b { return true }
    guard let x = splat(a), let y = splat(b) else { return false }
    return x.isIdentical(to: y)
  }

  // MARK: What rules do

  /// The operation at hand has no regions once it is updated.
  mutating func removeRegions() { losesRegions = true }

  /// Adds an operation before the one at hand.
  mutating func insert(_ op: Op, _ operands: Operands, type: TensorType) -> ValueID {
    insert(op, operands, types: [.tensor(type)])[0]
  }

  /// Adds an operation before the one at hand.
  mutating func insert(
    _ op: Op, _ operands: Operands, types: [ValueType], regions: [RegionID] = []
  ) -> [ValueID] {
    let id = function.create(op, operands, resultTypes: types, regions: regions)
    function.locations[id] = location
    output.append(id)
    let missing = function.values.count - replacements.count
    replacements += [ValueID?](repeating: nil, count: missing)
    changed = true
    return Array(function.operations[id].results)
  }

  /// Makes a region with `body`, which inserts operations into it and returns what it gives.
  mutating func makeRegion(
    arguments: [ValueType], _ body: (inout Rewriter, [ValueID]) throws -> [ValueID]
  ) rethrows -> RegionID {
    let region = function.createRegion(arguments: arguments)
    let missing = function.values.count - replacements.count
    replacements += [ValueID?](repeating: nil, count: missing)
    let outer = output
    output = []
    let results = try body(&self, function.regions[region].arguments)
    _ = insert(.return, Operands(results), types: [])
    function.regions[region].operations = output
    output = outer
    return region
  }

  // MARK: The walk

  private mutating func rewrite(region: RegionID, _ rule: Rule) rethrows {
    let outer = output
    output = []
    output.reserveCapacity(function.regions[region].operations.count)
    for id in function.regions[region].operations { try rewrite(operation: id, rule) }
    function.regions[region].operations = output
    output = outer
  }

  private mutating func rewrite(operation id: OperationID, _ rule: Rule) rethrows {
    replaceOperands(of: id)
    location = function.locations[id]
    for inner in function.operations[id].regions { try rewrite(region: inner, rule) }
    // A rule may open the way for another; the bound guards against two that undo each other.
    for _ in 0..<16 {
      switch try rule(&self, id) {
      case .keep:
        output.append(id)
        return
      case .update(let op, let operands):
        function.operations[id].op = op
        function.operations[id].operands = operands
        if losesRegions { function.operations[id].regions = [] }
        losesRegions = false
        changed = true
      case .replace(let values):
        for (old, new) in zip(function.operations[id].results, values) {
          replacements[old.index] = new
        }
        changed = true
        return
      }
    }
    output.append(id)
  }

  private mutating func replaceOperands(of id: OperationID) {
    for position in function.operations[id].operands.indices {
      if let new = replacements[function.operations[id].operands[position].index] {
        function.operations[id].operands[position] = new
      }
    }
  }
}

extension Module {
  /// Applies `change` to every function that can be compiled, or to all; the result is `true` iff
  /// it changed one.
  mutating func forEachFunction(
    evenInterpreted: Bool = false, _ change: (inout Function) throws -> Bool
  ) rethrows -> Bool {
    var changed = false
    for index in functions.indices
    where evenInterpreted || functions[index].interpretedOperation == nil {
      changed = try change(&functions[index]) || changed
    }
    return changed
  }
}
