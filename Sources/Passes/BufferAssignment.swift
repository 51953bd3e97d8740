import HLO
import HeapModule
import Support
import Tensor

/// Where every array of an optimised function lives.
///
/// Arrays that are alive at the same time have different memory; an operation may write its result
/// over an operand that nothing reads afterwards (*in place*). An operation whose result has the
/// slot of an operand works in place; where a loop's operand, or what its body gives, has another
/// slot than the loop's carry, it is copied. A reshape, or a slice of whole rows, is its operand's
/// memory, or a part of it.
public struct BufferAssignment: Sendable {
  public enum SlotTag {}
  public typealias SlotID = EntityID<SlotTag>

  /// Where a slot is.
  public enum Place: Hashable, Sendable {
    /// The caller's argument; read only.
    case argument(Int)
    /// The caller's memory for a result.
    case result(Int)
    /// The elements of a `constant`; read only.
    case constant(OperationID)
    case workspace(offset: Int)
  }

  /// A piece of memory, for one array after the other.
  public struct Slot: Hashable, Sendable {
    public var byteCount: Int
    public var place: Place
    /// The time of the first write and of the last use: see `BufferAssignment.times`.
    public var lifetime: ClosedRange<Int>
  }

  public internal(set) var slots = Arena<SlotTag, Slot>()
  /// The slot of each value; `nil` for values without memory.
  public internal(set) var slotOfValue: [SlotID?]
  /// Where in its slot a value starts, in bytes, unless at 0.
  public internal(set) var offsets: [ValueID: Int] = [:]
  /// Memory for an operation's own use.
  public internal(set) var scratch: [OperationID: SlotID] = [:]
  /// Where the results of a loop's body wait until all carries may be overwritten, by loop and
  /// number.
  public internal(set) var exchanges: [OperationID: [Int: SlotID]] = [:]
  public internal(set) var workspaceByteCount = 0
  /// The results that may be written over an argument, where the caller gives that up and says so.
  public internal(set) var donations: [Donation] = []

  /// Result `result` may have the memory of argument `argument`: whether it does or not, nothing is
  /// read that was written over.
  public struct Donation: Hashable, Sendable {
    public let argument: Int
    public let result: Int
  }

  /// When each operation runs: regions run between the two ends. Arguments are there at time 0.
  public internal(set) var times: [ClosedRange<Int>] = []

  /// The slot of `value`; `nil` for values without memory.
  public func slot(of value: ValueID) -> SlotID? {
    value.index < slotOfValue.count ? slotOfValue[value.index] : nil
  }

  /// Assigns memory to the values of `function`. `scratchByteCount` is the memory that an operation
  /// needs for itself.
  public init(
    _ function: Function, scratchByteCount: (Function, OperationID) -> Int = { _, _ in 0 }
  ) {
    slotOfValue = [SlotID?](repeating: nil, count: function.values.count)
    var assigner = BufferAssigner(function)
    assigner.assign(scratchByteCount)
    self = assigner.finish()
  }

  init(slotCount: Int) { slotOfValue = [SlotID?](repeating: nil, count: slotCount) }
}

/// One run of buffer assignment.
private struct BufferAssigner {
  typealias SlotID = BufferAssignment.SlotID

  /// A slot under construction.
  struct Draft {
    var byteCount: Int
    var place: BufferAssignment.Place?
    var first: Int
    var last: Int
    var isReadOnly: Bool { if case .argument = place { true } else { isConstant } }
    var isConstant: Bool { if case .constant = place { true } else { false } }
  }

  let function: Function
  private var drafts: [Draft] = []
  /// Slots that were merged point at the one that stays.
  private var merged: [Int?] = []
  private var slot: [Int?]
  private var offsets: [ValueID: Int] = [:]
  private var lastUse: [Int]
  /// The time at which an operation starts, and at which its regions have ended.
  private var start: [Int]
  private var end: [Int]
  private var needsMemory: [Bool]
  private var assignment: BufferAssignment
  private var scratch: [OperationID: Int] = [:]
  private var exchanges: [OperationID: [Int: Int]] = [:]

