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

  /// What makes two steps do the same.
  private struct Kind: Hashable {
    let op: Op
    let operands: [ValueType]
    let results: [ValueType]
    let regions: [[RegionStep]]
  }

  init(_ function: Function, _ region: RegionID) {
    var numbers: [Kind: Int] = [:]
    var (steps, kinds) = ([OperationID](), [Int]())
    var positions = [Int32](repeating: -1, count: function.operations.count)
    for id in function.regions[region].operations {
      let operation = function.operations[id]
      if case .constant = operation.op { continue }
      positions[id.index] = Int32(steps.count)
      steps.append(id)
      guard !function.hasEffect(id), operation.op.repeats,
        let regions = function.regionSteps(of: id)
      else {
        // Unlike any other.
        kinds.append(-steps.count)
        continue
      }
      let kind = Kind(
        op: operation.op.withoutPlace, operands: operation.operands.map { function.type(of: $0) },
        results: operation.results.map { function.type(of: $0) }, regions: regions)
      let next = numbers.count
      kinds.append(numbers[kind, default: next])
      if kinds.last == next { numbers[kind] = next }
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
      .optimizationBarrier, .createToken, .afterAll, .return:
      false
    default: true
    }
  }
}
