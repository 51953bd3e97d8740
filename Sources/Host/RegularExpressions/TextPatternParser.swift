/// Reads a regular expression in Python's syntax.
struct TextPatternParser {
  struct Flags {
    var ignoreCase = false
    var multiline = false
    var dotAll = false
    var verbose = false
  }

  struct Failure: Error {
    var message: String
  }

  private let text: [Unicode.Scalar]
  private var at = 0
  private var flags: Flags
  private(set) var groupCount = 0
  private(set) var names: [(name: String, group: Int)] = []

  init(_ text: [Unicode.Scalar], _ flags: Flags) {
    self.text = text
    self.flags = flags
  }

  mutating func parse() throws -> TextPattern {
    let pattern = try alternatives()
    if at < text.count { throw Failure(message: "unbalanced parenthesis at position \(at)") }
    return pattern
  }

  private var next: Unicode.Scalar? { at < text.count ? text[at] : nil }

  private mutating func take(_ wanted: String) -> Bool {
    let scalars = Array(wanted.unicodeScalars)
    guard at + scalars.count <= text.count, Array(text[at..<(at + scalars.count)]) == scalars else {
      return false
    }
    at += scalars.count
    return true
  }

  private mutating func alternatives() throws -> TextPattern {
    var options = [try sequence()]
    while take("|") { options.append(try sequence()) }
    return options.count == 1 ? options[0] : .alternatives(options)
  }

  private mutating func sequence() throws -> TextPattern {
    var parts: [TextPattern] = []
    while let scalar = next, scalar != "|", scalar != ")" {
      if flags.verbose, ScalarSet.Kind.space.contains(scalar) {
        at += 1
        continue
      }
      if flags.verbose, scalar == "#" {
        while let scalar = next, scalar != "\n" { at += 1 }
        continue
      }
      parts.append(try repeated())
    }
    return parts.count == 1 ? parts[0] : .sequence(parts)
  }

  private mutating func repeated() throws -> TextPattern {
    var part = try atom()
    while let scalar = next {
      let start = at
      var bounds: (Int, Int)?
      switch scalar {
      case "*": bounds = (0, .max)
      case "+": bounds = (1, .max)
      case "?": bounds = (0, 1)
      case "{": bounds = braces()
      default: break
      }
      guard let (lower, upper) = bounds else { return part }
      if scalar != "{" { at += 1 }
      if case .anchor = part {
        throw Failure(message: "nothing to repeat at position \(start)")
      }
      part = .repetition(part, lower: lower, upper: upper, isLazy: take("?"))
    }
    return part
  }

  /// `{m}`, `{m,}`, `{,n}`, `{m,n}`; anything else in braces is literal text.
  private mutating func braces() -> (Int, Int)? {
    let start = at
    at += 1
    let lower = number()
    var upper = lower
    if take(",") { upper = number() ?? .max } else if lower == nil { upper = nil }
    guard let upper, take("}") else {
      at = start
      return nil
    }
    return (lower ?? 0, upper)
  }

  private mutating func number() -> Int? {
    var value: Int?
    while let scalar = next, ("0"..."9").contains(scalar) {
      value = min((value ?? 0) * 10 + Int(scalar.value - 48), 1 << 40)
      at += 1
    }
    return value
  }

  private mutating func atom() throws -> TextPattern {
    let start = at
    let scalar = text[at]
    at += 1
    switch scalar {
    case ".": return .set(ScalarSet(flags.dotAll ? .any : .anyButNewline))
    case "^": return .anchor(flags.multiline ? .lineStart : .start)
    case "$": return .anchor(flags.multiline ? .lineEnd : .end)
    case "[": return .set(try characterClass())
    case "(": return try group()
    case "\\": return try escape()
    case "*", "+", "?": throw Failure(message: "nothing to repeat at position \(start)")
    default: return literal(scalar)
    }
  }

  private func literal(_ scalar: Unicode.Scalar) -> TextPattern {
    guard flags.ignoreCase else { return .scalar(scalar) }
    var set = ScalarSet()
    set.ranges = [scalar.value...scalar.value]
    set.ignoresCase = true
    return .set(set)
  }

