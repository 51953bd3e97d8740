import Core
import Syntax

extension Compiler {
  func block(_ statements: [Stmt]) -> Action {
    let actions = statements.map(statement)
    switch actions.count {
    case 0: return { _ in .next }
    case 1: return actions[0]
    default:
      return { frame in
        for action in actions {
          let flow = try action(frame)
          if flow != .next { return flow }
        }
        return .next
      }
    }
  }

  func statement(_ statement: Stmt) -> Action {
    switch statement {
    case .expression(let s):
      if case .constant = s.value { return { _ in .next } }
      let value = expression(s.value)
      return { frame in
        _ = try value(frame)
        return .next
      }
    case .assign(let s):
      let value = expression(s.value)
      let stores = s.targets.map { store($0) }
      if stores.count == 1 {
        let store = stores[0]
        return { frame in
          try store(frame, value(frame))
          return .next
        }
      }
      return { frame in
        let result = try value(frame)
        for store in stores { try store(frame, result) }
        return .next
      }
    case .augmentedAssign(let s): return augmentedAssign(s)
    case .annotatedAssign(let s): return annotatedAssign(s)
    case .delete(let s):
      let deletions = s.targets.map(delete)
      return { frame in
        for deletion in deletions { try deletion(frame) }
        return .next
      }
    case .pass: return { _ in .next }
    case .break: return { _ in .break }
    case .continue: return { _ in .continue }
    case .return(let s):
      guard let value = s.value.map(expression) else {
        return { frame in
          frame.result = .none
          return .return
        }
      }
      return { frame in
        frame.result = try value(frame)
        return .return
      }
    case .raise(let s): return raise(s)
    case .assert(let s):
      let condition = condition(s.condition)
      let message = s.message.map(expression)
      let site = site(s.span)
      return { frame in
        if try condition(frame) { return .next }
        let arguments = try message.map { [try $0(frame)] } ?? []
        throw frame.locate(
          Raised(exception: ExceptionObject(Exceptions["AssertionError"], arguments)), site)
      }
    case .global, .nonlocal: return { _ in .next }
    case .import(let s): return importModules(s)
    case .importFrom(let s):
      if s.path.map(\.text) == ["__future__"], case .some(let names) = s.names {
        module.hasTextAnnotations =
          module.hasTextAnnotations || names.contains { $0.name.text == "annotations" }
      }
      return importNames(s)
    case .if(let s): return ifStatement(s)
    case .while(let s): return whileLoop(s)
    case .for(let s): return forLoop(s)
    case .with(let s): return with(s.items[...], s)
    case .try(let s): return tryStatement(s)
    case .match(let s): return match(s)
    case .function(let s): return functionDefinition(s)
    case .class(let s): return classDefinition(s)
    }
  }

  private func augmentedAssign(_ s: AugmentedAssignStmt) -> Action {
    let op = s.op
    let value = expression(s.value)
    let site = site(s.span)
    func combine(_ frame: Frame, _ old: Object) throws -> Object {
      let new = try value(frame)
      if case .int(let x) = old, case .int(let y) = new, op == .add {
        let (sum, overflow) = x.addingReportingOverflow(y)
        if !overflow { return .int(sum) }
      }
      do {
        Trace.note(site)
        return try augmented(op, old, new)
      } catch { throw frame.locate(error, site) }
    }
    switch s.target {
    case .name(let t):
      let load = load(t.symbol, t.span)
      let store = store(t.symbol)
      return { frame in
        try store(frame, combine(frame, load(frame)))
        return .next
      }
    case .attribute(let t):
      let object = expression(t.value)
      let name = scope.mangled(t.symbol)
      return { frame in
        let object = try object(frame)
        do {
          let new = try combine(frame, getAttribute(object, name))
          try setAttribute(object, name, new)
        } catch { throw frame.locate(error, site) }
        return .next
      }
    case .subscript(let t):
      let object = expression(t.value)
      let key = expression(t.index)
      return { frame in
        let object = try object(frame)
        let key = try key(frame)
        do {
          let new = try combine(frame, item(object, key))
          try setItem(object, key, new)
        } catch { throw frame.locate(error, site) }
        return .next
      }
    case .sequence, .starred:
      return { frame in
        throw frame.locate(raised("SyntaxError", "illegal target for augmented assignment"), site)
      }
    }
  }

  private func annotatedAssign(_ s: AnnotatedAssignStmt) -> Action {
    let value = s.value.map(expression)
    let store = store(s.target)
    var record: Action = { _ in .next }
    if s.isSimple, scope.kind == .classBody, case .name(let t) = s.target {
      let annotation = annotation(s.annotation)
      let name = Str(t.symbol.text)
      record = { frame in
        let value = try annotation(frame)
        let dict: Dict
        if case .dict(let existing)? = frame.members[Names.annotations] {
          dict = existing
        } else {
          dict = Dict()
          frame.members[Names.annotations] = .dict(dict)
        }
        try dict.table.set(.str(name), value)
        return .next
      }
    }
    return { frame in
      if let value { try store(frame, value(frame)) }
      return try record(frame)
    }
  }

