import BigInt
import Core
import Support
import Syntax

/// Turns syntax into closures: `Code` for expressions, `Action` for statements.
///
/// One compiler serves one scope. Names are resolved already, so a closure reads a variable by its
/// position; every operation that can raise notes its place.
struct Compiler {
  let scope: Scope
  let module: ModuleObject

  func site(_ span: Span) -> Site { Site(span: span, isLibrary: module.isLibrary) }

  /// `code`, with errors located at `span`.
  func located(_ span: Span, _ code: @escaping Code) -> Code {
    let site = site(span)
    return { frame in
      do { return try code(frame) } catch { throw frame.locate(error, site) }
    }
  }

  // MARK: Names

  func load(_ name: Symbol, _ span: Span) -> Code {
    load(scope.storage(name), scope.mangled(name), site(span))
  }

  private func load(_ storage: Scope.Storage, _ name: Symbol, _ site: Site) -> Code {
    switch storage {
    case .slot(let slot):
      return { frame in
        if let value = frame.slots[slot] { return value }
        throw frame.locate(unboundLocal(name), site)
      }
    case .cell(let cell):
      return { frame in
        if let value = frame.cells[cell].value { return value }
        throw frame.locate(
          raised(
            "NameError",
            "cannot access free variable '\(name)' where it is not associated with a value in enclosing scope"
          ), site)
      }
    case .global:
      let module = module
      let slot = module.slot(name)
      return { frame in
        if let value = module.slots[slot] { return value }
        do {
          if let value = try module.lookup(name) { return value }
        } catch { throw frame.locate(error, site) }
        if let value = Builtins.module[name] { return value }
        throw frame.locate(raised("NameError", "name '\(name)' is not defined"), site)
      }
    case .classMember(let outer):
      let otherwise = load(outer, name, site)
      return { frame in try frame.members[name] ?? otherwise(frame) }
    }
  }

  func store(_ name: Symbol) -> Store {
    let name = scope.mangled(name)
    switch scope.storage(name) {
    case .slot(let slot): return { frame, value in frame.slots[slot] = value }
    case .cell(let cell): return { frame, value in frame.cells[cell].value = value }
    case .global:
      let module = module
      let slot = module.slot(name)
      return { _, value in module.slots[slot] = value }
    case .classMember: return { frame, value in frame.members[name] = value }
    }
  }

  func unbind(_ name: Symbol) -> (Frame) -> Bool {
    let name = scope.mangled(name)
    switch scope.storage(name) {
    case .slot(let slot):
      return { frame in
        defer { frame.slots[slot] = nil }
        return frame.slots[slot] != nil
      }
    case .cell(let cell):
      return { frame in
        defer { frame.cells[cell].value = nil }
        return frame.cells[cell].value != nil
      }
    case .global:
      let module = module
      let slot = module.slot(name)
      return { _ in
        defer { module.slots[slot] = nil }
        return module.slots[slot] != nil
      }
    case .classMember:
      return { frame in
        defer { frame.members[name] = nil }
        return frame.members[name] != nil
      }
    }
  }

  // MARK: Targets

  func store(_ target: Target) -> Store {
    switch target {
    case .name(let t): return store(t.symbol)
    case .attribute(let t):
      let value = expression(t.value)
      let name = scope.mangled(t.symbol)
      let site = site(t.span)
      return { frame, new in
        do { try setAttribute(value(frame), name, new) } catch { throw frame.locate(error, site) }
      }
    case .subscript(let t):
      let value = expression(t.value)
      let key = expression(t.index)
      let site = site(t.span)
      return { frame, new in
        do {
          try setItem(value(frame), key(frame), new)
        } catch { throw frame.locate(error, site) }
      }
    case .sequence(let t): return unpack(t)
    case .starred(let t): return store(t.target)
    }
  }

  private func unpack(_ target: SequenceTarget) -> Store {
    let stores = target.elements.map { store($0) }
    let site = site(target.span)
    let star = target.elements.firstIndex { if case .starred = $0 { true } else { false } }
    return { frame, value in
      let items: [Object]
      do {
        items = try unpacked(value, stores.count, star: star)
      } catch { throw frame.locate(error, site) }
      for (store, item) in zip(stores, items) { try store(frame, item) }
    }
  }

  // MARK: Expressions

