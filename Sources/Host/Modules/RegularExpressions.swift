/// `_re`: what `stdlib/re.jx` needs of the evaluator.
func makeRegularExpressions() -> ModuleObject {
  let module = ModuleObject("_re", isLibrary: true)
  // The compiled pattern, the number of its groups, and their names.
  module.def("compile(pattern, ignore_case, multiline, dot_all, verbose)") { a in
    guard case .str(let text)? = a[0] else {
      throw typeError("first argument must be string or compiled pattern")
    }
    let flags = TextPatternParser.Flags(
      ignoreCase: try isTrue(a[1] ?? .none), multiline: try isTrue(a[2] ?? .none),
      dotAll: try isTrue(a[3] ?? .none), verbose: try isTrue(a[4] ?? .none))
    do {
      var parser = TextPatternParser(text.points, flags)
      let pattern = try parser.parse()
      let program = RegularExpression(pattern, groupCount: parser.groupCount)
      let names = Dict(named: parser.names.map { ($0.name, .int($0.group)) })
      return .tuple([.native(program), .int(parser.groupCount), .dict(names)])
    } catch let failure as TextPatternParser.Failure {
      throw valueError(failure.message)
    }
  }
  // The spans of the groups of each match, from left to right: at most `limit` if that is not 0.
  // Mode 0 searches, 1 matches at `start` only, 2 asks for the whole text.
  module.def("scan(program, text, start, end, mode, limit)") { a in
    guard case .native(let program as RegularExpression)? = a[0], case .str(let text)? = a[1] else {
      throw typeError("expected string or bytes-like object, got '\(typeOf(a[1] ?? .none).name)'")
    }
    let count = text.count
    let start = min(max(try requireIndex(a[2] ?? .none), 0), count)
    let end = min(max(try requireIndex(a[3] ?? .none), 0), count)
    return .list(
      program.scan(
        text.points, start..<max(start, end), mode: try requireIndex(a[4] ?? .none),
        limit: try requireIndex(a[5] ?? .none)
      ).map { groups in
        .tuple(
          groups.map { range in
            range.map { .tuple([.int($0.lowerBound), .int($0.upperBound)]) } ?? Object.none
          })
      })
  }
  return module
}

/// A compiled pattern.
private final class RegularExpression: NativeObject {
  private let pattern: TextPattern
  private let groupCount: Int

  init(_ pattern: TextPattern, groupCount: Int) {
    self.pattern = pattern
    self.groupCount = groupCount
  }

  func scan(_ text: [Unicode.Scalar], _ range: Range<Int>, mode: Int, limit: Int)
    -> [[Range<Int>?]]
  {
    var matcher = TextPatternMatcher(text, end: range.upperBound, groupCount: groupCount)
    var found: [[Range<Int>?]] = []
    var at = range.lowerBound
    while at <= range.upperBound {
      if matcher.matches(pattern, at: at, isWhole: mode == 2), let whole = matcher.groups[0] {
        found.append(matcher.groups)
        if found.count == limit { break }
        at = whole.isEmpty ? at + 1 : whole.upperBound
      } else {
        at += 1
      }
      if mode != 0 { break }
    }
    return found
  }
}
