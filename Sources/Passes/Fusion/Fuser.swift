import HLO
import Tensor

/// Groups the operations of one region after the other.
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
    /// `true` iff the nest writes over an array that what computes its updates would read.
    var overwritesReads = false
  }

  var function: Function
  let limits: FusionLimits
  private(set) var region: RegionID
  /// The operations of the region; the numbers of this type are positions in this list.
  private(set) var list: [OperationID] = []
  private(set) var roles: [FusionRole] = []
  /// The place of each operation in the list of its region.
  private let positions: [Int32]
  private var users = UserLists()
  /// The same for values that are not computed in this region.
  private var outsideUsers: [ValueID: [Int]] = [:]
  /// `true` where a result is used inside another operation's region.
  private(set) var isCaptured: [Bool] = []
  var groups: [Group] = []
  /// The group that computes each operation as one of its own.
  var home: [Int?] = []
  /// The groups that compute copies of an operation.
  private var copies: [Int: [Int]] = [:]
  /// How groups read each operation's result.
  var readings = Readings()
  var names = FusedNames()
  /// Why operations start groups of their own.
  private var refusals: [OperationID: FusionRefusal] = [:]

  init(_ function: Function, _ limits: FusionLimits) {
    self.function = function
    self.limits = limits
    region = function.body
    var positions = [Int32](repeating: -1, count: function.operations.count)
    // Not all regions: those of removed loops still list what went elsewhere.
    for region in function.scheduledRegions() {
      for (position, id) in function.regions[region].operations.enumerated() {
        positions[id.index] = Int32(position)
      }
    }
    self.positions = positions
  }

  // MARK: A region

  /// Starts over with `region`, and makes its groups.
  mutating func group(_ region: RegionID) {
    self.region = region
    list = function.regions[region].operations
    isCaptured = [Bool](repeating: false, count: list.count)
    home = [Int?](repeating: nil, count: list.count)
    groups = []
    copies = [:]
    refusals = [:]
    readings = Readings(count: list.count)
    collectRoles()
    collectUsers()
    for position in list.indices.reversed() {
      switch roles[position] {
      case .never, .free: continue
      case .element, .heavy, .root: place(position)
      }
    }
  }

  private mutating func collectRoles() {
    roles = []
    roles.reserveCapacity(list.count)
    for id in list {
      roles.append(
        function.fusionRole(id) { value in
          if let producer = definition(of: value), case .free = roles[producer] {
            true
          } else {
            false
          }
        })
    }
  }

  private mutating func collectUsers() {
    var counts = [Int](repeating: 0, count: list.count)
    for id in list {
      for operand in function.operations[id].operands {
        if let producer = definition(of: operand) { counts[producer] += 1 }
      }
    }
    users = UserLists(capacities: counts)
    outsideUsers = [:]
    for position in list.indices.reversed() {
      for operand in function.operations[list[position]].operands {
        if let producer = definition(of: operand) {
          users.add(position, to: producer)
        } else {
          outsideUsers[operand, default: []].append(position)
        }
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
  func definition(of value: ValueID) -> Int? {
    guard case .result(let id, _) = function.values[value].definition, id.index < positions.count
    else { return nil }
    let position = Int(positions[id.index])
    return position >= 0 && position < list.count && list[position] == id ? position : nil
  }

  func operation(_ position: Int) -> Operation { function.operations[list[position]] }

  /// Who uses the results of the operation at `position`: positions, last first, each once.
  func users(of position: Int) -> ArraySlice<Int> { users[position] }

  /// Who uses `value`, which another region may compute.
  func users(of value: ValueID) -> [Int] {
    definition(of: value).map { Array(users[$0]) } ?? outsideUsers[value] ?? []
  }

  /// The operations that start groups although others use them, in program order, with the reasons.
  var unfused: [(OperationID, FusionRefusal)] {
    groups.map(\.root).sorted().compactMap { position in
      if users[position].allSatisfy({ function.operations[list[$0]].op == .return }) { return nil }
      if let reason = refusals[list[position]] { return (list[position], reason) }
      let isConsumed = users[position].contains { isComputed($0) }
      return isConsumed ? (list[position], .notFusible) : nil
    }
  }

  // MARK: Grouping

  private mutating func place(_ position: Int) {
    if case .root = roles[position] {
      if let target = joiningTarget(position) { return join(position, target, asOutput: false) }
      return start(position)
    }
    let targets = targets(of: position)
    if targets.isEmpty { return joinAsOutput(position, siblings(of: position)) }
    let needsMemory =
      isCaptured[position]
      || users[position].contains { !isComputed($0) || !absorbs(position, into: $0) }
    if !needsMemory {
      if targets.count == 1 {
        if let reason = refusal(position, into: targets[0]) {
          refusals[list[position]] = reason
          return joinAsOutput(position, targets)
        }
        return join(position, targets[0], asOutput: false)
      }
      // What only moves elements costs nothing to repeat.
      if isMovement(position), targets.allSatisfy({ refusal(position, into: $0) == nil }) {
        for target in targets.sorted() { join(position, target, asOutput: false, isCopy: true) }
        return
      }
    }
    let isRead = targets.contains { groups[$0].overwritesReads }
    refusals[list[position]] = isRead ? .overwritten : .usedElsewhere
    joinAsOutput(position, targets)
  }

  /// The groups that compute users of `position`.
  private func targets(of position: Int) -> [Int] {
    var targets: [Int] = []
    for user in users[position] {
      if let group = home[user] {
        if !targets.contains(group) { targets.append(group) }
      } else {
        for group in copies[user] ?? [] where !targets.contains(group) { targets.append(group) }
      }
    }
    return targets
  }

  /// `true` iff a group computes the operation at `position`.
  private func isComputed(_ position: Int) -> Bool {
    home[position] != nil || copies[position] != nil
  }

  /// `true` iff `target` computes the operation at `position`, and no other group does.
  private func isComputed(_ position: Int, byOnly target: Int) -> Bool {
    home[position].map { $0 == target } ?? (copies[position] == [target])
  }

  /// `true` iff `target` computes the operation at `position`.
  func isInside(_ position: Int, _ target: Int) -> Bool {
    home[position].map { $0 == target } ?? copies[position]?.contains(target) ?? false
  }

  /// The group that computes the elements of a short concatenation, such as `roll` makes, where it
  /// needs them; `nil` for any other operation with loops of its own.
  private mutating func joiningTarget(_ position: Int) -> Int? {
    guard case .concatenate = operation(position).op, operation(position).operands.count <= 3,
      !isCaptured[position],
      operation(position).operands.allSatisfy({ operand in
        guard let producer = definition(of: operand) else { return true }
        return switch roles[producer] {
        case .free, .never: true
        case .element: isMovement(producer)
        case .heavy, .root: false
        }
      })
    else { return nil }
    let targets = targets(of: position)
    guard targets.count == 1, let target = targets.first, !isRootOperation(groups[target].root),
      users[position].allSatisfy({
        isComputed($0, byOnly: target) && absorbs(position, into: $0)
      }), refusal(position, into: target) == nil
    else { return nil }
    return target
  }

  /// Groups that read an array of the shape of the result of `position` which that reads, too.
  private func siblings(of position: Int) -> [Int] {
    guard case .element = roles[position], !isMovement(position) else { return [] }
    let shape = function.shape(of: operation(position).results[0])
    guard shape.count >= limits.siblingElements else { return [] }
    var found: [Int] = []
    for operand in operation(position).operands where function.shape(of: operand) == shape {
      for reader in users(of: operand).suffix(limits.siblings) where reader > position {
        for group in home[reader].map({ [$0] }) ?? copies[reader] ?? []
        where groups[group].shape == shape && !found.contains(group) {
          found.append(group)
        }
      }
    }
    return found
  }

  /// `true` iff `user` computes what it needs of the result of `position` itself.
  private func absorbs(_ position: Int, into user: Int) -> Bool {
    let consumer = operation(user)
    let overwritesReads = home[user].map { groups[$0].root == user && groups[$0].overwritesReads }
    return consumer.operands.indices.allSatisfy { number in
      definition(of: consumer.operands[number]) != position
        || function.absorbsOperand(consumer, number)
          && !(overwritesReads == true && consumer.isUpdate(number))
    }
  }

  private func isMovement(_ position: Int) -> Bool {
    switch function.operations[list[position]].op {
    case .broadcastInDim, .reshape, .transpose, .reverse, .slice: true
    default: false
    }
  }

  func isRootOperation(_ position: Int) -> Bool {
    if case .root = roles[position] { true } else { false }
  }

  private mutating func start(_ position: Int) {
    let operation = operation(position)
    let isReduction = if case .reduce = operation.op { true } else { false }
    groups.append(
      Group(
        kind: isReduction ? .reduction : .loop, root: position,
        shape: function.shape(of: operation.results[0]), members: [position], outputs: [position],
        overwritesReads: overwritesReads(position)))
    home[position] = groups.count - 1
    readings.add([readings.id(.root(groups[groups.count - 1].shape))], position, groups.count - 1)
  }

  private mutating func join(
    _ position: Int, _ target: Int, asOutput: Bool, isCopy: Bool = false
  ) {
    var (reads, extra) = reads(of: position, in: target)
    groups[target].members.append(position)
    groups[target].recomputation += extra
    if let rank = rowRank(position, target) {
      groups[target].rowRank = max(rank, groups[target].rowRank ?? 0)
      groups[target].kind = .row
    } else if case .reduce = operation(position).op, groups[target].kind == .loop {
      groups[target].kind = .reduction
    }
    if asOutput {
      if !isRootOperation(groups[target].root) {
        let root = readings.id(.root(groups[target].shape))
        if !reads.contains(root) { reads.append(root) }
      }
      groups[target].outputs.append(position)
    }
    readings.add(reads, position, target)
    if isCopy { copies[position, default: []].append(target) } else { home[position] = target }
  }

  /// Makes the array a further result of the first of `targets`, or starts a group.
  private mutating func joinAsOutput(_ position: Int, _ targets: [Int]) {
    guard case .element = roles[position] else { return start(position) }
    // The group that stands first: all other users come after it, so that no cycle can arise.
    guard let target = targets.min(by: { groups[$0].root < groups[$1].root }) else {
      return start(position)
    }
    let group = groups[target]
    guard group.kind != .output, group.outputs.count < 8, operation(group.root).results.count == 1,
      !isCaptured[position],
      isRootOperation(group.root)
        ? isWholeUpdate(position, in: target)
        : group.shape == function.shape(of: operation(position).results[0]),
      users[position].allSatisfy({ isComputed($0, byOnly: target) || $0 > group.root }),
      users[position].allSatisfy({ !isInside($0, target) || absorbs(position, into: $0) }),
      refusal(position, into: target, alsoRoot: true) == nil
    else { return start(position) }
    join(position, target, asOutput: true)
  }
}
