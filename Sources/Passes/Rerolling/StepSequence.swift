import HLO
import Tensor

/// The operations of a region in order, constants apart, each with a number that tells what it does
/// to whatever operands: equal steps have equal numbers.
struct StepSequence {
  let steps: [OperationID]
  let kinds: [Int]
  /// The position of each operation; `nil` for constants and what is outside the region.
  private let positions: [Int32]

  /// A stretch that repeats itself every `period` steps.
  struct Repetition: Hashable {
    let positions: Range<Int>
    let period: Int
  }

  init(_ function: Function, _ region: RegionID) {
    let list = function.regions[region].operations
    var (steps, kinds) = ([OperationID](), [Int]())
    var positions = [Int32](repeating: -1, count: function.operations.count)
    var table = OperationTable(capacity: list.count)
    for id in list {
      if case .constant = function.operations[id].op { continue }
      positions[id.index] = Int32(steps.count)
      steps.append(id)
      // Unlike any other.
      var kind = -steps.count
      if !function.hasEffect(id), function.operations[id].op.repeats {
        let first = table.find(function.stepHash(id), orInsert: id) { function.isAlike(id, $0) }
        kind = first.map { kinds[Int(positions[$0.index])] } ?? steps.count
      }
      kinds.append(kind)
    }
    self.steps = steps
    self.kinds = kinds
    self.positions = positions
  }

  /// The position of an operation; `nil` for constants and what is outside the region.
  func position(of id: OperationID) -> Int? {
    guard id.index < positions.count, positions[id.index] >= 0 else { return nil }
    return Int(positions[id.index])
  }

  /// Stretches that repeat themselves often enough, longest first; they may overlap. Nearly linear:
  /// a few periods are tried, those between equal short sequences of steps.
  func repetitions() -> [Repetition] {
    var found: Set<Repetition> = []
    for period in periods() {
      var first = 0
      while first + period < kinds.count {
        var end = first
        while end + period < kinds.count && kinds[end] == kinds[end + period] { end += 1 }
        let length = end - first + period
        if length >= RerollingLimits.steps && length / period >= RerollingLimits.iterations {
          found.insert(Repetition(positions: first..<first + length, period: period))
        }
        first = end + 1
      }
    }
    return found.sorted { a, b in
      (-a.positions.count, a.period, a.positions.lowerBound)
        < (-b.positions.count, b.period, b.positions.lowerBound)
    }
  }

  /// Distances at which equal sequences of 1, 4, 16 and 64 steps follow one another most often.
  private func periods() -> [Int] {
    var periods: Set<Int> = []
    for length in [1, 4, 16, 64] where length < kinds.count {
      var (last, counts) = ([Int: Int](), [Int: Int]())
      // The rolling hash of the sequence that starts at each position.
      let factor = 0x5851_F42D_4C95_7F2D
      let leaving = (0..<length - 1).reduce(1) { power, _ in power &* factor }
      var hash = 0
      for (position, kind) in kinds.enumerated() {
        if position >= length { hash &-= mix(kinds[position - length]) &* leaving }
        hash = hash &* factor &+ mix(kind)
        guard position >= length - 1 else { continue }
        if let before = last[hash] { counts[position - before, default: 0] += 1 }
        last[hash] = position
      }
      let frequent = counts.filter { $0.value >= RerollingLimits.iterations }
        .sorted { ($0.value, $1.key) > ($1.value, $0.key) }
      periods.formUnion(frequent.prefix(8).map(\.key))
    }
    return periods.sorted()
  }

  private func mix(_ kind: Int) -> Int { (kind &+ 1) &* 0x2545_F491_4F6C_DD1D }
}

extension Function {
  /// Equal for operations that do the same.
  fileprivate func stepHash(_ id: OperationID) -> Int {
    var hasher = Hasher()
    hasher.combine(operations[id].op.withoutPlace)
    for result in operations[id].results { hasher.combine(values[result].type) }
    return hasher.finalize()
  }

  /// `true` iff two operations do the same to operands of the same types.
  fileprivate func isAlike(_ a: OperationID, _ b: OperationID) -> Bool {
    let (x, y) = (operations[a], operations[b])
    func types(_ values: some Sequence<ValueID>) -> some Sequence<ValueType> {
      values.lazy.map { self.values[$0].type }
    }
    guard x.op.withoutPlace == y.op.withoutPlace,
      types(x.operands).elementsEqual(types(y.operands)),
      types(x.results).elementsEqual(types(y.results))
    else { return false }
    if x.regions.isEmpty && y.regions.isEmpty { return true }
    guard let steps = regionSteps(of: a) else { return false }
    return steps == regionSteps(of: b)
  }
}

extension Op {
  /// The operation without the place from which it takes its elements.
  fileprivate var withoutPlace: Op {
    guard case .slice(let bounds) = self else { return self }
    return .slice(
      SliceBounds(
        start: bounds.start.map { _ in 0 }, limit: zip(bounds.limit, bounds.start).map { $0 - $1 },
        strides: bounds.strides))
  }

  /// `true` iff the operation may be part of a loop's body.
  fileprivate var repeats: Bool {
    switch self {
    case .constant, .while, .if, .case, .fusion, .tuple, .getTupleElement, .rng, .customCall,
      .optimizationBarrier, .shardingConstraint, .createToken, .afterAll, .return:
      false
    default: true
    }
  }
}
