import HLO
import Tensor

/// A stretch of steps that is a loop: where each operand of an iteration comes from, and which results
/// are needed afterwards.
struct UnrolledLoop {
  /// Where an operand of a step comes from, in every iteration.
  enum Source {
    /// The same value, computed before the loop, or equal constants.
    case invariant(ValueID)
    /// A result of an earlier step of the iteration.
    case inside(step: Int, result: Int)
    /// A result of an earlier iteration.
    case carried(Carry)
    /// Equal elements `start + i * stride`.
    case counted(start: Int, stride: Int, TensorType)
    /// A constant for each iteration.
    case table([Constant])
  }

  /// A result that later iterations use, and what stands for it in the first ones.
  struct Carry: Hashable {
    let step: Int
    let result: Int
    /// The values that iterations 0, 1, … use: as many as iterations lie between.
    let initial: [ValueID]
  }

  /// Where a slice starts, by iteration: `start + i * stride` along each axis.
  struct Start {
    var start: [Int]
    var stride: [Int]
    var isFixed: Bool { stride.allSatisfy { $0 == 0 } }
  }

  let period: Int
  let iterations: Int
  /// The positions of the steps in their sequence.
  let positions: Range<Int>
  /// The steps of one iteration, which become the loop's body.
  let template: [OperationID]
  private(set) var sources: [[Source]] = []
  private(set) var starts: [Start?] = []
  /// The results that are needed after the loop: by step and number, from which iterations.
  private(set) var uses: [Output: [Int]] = [:]

  struct Output: Hashable {
    let step: Int
    let result: Int
  }

  /// `nil` where the stretch is no loop.
  init?(_ function: Function, _ sequence: StepSequence, _ stretch: StepSequence.Repetition) {
    let finder = LoopFinder(function: function, sequence: sequence, stretch: stretch)
    guard let (offset, range) = finder.iterations(), range.count >= RerollingLimits.iterations,
      range.count * stretch.period >= RerollingLimits.steps
    else { return nil }
    period = stretch.period
    iterations = range.count
    let start = offset + range.lowerBound * period
    positions = start..<start + iterations * period
    template = Array(sequence.steps[start..<start + period])
    for step in 0..<period {
      let count = function.operations[template[step]].operands.count
      var own: [Source] = []
      for number in 0..<count {
        guard let source = source(step, number, function, sequence) else { return nil }
        own.append(source)
      }
      sources.append(own)
      starts.append(sliceStart(step, function, sequence))
    }
    guard hasSmallStarts, capturesNothing(function, sequence) else { return nil }
    collectUses(function, sequence)
  }

  /// Operand `number` of `step` in iteration `iteration`.
  private func operand(
    _ step: Int, _ number: Int, _ iteration: Int, _ function: Function, _ sequence: StepSequence
  ) -> ValueID {
    let id = sequence.steps[positions.lowerBound + iteration * period + step]
    return function.operations[id].operands[number]
  }

  private func source(
    _ step: Int, _ number: Int, _ function: Function, _ sequence: StepSequence
  ) -> Source? {
    let last = operand(step, number, iterations - 1, function, sequence)
    if let (position, result) = function.place(of: last, sequence), positions.contains(position) {
      let place = position - positions.lowerBound
      let distance = iterations - 1 - place / period
      if distance == 0 { return .inside(step: place % period, result: result) }
      let initial = (0..<distance).map { operand(step, number, $0, function, sequence) }
      return .carried(Carry(step: place % period, result: result, initial: initial))
    }
    guard let constant = function.constant(last) else { return .invariant(last) }
    let all = (0..<iterations).map {
      function.constant(operand(step, number, $0, function, sequence)) ?? constant
    }
    if all.allSatisfy({ $0 == constant }) { return .invariant(last) }
    if constant.type.element.isInteger, let progression = progression(all) {
      return .counted(start: progression.start, stride: progression.stride, constant.type)
    }
    return constant.type.count * iterations <= RerollingLimits.tableElements ? .table(all) : nil
  }

  /// What equal integer elements start with and add, where they do.
  private func progression(_ constants: [Constant]) -> (start: Int, stride: Int)? {
    var values: [Int] = []
    for constant in constants {
      guard let value = constant.splat?[0].integer, value.magnitude < 1 << 31 else { return nil }
      values.append(value)
    }
    let stride = values[1] - values[0]
    return zip(values, values.dropFirst()).allSatisfy { $1 - $0 == stride }
      ? (values[0], stride) : nil
  }

  private func sliceStart(
    _ step: Int, _ function: Function, _ sequence: StepSequence
  ) -> Start? {
    let first = positions.lowerBound + step
    guard let start = function.sliceStart(sequence.steps[first]),
      let next = function.sliceStart(sequence.steps[first + period])
    else { return nil }
    // `LoopFinder` has seen that all iterations go on like that.
    return Start(start: start, stride: zip(next, start).map { $0 - $1 })
  }

