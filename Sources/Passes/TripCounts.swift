import HLO
import Support
import Tensor

/// Puts the iterations of short loops in their place: of those that run once, or never, and of those
/// that run a few times over elementwise operations.
///
///     %1:2 = while(%i = 0, %x = %a)           %1 = multiply %a, %a
///       cond { compare LT, %i, 2 }            %2 = multiply %1, %1
///       do { %2 = multiply %x, %x
///            return %i + 1, %2 }
///
/// How often a loop runs is known where it counts from a constant to a constant (`tripCount`). What
/// is elementwise becomes one kernel, which keeps its elements in registers from one iteration to the
/// next; the counter, and constants that take turns, become constants.
public let tripCounts = Pass<Module>(
  "trip-counts", "put the iterations of short loops in their place"
) { module in
  module.forEachFunction { function in
    guard function.hasLoops else { return false }
    var changed = false
    var replacements: [ValueID: ValueID] = [:]
    // Inner loops first: what a body becomes is copied.
    for region in function.scheduledRegions().reversed() {
      changed = function.removeShortLoops(in: region, &replacements) || changed
    }
    if changed { function.replaceOperands(by: replacements) }
    return changed
  }
}

/// Up to where straight-line code is better than a loop.
private enum UnrollingLimits {
  static let iterations = 8
  /// Operations of all iterations together; elementary functions weigh more, as they become long
  /// code.
  static let weight = 384
  static let functionWeight = 8
}

extension Function {
  /// `false` iff no operation is a loop.
  var hasLoops: Bool {
    operations.elements.contains { if case .while = $0.op { true } else { false } }
  }

  fileprivate mutating func removeShortLoops(
    in region: RegionID, _ replacements: inout [ValueID: ValueID]
  ) -> Bool {
    var list: [OperationID] = []
    for id in regions[region].operations {
      guard case .while = operations[id].op, let count = tripCount(of: id),
        count <= 1 || isUnrolled(operations[id].regions[1], count: count)
      else {
        list.append(id)
        continue
      }
      let loop = operations[id]
      var carried = Array(loop.operands)
      let body = loop.regions[1]
      for _ in 1..<max(count, 1) { carried = appendCopy(of: body, carried, to: &list) }
      if count > 0, let last = terminator(of: body) {
        // The last iteration takes the operations themselves.
        for (argument, value) in zip(regions[body].arguments, carried) {
          replacements[argument] = value
        }
        list += regions[body].operations.dropLast()
        carried = Array(operations[last].operands)
      }
      for (old, new) in zip(loop.results, carried) { replacements[old] = new }
    }
    guard list != regions[region].operations else { return false }
    regions[region].operations = list
    return true
  }

  /// Appends copies of the operations of `body`, which have no regions, to `list`; returns what the
  /// next iteration gets.
  private mutating func appendCopy(
    of body: RegionID, _ carried: [ValueID], to list: inout [OperationID]
  ) -> [ValueID] {
    var copies = Dictionary(
      zip(regions[body].arguments, carried), uniquingKeysWith: { first, _ in first })
    for id in regions[body].operations {
      let operation = operations[id]
      let operands = operation.operands.map { copies[$0] ?? $0 }
      if case .return = operation.op { return operands }
      let copy = create(
        operation.op, Operands(operands), resultTypes: operation.results.map { values[$0].type })
      locations[copy] = locations[id]
      operationAttributes[copy] = operationAttributes[id]
      list.append(copy)
      for (old, new) in zip(operation.results, operations[copy].results) { copies[old] = new }
    }
    return carried
  }

  /// `true` iff `count` iterations of `body` had better follow one another.
  private func isUnrolled(_ body: RegionID, count: Int) -> Bool {
    guard count <= UnrollingLimits.iterations else { return false }
    var weight = 0
    for id in regions[body].operations {
      guard let own = operations[id].op.unrollingWeight else { return false }
      weight += own * count
      if weight > UnrollingLimits.weight { return false }
    }
    return true
  }