  func expression(_ expression: Expr) -> Code {
    switch expression {
    case .name(let e): return load(e.symbol, e.span)
    case .constant(let e):
      let value = Object(e.value)
      return { _ in value }
    case .formatted(let e): return formatted(e)
    case .tuple(let e):
      let items = elements(e.elements)
      return { frame in .tuple(try items(frame)) }
    case .list(let e):
      let items = elements(e.elements)
      return { frame in .list(try items(frame)) }
    case .set(let e):
      let items = elements(e.elements)
      return located(e.span) { frame in .set(try SetObject(items(frame))) }
    case .dict(let e): return dict(e)
    case .comprehension(let e): return comprehension(e)
    case .lambda(let e): return lambda(e)
    case .unary(let e): return unary(e)
    case .binary(let e): return binary(e)
    case .boolean(let e): return boolean(e)
    case .compare(let e): return compare(e)
    case .conditional(let e):
      let condition = condition(e.condition)
      let then = self.expression(e.then)
      let otherwise = self.expression(e.otherwise)
      return { frame in try condition(frame) ? then(frame) : otherwise(frame) }
    case .call(let e): return call(e)
    case .attribute(let e):
      let value = self.expression(e.value)
      let name = scope.mangled(e.symbol)
      let site = site(e.span)
      return { frame in
        let object = try value(frame)
        do {
          return try getAttribute(object, name)
        } catch { throw frame.locate(error, site) }
      }
    case .subscript(let e):
      let value = self.expression(e.value)
      let key = self.expression(e.index)
      let site = site(e.span)
      return { frame in
        let object = try value(frame)
        let key = try key(frame)
        do {
          if case .array = object { Trace.note(site) }
          return try item(object, key)
        } catch { throw frame.locate(error, site) }
      }
    case .slice(let e):
      let start = e.start.map(self.expression)
      let stop = e.stop.map(self.expression)
      let step = e.step.map(self.expression)
      return { frame in
        .slice(
          Slice(
            try start?(frame) ?? .none, try stop?(frame) ?? .none, try step?(frame) ?? .none))
      }
    case .starred(let e): return self.expression(e.value)
    case .walrus(let e):
      let value = self.expression(e.value)
      let store = store(e.target.symbol)
      return { frame in
        let result = try value(frame)
        try store(frame, result)
        return result
      }
    case .yield(let e):
      let value = e.value.map(self.expression)
      return located(e.span) { frame in
        try currentGenerator(frame).yield(value?(frame) ?? .none)
      }
    case .yieldFrom(let e):
      let value = self.expression(e.value)
      return located(e.span) { frame in
        try currentGenerator(frame).delegate(to: value(frame))
      }
    }
  }

  /// Evaluates an expression as a truth value.
  func condition(_ e: Expr) -> (Frame) throws -> Bool {
    let code = expression(e)
    let site = site(e.span)
    return { frame in
      let value = try code(frame)
      if case .bool(let truth) = value { return truth }
      do {
        if case .array = value { Trace.note(site) }
        return try isTrue(value)
      } catch { throw frame.locate(error, site) }
    }
  }

  /// Evaluates the elements of a display or the positional arguments of a call.
  func elements(_ list: [Expr]) -> (Frame) throws -> [Object] {
    let codes = list.map(expression)
    let starred = list.map { if case .starred = $0 { true } else { false } }
    if !starred.contains(true) {
      switch codes.count {
      case 0: return { _ in [] }
      case 1:
        let first = codes[0]
        return { frame in [try first(frame)] }
      case 2:
        let (first, second) = (codes[0], codes[1])
        return { frame in [try first(frame), try second(frame)] }
      default:
        return { frame in
          var items: [Object] = []
          items.reserveCapacity(codes.count)
          for code in codes { items.append(try code(frame)) }
          return items
        }
      }
    }
    let sites = list.map { site($0.span) }
    return { frame in
      var items: [Object] = []
      for i in codes.indices {
        let value = try codes[i](frame)
        guard starred[i] else {
          items.append(value)
          continue
        }
        do {
          items += try Host.list(value)
        } catch { throw frame.locate(error, sites[i]) }
      }
      return items
    }
  }

  private func dict(_ e: DictExpr) -> Code {
    let items = e.items.map { (key: $0.key.map(expression), value: expression($0.value)) }
    return located(e.span) { frame in
      let dict = Dict()
      for (key, value) in items {
        if let key {
          let key = try key(frame)
          try dict.table.set(key, value(frame))
        } else {
          try update(dict, withMapping: value(frame))
        }
      }
      return .dict(dict)
    }
  }

