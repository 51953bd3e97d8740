import HLO
import Tensor

// What may be computed in a group, and what should be.
extension Fuser {
  /// Why `position` must not be computed in group `target`, or `nil` where it should be.
  mutating func refusal(
    _ position: Int, into target: Int, alsoRoot: Bool = false
  ) -> FusionRefusal? {
    if groups[target].members.count >= limits.groupSize { return .groupFull }
    var (reads, extra) = reads(of: position, in: target)
    if alsoRoot && !isRootOperation(groups[target].root) {
      let root = readings.id(.root(groups[target].shape))
      if !reads.contains(root) { reads.append(root) }
    }
    if reads.count > limits.accesses
      && function.shape(of: operation(position).results[0]).rank > 0
    {
      return .scatteredReads
    }
    if case .heavy = roles[position] { return refusalOfLoops(position, target, reads) }
    if extra > 0 && groups[target].recomputation + extra > limits.recomputation {
      return .recomputed
    }
    return nil
  }

  private mutating func refusalOfLoops(
    _ position: Int, _ target: Int, _ reads: [Readings.AccessID]
  ) -> FusionRefusal? {
    let operation = operation(position)
    let group = groups[target]
    let result = function.shape(of: operation.results[0])
    if operation.results.count != 1 { return .notFusible }
    let isReduction = if case .reduce = operation.op { true } else { false }
    if isReduction && !function.isRowReduction(operation) { return .columnReduction }
    let work = function.shape(of: operation.operands[0]).count
    // Each element once, where its loops are inside those of the result.
    guard reads.count == 1, case let access = readings[reads[0]],
      access.executions <= result.count
    else { return .recomputed }
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
  mutating func rowRank(_ position: Int, _ target: Int) -> Int? {
    guard case .reduce = function.operations[list[position]].op,
      function.isRowReduction(operation(position))
    else { return nil }
    let reads = reads(of: position, in: target).accesses
    guard reads.count == 1, case let access = readings[reads[0]] else { return nil }
    let shape = groups[target].shape
    let rank =
      (access.sources.compactMap { source in
        if case .root(let axis, _) = source { axis } else { nil }
      }.max() ?? -1) + 1
    let rest = shape.dimensions.dropFirst(rank).reduce(1, *)
    guard access.isRow(rank), rest > 1,
      access.executions == function.shape(of: operation(position).results[0]).count
    else { return nil }
    return rank
  }

  /// How group `target` would read the result of `position`, and the cost per element of the
  /// group's result of computing elements more than once.
  mutating func reads(
    of position: Int, in target: Int
  ) -> (accesses: [Readings.AccessID], extra: Int) {
    var reads: [Readings.AccessID] = []
    for user in users(of: position) {
      for outer in readings.accesses(user, target) {
        for number in function.operations[list[user]].operands.indices
        where definition(of: function.operations[list[user]].operands[number]) == position {
          let read = read(user, number, outer, target)
          if !reads.contains(read) { reads.append(read) }
        }
      }
    }
    let operation = operation(position)
    let count = max(function.shape(of: operation.results[0]).count, 1)
    // In row groups, what the phases of a row share is kept for the row.
    let executions =
      groups[target].rowRank == nil
      ? reads.reduce(0) { $0 + readings[$1].executions }
      : reads.map { readings[$0].executions }.max() ?? 0
    let again = max(executions - count, 0) * function.cost(of: operation)
    return (reads, again / max(groups[target].shape.count, 1))
  }

  /// How the operation at `user`, read by `access` in group `target`, reads an operand.
  private mutating func read(
    _ user: Int, _ number: Int, _ access: Readings.AccessID, _ target: Int
  ) -> Readings.AccessID {
    let operand = function.operations[list[user]].operands[number]
    let shape = function.shape(of: operand)
    if shape.rank == 0 { return Readings.scalar }
    if user == groups[target].root && isRootOperation(user) {
      return readings.id(.part(number, shape))
    }
    if function.operations[list[user]].op.isElementwise { return access }
    return readings.id(
      function.operandAccess(
        operation(user), number, readings[access], root: groups[target].shape))
  }
}