  /// Follows `replacements`, also from one to the next, in every operand.
  mutating func replaceOperands(by replacements: [ValueID: ValueID]) {
    func final(_ value: ValueID) -> ValueID {
      var value = value
      while let next = replacements[value] { value = next }
      return value
    }
    for id in operationsInOrder() {
      for index in operations[id].operands.indices {
        let operand = operations[id].operands[index]
        if replacements[operand] != nil { operations[id].operands[index] = final(operand) }
      }
    }
  }

  /// How often the body of the loop `id` runs; `nil` where that is not known before it does.
  ///
  /// Known are loops that compare a counter with a constant, and add a constant to it; more often
  /// than 2³¹ times is not.
  public func tripCount(of id: OperationID) -> Int? {
    let loop = operations[id]
    guard case .while = loop.op, loop.regions.count == 2,
      let test = terminator(of: loop.regions[0]),
      let comparison = definition(of: operations[test].operands[0]),
      case .compare(let compare) = comparison.op
    else { return nil }
    let tested = regions[loop.regions[0]].arguments
    var direction = compare.direction
    var (left, right) = (comparison.operands[0], comparison.operands[1])
    if !tested.contains(left) {
      (left, right) = (right, left)
      direction = direction.mirrored
    }
    guard let number = tested.firstIndex(of: left), let limit = integer(right),
      let start = integer(loop.operands[number]), let last = terminator(of: loop.regions[1]),
      let next = definition(of: operations[last].operands[number]),
      case .binary(let op) = next.op, op == .add || op == .subtract
    else { return nil }
    let counter = regions[loop.regions[1]].arguments[number]
    let step: Int
    if next.operands[0] == counter, let constant = integer(next.operands[1]) {
      step = op == .add ? constant : -constant
    } else if op == .add, next.operands[1] == counter, let constant = integer(next.operands[0]) {
      step = constant
    } else {
      return nil
    }
    guard let count = direction.count(from: start, to: limit, by: step), count < 1 << 31,
      // The counter must not wrap around.
      let bits = type(of: counter).tensor?.element.bitWidth, bits >= 32
    else { return nil }
    return count
  }

  private func definition(of value: ValueID) -> Operation? {
    guard case .result(let id, _) = values[value].definition else { return nil }
    return operations[id]
  }

  /// The element of a small scalar constant.
  private func integer(_ value: ValueID) -> Int? {
    guard let operation = definition(of: value), case .constant(let constant) = operation.op,
      constant.type.count == 1, let integer = constant.splat?[0].integer,
      integer.magnitude < 1 << 30
    else { return nil }
    return integer
  }
}

extension ComparisonDirection {
  /// The direction with the sides exchanged.
  fileprivate var mirrored: ComparisonDirection {
    switch self {
    case .eq, .ne: self
    case .lt: .gt
    case .gt: .lt
    case .le: .ge
    case .ge: .le
    }
  }

  /// How often `start`, `start + step`, … satisfies this comparison with `limit` before it does not;
  /// `nil` where it never stops, or stops by chance.
  fileprivate func count(from start: Int, to limit: Int, by step: Int) -> Int? {
    switch self {
    case .lt:
      if start >= limit { return 0 }
      return step > 0 ? (limit - start + step - 1) / step : nil
    case .le:
      if start > limit { return 0 }
      return step > 0 ? (limit - start) / step + 1 : nil
    case .gt:
      if start <= limit { return 0 }
      return step < 0 ? (start - limit - step - 1) / -step : nil
    case .ge:
      if start < limit { return 0 }
      return step < 0 ? (start - limit) / -step + 1 : nil
    case .ne:
      if start == limit { return 0 }
      return step != 0 && (limit - start) % step == 0 && (limit - start) / step > 0
        ? (limit - start) / step : nil
    case .eq: return start == limit ? (step == 0 ? nil : 1) : 0
    }
  }
}

extension Op {
  /// What a copy of the operation adds to the code of a kernel; `nil` for one that is more than a
  /// part of a kernel.
  fileprivate var unrollingWeight: Int? {
    switch self {
    case .unary(let function): function.isTranscendental ? UnrollingLimits.functionWeight : 1
    case .binary(let function): function.isTranscendental ? UnrollingLimits.functionWeight : 1
    case .compare, .select, .clamp, .convert, .bitcastConvert, .broadcastInDim, .reshape,
      .slice, .constant, .iota, .return:
      1
    default: nil
    }
  }
}
