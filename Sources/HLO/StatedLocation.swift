/// A location as MLIR's text states it: `loc("jit(f)/sin"(callsite("f"("a.py":2:4) at "a.py":9:0)))`.
public indirect enum StatedLocation: Hashable, Sendable {
  case unknown
  /// A file and the numbers behind it: `5:12`, or `5:12 to :22`.
  case file(String, line: Int, rest: String)
  case name(String, StatedLocation?)
  /// A place in a function, and where the function is called.
  case callSite(StatedLocation, at: StatedLocation)
  /// Several places, and what the text says of them.
  case fused([StatedLocation], metadata: String?)
  /// `#loc3`, until the module has been read.
  case alias(String)

  /// The name that was given on the way: of the function at hand, not of its callers.
  public var name: String? {
    switch self {
    case .name(let name, _): name
    case .callSite(let callee, _): callee.name
    case .fused(let parts, _): parts.lazy.compactMap(\.name).first
    case .unknown, .file, .alias: nil
    }
  }

  /// The line of a file, of the innermost function.
  public var place: (file: String, line: Int)? {
    switch self {
    case .file(let file, let line, _): (file, line)
    case .name(_, let child): child?.place
    case .callSite(let callee, let caller): callee.place ?? caller.place
    case .fused(let parts, _): parts.lazy.compactMap(\.place).first
    case .unknown, .alias: nil
    }
  }
}

extension Printer {
  /// The text inside of `loc(…)`.
  func text(_ location: StatedLocation) -> String {
    switch location {
    case .unknown: "unknown"
    case .file(let file, let line, let rest): "\(quoted(file)):\(line)\(rest)"
    case .name(let name, let child): quoted(name) + (child.map { "(\(text($0)))" } ?? "")
    case .callSite(let callee, let caller): "callsite(\(text(callee)) at \(text(caller)))"
    case .fused(let parts, let metadata):
      "fused" + (metadata ?? "") + "[" + parts.map(text).joined(separator: ", ") + "]"
    case .alias(let name): "#" + name
    }
  }
}
