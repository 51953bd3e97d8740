import Syntax

extension Compiler {
  func lambda(_ e: LambdaExpr) -> Code {
    let body = e.body
    let module = module
    let inner = scope.child(e)
    let code = FunctionCode(
      name: "<lambda>", parameters: e.parameters, scope: inner, module: module, documentation: nil,
      isGenerator: e.isGenerator, span: e.span
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

  func functionDefinition(_ s: FunctionStmt) -> Action {
    let inner = scope.child(s)
    let module = module
    let body = s.body
    let code = FunctionCode(
      name: s.name.text, parameters: s.parameters, scope: inner, module: module,
      documentation: s.body.docstring, isGenerator: s.isGenerator,
      span: s.decorators.first?.span ?? s.span
    ) { _ in Compiler(scope: inner, module: module).block(body) }
    let function = function(code, s.parameters)
    let annotations = annotations(s)
    let decorate = decorated(s.decorators)
    let store = store(s.symbol)
    return { frame in
      let object = try function(frame)
      if case .function(let function) = object { function.annotations = try annotations?(frame) }
      try store(frame, decorate(frame, { object }))
      return .next
    }
  }

  /// The annotations of the parameters, evaluated where the program, not the library, has any.
  private func annotations(_ s: FunctionStmt) -> Code? {
    if module.isLibrary { return nil }
    let parts = s.parameters.all.compactMap { parameter in
      parameter.annotation.map { (name: parameter.symbol.text, code: annotation($0)) }
    }
    let returns = s.returns.map(annotation)
    if parts.isEmpty && returns == nil { return nil }
    return { frame in
      var items = try parts.map { (name: $0.name, value: try $0.code(frame)) }
      if let returns { items.append((name: "return", value: try returns(frame))) }
      return .dict(Dict(named: items))
    }
  }

  /// The value of an annotation: its text after `from __future__ import annotations`.
  func annotation(_ expression: Expr) -> Code {
    guard module.hasTextAnnotations,
      let text = Session.loader.sources.text(of: expression.span)
    else { return self.expression(expression) }
    return { _ in .str(text) }
  }

  /// Evaluates the decorators, makes the object, and applies them from the last to the first.
  private func decorated(_ decorators: [Expr]) -> (Frame, () throws -> Object) throws -> Object {
    let codes = decorators.map { (code: expression($0), site: site($0.span)) }
    return { frame, make in
      let functions = try codes.map { try $0.code(frame) }
      var object = try make()
      for (function, (_, site)) in zip(functions, codes).reversed() {
        do {
          object = try Host.call(function, [object])
        } catch { throw frame.locate(error, site) }
      }
      return object
    }
  }

  func classDefinition(_ s: ClassStmt) -> Action {
    let inner = scope.child(s)
    let compiler = Compiler(scope: inner, module: module)
    let body = compiler.block(s.body)
    let bases = elements(s.bases)
    let keywords = keywords(s.keywords)
    let captured = inner.captured.map(cell)
    let classCell: Int? =
      if case .cell(let cell) = inner.storageOfClassCell { cell } else { nil }
    let decorate = decorated(s.decorators)
    let store = store(s.symbol)
    let site = site(s.name.span)
    let name = s.name.text
    let qualifiedName = "\(scope.path)\(name)"
    let documentation = s.body.docstring
    let module = module
    return { frame in
      let object = try decorate(frame) {
        let bases = try bases(frame)
        let keywords = try keywords(frame)
        var cells = captured.map { frame.cells[$0] }
        while cells.count < inner.cellCount { cells.append(Cell()) }
        let own = Frame(slots: inner.slotCount, cells: cells, function: name)
        own.members[Names.module] = .str(module.name)
        own.members[Names.qualifiedName] = .str(qualifiedName)
        if let documentation { own.members[Names.documentation] = .str(documentation) }
        _ = try body(own)
        do {
          let cls = try makeClass(
            ClassDefinition(
              name: name, bases: bases, keywords: keywords, members: own.members,
              module: module.name, qualifiedName: qualifiedName))
          if let classCell { own.cells[classCell].value = cls }
          return cls
        } catch { throw frame.locate(error, site) }
      }
      try store(frame, object)
      return .next
    }
  }
}

extension Scope {
  /// Where a class body keeps the class for `super()` and `__class__`, if they are used.
  fileprivate var storageOfClassCell: Storage? {
    guard hasClassCell else { return nil }
    return classCellStorage
  }
}

/// What a `class` statement says, or a call of `type`.
struct ClassDefinition {
  var name: String
  var bases: [Object]
  var keywords: [(name: Symbol, value: Object)] = []
  var members: Namespace
  var module: String
  var qualifiedName: String
}

/// Makes the class; a base such as `NamedTuple` or `Enum` may make it in its own way.
func makeClass(_ definition: ClassDefinition) throws -> Object {
  var definition = definition
  var bases: [Class] = []
  for base in definition.bases {
    switch base {
    case .type(let cls): bases.append(cls)
    case .native(let alias as GenericAlias):
      bases.append(try alias.origin ?? alias.form?.mixin() ?? Types.object)
    case .native(let form as TypingForm):
      if let derive = form.derive { return try derive(definition) }
      bases.append(try form.mixin() ?? Types.object)
    default: throw typeError("bases must be types")
    }
  }
  bases = bases.enumerated().filter { i, cls in
    !(cls === Types.object && bases.count > 1) && bases.firstIndex { $0 === cls } == i
  }.map(\.element)
  for base in bases where base.isFinal {
    throw typeError("type '\(base.name)' is not an acceptable base type")
  }
  if bases.isEmpty { bases = [Types.object] }
  var metaclass = bases.lazy.compactMap(\.metaclass).first
  if let i = definition.keywords.firstIndex(where: { $0.name == "metaclass" }) {
    if case .type(let cls) = definition.keywords.remove(at: i).value { metaclass = cls }
  }
  if let metaclass, case .native(let new as StaticMethod)? = metaclass.lookup(Names.new),
    case .function = new.function
  {
    let object = try call(
      new.function,
      Arguments(
        [
          .type(metaclass), .str(definition.name), .tuple(definition.bases),
          .dict(Dict(named: definition.members.items)),
        ], definition.keywords))
    return object
  }
  let cls = try assembleClass(definition, bases, metaclass)
  if let derive = bases.lazy.flatMap(\.mro).compactMap(\.derive).first { try derive(cls) }
  return .type(cls)
}

/// Makes the class itself and tells its members and its base.
func assembleClass(_ definition: ClassDefinition, _ bases: [Class], _ metaclass: Class?) throws
  -> Class
{
  var members = definition.members
  if case .function(let function)? = members[Names.new] {
    members[Names.new] = .native(StaticMethod(.function(function)))
  }
  for name in [Names.initSubclass, "__class_getitem__"] {
    if case .function(let function)? = members[name] {
      members[name] = .native(ClassMethod(.function(function)))
    }
  }
  if members[Names.equal] != nil && members[Names.hash] == nil { members[Names.hash] = Object.none }
  let module = try members[Names.module].map(str) ?? definition.module
  let cls = try Class(definition.name, bases: bases, namespace: members, module: module)
  cls.qualifiedName = definition.qualifiedName
  cls.metaclass = metaclass
  if let slots = members[Names.slots] {
    let names: [Object] = if case .str = slots { [slots] } else { try list(slots) }
    cls.setSlots(Set(try names.map { Symbol(try str($0)) }))
  }
  for (name, value) in zip(members.names, members.values) {
    switch value {
    case .native(let property as Property): property.name = property.name ?? name.text
    case .native(let property as CachedProperty): property.name = name
    case .instance(let instance):
      if let method = instance.cls.lookup(Names.setName) {
        _ = try call(method, [value, .type(cls), .str(name.text)])
      }
    default: break
    }
  }
  if let hook = cls.lookup(Names.initSubclass, after: cls) {
    _ = try call(
      bindAttribute(hook, .type(cls), cls), Arguments([], definition.keywords))
  } else if let keyword = definition.keywords.first {
    throw typeError(
      "\(definition.name).__init_subclass__() takes no keyword arguments ('\(keyword.name)')")
  }
  return cls
}

/// `super(cls, receiver)`
final class Super: NativeObject {
  private let start: Class
  private let receiver: Object

  init(_ start: Class, _ receiver: Object) {
    self.start = start
    self.receiver = receiver
  }

  override var cls: Class { Types.superType }

  override func attribute(_ name: Symbol) throws -> Object? {
    // In a class method the receiver is a class.
    let isClass: Bool
    let order: Class
    if case .type(let cls) = receiver, cls.isSubclass(of: start) {
      (isClass, order) = (true, cls)
    } else {
      (isClass, order) = (false, typeOf(receiver))
    }
    guard let found = order.lookup(name, after: start) ?? Types.objectMember(name) else {
      return nil
    }
    if isClass {
      if case .native(let native) = found { return try native.bind(nil, order) ?? found }
      return found
    }
    return try bindAttribute(found, receiver, order)
  }

  override func repr() throws -> String { "<super: <class '\(start.name)'>, <object>>" }
}
