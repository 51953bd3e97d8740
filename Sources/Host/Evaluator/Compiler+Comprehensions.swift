import Syntax

extension Compiler {
  func comprehension(_ e: ComprehensionExpr) -> Code {
    let inner = Compiler(scope: scope.child(e), module: module)
    let first = expression(e.clauses[0].iterable)
    let firstSite = site(e.clauses[0].iterable.span)
    let clauses = e.clauses.enumerated().map { i, clause in
      ComprehensionClause(
        target: inner.store(clause.target),
        iterable: i == 0 ? nil : inner.expression(clause.iterable),
        conditions: clause.conditions.map(inner.condition),
        site: site(clause.iterable.span))
    }
    if case .generator(let element) = e.result {
      return generatorExpression(inner, first, firstSite, clauses, inner.expression(element))
    }
    let ownCells = inner.scope.ownCells
    func start(_ frame: Frame) throws -> ObjectIterator {
      let iterable = try first(frame)
      for cell in ownCells { frame.cells[cell] = Cell() }
      do { return try iterate(iterable) } catch { throw frame.locate(error, firstSite) }
    }
    switch e.result {
    case .list(let element), .generator(let element):
      let element = inner.expression(element)
      return { frame in
        let items = List([])
        try ComprehensionClause.run(clauses[...], start(frame), frame) {
          items.items.append(try element(frame))
        }
        return .list(items)
      }
    case .set(let element):
      let element = inner.located(element.span, inner.expression(element))
      return { frame in
        let set = SetObject()
        try ComprehensionClause.run(clauses[...], start(frame), frame) {
          try set.insert(element(frame))
        }
        return .set(set)
      }
    case .dict(let key, let value):
      let key = inner.located(key.span, inner.expression(key))
      let value = inner.expression(value)
      return { frame in
        let dict = Dict()
        try ComprehensionClause.run(clauses[...], start(frame), frame) {
          let key = try key(frame)
          try dict.table.set(key, value(frame))
        }
        return .dict(dict)
      }
    }
  }

  private func generatorExpression(
    _ inner: Compiler, _ first: @escaping Code, _ firstSite: Site,
    _ clauses: [ComprehensionClause], _ element: @escaping Code
  ) -> Code {
    let captured = inner.scope.captured.map(cell)
    let scope = inner.scope
    return { frame in
      let iterable = try first(frame)
      let iterator: ObjectIterator
      do { iterator = try iterate(iterable) } catch { throw frame.locate(error, firstSite) }
      var cells = captured.map { frame.cells[$0] }
      while cells.count < scope.cellCount { cells.append(Cell()) }
      let own = Frame(slots: scope.slotCount, cells: cells, function: "<genexpr>")
      return .native(GeneratorExpression(own, clauses, iterator, element))
    }
  }
}

/// `for target in iterable if condition…`, compiled.
struct ComprehensionClause {
  let target: Store
  /// `nil` for the first, whose iterable the code around evaluates.
  let iterable: Code?
  let conditions: [(Frame) throws -> Bool]
  let site: Site

  func accepts(_ frame: Frame) throws -> Bool {
    for condition in conditions where try !condition(frame) { return false }
    return true
  }

  func next(_ iterator: ObjectIterator, _ frame: Frame) throws -> Object? {
    do { return try iterator.next() } catch { throw frame.locate(error, site) }
  }

  func start(_ frame: Frame) throws -> ObjectIterator {
    do {
      return try iterate(iterable?(frame) ?? .none)
    } catch { throw frame.locate(error, site) }
  }

  /// Runs `emit` for every combination of the clauses.
  static func run(
    _ clauses: ArraySlice<ComprehensionClause>, _ iterator: ObjectIterator, _ frame: Frame,
    _ emit: () throws -> Void
  ) throws {
    guard let clause = clauses.first else { return }
    let rest = clauses.dropFirst()
    while let item = try clause.next(iterator, frame) {
      try clause.target(frame, item)
      guard try clause.accepts(frame) else { continue }
      if let next = rest.first {
        try run(rest, next.start(frame), frame, emit)
      } else {
        try emit()
      }
    }
  }
}

/// `(element for …)`: the state of its loops, innermost last.
final class GeneratorExpression: ObjectIterator {
  private let frame: Frame
  private let clauses: [ComprehensionClause]
  private var iterators: [ObjectIterator]
  private let element: Code
  private var hasStarted = false

  init(
    _ frame: Frame, _ clauses: [ComprehensionClause], _ first: ObjectIterator,
    _ element: @escaping Code
  ) {
    self.frame = frame
    self.clauses = clauses
    iterators = [first]
    self.element = element
  }

  override var cls: Class { Types.generator }

  /// The next value: nothing waits for what is sent.
  func send(_ value: Object) throws -> Object? {
    guard hasStarted || iterators.isEmpty || value.isNone else {
      throw typeError("can't send non-None value to a just-started generator")
    }
    return try next()
  }

  override func next() throws -> Object? {
    hasStarted = true
    while let iterator = iterators.last {
      let clause = clauses[iterators.count - 1]
      do {
        guard let item = try clause.next(iterator, frame) else {
          iterators.removeLast()
          continue
        }
        try clause.target(frame, item)
        guard try clause.accepts(frame) else { continue }
        if iterators.count == clauses.count { return try element(frame) }
        iterators.append(try clauses[iterators.count].start(frame))
      } catch {
        iterators.removeAll()
        throw error
      }
    }
    return nil
  }

  func close() { iterators.removeAll() }

  override func repr() throws -> String { "<generator object <genexpr> at \(address(self))>" }
}