  /// `true` iff the regions of steps see nothing that the loop computes.
  private func capturesNothing(_ function: Function, _ sequence: StepSequence) -> Bool {
    template.allSatisfy { id in
      function.operations[id].regions.allSatisfy { region in
        function.operationsInOrder(of: region).allSatisfy { inner in
          function.operations[inner].operands.allSatisfy { value in
            guard let (position, _) = function.place(of: value, sequence) else { return true }
            return position < positions.lowerBound
          }
        }
      }
    }
  }

  /// Notes which results are used by what follows.
  private mutating func collectUses(_ function: Function, _ sequence: StepSequence) {
    var found: [Output: Set<Int>] = [:]
    func use(_ value: ValueID) {
      guard let (position, result) = function.place(of: value, sequence),
        positions.contains(position)
      else { return }
      let place = position - positions.lowerBound
      found[Output(step: place % period, result: result), default: []].insert(place / period)
    }
    for id in sequence.steps[positions.upperBound...] {
      function.operations[id].operands.forEach(use)
      for region in function.operations[id].regions {
        for inner in function.operationsInOrder(of: region) {
          function.operations[inner].operands.forEach(use)
        }
      }
    }
    uses = found.mapValues { $0.sorted() }
  }

  /// How many iterations back a result is handed on: more are collected in an array.
  func isCollected(_ output: Output) -> Bool {
    guard let first = uses[output]?.first else { return false }
    return iterations - first > RerollingLimits.distance
  }

  /// `true` iff every place fits the counter's type.
  private var hasSmallStarts: Bool {
    starts.allSatisfy { start in
      guard let start else { return true }
      return zip(start.start, start.stride).allSatisfy { first, stride in
        let last = first + stride * iterations
        return first.magnitude < 1 << 30 && last.magnitude < 1 << 30
      }
    }
  }

  /// `true` iff the loop is not slower than the straight line, except for its counter: arrays that
  /// the straight line would keep in registers are small.
  func isProfitable(_ function: Function) -> Bool {
    var carried: Set<Output> = []
    for case .carried(let carry) in sources.joined() {
      carried.insert(Output(step: carry.step, result: carry.result))
    }
    for output in carried {
      let operation = function.operations[template[output.step]]
      let count = function.shape(of: operation.results[output.result]).count
      if count > RerollingLimits.carriedElements && !operation.op.writesMemory { return false }
    }
    for output in uses.keys where isCollected(output) {
      let result = function.operations[template[output.step]].results[output.result]
      let (count, overflow) = function.shape(of: result).count.multipliedReportingOverflow(
        by: iterations)
      if overflow || count > RerollingLimits.collectedElements { return false }
    }
    return true
  }
}

extension Op {
  /// `true` iff the result is in memory, whatever is fused.
  fileprivate var writesMemory: Bool {
    switch self {
    case .dynamicUpdateSlice, .scatter, .concatenate, .dotGeneral, .convolution, .sort, .fft,
      .cholesky, .triangularSolve, .topK, .selectAndScatter:
      true
    default: false
    }
  }
}

extension Function {
  /// The position of the step that gives `value`, and the number of its result.
  func place(of value: ValueID, _ sequence: StepSequence) -> (position: Int, result: Int)? {
    guard case .result(let id, let number) = values[value].definition,
      let position = sequence.position(of: id)
    else { return nil }
    return (position, number)
  }

  fileprivate func constant(_ value: ValueID) -> Constant? {
    guard case .result(let id, _) = values[value].definition,
      case .constant(let constant) = operations[id].op
    else { return nil }
    return constant
  }

  fileprivate func sliceStart(_ id: OperationID) -> [Int]? {
    if case .slice(let bounds) = operations[id].op { bounds.start } else { nil }
  }
}

/// Finds the iterations of a stretch.
private struct LoopFinder {
  let function: Function
  let sequence: StepSequence
  let stretch: StepSequence.Repetition

  var period: Int { stretch.period }

  /// Where iteration 0 starts, and which iterations make a loop; `nil` where none do.
  func iterations() -> (offset: Int, Range<Int>)? {
    let offset = start()
    let count = (stretch.positions.upperBound - offset) / period
    guard count >= RerollingLimits.iterations else { return nil }
    // A pair of iterations that is typical, and those that go on as it does.
    let middle = count / 2
    var (first, last) = (middle, middle)
    while last + 2 < count && isAlike(offset, last + 1, middle) { last += 1 }
    while first > 0 && isAlike(offset, first - 1, middle) { first -= 1 }
    // Iterations `first`, …, `last + 1` are alike; before them, carried values may have come from
    // elsewhere.
    guard isAlike(offset, middle, middle) else { return nil }
    for start in max(0, first - RerollingLimits.distance)...first + RerollingLimits.distance
    where start < last && canStart(offset, at: start, first, middle) {
      return (offset, start..<last + 2)
    }
    return nil
  }

