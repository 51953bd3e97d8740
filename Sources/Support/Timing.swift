import Glibc

/// A stopwatch that starts when it is made.
public struct MonotonicClock: Sendable {
  private let start = MonotonicClock.now()

  public init() {}

  /// The time since this clock was made.
  public var elapsedNanoseconds: UInt64 { Self.now() &- start }

  private static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
  }
}

/// How long the passes of a compilation took: what `--time-passes` prints.
public struct TimeReport: Hashable, Sendable {
  public private(set) var runs: [PassRun] = []

  public init() {}

  public mutating func record(_ run: PassRun) { runs.append(run) }

  /// The passes and stages in the order in which they first ran, with the sum over their runs.
  public var text: String {
    var order: [String] = []
    var total: [String: (nanoseconds: UInt64, runs: Int)] = [:]
    for run in runs {
      if total[run.name] == nil { order.append(run.name) }
      total[run.name, default: (0, 0)].nanoseconds += run.nanoseconds
      total[run.name, default: (0, 0)].runs += 1
    }
    let sum = runs.reduce(0) { $0 + $1.nanoseconds }
    var lines = order.map { name in
      let (time, count) = total[name] ?? (0, 0)
      return "\(milliseconds(time)) ms  \(name)" + (count > 1 ? " (\(count) runs)" : "")
    }
    lines.append("\(milliseconds(sum)) ms  total")
    return lines.joined(separator: "\n") + "\n"
  }

  /// Right-aligned to ten columns, with three decimals.
  private func milliseconds(_ nanoseconds: UInt64) -> String {
    let micro = nanoseconds / 1000
    let fraction = String(micro % 1000)
    let text = "\(micro / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    return String(repeating: " ", count: max(0, 10 - text.count)) + text
  }
}
