import HLO
import Support
import Tensor

/// Groups operations that are computed in one loop nest, so that what passes between them stays in
/// registers.
///
///     %1 = exponential %0
///     %2 = add %1, %0
///     return %2
///
/// becomes
///
///     %2 = fusion loop (%0) {
///       %1 = exponential %0
///       %3 = add %1, %0
///       return %3
///     }
///
/// Consumers are visited before producers. A producer joins the group of its consumers if that is
/// legal (all of them are in it, or the array can be a further result of the group) and profitable
/// (its elements are not computed much more often than once); otherwise it starts a group.
/// A reduction whose result is broadcast back over the rows that it reduces joins them in a *row*
/// group: softmax and layer normalisation are one nest over rows.
public let fusion = Pass<Module>("fusion", "compute what belongs together in one loop nest") {
  module in
  module.forEachFunction { function in
    var regions = [function.body]
    var changed = false
    while let region = regions.popLast() {
      var fuser = Fuser(function, region, FusionLimits())
      fuser.group()
      changed = fuser.rewrite() || changed
      function = fuser.function
      for id in function.regions[region].operations {
        switch function.operations[id].op {
        case .while, .if, .case: regions += function.operations[id].regions
        default: break
        }
      }
    }
    return changed
  }
}

/// An array that fusion leaves between two loop nests, and why.
public struct UnfusedArray: Sendable {
  /// The function that computes it, and the operation of it that does.
  public let function: Int
  public let operation: OperationID
  public let reason: FusionRefusal
}

/// What the pass would not fuse in `module`, which it has not seen yet, in program order.
public func unfusedArrays(in module: Module) -> [UnfusedArray] {
  module.functions.indices.flatMap { number in
    module.functions[number].scheduledRegions().flatMap { region -> [UnfusedArray] in
      var fuser = Fuser(module.functions[number], region, FusionLimits())
      fuser.group()
      return fuser.unfused.map { UnfusedArray(function: number, operation: $0, reason: $1) }
    }
  }
}

/// Groups the operations of one region.
struct Fuser {
  /// What one loop nest computes.
  struct Group {
    var kind: FusionKind
    /// The operation visited first; the group stands at its place.
    let root: Int
    /// The shape of the results.
    let shape: Shape
    /// Positions, in falling order.
    var members: [Int]
    /// Members whose results leave the group.
    var outputs: [Int]
    /// How many leading dimensions tell rows apart, in a row group.
    var rowRank: Int?
    /// The cost of computing elements again, per element of the result.
    var recomputation = 0
    /// `true` iff a producer may join.
    var isOpen: Bool
  }

  private(set) var function: Function
  private let region: RegionID
  private let limits: FusionLimits
  /// The operations of the region; the numbers of this type are positions in this list.
  private let list: [OperationID]
  private var roles: [FusionRole]
  private var positions: [OperationID: Int] = [:]
  /// Who uses the results of each operation: positions, last first, each once.
  private var users: [[Int]]
  /// The same for values that are not computed in this region.
  private var outsideUsers: [ValueID: [Int]] = [:]
  /// `true` where a result is used inside another operation's region.
  private var isCaptured: [Bool]
  private(set) var groups: [Group] = []
  /// The group that computes each operation as one of its own.
  private var home: [Int?]
  /// The groups that compute a copy of each operation.
  private var copies: [[Int]]
  /// How groups read each operation's result.
  private var accesses: [[Int: Set<Access>]]
  /// Why operations start groups of their own.
  private(set) var refusals: [OperationID: FusionRefusal] = [:]

  init(_ function: Function, _ region: RegionID, _ limits: FusionLimits) {
    self.function = function
    self.region = region
    self.limits = limits
    list = function.regions[region].operations
    roles = []
    users = [[Int]](repeating: [], count: list.count)
    isCaptured = [Bool](repeating: false, count: list.count)
    home = [Int?](repeating: nil, count: list.count)
    copies = [[Int]](repeating: [], count: list.count)
    accesses = [[Int: Set<Access>]](repeating: [:], count: list.count)
    for (position, id) in list.enumerated() { positions[id] = position }
    collectUsers()
  }