  private func delete(_ target: Target) -> (Frame) throws -> Void {
    let site = site(target.span)
    switch target {
    case .name(let t):
      let unbind = unbind(t.symbol)
      let isLocal = if case .slot = scope.storage(t.symbol) { true } else { false }
      let name = t.symbol
      return { frame in
        if unbind(frame) { return }
        throw frame.locate(
          isLocal ? unboundLocal(name) : raised("NameError", "name '\(name)' is not defined"), site)
      }
    case .attribute(let t):
      let value = expression(t.value)
      let name = scope.mangled(t.symbol)
      return { frame in
        do { try setAttribute(value(frame), name, nil) } catch { throw frame.locate(error, site) }
      }
    case .subscript(let t):
      let value = expression(t.value)
      let key = expression(t.index)
      return { frame in
        do { try setItem(value(frame), key(frame), nil) } catch { throw frame.locate(error, site) }
      }
    case .sequence(let t):
      let deletions = t.elements.map(delete)
      return { frame in for deletion in deletions { try deletion(frame) } }
    case .starred(let t): return delete(t.target)
    }
  }

  // MARK: Control flow

  private func ifStatement(_ s: IfStmt) -> Action {
    let branches = s.branches.map { (condition: condition($0.condition), body: block($0.body)) }
    let otherwise = block(s.otherwise)
    if branches.count == 1 {
      let (condition, body) = branches[0]
      return { frame in try condition(frame) ? body(frame) : otherwise(frame) }
    }
    return { frame in
      for (condition, body) in branches where try condition(frame) { return try body(frame) }
      return try otherwise(frame)
    }
  }

  private func whileLoop(_ s: WhileStmt) -> Action {
    let condition = condition(s.condition)
    let body = block(s.body)
    let otherwise = block(s.otherwise)
    return { frame in
      while try condition(frame) {
        switch try body(frame) {
        case .next, .continue: continue
        case .break: return .next
        case .return: return .return
        }
      }
      return try otherwise(frame)
    }
  }

  private func forLoop(_ s: ForStmt) -> Action {
    let iterable = expression(s.iterable)
    let store = store(s.target)
    let body = block(s.body)
    let otherwise = block(s.otherwise)
    let site = site(s.iterable.span)
    return { frame in
      let value = try iterable(frame)
      if case .range(let range) = value {
        for position in 0..<range.count {
          try store(frame, .int(range[position]))
          switch try body(frame) {
          case .next, .continue: continue
          case .break: return .next
          case .return: return .return
          }
        }
        return try otherwise(frame)
      }
      let iterator: ObjectIterator
      do { iterator = try iterate(value) } catch { throw frame.locate(error, site) }
      while true {
        let item: Object?
        do { item = try iterator.next() } catch { throw frame.locate(error, site) }
        guard let item else { return try otherwise(frame) }
        try store(frame, item)
        switch try body(frame) {
        case .next, .continue: continue
        case .break: return .next
        case .return: return .return
        }
      }
    }
  }

  private func with(_ items: ArraySlice<WithStmt.Item>, _ s: WithStmt) -> Action {
    guard let first = items.first else { return block(s.body) }
    let context = expression(first.context)
    let assign = first.target.map { self.store($0) }
    let body = with(items.dropFirst(), s)
    let site = site(first.context.span)
    return { frame in
      let manager = try context(frame)
      let entered: Object
      do {
        guard typeOf(manager).lookup(Names.exit) != nil,
          let result = try callMethod(manager, Names.enter)
        else {
          throw typeError(
            "'\(typeOf(manager).name)' object does not support the context manager protocol")
        }
        entered = result
      } catch { throw frame.locate(error, site) }
      let flow: Flow
      do {
        try assign?(frame, entered)
        flow = try body(frame)
      } catch {
        guard let raised = Raised(error) else { throw error }
        let exception = raised.exception
        Session.handling.append(exception)
        defer { Session.handling.removeLast() }
        let suppressed = try callMethod(
          manager, Names.exit, [.type(exception.cls), .instance(exception), .none])
        if try suppressed.map(isTrue) ?? false { return .next }
        throw raised
      }
      do {
        _ = try callMethod(manager, Names.exit, [.none, .none, .none])
      } catch { throw frame.locate(error, site) }
      return flow
    }
  }

  // MARK: Exceptions