  init(_ function: Function) {
    self.function = function
    let values = function.values.count
    slot = [Int?](repeating: nil, count: values)
    lastUse = [Int](repeating: -1, count: values)
    start = [Int](repeating: 0, count: function.operations.count)
    end = start
    needsMemory = [Bool](repeating: false, count: values)
    assignment = BufferAssignment(slotCount: values)
  }

  mutating func assign(_ scratchByteCount: (Function, OperationID) -> Int) {
    var clock = 1
    number(function.body, &clock)
    var depthOfValue = [Int](repeating: 0, count: function.values.count)
    var enclosing: [OperationID] = []
    collectUses(function.body, &depthOfValue, &enclosing)
    for (number, argument) in function.arguments.enumerated() {
      guard let type = function.values[argument].type.tensor else { continue }
      slot[argument.index] = newSlot(type, at: 0, place: .argument(number))
      touch(argument)
    }
    assign(region: function.body, scratchByteCount)
    placeResults()
    collectDonations()
  }

  // MARK: Time

  private mutating func number(_ region: RegionID, _ clock: inout Int) {
    for id in function.regions[region].operations {
      start[id.index] = clock
      clock += 1
      if function.operations[id].op.hasScheduledRegions {
        for inner in function.operations[id].regions { number(inner, &clock) }
        clock += 1
      }
      end[id.index] = clock - 1
    }
  }

  /// Notes when each value is used last: inside a region of another operation than those around its
  /// definition, until that operation ends.
  private mutating func collectUses(
    _ region: RegionID, _ depthOfValue: inout [Int], _ enclosing: inout [OperationID]
  ) {
    for argument in function.regions[region].arguments {
      depthOfValue[argument.index] = enclosing.count
    }
    for id in function.regions[region].operations {
      let operation = function.operations[id]
      for (number, operand) in operation.operands.enumerated() {
        let depth = depthOfValue[operand.index]
        let time = depth < enclosing.count ? end[enclosing[depth].index] : start[id.index]
        lastUse[operand.index] = max(lastUse[operand.index], time)
        if function.needsMemory(operation, number) { needsMemory[operand.index] = true }
      }
      for result in operation.results { depthOfValue[result.index] = enclosing.count }
      if operation.op.hasScheduledRegions {
        enclosing.append(id)
        for inner in operation.regions { collectUses(inner, &depthOfValue, &enclosing) }
        enclosing.removeLast()
      } else {
        var inner = operation.regions
        while let region = inner.popLast() {
          for innerID in function.regions[region].operations {
            inner += function.operations[innerID].regions
            for operand in function.operations[innerID].operands {
              let depth = depthOfValue[operand.index]
              let time = depth < enclosing.count ? end[enclosing[depth].index] : start[id.index]
              lastUse[operand.index] = max(lastUse[operand.index], time)
              needsMemory[operand.index] = true
            }
          }
        }
      }
    }
  }

  // MARK: Slots

  private mutating func newSlot(
    _ type: TensorType, at time: Int, place: BufferAssignment.Place? = nil
  ) -> Int {
    newSlot(type.count * type.element.byteCount, at: time, place: place)
  }

  private mutating func newSlot(
    _ byteCount: Int, at time: Int, place: BufferAssignment.Place? = nil
  ) -> Int {
    drafts.append(Draft(byteCount: byteCount, place: place, first: time, last: time))
    merged.append(nil)
    return drafts.count - 1
  }

  private func find(_ slot: Int) -> Int {
    var slot = slot
    while let next = merged[slot] { slot = next }
    return slot
  }

  private func slotOf(_ value: ValueID) -> Int? { slot[value.index].map(find) }

  /// Extends the life of the slot of `value` to the last use of `value`.
  private mutating func touch(_ value: ValueID) {
    guard let slot = slotOf(value) else { return }
    drafts[slot].last = max(drafts[slot].last, lastUse[value.index])
  }