  private mutating func collectUsers() {
    var isFree = [Bool](repeating: false, count: list.count)
    for (position, id) in list.enumerated() {
      let role = function.fusionRole(id, limits) { value in
        definition(of: value).map { isFree[$0] } ?? false
      }
      if case .free = role { isFree[position] = true }
      roles.append(role)
    }
    for position in list.indices.reversed() {
      for operand in function.operations[list[position]].operands {
        guard let producer = definition(of: operand) else {
          outsideUsers[operand, default: []].append(position)
          continue
        }
        if users[producer].last != position { users[producer].append(position) }
      }
      var inner = function.operations[list[position]].regions
      while let region = inner.popLast() {
        for id in function.regions[region].operations {
          inner += function.operations[id].regions
          for operand in function.operations[id].operands {
            if let producer = definition(of: operand) { isCaptured[producer] = true }
          }
        }
      }
    }
  }

  /// The position of the operation of this region that defines `value`.
  private func definition(of value: ValueID) -> Int? {
    guard case .result(let id, _) = function.values[value].definition else { return nil }
    return positions[id]
  }

  private func operation(_ position: Int) -> Operation { function.operations[list[position]] }

  /// The operations that start groups although others use them, in program order, with the reasons.
  var unfused: [(OperationID, FusionRefusal)] {
    groups.map(\.root).sorted().compactMap { position in
      if users[position].allSatisfy({ function.operations[list[$0]].op == .return }) { return nil }
      if let reason = refusals[list[position]] { return (list[position], reason) }
      let isConsumed = users[position].contains { !homes(of: $0).isEmpty }
      return isConsumed ? (list[position], .notFusible) : nil
    }
  }

  // MARK: Grouping

  mutating func group() {
    for position in list.indices.reversed() {
      switch roles[position] {
      case .never, .free: continue
      case .element, .heavy, .root: place(position)
      }
    }
  }

  private mutating func place(_ position: Int) {
    if case .root = roles[position] {
      if let target = joiningTarget(position) { return join(position, target, asOutput: false) }
      return start(position)
    }
    let targets = Set(users[position].flatMap { homes(of: $0) })
    let needsMemory =
      isCaptured[position]
      || users[position].contains { homes(of: $0).isEmpty || !absorbs(position, into: $0) }
    if targets.isEmpty { return joinAsOutput(position, siblings(of: position)) }
    if !needsMemory {
      if targets.count == 1, let target = targets.first {
        if let reason = refusal(position, into: target) {
          refusals[list[position]] = reason
          return joinAsOutput(position, targets)
        }
        return join(position, target, asOutput: false)
      }
      // What only moves elements costs nothing to repeat.
      if isMovement(position), targets.allSatisfy({ refusal(position, into: $0) == nil }) {
        for target in targets.sorted() { join(position, target, asOutput: false, isCopy: true) }
        return
      }
    }
    refusals[list[position]] = .usedElsewhere
    joinAsOutput(position, targets)
  }

  /// The group that computes the elements of a short concatenation, such as `roll` makes, where it
  /// needs them; `nil` for any other operation with loops of its own.
  private func joiningTarget(_ position: Int) -> Int? {
    guard case .concatenate = operation(position).op, operation(position).operands.count <= 3,
      !isCaptured[position],
      operation(position).operands.allSatisfy({ operand in
        guard let producer = definition(of: operand) else { return true }
        return switch roles[producer] {
        case .free, .never: true
        case .element: isMovement(producer)
        case .heavy, .root: false
        }
      }),
      users[position].allSatisfy({ homes(of: $0).count == 1 && absorbs(position, into: $0) })
    else { return nil }
    let targets = Set(users[position].flatMap { homes(of: $0) })
    guard targets.count == 1, let target = targets.first, !isRootOperation(groups[target].root),
      refusal(position, into: target) == nil
    else { return nil }
    return target
  }

  /// Groups that read an array of the shape of the result of `position` which that reads, too.
  private func siblings(of position: Int) -> Set<Int> {
    guard case .element = roles[position], !isMovement(position) else { return [] }
    let shape = function.shape(of: operation(position).results[0])
    guard shape.count >= limits.siblingElements else { return [] }
    var found: Set<Int> = []
    for operand in operation(position).operands where function.shape(of: operand) == shape {
      let readers = definition(of: operand).map { users[$0] } ?? outsideUsers[operand] ?? []
      for reader in readers.suffix(limits.siblings) where reader > position {
        found.formUnion(homes(of: reader))
      }
    }
    return found.filter { groups[$0].shape == shape }
  }