  /// The position from which iterations hand least to one another.
  private func start() -> Int {
    let first = stretch.positions.lowerBound
    let base = first + stretch.positions.count / period / 2 * period
    var (changes, wholes) = ([Int](repeating: 0, count: period + 1), 0)
    for position in base..<min(base + 2 * period, stretch.positions.upperBound) {
      for operand in function.operations[sequence.steps[position]].operands {
        guard let (producer, _) = function.place(of: operand, sequence),
          producer >= base, producer < base + period, producer < position
        else { continue }
        // The boundaries between the two: `producer + 1`, …, `position`.
        let length = position - producer
        wholes += length / period
        let (from, to) = ((producer + 1 - first) % period, (position - first) % period)
        guard length % period != 0 else { continue }
        changes[from] += 1
        changes[to + 1] -= 1
        if from > to {
          changes[0] += 1
          changes[period] -= 1
        }
      }
    }
    var (best, least, crossing) = (0, Int.max, 0)
    for place in 0..<period {
      crossing += changes[place]
      if crossing < least { (best, least) = (place, crossing) }
    }
    return first + best
  }

  private func operation(_ offset: Int, _ iteration: Int, _ step: Int) -> Operation {
    function.operations[sequence.steps[offset + iteration * period + step]]
  }

  /// How an operand of two iterations in a row agrees.
  private enum Relation: Equatable {
    /// Both come from as far back.
    case relative(distance: Int)
    case same
    case constants
    case none
  }

  private func relation(_ offset: Int, _ iteration: Int, _ step: Int, _ number: Int) -> Relation {
    let a = operation(offset, iteration, step).operands[number]
    let b = operation(offset, iteration + 1, step).operands[number]
    if a == b { return .same }
    if let (x, m) = function.place(of: a, sequence), let (y, n) = function.place(of: b, sequence),
      y - x == period, m == n, x >= stretch.positions.lowerBound
    {
      return .relative(distance: offset + iteration * period + step - x)
    }
    guard let x = function.constant(a), let y = function.constant(b), x.type == y.type else {
      return .none
    }
    return x == y ? .same : .constants
  }

  /// `true` iff iteration `iteration` and the next agree as `model` and its next do.
  private func isAlike(_ offset: Int, _ iteration: Int, _ model: Int) -> Bool {
    for step in 0..<period {
      for number in operation(offset, model, step).operands.indices {
        let wanted = relation(offset, model, step, number)
        let found = relation(offset, iteration, step, number)
        switch (wanted, found) {
        case (.none, _), (_, .none): return false
        case (.same, .constants), (.constants, .same): continue
        case (.relative(let a), .relative(let b)):
          if a != b { return false }
          // What is handed on over many iterations needs a place for each.
          let place = offset + model * period + step - a
          if model - (place - offset) / period > RerollingLimits.distance { return false }
        default: if wanted != found { return false }
        }
      }
      if slices(offset, iteration, step) != slices(offset, model, step) { return false }
    }
    return true
  }

  /// How far the slice of a step moves on from one iteration to the next.
  private func slices(_ offset: Int, _ iteration: Int, _ step: Int) -> [Int]? {
    let id = sequence.steps[offset + iteration * period + step]
    let next = sequence.steps[offset + (iteration + 1) * period + step]
    guard let a = function.sliceStart(id), let b = function.sliceStart(next) else { return nil }
    return zip(b, a).map { $0 - $1 }
  }

  /// `true` iff the loop can start with iteration `start`, where those from `first` on are alike.
  private func canStart(_ offset: Int, at start: Int, _ first: Int, _ model: Int) -> Bool {
    let begin = offset + start * period
    func isBefore(_ value: ValueID) -> Bool {
      guard let (position, _) = function.place(of: value, sequence) else { return true }
      return position < begin
    }
    let known = max(first, start)
    for iteration in start..<known + RerollingLimits.distance + 1 {
      guard begin + (iteration - start + 2) * period <= stretch.positions.upperBound else { break }
      for step in 0..<period {
        for number in operation(offset, model, step).operands.indices {
          let value = operation(offset, iteration, step).operands[number]
          switch relation(offset, model, step, number) {
          case .none: return false
          case .same, .constants:
            let found = relation(offset, iteration, step, number)
            if !isBefore(value) || found != .same && found != .constants { return false }
          case .relative(let distance):
            let source = offset + iteration * period + step - distance
            if source < begin {
              // Another value stands for what the iteration before the first would have given.
              if !isBefore(value) { return false }
            } else if function.place(of: value, sequence)?.position != source {
              return false
            }
          }
        }
        if slices(offset, iteration, step) != slices(offset, model, step) { return false }
      }
    }
    return true
  }
}