  private mutating func give(_ value: ValueID, _ number: Int) {
    slot[value.index] = number
    touch(value)
  }

  // MARK: The walk

  private mutating func assign(
    region: RegionID, _ scratchByteCount: (Function, OperationID) -> Int
  ) {
    for id in function.regions[region].operations {
      let operation = function.operations[id]
      let time = start[id.index]
      switch operation.op {
      case .return: continue
      case .constant(let constant):
        guard needsMemory[operation.result.index] || !constant.isSplat else { continue }
        let place: BufferAssignment.Place? = constant.isSplat ? nil : .constant(id)
        give(operation.result, newSlot(constant.type, at: time, place: place))
      case .reshape, .bitcastConvert, .optimizationBarrier, .shardingConstraint:
        for (result, operand) in zip(operation.results, operation.operands) {
          if let slot = slotOf(operand) {
            offsets[result] = offsets[operand]
            give(result, slot)
          } else {
            allocate(result, time)
          }
        }
      case .slice(let bounds):
        let operand = operation.operands[0]
        if let first = function.viewStart(operation, bounds), let slot = slotOf(operand) {
          offsets[operation.result] = first + (offsets[operand] ?? 0)
          give(operation.result, slot)
        } else {
          allocate(operation.result, time)
        }
      case .while: assignLoop(id, scratchByteCount)
      case .if, .case:
        for result in operation.results { allocate(result, time) }
        for inner in operation.regions { assignBranch(id, inner, scratchByteCount) }
      default:
        let size = scratchByteCount(function, id)
        if size > 0 { scratch[id] = newSlot(size, at: time) }
        for (number, result) in operation.results.enumerated() {
          if let slot = slotToOverwrite(id, number) {
            give(result, slot)
          } else {
            allocate(result, time)
          }
        }
      }
    }
  }

  private mutating func allocate(_ value: ValueID, _ time: Int) {
    guard let type = function.values[value].type.tensor else { return }
    give(value, newSlot(type, at: time))
  }

  /// The slot of an operand over which result `number` of `id` may be written.
  private func slotToOverwrite(_ id: OperationID, _ number: Int) -> Int? {
    let operation = function.operations[id]
    guard let type = function.values[operation.results[number]].type.tensor else { return nil }
    let byteCount = type.count * type.element.byteCount
    let taken = operation.results.prefix(number).compactMap(slotOf)
    func isCandidate(_ operand: Int) -> Bool {
      guard let slot = slotOf(operation.operands[operand]), !taken.contains(slot) else {
        return false
      }
      let draft = drafts[slot]
      return function.values[operation.operands[operand]].type.tensor?.element == type.element
        && !draft.isReadOnly && draft.byteCount == byteCount && draft.last <= start[id.index]
        && operation.operands.enumerated().allSatisfy({ other, value in
          other == operand || slotOf(value) != slot
        })
    }
    return function.overwritableOperands(id, number, where: isCandidate).first(where: isCandidate)
      .flatMap { slotOf(operation.operands[$0]) }
  }