  /// The groups that compute the operation at `position`.
  private func homes(of position: Int) -> [Int] {
    home[position].map { [$0] } ?? copies[position]
  }

  private func absorbs(_ position: Int, into user: Int) -> Bool {
    let consumer = operation(user)
    return consumer.operands.indices.allSatisfy { number in
      definition(of: consumer.operands[number]) != position
        || function.absorbsOperand(consumer, number)
    }
  }

  private func isMovement(_ position: Int) -> Bool {
    switch operation(position).op {
    case .broadcastInDim, .reshape, .transpose, .reverse, .slice: true
    default: false
    }
  }

  private mutating func start(_ position: Int) {
    let operation = operation(position)
    let isReduction = if case .reduce = operation.op { true } else { false }
    let group = Group(
      kind: isReduction ? .reduction : .loop, root: position,
      shape: function.shape(of: operation.results[0]), members: [position], outputs: [position],
      isOpen: true)
    groups.append(group)
    home[position] = groups.count - 1
    accesses[position] = [groups.count - 1: [.root(group.shape)]]
  }

  private mutating func join(
    _ position: Int, _ target: Int, asOutput: Bool, isCopy: Bool = false
  ) {
    let (reads, extra) = reads(of: position, in: target)
    var all = reads
    if asOutput {
      all.insert(.root(groups[target].shape))
      groups[target].outputs.append(position)
    }
    groups[target].members.append(position)
    groups[target].recomputation += extra
    if let rank = rowRank(position, target) {
      groups[target].rowRank = max(rank, groups[target].rowRank ?? 0)
      groups[target].kind = .row
    } else if case .reduce = operation(position).op, groups[target].kind == .loop {
      groups[target].kind = .reduction
    }
    accesses[position][target] = all
    if isCopy { copies[position].append(target) } else { home[position] = target }
  }

  /// Makes the array a further result of the first of `targets`, or starts a group.
  private mutating func joinAsOutput(_ position: Int, _ targets: Set<Int>) {
    guard case .element = roles[position] else { return start(position) }
    // The group that stands first: all other users come after it, so that no cycle can arise.
    guard let target = targets.min(by: { groups[$0].root < groups[$1].root }) else {
      return start(position)
    }
    let group = groups[target]
    let others = users[position].filter { user in homes(of: user) != [target] }
    guard group.shape == function.shape(of: operation(position).results[0]),
      group.kind != .output, !isRootOperation(group.root), group.outputs.count < 8,
      operation(group.root).results.count == 1,
      others.allSatisfy({ $0 > group.root }), !isCapturedBefore(position, group.root),
      users[position].allSatisfy({ !homes(of: $0).contains(target) || absorbs(position, into: $0) }
      ),
      refusal(position, into: target, alsoRoot: true) == nil
    else { return start(position) }
    join(position, target, asOutput: true)
  }

  private func isRootOperation(_ position: Int) -> Bool {
    if case .root = roles[position] { true } else { false }
  }

  /// `true` iff a region before position `limit` may use the result of `position`.
  private func isCapturedBefore(_ position: Int, _ limit: Int) -> Bool { isCaptured[position] }

  // MARK: Legality and profit

  /// Why `position` must not be computed in group `target`, or `nil` where it should be.
  private func refusal(
    _ position: Int, into target: Int, alsoRoot: Bool = false
  ) -> FusionRefusal? {
    let group = groups[target]
    let operation = operation(position)
    if group.members.count >= limits.groupSize { return .groupFull }
    var (reads, extra) = reads(of: position, in: target)
    if alsoRoot { reads.insert(.root(group.shape)) }
    if reads.count > limits.accesses && function.shape(of: operation.results[0]).rank > 0 {
      return .scatteredReads
    }
    if case .heavy = roles[position] {
      return refusalOfLoops(operation, position, target, reads)
    }
    if extra > 0 && group.recomputation + extra > limits.recomputation { return .recomputed }
    return nil
  }

