import Syntax

extension Compiler {
  func match(_ s: MatchStmt) -> Action {
    let subject = expression(s.subject)
    let cases = s.cases.map { item in
      (
        test: test(item.pattern), condition: item.condition.map(condition), body: block(item.body)
      )
    }
    return { frame in
      let value = try subject(frame)
      for (test, condition, body) in cases {
        guard try test(frame, value) else { continue }
        if let condition, try !condition(frame) { continue }
        return try body(frame)
      }
      return .next
    }
  }

  /// `true` iff the value matches; binds the names of the pattern.
  private typealias Test = (Frame, Object) throws -> Bool

  private func test(_ pattern: Pattern) -> Test {
    switch pattern {
    case .value(let p):
      let expected = expression(p.value)
      return { frame, value in try equals(value, expected(frame)) }
    case .singleton(let p):
      let expected = Object(p.value)
      return { _, value in value.isIdentical(to: expected) }
    case .sequence(let p): return sequence(p)
    case .mapping(let p): return mapping(p)
    case .class(let p): return classTest(p)
    case .star: return { _, _ in true }
    case .capture(let p):
      let inner = p.pattern.map(test)
      let assign = p.name.map { self.store($0.symbol) }
      return { frame, value in
        if let inner, try !inner(frame, value) { return false }
        try assign?(frame, value)
        return true
      }
    case .or(let p):
      let tests = p.alternatives.map(test)
      return { frame, value in
        for test in tests where try test(frame, value) { return true }
        return false
      }
    }
  }

  private func sequence(_ p: SequencePattern) -> Test {
    let star = p.patterns.firstIndex { if case .star = $0 { true } else { false } }
    let tests = p.patterns.map(test)
    let starStore: Store? =
      if let star, case .star(let pattern) = p.patterns[star], let name = pattern.name {
        store(name.symbol)
      } else { nil }
    return { frame, value in
      switch value {
      case .tuple, .list: break
      default: return false
      }
      let items = try list(value)
      guard let star else {
        return try items.count == tests.count
          && zip(tests, items).allSatisfy { try $0(frame, $1) }
      }
      let after = tests.count - star - 1
      guard items.count >= star + after else { return false }
      for i in 0..<star where try !tests[i](frame, items[i]) { return false }
      for i in 0..<after where try !tests[star + 1 + i](frame, items[items.count - after + i]) {
        return false
      }
      try starStore?(frame, .list(Array(items[star..<(items.count - after)])))
      return true
    }
  }

  private func mapping(_ p: MappingPattern) -> Test {
    let items = p.items.map { (key: expression($0.key), test: test($0.pattern)) }
    let rest = p.rest.map { store($0.symbol) }
    return { frame, value in
      guard case .dict(let dict) = value else { return false }
      var keys: [Object] = []
      for (key, test) in items {
        let key = try key(frame)
        guard let found = try dict.table.value(key), try test(frame, found) else { return false }
        keys.append(key)
      }
      if let rest {
        let left = Dict()
        left.table = dict.table
        for key in keys { _ = try left.table.remove(key) }
        try rest(frame, .dict(left))
      }
      return true
    }
  }

  private func classTest(_ p: ClassPattern) -> Test {
    let type = located(p.type.span, expression(p.type))
    let positional = p.positional.map(test)
    let keywords = p.keywords.map { (name: $0.name.symbol, test: test($0.pattern)) }
    let site = site(p.span)
    return { frame, value in
      do {
        let kind = try type(frame)
        guard try isInstance(value, kind) else { return false }
        if !positional.isEmpty {
          if case .type(let cls) = kind, cls.module == "builtins" {
            guard positional.count == 1 else {
              throw typeError(
                "\(cls.name)() accepts 1 positional sub-pattern (\(positional.count) given)")
            }
            return try positional[0](frame, value)
          }
          let names = try lookupAttribute(kind, Names.matchArgs).map(list) ?? []
          guard names.count >= positional.count else {
            throw typeError(
              "\(try repr(kind)) accepts \(names.count) positional sub-patterns (\(positional.count) given)"
            )
          }
          for (name, test) in zip(names, positional) {
            guard let field = try lookupAttribute(value, Symbol(try str(name))),
              try test(frame, field)
            else { return false }
          }
        }
        for (name, test) in keywords {
          guard let field = try lookupAttribute(value, name), try test(frame, field) else {
            return false
          }
        }
        return true
      } catch { throw frame.locate(error, site) }
    }
  }
}
