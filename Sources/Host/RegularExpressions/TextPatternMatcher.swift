/// Matches a pattern against a text by backtracking: what follows a part is its continuation.
struct TextPatternMatcher {
  let text: [Unicode.Scalar]
  let end: Int
  /// Where each group matched; group 0 is the whole.
  private(set) var groups: [Range<Int>?]

  init(_ text: [Unicode.Scalar], end: Int, groupCount: Int) {
    self.text = text
    self.end = end
    groups = [Range<Int>?](repeating: nil, count: groupCount + 1)
  }

  /// Whether `pattern` matches at `start`; `isWhole` asks that it ends at the end.
  mutating func matches(_ pattern: TextPattern, at start: Int, isWhole: Bool) -> Bool {
    for index in groups.indices { groups[index] = nil }
    var stop = start
    let limit = end
    let found = match(pattern, start) { _, position in
      if isWhole && position != limit { return false }
      stop = position
      return true
    }
    if found { groups[0] = start..<stop }
    return found
  }

  private typealias Continuation = (inout TextPatternMatcher, Int) -> Bool

  private mutating func match(_ pattern: TextPattern, _ at: Int, _ rest: Continuation) -> Bool {
    switch pattern {
    case .empty: return rest(&self, at)
    case .scalar(let scalar): return at < end && text[at] == scalar && rest(&self, at + 1)
    case .set(let set): return at < end && set.contains(text[at]) && rest(&self, at + 1)
    case .sequence(let parts): return sequence(parts[...], at, rest)
    case .alternatives(let options):
      for option in options where match(option, at, rest) { return true }
      return false
    case .group(let number, let part):
      let saved = groups[number]
      if match(
        part, at,
        { matcher, stop in
          let inner = matcher.groups[number]
          matcher.groups[number] = at..<stop
          if rest(&matcher, stop) { return true }
          matcher.groups[number] = inner
          return false
        })
      {
        return true
      }
      groups[number] = saved
      return false
    case .backreference(let number):
      guard let range = groups[number], at + range.count <= end else { return false }
      for offset in 0..<range.count where text[range.lowerBound + offset] != text[at + offset] {
        return false
      }
      return rest(&self, at + range.count)
    case .anchor(let anchor): return holds(anchor, at) && rest(&self, at)
    case .look(let part, let isNegative, let behind):
      let start = at - (behind ?? 0)
      let found = start >= 0 && match(part, start) { _, stop in behind == nil || stop == at }
      return found != isNegative && rest(&self, at)
    case .repetition(let part, let lower, let upper, let isLazy):
      if part.isSingle { return run(part, lower, upper, isLazy, at, rest) }
      return repetition(part, 0, lower, upper, isLazy, at, rest)
    }
  }

  private mutating func sequence(
    _ parts: ArraySlice<TextPattern>, _ at: Int, _ rest: Continuation
  ) -> Bool {
    guard let first = parts.first else { return rest(&self, at) }
    let others = parts.dropFirst()
    return match(first, at) { matcher, position in matcher.sequence(others, position, rest) }
  }

  /// Repeats a part that matches one character: a loop, not a recursion.
  private mutating func run(
    _ part: TextPattern, _ lower: Int, _ upper: Int, _ isLazy: Bool, _ at: Int, _ rest: Continuation
  ) -> Bool {
    func fits(_ position: Int) -> Bool {
      guard position < end else { return false }
      switch part {
      case .scalar(let scalar): return text[position] == scalar
      case .set(let set): return set.contains(text[position])
      default: return false
      }
    }
    var count = 0
    if isLazy {
      while true {
        if count >= lower && rest(&self, at + count) { return true }
        guard count < upper, fits(at + count) else { return false }
        count += 1
      }
    }
    while count < upper, fits(at + count) { count += 1 }
    while count >= lower {
      if rest(&self, at + count) { return true }
      count -= 1
    }
    return false
  }

  private mutating func repetition(
    _ part: TextPattern, _ count: Int, _ lower: Int, _ upper: Int, _ isLazy: Bool, _ at: Int,
    _ rest: Continuation
  ) -> Bool {
    if isLazy && count >= lower && rest(&self, at) { return true }
    if count < upper {
      let more = match(part, at) { matcher, position in
        // A part that matched nothing would repeat for ever.
        if position == at && count >= lower { return false }
        return matcher.repetition(part, count + 1, lower, upper, isLazy, position, rest)
      }
      if more { return true }
    }
    return !isLazy && count >= lower && rest(&self, at)
  }

  private func holds(_ anchor: TextPattern.Anchor, _ at: Int) -> Bool {
    func isWord(_ index: Int) -> Bool {
      index >= 0 && index < end && ScalarSet.Kind.isWord(text[index])
    }
    switch anchor {
    case .start: return at == 0
    case .end: return at == end || (at == end - 1 && text[at] == "\n")
    case .veryEnd: return at == end
    case .lineStart: return at == 0 || text[at - 1] == "\n"
    case .lineEnd: return at == end || text[at] == "\n"
    case .wordBoundary: return isWord(at - 1) != isWord(at)
    case .noWordBoundary: return isWord(at - 1) == isWord(at)
    }
  }
}

extension TextPattern {
  /// Whether the pattern matches exactly one character.
  fileprivate var isSingle: Bool {
    switch self {
    case .scalar, .set: true
    case .empty, .sequence, .alternatives, .repetition, .group, .backreference, .anchor, .look:
      false
    }
  }
}