  private func refusalOfLoops(
    _ operation: Operation, _ position: Int, _ target: Int, _ reads: Set<Access>
  ) -> FusionRefusal? {
    let group = groups[target]
    let result = function.shape(of: operation.results[0])
    if operation.results.count != 1 { return .notFusible }
    let isReduction = if case .reduce = operation.op { true } else { false }
    if isReduction && !function.isRowReduction(operation) { return .columnReduction }
    let work = function.shape(of: operation.operands[0]).count
    // Each element once, where its loops are inside those of the result.
    guard reads.count == 1, let access = reads.first, access.executions <= result.count else {
      return .recomputed
    }
    if result.count == 1 && work > limits.serialReduction { return .largeReduction }
    if result.count == 1 { return nil }
    if isRootOperation(group.root) { return .notFusible }
    if let rank = rowRank(position, target) {
      // Rank 0 is a scalar, which every row shares.
      if let known = group.rowRank, known != rank, known != 0 { return .differentRows }
      let rows = group.shape.dimensions.prefix(rank).reduce(1, *)
      if rows < limits.fewRows && work / max(rows, 1) > limits.longRow { return .largeReduction }
      return nil
    }
    if access != .root(group.shape) { return .differentRows }
    if work / max(result.count, 1) > limits.longRow && result.count < limits.fewRows {
      return .largeReduction
    }
    return nil
  }

  /// The number of leading dimensions of the result that tell the reduced rows apart; `nil` unless
  /// `position` reduces rows of the group's shape whose results are broadcast over them.
  private func rowRank(_ position: Int, _ target: Int) -> Int? {
    let operation = operation(position)
    guard case .reduce = operation.op, function.isRowReduction(operation) else { return nil }
    let reads = reads(of: position, in: target).0
    guard reads.count == 1, let access = reads.first else { return nil }
    let shape = groups[target].shape
    let rank =
      (access.sources.compactMap { source in
        if case .root(let axis, _) = source { axis } else { nil }
      }.max() ?? -1) + 1
    let rest = shape.dimensions.dropFirst(rank).reduce(1, *)
    guard access.isRow(rank), rest > 1,
      access.executions == function.shape(of: operation.results[0]).count
    else { return nil }
    return rank
  }

  /// How group `target` would read the result of `position`, and the cost per element of the
  /// group's result of computing elements more than once.
  private func reads(of position: Int, in target: Int) -> (Set<Access>, Int) {
    var reads: Set<Access> = []
    for user in users[position] {
      guard let outer = accesses[user][target] else { continue }
      let consumer = operation(user)
      for number in consumer.operands.indices
      where definition(of: consumer.operands[number]) == position {
        for access in outer {
          reads.insert(read(consumer, number, access, user, target))
        }
      }
    }
    let operation = operation(position)
    let count = max(function.shape(of: operation.results[0]).count, 1)
    // In row groups, what the phases of a row share is kept for the row.
    let executions =
      groups[target].rowRank == nil
      ? reads.reduce(0) { $0 + $1.executions } : reads.map(\.executions).max() ?? 0
    let again = max(executions - count, 0) * function.cost(of: operation)
    return (reads, again / max(groups[target].shape.count, 1))
  }

  private func read(
    _ consumer: Operation, _ number: Int, _ access: Access, _ user: Int, _ target: Int
  ) -> Access {
    if user == groups[target].root && isRootOperation(user) {
      let shape = function.shape(of: consumer.operands[number])
      return shape.rank == 0 ? .scalar : .part(number, shape)
    }
    return function.operandAccess(consumer, number, access, root: groups[target].shape)
  }

  // MARK: Rewriting