  private mutating func assignLoop(
    _ id: OperationID, _ scratchByteCount: (Function, OperationID) -> Int
  ) {
    let operation = function.operations[id]
    let time = start[id.index]
    let condition = function.regions[operation.regions[0]].arguments
    let body = function.regions[operation.regions[1]].arguments
    var carries: [Int?] = []
    for (number, operand) in operation.operands.enumerated() {
      guard let type = function.values[operand].type.tensor else {
        carries.append(nil)
        continue
      }
      var carry: Int
      if let slot = slotOf(operand), !drafts[slot].isReadOnly, drafts[slot].last <= time,
        !carries.contains(slot), isWhole(operand, in: slot)
      {
        carry = slot
      } else {
        carry = newSlot(type, at: time)
      }
      carries.append(carry)
      for value in [condition[number], body[number], operation.results[number]] {
        slot[value.index] = carry
      }
    }
    // Inside, a carry is free once its argument was used last; afterwards it lives to the last use
    // of the result.
    for (number, carry) in carries.enumerated() {
      guard let carry else { continue }
      drafts[carry].last = max(
        time, lastUse[condition[number].index], lastUse[body[number].index])
    }
    assign(region: operation.regions[0], scratchByteCount)
    assign(region: operation.regions[1], scratchByteCount)
    guard let last = function.terminator(of: operation.regions[1]) else { return }
    let results = function.operations[last].operands
    for (number, carry) in carries.enumerated() {
      guard let carry, let source = slotOf(results[number]) else { continue }
      let target = find(carry)
      if source == target { continue }
      if carries.contains(where: { $0.map(find) == source }) {
        exchanges[id, default: [:]][number] = newSlot(
          drafts[target].byteCount, at: start[last.index])
        continue
      }
      // What the body computes after the old value was used last may be computed in its place.
      if drafts[source].place == nil && drafts[source].first > drafts[target].last
        && drafts[source].first > time && isWhole(results[number], in: source)
      {
        drafts[target].last = max(drafts[target].last, drafts[source].last)
        merged[source] = target
      }
    }
    for (number, carry) in carries.enumerated() {
      guard let carry else { continue }
      let slot = find(carry)
      drafts[slot].last = max(
        drafts[slot].last, end[id.index], lastUse[operation.results[number].index])
    }
    for slots in exchanges[id, default: [:]].values { drafts[slots].last = end[id.index] }
  }

  /// `true` iff `value` takes all of `slot`.
  private func isWhole(_ value: ValueID, in slot: Int) -> Bool {
    guard let type = function.values[value].type.tensor else { return false }
    return drafts[slot].byteCount == type.count * type.element.byteCount
  }

  private mutating func assignBranch(
    _ id: OperationID, _ region: RegionID, _ scratchByteCount: (Function, OperationID) -> Int
  ) {
    assign(region: region, scratchByteCount)
    guard let last = function.terminator(of: region) else { return }
    for (result, value) in zip(
      function.operations[id].results, function.operations[last].operands)
    {
      // What the branch computes is computed where the result lives.
      guard let source = slotOf(value), let target = slotOf(result), source != target,
        drafts[source].place == nil, drafts[source].first > start[id.index],
        drafts[source].byteCount == drafts[target].byteCount,
        !function.operations[id].results.contains(where: { $0 != result && slotOf($0) == source })
      else { continue }
      drafts[target].last = max(drafts[target].last, drafts[source].last)
      merged[source] = target
    }
  }

  // MARK: Places

  /// Computes what the function returns where the caller wants it.
  private mutating func placeResults() {
    guard let last = function.terminator(of: function.body) else { return }
    for (number, value) in function.operations[last].operands.enumerated() {
      guard let slot = slotOf(value), drafts[slot].place == nil,
        let type = function.values[value].type.tensor,
        drafts[slot].byteCount == type.count * type.element.byteCount
      else { continue }
      drafts[slot].place = .result(number)
    }
  }

  /// Lets results be written over the arguments whose place they take (`tf.aliasing_output`), as far as
  /// these are not read later.
  private mutating func collectDonations() {
    guard let last = function.terminator(of: function.body) else { return }
    let results = function.operations[last].operands
    for (number, argument) in function.arguments.enumerated() {
      guard
        case .integer(let result, _)? =
          function.argumentAttributes[number]["tf.aliasing_output"],
        results.indices.contains(result), let source = slotOf(argument),
        let target = slotOf(results[result]), case .result(result)? = drafts[target].place,
        drafts[source].byteCount == drafts[target].byteCount,
        drafts[source].last < drafts[target].first || isOverwritten(source, by: target)
      else { continue }
      assignment.donations.append(BufferAssignment.Donation(argument: number, result: result))
    }
  }

