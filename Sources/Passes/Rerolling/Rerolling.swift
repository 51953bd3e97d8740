import HLO
import Support
import Tensor

/// Makes a loop of straight-line code that repeats itself: what tracing has unrolled.
///
///     %1 = slice %x [0:1]                   %y = while(%i = 0, %sum = %zero, …)
///     %2 = reshape %1                         cond { compare LT, %i, 1000 }
///     %3 = add %zero, %2                      do { %1 = dynamic_slice %x, %i
///     %4 = slice %x [1:2]                          %2 = reshape %1
///     %5 = reshape %4                              %3 = add %sum, %2
///     %6 = add %3, %5                              return %i + 1, %3, … }
///     %7 = slice %x [2:3]
///     … 1000 times
///
/// Compiling straight-line code takes time for each copy, running it saves next to nothing. The steps
/// are told apart by what they do, whatever their operands (`StepSequence`); a stretch that repeats
/// itself is a loop if each operand is the same in every iteration, computed in the same or an
/// earlier one, or a constant that a counter or a table gives (`UnrolledLoop`). Results that are
/// needed after the loop are carried out of it, or collected in an array.
public let rerolling = Pass<Module>("reroll", "make loops of code that repeats itself") { module in
  module.forEachFunction { function in
    var changed = false
    for region in function.scheduledRegions()
    where function.regions[region].operations.count >= RerollingLimits.steps {
      changed = function.reroll(region) || changed
    }
    return changed
  }
}

/// From which size on a loop is worth it.
enum RerollingLimits {
  /// Steps that are to go away.
  static let steps = 256
  static let iterations = 16
  /// How many iterations may lie between a result and its use.
  static let distance = 8
  /// Elements of an array that an iteration hands to the next where straight-line code would keep
  /// them in registers.
  static let carriedElements = 4096
  /// Elements that are collected for use after the loop, and of a table of constants.
  static let collectedElements = 1 << 24
  static let tableElements = 1 << 16
}

extension Function {
  /// The body, and the regions of loops and branches.
  func scheduledRegions() -> [RegionID] {
    var regions = [body]
    var next = 0
    while next < regions.count {
      for id in self.regions[regions[next]].operations where operations[id].op.hasScheduledRegions {
        regions += operations[id].regions
      }
      next += 1
    }
    return regions
  }

  /// Rerolls what repeats itself in `region`; `true` iff something did.
  fileprivate mutating func reroll(_ region: RegionID) -> Bool {
    let sequence = StepSequence(self, region)
    var loops: [UnrolledLoop] = []
    for stretch in sequence.repetitions() {
      let isFree = loops.allSatisfy {
        stretch.positions.upperBound <= $0.positions.lowerBound
          || $0.positions.upperBound <= stretch.positions.lowerBound
      }
      guard isFree, let loop = UnrolledLoop(self, sequence, stretch), loop.isProfitable(self)
      else { continue }
      loops.append(loop)
    }
    if loops.isEmpty { return false }
    loops.sort { $0.positions.lowerBound < $1.positions.lowerBound }
    var emitter = LoopEmitter(self, region, sequence)
    for loop in loops { emitter.emit(loop) }
    self = emitter.finish()
    return true
  }
}
