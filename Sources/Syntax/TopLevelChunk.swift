/// A top-level statement of a source file that has not been parsed: what it defines and where.
///
/// A loader scans a file once and parses the definitions that a program uses, each with
/// `Parser.parse(source:file:range:)`.
public struct TopLevelChunk {
  public enum Kind: Hashable, Sendable {
    /// `def`, with its decorators
    case function
    /// `class`, with its decorators
    case `class`
    /// `name = …`
    case assignment
    /// `import …` or `from … import …`
    case `import`
    /// Everything else, a compound statement with all its clauses, too.
    case other
  }

  public let kind: Kind
  /// What a function, a class or an assignment defines.
  public let name: Symbol?
  /// The bytes, from the start of the statement's first line to the start of the next statement's.
  public let range: Range<Int>

  /// The top-level statements of `source` in order, found by the lines that begin in column 0.
  ///
  /// Brackets, strings and joined lines are skipped over; nothing else is looked at, so wrong code
  /// is reported when its chunk is parsed. A field of an f-string must not span lines and use the
  /// quotes of the f-string again. Linear, and much faster than parsing.
  public static func scan(_ source: [UInt8]) -> [TopLevelChunk] {
    source.withUnsafeBufferPointer { bytes in
      var scanner = TopLevelScanner(source: bytes)
      return scanner.run()
    }
  }
}

private struct TopLevelScanner {
  let source: UnsafeBufferPointer<UInt8>
  var position = 0

  mutating func run() -> [TopLevelChunk] {
    var chunks: [TopLevelChunk] = []
    var open: (kind: TopLevelChunk.Kind, name: Symbol?, start: Int)?
    var isDecorated = false
    while position < source.count {
      if let line = classify() {
        if isDecorated, let start = open?.start {
          open = (line.kind, line.name, start)
        } else {
          if let open {
            chunks.append(
              TopLevelChunk(kind: open.kind, name: open.name, range: open.start..<position))
          }
          open = (line.kind, line.name, position)
        }
        isDecorated = line.isDecorator
      }
      skipLogicalLine()
    }
    if let open {
      chunks.append(
        TopLevelChunk(kind: open.kind, name: open.name, range: open.start..<source.count))
    }
    return chunks
  }

  /// What the line at the position begins, `nil` if it goes on with the statement before it.
  private func classify() -> (kind: TopLevelChunk.Kind, name: Symbol?, isDecorator: Bool)? {
    switch source[position] {
    case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"), 0x0C,
      UInt8(ascii: "#"):
      return nil
    case UInt8(ascii: "@"): return (.other, nil, true)
    default: break
    }
    let (first, end) = word(at: position)
    guard !first.isEmpty else { return (.other, nil, false) }
    switch String(decoding: first, as: UTF8.self) {
    case "def": return (.function, name(at: end), false)
    case "class": return (.class, name(at: end), false)
    case "import", "from": return (.import, nil, false)
    case "else", "elif", "except", "finally": return nil
    default:
      var next = end
      while byte(next) == UInt8(ascii: " ") { next += 1 }
      guard byte(next) == UInt8(ascii: "="), byte(next + 1) != UInt8(ascii: "=") else {
        return (.other, nil, false)
      }
      return (.assignment, Symbol(utf8: first), false)
    }
  }

  private func byte(_ index: Int) -> UInt8 { index < source.count ? source[index] : 0 }

  private func word(at start: Int) -> (UnsafeBufferPointer<UInt8>, Int) {
    var end = start
    while end < source.count, isIdentifierByte(source[end]) { end += 1 }
    return (UnsafeBufferPointer(rebasing: source[start..<end]), end)
  }

  private func name(at start: Int) -> Symbol? {
    var start = start
    while byte(start) == UInt8(ascii: " ") { start += 1 }
    let (name, _) = word(at: start)
    return name.isEmpty ? nil : Symbol(utf8: name)
  }

  /// Goes to the start of the next line that is not part of this one.
  private mutating func skipLogicalLine() {
    var depth = 0
    while position < source.count {
      let byte = source[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\n"):
        if depth <= 0 { return }
      case UInt8(ascii: "#"):
        while position < source.count, source[position] != UInt8(ascii: "\n") { position += 1 }
      case UInt8(ascii: "\\"): position += self.byte(position) == UInt8(ascii: "\r") ? 2 : 1
      case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
      case UInt8(ascii: "\""), UInt8(ascii: "'"): skipString(byte)
      default: break
      }
    }
  }

  /// Skips a string; the position is behind its first quote.
  private mutating func skipString(_ quote: UInt8) {
    let isTriple = byte(position) == quote && byte(position + 1) == quote
    if isTriple { position += 2 }
    while position < source.count {
      let byte = source[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\\"): position += 1
      case UInt8(ascii: "\n") where !isTriple:
        position -= 1
        return
      case quote:
        if !isTriple { return }
        if self.byte(position) == quote, self.byte(position + 1) == quote {
          position += 2
          return
        }
      default: break
      }
    }
  }
}
