/// Shows diagnostics to people and to tools.
///
///     mlp.jx:4:12: error: cannot multiply f32[3] by f32[4]
///         return x * w
///                ^^^^^
///       x: f32[3], from parameter 'x' (mlp.jx:3:9)
///     hint: shapes must match or broadcast
public struct DiagnosticRenderer {
  public enum Format: String, CaseIterable, Sendable {
    /// The message with its source line, notes and hint.
    case human
    /// One line: the place and the message.
    case short
    /// One JSON object per line.
    case json
  }

  public var format: Format
  /// Whether to colour the text with terminal escapes; never in JSON.
  public var isColored: Bool
  public var sources: SourceMap
  /// Source lines longer than this are cropped around the place.
  private static let maximumWidth = 120

  public init(sources: SourceMap, format: Format = .human, isColored: Bool = false) {
    self.sources = sources
    self.format = format
    self.isColored = isColored
  }

  /// The text for `diagnostic`, with a newline at its end.
  public func render(_ diagnostic: Diagnostic) -> String {
    switch format {
    case .human: human(diagnostic)
    case .short: headline(diagnostic)
    case .json: json(diagnostic)
    }
  }

  /// The text for all `diagnostics`.
  public func render(_ diagnostics: some Sequence<Diagnostic>) -> String {
    diagnostics.map(render).joined()
  }

  // MARK: Text

  private enum Style: String {
    case bold = "\u{1B}[1m"
    case error = "\u{1B}[1;31m"
    case warning = "\u{1B}[1;35m"
    case note = "\u{1B}[1;36m"
    case hint = "\u{1B}[1;32m"
  }

  private func paint(_ text: String, _ style: Style) -> String {
    isColored ? style.rawValue + text + "\u{1B}[0m" : text
  }

  private func headline(_ diagnostic: Diagnostic) -> String {
    let style: Style =
      switch diagnostic.severity {
      case .error: .error
      case .warning: .warning
      case .note: .note
      }
    var result = ""
    if let location = diagnostic.span.flatMap({ sources.location(of: $0) }) {
      result = paint("\(location): ", .bold)
    }
    result += paint("\(diagnostic.severity.rawValue): ", style)
    return result + paint(diagnostic.message, .bold) + "\n"
  }

  private func human(_ diagnostic: Diagnostic) -> String {
    var result = headline(diagnostic)
    if let span = diagnostic.span { result += excerpt(span) }
    for note in diagnostic.notes { result += "  \(note)\n" }
    if let hint = diagnostic.hint { result += paint("hint: ", .hint) + hint + "\n" }
    return result
  }

  /// The line in which `span` begins, and carets under the span.
  private func excerpt(_ span: Span) -> String {
    guard let file = sources.file(of: span), Int(span.start) <= file.text.count else { return "" }
    let range = file.range(ofLine: file.line(at: Int(span.start)))
    let start = min(max(Int(span.start), range.lowerBound), range.upperBound)
    let stop = min(max(Int(span.end), start), range.upperBound)
    var before = Array(file.scalars(range.lowerBound..<start))
    var marked = Array(file.scalars(start..<stop))
    var after = Array(file.scalars(stop..<range.upperBound))
    if before.count + marked.count + after.count > Self.maximumWidth {
      before = crop(before, to: 40, atStart: true)
      marked = crop(marked, to: 60, atStart: false)
      after = crop(after, to: Self.maximumWidth - before.count - marked.count, atStart: false)
    }
    // Tabs stay, so that the carets stand below what they mark.
    let padding = before.map { $0 == "\t" ? "\t" : String(repeating: " ", count: width($0)) }
    let carets = String(repeating: "^", count: max(1, marked.map(width).reduce(0, +)))
    let line = text(before) + text(marked) + text(after)
    return "\(line)\n\(padding.joined())\(paint(carets, .hint))\n"
  }

  private func crop(
    _ scalars: [Unicode.Scalar], to count: Int, atStart: Bool
  ) -> [Unicode.Scalar] {
    if scalars.count <= count { return scalars }
    return atStart ? ["…"] + scalars.suffix(count) : scalars.prefix(count) + ["…"]
  }

  /// Control characters are shown as blanks.
  private func text(_ scalars: [Unicode.Scalar]) -> String {
    var result = String.UnicodeScalarView()
    for scalar in scalars { result.append(scalar.value < 0x20 && scalar != "\t" ? " " : scalar) }
    return String(result)
  }

  /// The columns that a terminal gives to `scalar`.
  private func width(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case 0x300...0x36F, 0x200B...0x200F, 0xFE00...0xFE0F: 0
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      2
    default: 1
    }
  }

  // MARK: JSON

  private func json(_ diagnostic: Diagnostic) -> String {
    var fields = [
      "\"severity\":\(quote(diagnostic.severity.rawValue))",
      "\"message\":\(quote(diagnostic.message))",
    ]
    if let span = diagnostic.span, let file = sources.file(of: span) {
      let start = file.location(at: Int(span.start))
      let end = file.location(at: Int(span.end))
      fields.append("\"file\":\(quote(start.file))")
      fields.append("\"line\":\(start.line),\"column\":\(start.column)")
      fields.append("\"endLine\":\(end.line),\"endColumn\":\(end.column)")
    }
    fields.append("\"notes\":[\(diagnostic.notes.map(quote).joined(separator: ","))]")
    if let hint = diagnostic.hint { fields.append("\"hint\":\(quote(hint))") }
    return "{\(fields.joined(separator: ","))}\n"
  }

  private func quote(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      default:
        if scalar.value < 0x20 {
          let digits = String(scalar.value, radix: 16)
          result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }
}