  private func raise(_ s: RaiseStmt) -> Action {
    let site = site(s.span)
    guard let exception = s.exception.map(expression) else {
      return { frame in
        guard let current = Session.handling.last else {
          throw frame.locate(
            raised("RuntimeError", "No active exception to reraise"), site)
        }
        throw frame.locate(Raised(exception: current), site)
      }
    }
    let cause = s.cause.map(expression)
    return { frame in
      let value = try exception(frame)
      let causeValue = try cause?(frame)
      do {
        let exception = try exceptionObject(value)
        exception.context = exception.context ?? Session.handling.last { $0 !== exception }
        if let causeValue {
          exception.suppressesContext = true
          exception.cause = causeValue.isNone ? nil : try exceptionObject(causeValue)
        }
        throw Raised(exception: exception)
      } catch { throw frame.locate(error, site) }
    }
  }

  private func tryStatement(_ s: TryStmt) -> Action {
    let body = block(s.body)
    let otherwise = block(s.otherwise)
    let handlers = s.handlers.map { handler in
      (
        kind: handler.kind.map(expression), store: handler.name.map { store($0.symbol) },
        unbind: handler.name.map { unbind($0.symbol) }, body: block(handler.body),
        site: site(handler.span)
      )
    }
    let hasOtherwise = !s.otherwise.isEmpty
    let guarded: Action = { frame in
      let flow: Flow
      do {
        flow = try body(frame)
      } catch {
        guard let raised = Raised(error) else { throw error }
        let exception = raised.exception
        for handler in handlers {
          if let kind = try handler.kind?(frame) {
            do {
              guard try matches(exception, kind) else { continue }
            } catch { throw frame.locate(error, handler.site) }
          }
          try handler.store?(frame, .instance(exception))
          Session.handling.append(exception)
          let depth = Session.handling.count
          defer {
            Session.handling.removeLast(max(0, Session.handling.count - depth + 1))
            _ = handler.unbind?(frame)
          }
          do {
            return try handler.body(frame)
          } catch {
            if let new = Raised(error)?.exception, new !== exception, new.context == nil {
              new.context = exception
            }
            throw error
          }
        }
        throw raised
      }
      return flow == .next && hasOtherwise ? try otherwise(frame) : flow
    }
    if s.finally.isEmpty { return guarded }
    let attempt = s.handlers.isEmpty && !hasOtherwise ? body : guarded
    let finally = block(s.finally)
    return { frame in
      let flow: Flow
      do {
        flow = try attempt(frame)
      } catch {
        // A `return` or `break` in `finally` swallows the exception.
        let ending = try finally(frame)
        if ending != .next { return ending }
        throw error
      }
      let result = frame.result
      let ending = try finally(frame)
      if ending != .next { return ending }
      frame.result = result
      return flow
    }
  }

  // MARK: Imports

  private func importModules(_ s: ImportStmt) -> Action {
    let site = site(s.span)
    let imports = s.modules.map { module in
      (
        path: module.path.map(\.text), hasAlias: module.alias != nil,
        store: store((module.alias ?? module.path[0]).symbol)
      )
    }
    let current = module
    return { frame in
      for (path, hasAlias, store) in imports {
        do {
          let module = try Session.loader.load(path, from: current)
          let bound = hasAlias ? module : try Session.loader.load([path[0]], from: current)
          try store(frame, .module(bound))
        } catch { throw frame.locate(error, site) }
      }
      return .next
    }
  }

  private func importNames(_ s: ImportFromStmt) -> Action {
    let site = site(s.span)
    let current = module
    let path = s.path.map(\.text)
    let level = s.level
    switch s.names {
    case .all:
      return { frame in
        do {
          let source = try Session.loader.load(path, from: current, level: level)
          for name in try source.exportedNames() {
            if let value = try source.lookup(name) { current[name] = value }
          }
        } catch { throw frame.locate(error, site) }
        return .next
      }
    case .some(let names):
      let stores = names.map { (name: $0.name.symbol, store: store(($0.alias ?? $0.name).symbol)) }
      return { frame in
        do {
          let source = try Session.loader.load(path, from: current, level: level)
          for (name, store) in stores {
            try store(frame, Session.loader.member(name, of: source))
          }
        } catch { throw frame.locate(error, site) }
        return .next
      }
    }
  }
}

/// The exception that `raise value` raises.
func exceptionObject(_ value: Object) throws -> ExceptionObject {
  if let exception = value.exception { return exception }
  if case .type(let cls) = value, cls.isSubclass(of: Exceptions["BaseException"]),
    let exception = try instantiate(cls, Arguments()).exception
  {
    return exception
  }
  throw typeError("exceptions must derive from BaseException")
}

/// `true` iff `except kind` catches `exception`.
func matches(_ exception: ExceptionObject, _ kind: Object) throws -> Bool {
  switch kind {
  case .tuple(let tuple): return try tuple.items.contains { try matches(exception, $0) }
  case .type(let cls) where cls.isSubclass(of: Exceptions["BaseException"]):
    return exception.cls.isSubclass(of: cls)
  default:
    throw typeError("catching classes that do not inherit from BaseException is not allowed")
  }
}
