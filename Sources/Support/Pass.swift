/// A named transformation of one intermediate representation.
///
/// A pass is a value: its name is what `--passes=` and `--disable-pass=` accept, its summary is what
/// `--help` prints, and its function returns `true` iff it changed the program. Its doc comment
/// shows the program before and after.
///
/// ```swift
/// /// Merges instructions that compute the same value.
/// ///
/// ///     %1 = sine %0
/// ///     %2 = sine %0      // uses become %1
/// public let commonSubexpressionElimination =
///   Pass<Module>("cse", "merge equal computations") { module in … }
/// ```
public struct Pass<IR>: Sendable {
  /// The name on the command line: lower case, words joined by hyphens.
  public let name: String
  /// What the pass does, in a few words.
  public let summary: String
  /// Transforms `program`; the result is `true` iff it changed.
  public let run: @Sendable (_ program: inout IR) throws -> Bool

  public init(
    _ name: String, _ summary: String, run: @escaping @Sendable (_ program: inout IR) throws -> Bool
  ) {
    self.name = name
    self.summary = summary
    self.run = run
  }
}

/// Which passes a user switched off: `cse` is every run of a pass, `cse:2` its second run.
public struct DisabledPass: Hashable, Sendable {
  public let name: String
  /// The run that is switched off, counted from 1, or `nil` for all of them.
  public let occurrence: Int?

  /// Reads `NAME` or `NAME:N`; `nil` where `text` is neither.
  public init?(parsing text: some StringProtocol) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let name = parts.first, !name.isEmpty else { return nil }
    self.name = String(name)
    if parts.count == 1 {
      occurrence = nil
    } else {
      guard let n = Int(parts[1]), n >= 1 else { return nil }
      occurrence = n
    }
  }

  /// `true` iff run number `n` of pass `name` is switched off.
  public func matches(_ name: String, _ n: Int) -> Bool {
    self.name == name && (occurrence ?? n) == n
  }
}

/// Thrown when a pass fails, or leaves behind a program that the verifier rejects: a compiler bug.
public struct PassFailure: Error, CustomStringConvertible {
  public let pass: String
  /// The run of this pass within its pipeline, counted from 1.
  public let occurrence: Int
  /// What the pass or the verifier said, all of it.
  public let defects: [Diagnostic]
  /// The text of the program that went into the pass.
  public let programBefore: String

  public init(pass: String, occurrence: Int, defects: [Diagnostic], programBefore: String) {
    self.pass = pass
    self.occurrence = occurrence
    self.defects = defects
    self.programBefore = programBefore
  }

  /// The pass and its defects, without the program.
  public var description: String {
    var text = "pass '\(pass)' (run \(occurrence)) failed"
    for defect in defects {
      text += "\n  \(defect.message)"
      for note in defect.notes { text += "\n    \(note)" }
    }
    return text
  }
}
