import HLO
import HeapModule
import Support
import Tensor

/// Orders operations so that less memory is in use at once.
///
///     %1 = dot_general %x, %a        %1 = dot_general %x, %a
///     %2 = dot_general %x, %b        %3 = reduce %1
///     %3 = reduce %1                 %2 = dot_general %x, %b
///     %4 = reduce %2                 %4 = reduce %2
///
/// Two orders are tried: forwards, whatever adds least to the memory in use; and backwards, so that
/// everything is computed just before it is needed. One of them is taken if its peak is lower than
/// that of the old order. Effects keep their order, and an array is not written over before all have
/// read it that did so before.
public let memorySchedule = memoryScheduling(above: 1 << 20)

/// The same for regions whose results have at least `smallestTotal` bytes altogether.
public func memoryScheduling(above smallestTotal: Int) -> Pass<Module> {
  Pass("memory-schedule", "order operations for less memory") { module in
    module.forEachFunction { function in
      var changed = false
      for region in function.scheduledRegions() {
        changed = function.orderForMemory(region, smallestTotal) || changed
      }
      return changed
    }
  }
}

extension Function {
  fileprivate mutating func orderForMemory(_ region: RegionID, _ smallestTotal: Int) -> Bool {
    let list = regions[region].operations
    guard list.count > 3, resultByteCount(of: region) >= smallestTotal else { return false }
    let graph = MemoryGraph(self, region)
    let candidates = [graph.eagerOrder(), graph.lazyOrder()].map { ($0, graph.peak(of: $0)) }
    guard let best = candidates.min(by: { $0.1 < $1.1 }),
      best.1 < graph.peak(of: Array(list.indices))
    else { return false }
    regions[region].operations = best.0.map { list[$0] }
    return true
  }

  /// The bytes of all results of `region`.
  private func resultByteCount(of region: RegionID) -> Int {
    regions[region].operations.reduce(0) { sum, id in
      operations[id].results.reduce(sum) { $0 + ownByteCount(of: $1, operations[id]) }
    }
  }

  /// The most bytes of results of `region` that are in use at once, in its order: without what the
  /// regions of its operations need, and without what comes from outside.
  public func peakByteCount(of region: RegionID) -> Int {
    MemoryGraph(self, region).peak(of: Array(regions[region].operations.indices))
  }

  /// The operands that `id` writes over where it can, and copies where it cannot.
  fileprivate func updatedOperands(_ id: OperationID) -> [ValueID] {
    let operation = operations[id]
    switch operation.op {
    case .while: return Array(operation.operands)
    case .dynamicUpdateSlice, .scatter:
      return Array(operation.operands.prefix(operation.results.count))
    case .fusion:
      guard let root = nestRoot(operation.regions[0]) else { return [] }
      switch operations[root].op {
      case .dynamicUpdateSlice, .scatter: return Array(operation.operands)
      default: return []
      }
    default: return []
    }
  }
}

/// What the operations of a region need and free. Operations and arrays are numbered in order.
private struct MemoryGraph {
  /// What has to run before each operation, and what waits for it.
  private var before: [Set<Int>]
  private var after: [[Int]]
  /// The arrays that each operation reads, and those that it makes.
  private var reads: [[Int]]
  private var makes: [[Int]]
  private var byteCounts: [Int] = []
  private var readerCounts: [Int] = []

  init(_ function: Function, _ region: RegionID) {
    let list = function.regions[region].operations
    before = [Set<Int>](repeating: [], count: list.count)
    after = [[Int]](repeating: [], count: list.count)
    reads = after
    makes = after
    var numbers: [ValueID: Int] = [:]
    var makers: [ValueID: Int] = [:]
    var readers: [[Int]] = []
    var argumentReaders: [ValueID: [Int]] = [:]
    var lastEffect: Int?
    for (position, id) in list.enumerated() {
      let operation = function.operations[id]
      var used = Set(operation.operands)
      // Fusions take as operands all that they need.
      for inner in operation.op.isFusion ? [] : operation.regions {
        for id in function.operationsInOrder(of: inner) {
          used.formUnion(function.operations[id].operands)
        }
      }
      for value in used {
        if let maker = makers[value] {
          before[position].insert(maker)
        } else if case .argument(region, _) = function.values[value].definition {
          argumentReaders[value, default: []].append(position)
        }
      }
      reads[position] = Set(used.compactMap { numbers[$0] }).sorted()
      for value in function.updatedOperands(id).compactMap({ numbers[$0] }) {
        before[position].formUnion(readers[value])
      }
      for array in reads[position] {
        readerCounts[array] += 1
        readers[array].append(position)
      }
      if function.hasEffect(id) || operation.op.drawsNumbers {
        if let lastEffect { before[position].insert(lastEffect) }
        lastEffect = position
      }
      for result in operation.results {
        makers[result] = position
        if function.isView(operation) {
          // The memory is the operand's; from outside it is not counted.
          numbers[result] = numbers[operation.operands[0]]
          continue
        }
        numbers[result] = byteCounts.count
        makes[position].append(byteCounts.count)
        byteCounts.append(function.ownByteCount(of: result, operation))
        readerCounts.append(0)
        readers.append([])
      }
    }
    // What a loop's body hands on may take the place of what it was given.
    if let last = list.last, function.regions[region].arguments.count > 0 {
      for (argument, result) in zip(
        function.regions[region].arguments, function.operations[last].operands)
      {
        guard let maker = makers[result] else { continue }
        before[maker].formUnion((argumentReaders[argument] ?? []).filter { $0 < maker })
      }
    }
    // Everything else runs before the end.
    if let last = list.indices.last { before[last].formUnion(0..<last) }
    for (position, earlier) in before.enumerated() {
      for other in earlier { after[other].append(position) }
    }
  }