  /// `true` iff the operation that reads `source` last writes `target` first, and could do so in place.
  private func isOverwritten(_ source: Int, by target: Int) -> Bool {
    guard drafts[source].last == drafts[target].first else { return false }
    let operations = function.regions[function.body].operations
    guard let id = operations.first(where: { start[$0.index] == drafts[target].first }) else {
      return false
    }
    let operation = function.operations[id]
    let readers = operation.operands.indices.filter { slotOf(operation.operands[$0]) == source }
    guard readers.count == 1, offsets[operation.operands[readers[0]]] == nil,
      let written = operation.results.firstIndex(where: { slotOf($0) == target })
    else { return false }
    // Loops copy what they are given before they begin.
    if case .while = operation.op { return readers[0] == written }
    return function.overwritableOperands(id, written).contains(readers[0])
  }

  mutating func finish() -> BufferAssignment {
    var ids = [SlotID?](repeating: nil, count: drafts.count)
    var allocator = WorkspaceAllocator()
    let order = drafts.indices.filter { merged[$0] == nil }.sorted {
      (drafts[$0].first, $0) < (drafts[$1].first, $1)
    }
    for index in order {
      let draft = drafts[index]
      let lifetime = draft.first...max(draft.first, draft.last)
      let place =
        draft.place
        ?? .workspace(offset: allocator.allocate(draft.byteCount, lifetime: lifetime))
      ids[index] = assignment.slots.append(
        BufferAssignment.Slot(byteCount: draft.byteCount, place: place, lifetime: lifetime))
    }
    for value in slot.indices {
      assignment.slotOfValue[value] = slot[value].flatMap { ids[find($0)] }
    }
    for (id, slot) in scratch { assignment.scratch[id] = ids[find(slot)] }
    for (id, slots) in exchanges {
      assignment.exchanges[id] = slots.compactMapValues { ids[find($0)] }
    }
    assignment.offsets = offsets
    assignment.workspaceByteCount = allocator.byteCount
    assignment.times = zip(start, end).map { $0...max($0, $1) }
    return assignment
  }
}

/// Gives out ranges of a workspace: the smallest free range that is large enough. Requests come in
/// the order of their first use.
private struct WorkspaceAllocator {
  private(set) var byteCount = 0
  private var free: [(offset: Int, size: Int)] = []
  private var active = Heap<ActiveRange>()

  /// A range in use, and the time after which it is free.
  private struct ActiveRange: Comparable {
    var last: Int
    var offset: Int
    var size: Int

    static func < (a: Self, b: Self) -> Bool { (a.last, a.offset) < (b.last, b.offset) }
  }

  mutating func allocate(_ bytes: Int, lifetime: ClosedRange<Int>) -> Int {
    while let first = active.min, first.last < lifetime.lowerBound {
      active.removeMin()
      release(first.offset, first.size)
    }
    let size = max((bytes + 63) / 64 * 64, 64)
    var best: Int?
    for (index, range) in free.enumerated() where range.size >= size {
      if best.map({ free[$0].size > range.size }) ?? true { best = index }
    }
    let offset: Int
    if let best {
      offset = free[best].offset
      if free[best].size == size {
        free.remove(at: best)
      } else {
        free[best] = (offset + size, free[best].size - size)
      }
    } else if let last = free.last, last.offset + last.size == byteCount {
      offset = last.offset
      free.removeLast()
      byteCount = offset + size
    } else {
      offset = byteCount
      byteCount += size
    }
    active.insert(ActiveRange(last: lifetime.upperBound, offset: offset, size: size))
    return offset
  }

  /// Returns a range to the free ones, which are sorted and never adjacent.
  private mutating func release(_ offset: Int, _ size: Int) {
    var (low, high) = (0, free.count)
    while low < high {
      let middle = (low + high) / 2
      if free[middle].offset < offset { low = middle + 1 } else { high = middle }
    }
    free.insert((offset, size), at: low)
    if low + 1 < free.count, offset + size == free[low + 1].offset {
      free[low].size += free[low + 1].size
      free.remove(at: low + 1)
    }
    if low > 0, free[low - 1].offset + free[low - 1].size == offset {
      free[low - 1].size += free[low].size
      free.remove(at: low)
    }
  }
}
