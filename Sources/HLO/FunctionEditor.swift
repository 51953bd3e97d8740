import Support
import Tensor

/// Changes a function in place, with its uses at hand: how passes mutate.
///
///     let editor = FunctionEditor(function)
///     for operation in editor.operationsInOrder() where … {
///       let new = try editor.insert(before: operation) { b in try b.negate(x) }
///       editor.replaceAllUses(of: old, with: new)
///       editor.erase(operation)
///     }
///     function = editor.finish()
///
/// Every step takes time in proportion to what it changes; `finish` is linear.
public final class FunctionEditor {
  public var function: Function { builder.function }
  /// `true` once something was replaced, inserted or erased.
  public private(set) var changed = false

  /// Owns the function; it emits into `staging`, a region of its own.
  private let builder: FunctionBuilder
  private let staging: RegionID
  /// Who uses each value; may list erased operations and repeat others.
  private var userLists: [[OperationID]]
  private var useCounts: [Int32]
  private var erased: [Bool]
  /// New operations, in order, before an existing one.
  private var insertions: [OperationID: [OperationID]] = [:]
  /// The region in which each operation stands.
  private var parents: [RegionID?]

  public init(_ function: Function) {
    var staged = function
    staging = staged.createRegion(arguments: [])
    builder = FunctionBuilder(continuing: staged, in: staging)
    userLists = [[OperationID]](repeating: [], count: function.values.count)
    useCounts = [Int32](repeating: 0, count: function.values.count)
    erased = [Bool](repeating: false, count: function.operations.count)
    parents = [RegionID?](repeating: nil, count: function.operations.count)
    var stack = [function.body]
    while let region = stack.popLast() {
      for id in function.regions[region].operations {
        parents[id.index] = region
        let operation = function.operations[id]
        for operand in operation.operands {
          userLists[operand.index].append(id)
          useCounts[operand.index] += 1
        }
        stack += operation.regions
      }
    }
  }

  /// The operations in program order, without those inserted after this call.
  public func operationsInOrder(of region: RegionID? = nil) -> [OperationID] {
    function.operationsInOrder(of: region).filter { !erased[$0.index] }
  }

  public subscript(operation: OperationID) -> Operation { function.operations[operation] }

  public func type(of value: ValueID) -> ValueType { function.values[value].type }

  /// The operation that gives `value`; `nil` for a region's argument.
  public func definition(of value: ValueID) -> OperationID? {
    if case .result(let operation, _) = function.values[value].definition { operation } else { nil }
  }

  public func isErased(_ operation: OperationID) -> Bool { erased[operation.index] }

  /// The number of operands that are `value`.
  public func useCount(of value: ValueID) -> Int { Int(useCounts[value.index]) }

  /// The operations that have `value` as an operand, each once.
  public func users(of value: ValueID) -> [OperationID] {
    var seen = Set<OperationID>()
    let users = userLists[value.index].filter { user in
      !erased[user.index] && function.operations[user].operands.contains(value)
        && seen.insert(user).inserted
    }
    userLists[value.index] = users
    return users
  }

  /// Makes every user of `old` use `new`.
  public func replaceAllUses(of old: ValueID, with new: ValueID) {
    guard old != new else { return }
    for user in users(of: old) {
      for index in function.operations[user].operands.indices
      where function.operations[user].operands[index] == old {
        builder.function.operations[user].operands[index] = new
        useCounts[old.index] -= 1
        useCounts[new.index] += 1
      }
      userLists[new.index].append(user)
      changed = true
    }
    userLists[old.index] = []
  }

  /// Removes `operation`, whose results have no uses left, with its regions.
  public func erase(_ operation: OperationID) {
    var stack = [operation]
    while let id = stack.popLast() {
      if erased[id.index] { continue }
      erased[id.index] = true
      changed = true
      for operand in function.operations[id].operands { useCounts[operand.index] -= 1 }
      for region in function.operations[id].regions {
        stack += function.regions[region].operations
      }
    }
  }

  /// Runs `emit` with a builder that inserts before `operation`; later insertions at the same
  /// place come after earlier ones.
  public func insert<T>(
    before operation: OperationID, _ emit: (FunctionBuilder) throws -> T
  ) throws -> T {
    let location = builder.location
    builder.location = function.locations[operation]
    defer {
      builder.location = location
      let staged = function.regions[staging].operations
      builder.function.regions[staging].operations = []
      insertions[operation, default: []] += staged
      register(staged, in: parents[operation.index])
      if !staged.isEmpty { changed = true }
    }
    return try emit(builder)
  }

  /// Replaces `operation` by what `emit` inserts in its place and returns, result by result.
  public func replace(
    _ operation: OperationID, _ emit: (FunctionBuilder) throws -> [ValueID]
  ) throws {
    let values = try insert(before: operation, emit)
    for (old, new) in zip(function.operations[operation].results, values) {
      replaceAllUses(of: old, with: new)
    }
    erase(operation)
  }

  /// The changed function.
  public func finish() -> Function {
    for index in function.regions.elements.indices {
      let region = RegionID(index)
      let list = function.regions[region].operations
      guard list.contains(where: { erased[$0.index] || insertions[$0] != nil }) else { continue }
      var compacted: [OperationID] = []
      compacted.reserveCapacity(list.count)
      for operation in list {
        for staged in insertions[operation] ?? [] where !erased[staged.index] {
          compacted.append(staged)
        }
        if !erased[operation.index] { compacted.append(operation) }
      }
      builder.function.regions[region].operations = compacted
    }
    insertions = [:]
    return function
  }

  /// Enters new operations, and those of their regions, in the tables.
  private func register(_ operations: [OperationID], in region: RegionID?) {
    let missing = function.values.count - userLists.count
    userLists += [[OperationID]](repeating: [], count: missing)
    useCounts += [Int32](repeating: 0, count: missing)
    let new = function.operations.count - erased.count
    erased += [Bool](repeating: false, count: new)
    parents += [RegionID?](repeating: nil, count: new)
    var stack = operations.map { ($0, region) }
    while let (id, region) = stack.popLast() {
      parents[id.index] = region
      for operand in function.operations[id].operands {
        userLists[operand.index].append(id)
        useCounts[operand.index] += 1
      }
      for inner in function.operations[id].regions {
        stack += function.regions[inner].operations.map { ($0, inner) }
      }
    }
  }
}
