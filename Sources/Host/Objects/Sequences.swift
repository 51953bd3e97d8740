/// A Python tuple, or an instance of a class derived from it (a named tuple).
public final class Tuple {
  let items: [Object]
  /// The class, where it is not `tuple` itself.
  let cls: Class?

  init(_ items: [Object], cls: Class? = nil) {
    self.items = items
    self.cls = cls
  }

  nonisolated(unsafe) static let empty = Tuple([])
}

/// A Python list, or an instance of a class derived from it.
public final class List {
  var items: [Object]
  /// The class and the attributes, where the class is not `list` itself.
  var extra: Instance?

  init(_ items: [Object], extra: Instance? = nil) {
    self.items = items
    self.extra = extra
  }
}

/// `slice(start, stop, step)`
public final class Slice {
  let start: Object
  let stop: Object
  let step: Object

  init(_ start: Object, _ stop: Object, _ step: Object) {
    self.start = start
    self.stop = stop
    self.step = step
  }

  /// The positions that this slice selects from a sequence of `count` elements: the first, the
  /// step and how many.
  func resolve(_ count: Int) throws -> (start: Int, step: Int, count: Int) {
    let (start, stop, step) = try bounds(count)
    if step > 0 {
      return (start, step, stop > start ? (stop - start - 1) / step + 1 : 0)
    }
    return (start, step, stop < start ? (start - stop - 1) / (0 &- step) + 1 : 0)
  }

  /// `slice.indices(count)`
  func bounds(_ count: Int) throws -> (start: Int, stop: Int, step: Int) {
    let step = try Slice.bound(self.step) ?? 1
    if step == 0 { throw valueError("slice step cannot be zero") }
    let lowest = step < 0 ? -1 : 0
    let highest = step < 0 ? count - 1 : count
    func clamp(_ value: Int) -> Int {
      min(max(value < 0 ? value + count : value, lowest), highest)
    }
    let start = try Slice.bound(self.start).map(clamp) ?? (step < 0 ? highest : 0)
    let stop = try Slice.bound(self.stop).map(clamp) ?? (step < 0 ? -1 : count)
    return (start, stop, max(step, -Int.max))
  }

  private static func bound(_ object: Object) throws -> Int? {
    switch object {
    case .none: return nil
    case .int(let value): return value
    case .big(let big): return big.value > 0 ? Int.max : -Int.max
    default:
      guard let value = try index(object) else {
        throw typeError(
          "slice indices must be integers or None or have an __index__ method")
      }
      return value
    }
  }
}

/// `range(start, stop, step)`
public final class RangeObject {
  let start: Int
  let stop: Int
  let step: Int
  let count: Int

  /// - Precondition: `step` is not zero.
  init(_ start: Int, _ stop: Int, _ step: Int = 1) {
    self.start = start
    self.stop = stop
    self.step = step
    let distance =
      step > 0
      ? stop.subtractingReportingOverflow(start).partialValue
      : start.subtractingReportingOverflow(stop).partialValue
    count =
      (step > 0 ? start < stop : start > stop)
      ? (distance - 1) / Int(clamping: step.magnitude) + 1 : 0
  }

  subscript(index: Int) -> Int { start &+ index &* step }

  /// The position of `value`, or `nil` if it is not in the range.
  func position(_ value: Int) -> Int? {
    guard count > 0 else { return nil }
    let (distance, overflow) = value.subtractingReportingOverflow(start)
    guard !overflow, distance % step == 0 else { return nil }
    let position = distance / step
    return position >= 0 && position < count ? position : nil
  }
}
