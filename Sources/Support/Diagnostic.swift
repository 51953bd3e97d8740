/// A message about a program, with its place.
public struct Diagnostic: Error, Hashable, Sendable {
  public enum Severity: String, Hashable, Sendable {
    case error, warning, note
  }

  public var severity: Severity
  public var message: String
  /// Where, or `nil` where no source text is to blame.
  public var span: Span?
  /// Facts about the values involved, a line each.
  public var notes: [String]
  /// What to write instead.
  public var hint: String?

  public init(
    _ severity: Severity = .error, _ message: String, at span: Span? = nil, notes: [String] = [],
    hint: String? = nil
  ) {
    self.severity = severity
    self.message = message
    self.span = span
    self.notes = notes
    self.hint = hint
  }

  /// The same message, at `place` unless it already has one.
  public func at(_ place: Span?) -> Diagnostic {
    var placed = self
    placed.span = span ?? place
    return placed
  }
}

/// Thrown where something that the language or an IR allows is not there yet.
///
/// It is a diagnostic of the user's program, never a trap: `unsupported: <what>`.
public func unsupported(_ what: String, at span: Span? = nil, hint: String? = nil) -> Diagnostic {
  Diagnostic(.error, "unsupported: \(what)", at: span, hint: hint)
}
