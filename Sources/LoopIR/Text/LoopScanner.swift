import Support
import Tensor

/// Reads the words of LoopIR's text from left to right.
struct LoopScanner {
  private let text: [UInt8]
  private let file: UInt32
  private(set) var position = 0

  init(_ text: String, file: UInt32) {
    self.text = Array(text.utf8)
    self.file = file
    skipSpace()
  }

  var isAtEnd: Bool { position == text.count }

  /// An error at the next word.
  func error(_ message: String) -> Diagnostic {
    let start = UInt32(position)
    return Diagnostic(.error, message, at: Span(file: file, start: start, end: start + 1))
  }

  private mutating func skipSpace() {
    while position < text.count, text[position] == 0x20 || text[position] == 0x0A { position += 1 }
  }

  /// Whether the text goes on with `word`; a word of letters must end there.
  private func isNext(_ word: StaticString) -> Bool {
    let end = position + word.utf8CodeUnitCount
    guard end <= text.count else { return false }
    for index in 0..<word.utf8CodeUnitCount
    where text[position + index] != word.utf8Start[index] { return false }
    return !Self.isNamePart(text[end - 1]) || end == text.count || !Self.isNamePart(text[end])
  }

  /// Moves past `word` if it is next.
  mutating func accept(_ word: StaticString) -> Bool {
    guard isNext(word) else { return false }
    position += word.utf8CodeUnitCount
    skipSpace()
    return true
  }

  mutating func expect(_ word: StaticString) throws(Diagnostic) {
    if !accept(word) { throw error("expected '\(word)'") }
  }

  private static func isNamePart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."):
      true
    default: byte >= 0x80
    }
  }

  /// Letters, digits, dots and underscores.
  mutating func name() throws(Diagnostic) -> String {
    let start = position
    while position < text.count, Self.isNamePart(text[position]) { position += 1 }
    guard position > start else { throw error("expected a name") }
    defer { skipSpace() }
    return String(decoding: text[start..<position], as: UTF8.self)
  }

  /// A decimal integer.
  mutating func integer() throws(Diagnostic) -> Int {
    let start = position
    if position < text.count, text[position] == UInt8(ascii: "-") { position += 1 }
    while position < text.count, (0x30...0x39).contains(text[position]) { position += 1 }
    guard let value = Int(String(decoding: text[start..<position], as: UTF8.self)) else {
      position = start
      throw error("expected an integer")
    }
    skipSpace()
    return value
  }

  /// What follows `prefix`, as in `%b12`.
  mutating func number(after prefix: StaticString) throws(Diagnostic) -> Int {
    let end = position + prefix.utf8CodeUnitCount
    guard end < text.count,
      (0..<prefix.utf8CodeUnitCount).allSatisfy({ text[position + $0] == prefix.utf8Start[$0] }),
      (0x30...0x39).contains(text[end])
    else { throw error("expected '\(prefix)' and a number") }
    position = end
    return try integer()
  }

  /// A name in double quotes, with `\"` and `\\` for these two.
  mutating func quoted() throws(Diagnostic) -> String {
    guard position < text.count, text[position] == UInt8(ascii: "\"") else {
      throw error("expected '\"'")
    }
    var bytes: [UInt8] = []
    var index = position + 1
    while index < text.count, text[index] != UInt8(ascii: "\"") {
      if text[index] == UInt8(ascii: "\\") { index += 1 }
      guard index < text.count else { break }
      bytes.append(text[index])
      index += 1
    }
    guard index < text.count else { throw error("a quotation without an end") }
    position = index + 1
    skipSpace()
    return String(decoding: bytes, as: UTF8.self)
  }

  /// An element type by its name in jaxprs.
  mutating func type() throws(Diagnostic) -> ElementType {
    if accept("key<fry>") { return .key }
    let start = self
    let name = try name()
    guard let type = ElementType(jaxpr: name) else {
      throw start.error("'\(name)' is no element type")
    }
    return type
  }

  /// `[2, 3]`.
  mutating func shape() throws(Diagnostic) -> Shape {
    Shape(
      try list("[", "]") { scanner throws(Diagnostic) in
        let start = scanner
        let dimension = try scanner.integer()
        if dimension < 0 { throw start.error("a dimension is negative") }
        return dimension
      })
  }

  /// `open item, item, … close`.
  mutating func list<Item>(
    _ open: StaticString, _ close: StaticString,
    _ item: (inout LoopScanner) throws(Diagnostic) -> Item
  ) throws(Diagnostic) -> [Item] {
    try expect(open)
    var items: [Item] = []
    if accept(close) { return items }
    repeat { items.append(try item(&self)) } while accept(",")
    try expect(close)
    return items
  }

  /// A scalar as `ScalarBits.text(of:)` writes it.
  ///
  /// - Parameter type: its type. Where it is `nil`, the text says it, as in `1.5:f32`; `true` is a
  ///   `bool` and a bare integer an `i64`.
  mutating func scalar(_ type: ElementType? = nil) throws(Diagnostic) -> (ElementType, ScalarBits) {
    let start = self
    var parts: [String] = []
    if accept("(") {
      parts.append(literal())
      try expect(",")
      parts.append(literal())
      try expect(")")
    } else {
      parts.append(literal())
    }
    let isBool = parts == ["true"] || parts == ["false"]
    var found = type ?? (isBool ? .bool : .i64)
    if type == nil, accept(":") { found = try self.type() }
    let part = found.isComplex ? found.realPart : found
    let words = parts.compactMap { ScalarBits.word($0, part) }
    guard words.count == parts.count, parts.count == (found.isComplex ? 2 : 1) else {
      throw start.error("expected a scalar of type \(found)")
    }
    return (found, ScalarBits(words[0], imaginary: words.count > 1 ? words[1] : 0))
  }

  /// The characters of a number.
  private mutating func literal() -> String {
    let start = position
    while position < text.count,
      Self.isNamePart(text[position]) || text[position] == UInt8(ascii: "-")
        || text[position] == UInt8(ascii: "+")
    { position += 1 }
    defer { skipSpace() }
    return String(decoding: text[start..<position], as: UTF8.self)
  }
}

extension ScalarBits {
  /// The bits of one real number of type `type` from its text.
  fileprivate static func word(_ text: String, _ type: ElementType) -> UInt64? {
    if text.hasPrefix("0x") { return UInt64(text.dropFirst(2), radix: 16) }
    switch type.kind {
    case .bool: return text == "true" ? 1 : text == "false" ? 0 : nil
    case .signed: return Int64(text).map { UInt64(bitPattern: $0) }
    case .unsigned: return UInt64(text)
    case .float:
      let value = type == .f64 ? Double(text) : Float(text).map(Double.init)
      return value.map { ScalarBits(.float($0), type: type).real }
    case .complex, .float0, .key: return nil
    }
  }
}