  private func formatted(_ string: FormattedString) -> Code {
    let parts: [(text: String, code: Code?)] = string.parts.map { part in
      switch part {
      case .text(let text): (text, nil)
      case .field(let field): ("", formattedField(field))
      }
    }
    return { frame in
      var result = ""
      for (text, code) in parts {
        guard let code else {
          result += text
          continue
        }
        guard case .str(let piece) = try code(frame) else { continue }
        result += piece.text
      }
      return .str(result)
    }
  }

  private func formattedField(_ field: FormattedString.Field) -> Code {
    let value = expression(field.value)
    let specification = field.format.map(formatted)
    let conversion = field.conversion
    return located(field.span) { frame in
      var object = try value(frame)
      switch conversion {
      case .str: object = .str(try str(object))
      case .repr: object = .str(try repr(object))
      case .ascii: object = .str(quoted(try str(object), ascii: true))
      case nil: break
      }
      guard let specification, case .str(let text) = try specification(frame) else {
        return .str(try format(object, ""))
      }
      return .str(try format(object, text.text))
    }
  }

  private func unary(_ e: UnaryExpr) -> Code {
    if e.op == .not {
      let operand = condition(e.operand)
      return { frame in .bool(!(try operand(frame))) }
    }
    if e.op == .negate, case .constant(let constant) = e.operand {
      switch constant.value {
      case .integer(let value):
        return { _ in .int(-value) }
      case .float(let value): return { _ in .float(-value) }
      default: break
      }
    }
    let operand = expression(e.operand)
    let op = e.op
    let site = site(e.span)
    return { frame in
      let value = try operand(frame)
      do {
        if case .array = value { Trace.note(site) }
        return try Host.unary(op, value)
      } catch { throw frame.locate(error, site) }
    }
  }

  private func binary(_ e: BinaryExpr) -> Code {
    let left = expression(e.left)
    let right = expression(e.right)
    let op = e.op
    let site = site(e.span)
    func general(_ frame: Frame, _ a: Object, _ b: Object) throws -> Object {
      do {
        switch (a, b) {
        case (.array, _), (_, .array): Trace.note(site)
        default: break
        }
        return try Host.binary(op, a, b)
      } catch { throw frame.locate(error, site) }
    }
    switch op {
    case .add:
      return { frame in
        let a = try left(frame)
        let b = try right(frame)
        if case .int(let x) = a, case .int(let y) = b {
          let (sum, overflow) = x.addingReportingOverflow(y)
          if !overflow { return .int(sum) }
        } else if case .float(let x) = a, case .float(let y) = b {
          return .float(x + y)
        }
        return try general(frame, a, b)
      }
    case .subtract:
      return { frame in
        let a = try left(frame)
        let b = try right(frame)
        if case .int(let x) = a, case .int(let y) = b {
          let (difference, overflow) = x.subtractingReportingOverflow(y)
          if !overflow { return .int(difference) }
        } else if case .float(let x) = a, case .float(let y) = b {
          return .float(x - y)
        }
        return try general(frame, a, b)
      }
    case .multiply:
      return { frame in
        let a = try left(frame)
        let b = try right(frame)
        if case .int(let x) = a, case .int(let y) = b {
          let (product, overflow) = x.multipliedReportingOverflow(by: y)
          if !overflow { return .int(product) }
        } else if case .float(let x) = a, case .float(let y) = b {
          return .float(x * y)
        }
        return try general(frame, a, b)
      }
    default:
      return { frame in
        let a = try left(frame)
        return try general(frame, a, right(frame))
      }
    }
  }

  private func boolean(_ e: BooleanExpr) -> Code {
    let codes = e.operands.map(expression)
    let sites = e.operands.map { site($0.span) }
    let stopsAt = e.op == .or
    return { frame in
      for i in 0..<codes.count - 1 {
        let value = try codes[i](frame)
        do {
          if try isTrue(value) == stopsAt { return value }
        } catch { throw frame.locate(error, sites[i]) }
      }
      return try codes[codes.count - 1](frame)
    }
  }