  /// The most bytes in use at once.
  func peak(of order: [Int]) -> Int {
    var (counts, inUse, peak) = (readerCounts, 0, 0)
    for position in order {
      for array in makes[position] { inUse += byteCounts[array] }
      peak = max(peak, inUse)
      for array in makes[position] where counts[array] == 0 { inUse -= byteCounts[array] }
      for array in reads[position] {
        counts[array] -= 1
        if counts[array] == 0 { inUse -= byteCounts[array] }
      }
    }
    return peak
  }

  /// Of what can run, what adds least to the memory in use; the first of equals.
  func eagerOrder() -> [Int] {
    var counts = readerCounts
    return order(waiting: before.map(\.count), next: after.map { $0 }) { position in
      let freed = reads[position].reduce(0) { $0 + (counts[$1] == 1 ? byteCounts[$1] : 0) }
      return (makes[position].reduce(0) { $0 + byteCounts[$1] } - freed, position)
    } run: { position in
      for array in reads[position] { counts[array] -= 1 }
    }
  }

  /// The same from the end: an operation ends the lives of its results, and begins those of its
  /// operands.
  func lazyOrder() -> [Int] {
    var isInUse = [Bool](repeating: false, count: byteCounts.count)
    let order = order(waiting: after.map(\.count), next: before.map { $0.sorted() }) { position in
      let needed = reads[position].reduce(0) { $0 + (isInUse[$1] ? 0 : byteCounts[$1]) }
      return (needed - makes[position].reduce(0) { $0 + byteCounts[$1] }, -position)
    } run: { position in
      for array in reads[position] { isInUse[array] = true }
    }
    return order.reversed()
  }

  /// A list schedule: `cost` tells what to prefer of the operations that wait for nothing.
  private func order(
    waiting: [Int], next: [[Int]], cost: (Int) -> (Int, Int), run: (Int) -> Void
  ) -> [Int] {
    var waiting = waiting
    var heap = Heap<Candidate>()
    func add(_ position: Int) {
      heap.insert(Candidate(cost: cost(position), position: position))
    }
    for position in waiting.indices where waiting[position] == 0 { add(position) }
    var order: [Int] = []
    while let candidate = heap.popMin() {
      let position = candidate.position
      // What others have freed meanwhile counts.
      if cost(position) != candidate.cost {
        add(position)
        continue
      }
      order.append(position)
      run(position)
      for other in next[position] {
        waiting[other] -= 1
        if waiting[other] == 0 { add(other) }
      }
    }
    return order
  }
}

/// An operation that waits for nothing, and what running it was to cost when it was added: bytes,
/// and what decides between equals.
private struct Candidate: Comparable {
  var cost: (Int, Int)
  var position: Int

  static func == (a: Self, b: Self) -> Bool { a.cost == b.cost }
  static func < (a: Self, b: Self) -> Bool { a.cost < b.cost }
}

extension Function {
  /// The bytes that an operation's result takes, if it has memory of its own.
  fileprivate func ownByteCount(of value: ValueID, _ operation: Operation) -> Int {
    guard let type = values[value].type.tensor, type.isStatic else { return 0 }
    switch operation.op {
    case .constant, .while, .dynamicUpdateSlice, .scatter: return 0
    default: return type.count * type.element.byteCount
    }
  }
}

extension Op {
  /// `true` iff the results depend on what was drawn before.
  fileprivate var drawsNumbers: Bool { if case .rng = self { true } else { false } }

  fileprivate var isFusion: Bool { if case .fusion = self { true } else { false } }
}
