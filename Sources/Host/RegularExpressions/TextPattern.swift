/// A regular expression: what it matches, part by part.
indirect enum TextPattern {
  case empty
  case scalar(Unicode.Scalar)
  case set(ScalarSet)
  case sequence([TextPattern])
  case alternatives([TextPattern])
  /// `{lower,upper}`, with `?` lazily.
  case repetition(TextPattern, lower: Int, upper: Int, isLazy: Bool)
  /// A group that remembers what it matched.
  case group(Int, TextPattern)
  case backreference(Int)
  case anchor(Anchor)
  /// `(?=…)` and `(?!…)`; behind: `(?<=…)` and `(?<!…)`, of a fixed length.
  case look(TextPattern, isNegative: Bool, behind: Int?)

  enum Anchor {
    case start, end, lineStart, lineEnd, veryEnd, wordBoundary, noWordBoundary
  }
}

/// The characters that a class such as `[a-z_]` or `\d` matches.
struct ScalarSet {
  var ranges: [ClosedRange<UInt32>] = []
  var kinds: [Kind] = []
  var isNegated = false
  var ignoresCase = false

  enum Kind {
    case digit, notDigit, word, notWord, space, notSpace, any, anyButNewline

    func contains(_ scalar: Unicode.Scalar) -> Bool {
      switch self {
      case .digit: scalar.properties.numericType == .decimal
      case .notDigit: scalar.properties.numericType != .decimal
      case .word: Kind.isWord(scalar)
      case .notWord: !Kind.isWord(scalar)
      case .space: Kind.isSpace(scalar)
      case .notSpace: !Kind.isSpace(scalar)
      case .any: true
      case .anyButNewline: scalar != "\n"
      }
    }

    static func isWord(_ scalar: Unicode.Scalar) -> Bool {
      if scalar.isASCII {
        return ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
          || ("0"..."9").contains(scalar) || scalar == "_"
      }
      return scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
      scalar.properties.isWhitespace || (0x1c...0x1f).contains(scalar.value)
    }
  }

  init() {}

  init(_ kind: Kind) { kinds = [kind] }

  func contains(_ scalar: Unicode.Scalar) -> Bool {
    var found = holds(scalar)
    if !found && ignoresCase {
      found = [scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping].contains {
        $0.unicodeScalars.count == 1 && holds($0.unicodeScalars.first!)
      }
    }
    return found != isNegated
  }

  private func holds(_ scalar: Unicode.Scalar) -> Bool {
    ranges.contains { $0.contains(scalar.value) } || kinds.contains { $0.contains(scalar) }
  }
}

extension TextPattern {
  /// How many characters the pattern matches, if that is always the same.
  var fixedLength: Int? {
    switch self {
    case .empty, .anchor, .look: return 0
    case .scalar, .set: return 1
    case .sequence(let parts):
      var total = 0
      for part in parts {
        guard let length = part.fixedLength else { return nil }
        total += length
      }
      return total
    case .alternatives(let options):
      let lengths = options.map(\.fixedLength)
      return lengths.allSatisfy { $0 == lengths[0] } ? lengths[0] : nil
    case .repetition(let part, let lower, let upper, _):
      guard lower == upper, let length = part.fixedLength else { return nil }
      return length * lower
    case .group(_, let part): return part.fixedLength
    case .backreference: return nil
    }
  }
}