  private func compare(_ e: CompareExpr) -> Code {
    let first = expression(e.first)
    let rest = e.rest.map { (op: $0.op, code: expression($0.operand)) }
    let site = site(e.span)
    if rest.count == 1 {
      let (op, second) = rest[0]
      return { frame in
        let a = try first(frame)
        let b = try second(frame)
        if case .int(let x) = a, case .int(let y) = b {
          switch op {
          case .equal: return .bool(x == y)
          case .notEqual: return .bool(x != y)
          case .less: return .bool(x < y)
          case .lessOrEqual: return .bool(x <= y)
          case .greater: return .bool(x > y)
          case .greaterOrEqual: return .bool(x >= y)
          case .is, .isNot, .in, .notIn: break
          }
        }
        do {
          switch (a, b) {
          case (.array, _), (_, .array): Trace.note(site)
          default: break
          }
          return try Host.compare(op, a, b)
        } catch { throw frame.locate(error, site) }
      }
    }
    return located(e.span) { frame in
      var a = try first(frame)
      var result = Object.bool(true)
      for (i, (op, code)) in rest.enumerated() {
        let b = try code(frame)
        result = try Host.compare(op, a, b)
        if i < rest.count - 1, try !isTrue(result) { return result }
        a = b
      }
      return result
    }
  }

  // MARK: Calls

  private func call(_ e: CallExpr) -> Code {
    let site = site(e.span)
    if case .name(let name) = e.function, name.symbol == Names.superName, e.arguments.isEmpty,
      e.keywords.isEmpty, case .global = scope.storage(Names.superName)
    {
      return implicitSuper(e.span)
    }
    let arguments = elements(e.arguments)
    if e.keywords.isEmpty {
      if case .attribute(let attribute) = e.function {
        return methodCall(attribute, arguments, site)
      }
      let function = expression(e.function)
      return { frame in
        let function = try function(frame)
        let arguments = try arguments(frame)
        do {
          Trace.note(site)
          return try Host.call(function, Arguments(arguments))
        } catch { throw frame.locate(error, site) }
      }
    }
    let function = expression(e.function)
    let keywords = keywords(e.keywords)
    return { frame in
      let function = try function(frame)
      let positional = try arguments(frame)
      let named = try keywords(frame)
      do {
        Trace.note(site)
        return try Host.call(function, Arguments(positional, named))
      } catch { throw frame.locate(error, site) }
    }
  }

  func keywords(_ list: [KeywordArgument]) -> (Frame) throws -> [(name: Symbol, value: Object)] {
    let parts = list.map {
      (name: $0.name?.symbol, code: expression($0.value), site: site($0.span))
    }
    return { frame in
      var result: [(name: Symbol, value: Object)] = []
      result.reserveCapacity(parts.count)
      for (name, code, site) in parts {
        let value = try code(frame)
        if let name {
          result.append((name, value))
          continue
        }
        do {
          for (key, value) in try mappingItems(value) {
            guard case .str(let text) = key else { throw typeError("keywords must be strings") }
            let name = Symbol(text.text)
            if result.contains(where: { $0.name == name }) {
              throw typeError("got multiple values for keyword argument '\(name)'")
            }
            result.append((name, value))
          }
        } catch { throw frame.locate(error, site) }
      }
      return result
    }
  }

  /// `object.name(arguments)` without a bound method in between, where that makes no difference.
  private func methodCall(
    _ attribute: AttributeExpr, _ arguments: @escaping (Frame) throws -> [Object], _ site: Site
  ) -> Code {
    let value = expression(attribute.value)
    let name = scope.mangled(attribute.symbol)
    let attributeSite = self.site(attribute.span)
    return { frame in
      let object = try value(frame)
      var method: Object?
      switch object {
      case .instance(let instance) where instance.attributes[name] == nil:
        method = instance.cls.lookup(name)
      case .list(let list) where list.extra == nil: method = Types.list.lookup(name)
      case .dict(let dict) where dict.extra == nil: method = Types.dict.lookup(name)
      case .str: method = Types.str.lookup(name)
      default: break
      }
      if let method {
        var isPlain = false
        switch method {
        case .function: isPlain = true
        case .builtin(let builtin): isPlain = builtin.isMethod
        default: break
        }
        if isPlain {
          let positional = [object] + (try arguments(frame))
          do {
            Trace.note(site)
            return try Host.call(method, Arguments(positional))
          } catch { throw frame.locate(error, site) }
        }
      }
      let function: Object
      do {
        function = try getAttribute(object, name)
      } catch { throw frame.locate(error, attributeSite) }
      let positional = try arguments(frame)
      do {
        Trace.note(site)
        return try Host.call(function, Arguments(positional))
      } catch { throw frame.locate(error, site) }
    }
  }