  /// Puts each group of several operations into a `fusion`; `true` iff there was one.
  mutating func rewrite() -> Bool {
    var groupAt = [Int?](repeating: nil, count: list.count)
    var isInside = [Bool](repeating: false, count: list.count)
    var replaced: [ValueID: ValueID] = [:]
    var isFused = [Bool](repeating: false, count: groups.count)
    // What only views memory needs no loops.
    let isView = groups.map { $0.members.allSatisfy { function.isView(operation($0)) } }
    for (number, group) in groups.enumerated() where !isView[number] {
      isFused[number] =
        group.members.count > 1
        || operation(group.root).operands.enumerated().contains { operandNumber, value in
          isFreeOperand(value) && function.absorbsOperand(operation(group.root), operandNumber)
            && !isConstantScalar(value)
        }
      guard isFused[number] else { continue }
      groupAt[group.root] = number
      for member in group.members where home[member] == number || copies[member].contains(number) {
        isInside[member] = true
      }
    }
    guard isFused.contains(true) else { return false }
    for (number, group) in groups.enumerated() where isView[number] {
      for member in group.members { isInside[member] = false }
    }
    var output: [OperationID] = []
    for position in list.indices {
      let id = list[position]
      substitute(&replaced, in: id)
      if let number = groupAt[position] {
        output.append(makeFusion(number, &replaced))
      } else if !isInside[position] {
        output.append(id)
      }
    }
    function.regions[region].operations = output
    return true
  }

  private func isFreeOperand(_ value: ValueID) -> Bool {
    guard let producer = definition(of: value), case .free = roles[producer] else { return false }
    return true
  }

  private func isConstantScalar(_ value: ValueID) -> Bool {
    guard let producer = definition(of: value), case .constant = operation(producer).op else {
      return false
    }
    return true
  }

  private mutating func substitute(_ replaced: inout [ValueID: ValueID], in id: OperationID) {
    if replaced.isEmpty { return }
    for position in function.operations[id].operands.indices {
      if let new = replaced[function.operations[id].operands[position]] {
        function.operations[id].operands[position] = new
      }
    }
    for inner in function.operations[id].regions {
      for id in function.regions[inner].operations { substitute(&replaced, in: id) }
    }
  }

  private mutating func makeFusion(
    _ number: Int, _ replaced: inout [ValueID: ValueID]
  ) -> OperationID {
    let group = groups[number]
    let body = function.createRegion(arguments: [])
    var values: [ValueID: ValueID] = [:]
    var operands: [ValueID] = []
    for position in group.members.sorted() {
      copy(position, into: body, &values, &operands, &replaced)
    }
    let outputs = group.outputs.sorted().flatMap { Array(operation($0).results) }
    let end = function.create(
      .return, Operands(outputs.map { values[$0] ?? $0 }), resultTypes: [])
    function.regions[body].operations.append(end)
    let fusion = function.create(
      .fusion(group.kind), Operands(operands),
      resultTypes: outputs.map { function.values[$0].type }, regions: [body])
    function.locations[fusion] = function.locations[list[group.root]]
    for (old, new) in zip(outputs, function.operations[fusion].results) { replaced[old] = new }
    return fusion
  }

  /// Copies the operation at `position` into `body`; operands from outside become arguments.
  private mutating func copy(
    _ position: Int, into body: RegionID, _ values: inout [ValueID: ValueID],
    _ operands: inout [ValueID], _ replaced: inout [ValueID: ValueID]
  ) {
    let operation = operation(position)
    var inner: [ValueID] = []
    for (number, operand) in operation.operands.enumerated() {
      if let known = values[operand] {
        inner.append(known)
        continue
      }
      if let producer = definition(of: operand), case .free = roles[producer],
        function.absorbsOperand(operation, number)
      {
        copy(producer, into: body, &values, &operands, &replaced)
        inner.append(values[operand] ?? operand)
        continue
      }
      let outside = replaced[operand] ?? operand
      let argument = function.addArgument(to: body, like: outside)
      operands.append(outside)
      values[operand] = argument
      // The substitution may have renamed the operand already.
      values[outside] = argument
      inner.append(argument)
    }
    let copy = function.create(
      operation.op, Operands(inner),
      resultTypes: operation.results.map { function.values[$0].type },
      regions: operation.regions)
    function.locations[copy] = function.locations[list[position]]
    function.regions[body].operations.append(copy)
    for (old, new) in zip(operation.results, function.operations[copy].results) {
      values[old] = new
    }
  }
}

extension Function {
  /// Adds an argument of the type of `value` to `region`.
  mutating func addArgument(to region: RegionID, like value: ValueID) -> ValueID {
    let index = regions[region].arguments.count
    let argument = values.append(
      Value(type: values[value].type, definition: .argument(region, index)))
    regions[region].arguments.append(argument)
    return argument
  }
}
