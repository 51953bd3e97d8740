import Support

extension Program {
  /// What is wrong with the text of this program: it has to read back to the same text.
  public func roundTripDefects() -> [Diagnostic] {
    let text = description
    do throws(Diagnostic) {
      let again = try Program(parsing: text).description
      if again == text { return [] }
      let lines = zip(
        text.split(separator: "\n", omittingEmptySubsequences: false),
        again.split(separator: "\n", omittingEmptySubsequences: false))
      let notes = lines.first { $0 != $1 }.map { ["printed: \($0)", "read:    \($1)"] }
      return [Diagnostic(.error, "the program's text reads back differently", notes: notes ?? [])]
    } catch {
      let start = Int(error.span?.start ?? 0)
      let bytes = text.utf8.dropFirst(start).prefix { $0 != 0x0A }
      return [
        Diagnostic(
          .error, "the program's text does not read back: \(error.message)",
          notes: ["at: \(String(decoding: bytes, as: UTF8.self))"])
      ]
    }
  }
}