  private mutating func group() throws -> TextPattern {
    let start = at - 1
    func closed(_ parser: inout TextPatternParser, _ pattern: TextPattern) throws -> TextPattern {
      guard parser.take(")") else {
        throw Failure(message: "missing ), unterminated subpattern at position \(start)")
      }
      return pattern
    }
    if take("?:") { return try closed(&self, alternatives()) }
    if take("?P<") {
      let name = try identifier(until: ">")
      return try closed(&self, capturing(name))
    }
    if take("?P=") {
      let name = try identifier(until: ")")
      guard let group = names.first(where: { $0.name == name })?.group else {
        throw Failure(message: "unknown group name '\(name)' at position \(start + 4)")
      }
      return .backreference(group)
    }
    for (mark, isNegative) in [("?=", false), ("?!", true)] where take(mark) {
      return .look(try closed(&self, alternatives()), isNegative: isNegative, behind: nil)
    }
    for (mark, isNegative) in [("?<=", false), ("?<!", true)] where take(mark) {
      let pattern = try closed(&self, alternatives())
      guard let length = pattern.fixedLength else {
        throw Failure(message: "look-behind requires fixed-width pattern")
      }
      return .look(pattern, isNegative: isNegative, behind: length)
    }
    if take("?#") {
      while let scalar = next, scalar != ")" { at += 1 }
      return try closed(&self, .empty)
    }
    if take("?") {
      while let scalar = next, scalar != ")" {
        switch scalar {
        case "i": flags.ignoreCase = true
        case "m": flags.multiline = true
        case "s": flags.dotAll = true
        case "x": flags.verbose = true
        case "a", "u": break
        default: throw Failure(message: "unknown extension ?\(scalar) at position \(start + 1)")
        }
        at += 1
      }
      return try closed(&self, .empty)
    }
    return try closed(&self, capturing(nil))
  }

  private mutating func capturing(_ name: String?) throws -> TextPattern {
    groupCount += 1
    let number = groupCount
    if let name { names.append((name, number)) }
    return .group(number, try alternatives())
  }

  private mutating func identifier(until end: Unicode.Scalar) throws -> String {
    var name = String.UnicodeScalarView()
    while let scalar = next, scalar != end {
      name.append(scalar)
      at += 1
    }
    guard next == end else { throw Failure(message: "missing \(end), unterminated name") }
    at += 1
    return String(name)
  }

  private mutating func escape() throws -> TextPattern {
    guard let scalar = next else { throw Failure(message: "bad escape (end of pattern)") }
    if ("1"..."9").contains(scalar) {
      let group = number() ?? 0
      guard group <= groupCount else {
        throw Failure(message: "invalid group reference \(group) at position \(at - 1)")
      }
      return .backreference(group)
    }
    at += 1
    switch scalar {
    case "A": return .anchor(.start)
    case "Z": return .anchor(.veryEnd)
    case "b": return .anchor(.wordBoundary)
    case "B": return .anchor(.noWordBoundary)
    default: break
    }
    if let kind = kind(scalar) { return .set(ScalarSet(kind)) }
    return literal(try escaped(scalar))
  }

  private func kind(_ scalar: Unicode.Scalar) -> ScalarSet.Kind? {
    switch scalar {
    case "d": .digit
    case "D": .notDigit
    case "w": .word
    case "W": .notWord
    case "s": .space
    case "S": .notSpace
    default: nil
    }
  }

  /// The character that `\` and `scalar` stand for.
  private mutating func escaped(_ scalar: Unicode.Scalar) throws -> Unicode.Scalar {
    func hexadecimal(_ parser: inout TextPatternParser, _ count: Int) throws -> Unicode.Scalar {
      var digits = String.UnicodeScalarView()
      for _ in 0..<count {
        guard let scalar = parser.next else { break }
        digits.append(scalar)
        parser.at += 1
      }
      guard let value = UInt32(String(digits), radix: 16), let result = Unicode.Scalar(value) else {
        throw Failure(message: "incomplete escape \\\(scalar)\(String(digits))")
      }
      return result
    }
    switch scalar {
    case "n": return "\n"
    case "t": return "\t"
    case "r": return "\r"
    case "f": return "\u{c}"
    case "v": return "\u{b}"
    case "a": return "\u{7}"
    case "0": return "\0"
    case "x": return try hexadecimal(&self, 2)
    case "u": return try hexadecimal(&self, 4)
    default:
      if scalar.isASCII && scalar.properties.isAlphabetic {
        throw Failure(message: "bad escape \\\(scalar) at position \(at - 2)")
      }
      return scalar
    }
  }

  private mutating func characterClass() throws -> ScalarSet {
    let start = at - 1
    var set = ScalarSet()
    set.ignoresCase = flags.ignoreCase
    set.isNegated = take("^")
    var isFirst = true
    while true {
      guard let scalar = next else {
        throw Failure(message: "unterminated character set at position \(start)")
      }
      at += 1
      if scalar == "]" && !isFirst { return set }
      isFirst = false
      var low = scalar
      if scalar == "\\" {
        guard let escape = next else { continue }
        at += 1
        if let kind = kind(escape) {
          set.kinds.append(kind)
          continue
        }
        low = escape == "b" ? "\u{8}" : try escaped(escape)
      }
      var high = low
      if next == "-", at + 1 < text.count, text[at + 1] != "]" {
        at += 1
        high = text[at]
        at += 1
        if high == "\\", let escape = next {
          at += 1
          high = try escaped(escape)
        }
        guard low.value <= high.value else {
          throw Failure(message: "bad character range \(low)-\(high) at position \(start + 1)")
        }
      }
      set.ranges.append(low.value...high.value)
    }
  }
}