  /// `super()`: the class whose body the method is in, and the method's first parameter.
  private func implicitSuper(_ span: Span) -> Code {
    let cls = load(Names.classCell, span)
    return located(span) { frame in
      guard case .type(let cls) = try cls(frame) else {
        throw raised("RuntimeError", "super(): __class__ cell not found")
      }
      guard let receiver = frame.receiver else {
        throw raised("RuntimeError", "super(): no arguments")
      }
      return .native(Super(cls, receiver))
    }
  }

  // MARK: Functions

  private func lambda(_ e: LambdaExpr) -> Code {
    let body = e.body
    let module = module
    let inner = scope.child(e)
    let code = FunctionCode(
      name: "<lambda>", parameters: e.parameters, scope: inner, module: module, documentation: nil,
      isGenerator: false, span: e.span
    ) { _ in
      let code = Compiler(scope: inner, module: module).expression(body)
      return { frame in
        frame.result = try code(frame)
        return .return
      }
    }
    return function(code, e.parameters)
  }

  /// Makes the function object: evaluates the defaults, captures the cells.
  func function(_ code: FunctionCode, _ parameters: ParameterList) -> Code {
    let defaults = (parameters.positionalOnly + parameters.positional)
      .compactMap { $0.defaultValue.map(expression) }
    let keywordDefaults = parameters.keywordOnly.map { $0.defaultValue.map(expression) }
    let captured = code.captured.map(cell)
    return { frame in
      .function(
        Function(
          code, defaults: try defaults.map { try $0(frame) },
          keywordDefaults: try keywordDefaults.map { try $0?(frame) },
          captured: captured.map { frame.cells[$0] }))
    }
  }

  /// The cell of this frame that holds `name` for a function inside.
  func cell(_ name: Symbol) -> Int {
    let isOwnClass = name == Names.classCell && scope.hasClassCell
    var storage = isOwnClass ? scope.classCellStorage : scope.storage(name)
    while case .classMember(let outer) = storage { storage = outer }
    guard case .cell(let cell) = storage else {
      preconditionFailure("\(name) is captured but has no cell")
    }
    return cell
  }
}

/// The error for a local variable that is not bound yet.
func unboundLocal(_ name: Symbol) -> Raised {
  raised(
    "UnboundLocalError",
    "cannot access local variable '\(name)' where it is not associated with a value")
}

/// The elements of `value` for `count` targets, of which number `star` takes what is left.
func unpacked(_ value: Object, _ count: Int, star: Int?) throws -> [Object] {
  let items: [Object]
  switch value {
  case .tuple(let tuple) where tuple.cls == nil: items = tuple.items
  case .list(let list) where list.extra == nil: items = list.items
  default:
    do {
      let iterator = try iterate(value)
      var collected: [Object] = []
      while star != nil || collected.count <= count, let item = try iterator.next() {
        collected.append(item)
      }
      items = collected
    } catch let error as Raised where error.isKind("TypeError") && error.exception.traceback.isEmpty
    {
      guard case .str(let text)? = error.exception.arguments.first,
        text.text.hasSuffix("object is not iterable")
      else { throw error }
      throw typeError("cannot unpack non-iterable \(typeOf(value).name) object")
    }
  }
  guard let star else {
    if items.count == count { return items }
    throw valueError(
      items.count > count
        ? "too many values to unpack (expected \(count))"
        : "not enough values to unpack (expected \(count), got \(items.count))")
  }
  let after = count - star - 1
  guard items.count >= count - 1 else {
    throw valueError(
      "not enough values to unpack (expected at least \(count - 1), got \(items.count))")
  }
  let middle = items[star..<(items.count - after)]
  return items[..<star] + [.list(Array(middle))] + items[(items.count - after)...]
}

extension Object {
  init(_ literal: Literal) {
    switch literal {
    case .none: self = .none
    case .ellipsis: self = .ellipsis
    case .bool(let value): self = .bool(value)
    case .integer(let value): self = .int(value)
    case .bigInteger(let digits, let radix): self = Object(BigInt(digits, radix: radix) ?? 0)
    case .float(let value): self = .float(value)
    case .imaginary(let value): self = .complex(0, value)
    case .string(let text): self = .str(text)
    case .bytes(let bytes): self = .bytes(Bytes(bytes))
    }
  }
}

extension Trace {
  /// Notes where in the program the next operations are; the library's own places do not count.
  @inline(__always)
  static func note(_ site: Site) {
    if !site.isLibrary { source.span = site.span }
  }
}
