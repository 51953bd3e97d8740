import Support
import Syntax

/// A function as written: its parameters, and its body, which is compiled to closures when it
/// is called first.
final class FunctionCode {
  let name: String
  let qualifiedName: String
  let module: ModuleObject
  let documentation: String?
  /// The definition from its first decorator on.
  let span: Span
  let isGenerator: Bool

  /// By position, keyword-only, `*args`, `**kwargs`; parameter `i` arrives in slot `i`.
  let parameters: [Symbol]
  let positionalOnlyCount: Int
  let positionalCount: Int
  let keywordOnlyCount: Int
  let hasVariadic: Bool
  let hasKeywords: Bool
  /// Only parameters that are passed by position: the arguments can be copied.
  let isPlain: Bool

  private let scope: Scope
  private let compileBody: (FunctionCode) -> Action
  private lazy var compiled = compileBody(self)

  private lazy var usesSuper = !parameters.isEmpty && captured.contains(Names.classCell)

  /// Parameters that live in cells, with their cells.
  private(set) lazy var cellParameters: [(slot: Int, cell: Int)] = parameters.enumerated()
    .compactMap { slot, name in
      if case .cell(let cell) = scope.storage(name) { (slot, cell) } else { nil }
    }

  init(
    name: String, parameters list: ParameterList, scope: Scope, module: ModuleObject,
    documentation: String?, isGenerator: Bool, span: Span,
    body: @escaping (FunctionCode) -> Action
  ) {
    self.name = name
    qualifiedName = (scope.parent?.path ?? "") + name
    self.module = module
    self.documentation = documentation
    self.isGenerator = isGenerator
    self.span = span
    self.scope = scope
    compileBody = body
    let positional = list.positionalOnly + list.positional
    parameters = (positional + list.keywordOnly + [list.variadic, list.keywords].compactMap { $0 })
      .map { scope.mangled($0.symbol) }
    positionalOnlyCount = list.positionalOnly.count
    positionalCount = positional.count
    keywordOnlyCount = list.keywordOnly.count
    hasVariadic = list.variadic != nil
    hasKeywords = list.keywords != nil
    isPlain = parameters.count == positionalCount
    for name in parameters {
      // Parameters take the first slots, in order; those in cells leave theirs after entry.
      if case .cell = scope.storage(name) { _ = scope.newSlot() }
    }
  }

  /// The variables around the function that it captures.
  var captured: [Symbol] { scope.captured }

  /// A frame with the captured cells and new ones for the variables that inner functions share.
  func makeFrame(_ captured: [Cell]) -> Frame {
    _ = compiled
    var cells = captured
    while cells.count < scope.cellCount { cells.append(Cell()) }
    return Frame(slots: scope.slotCount, cells: cells, function: name)
  }

  /// Runs the body in `frame`, whose parameters are bound.
  func run(_ frame: Frame) throws -> Object {
    if usesSuper { frame.receiver = frame.slots[0] }
    for (slot, cell) in cellParameters {
      frame.cells[cell].value = frame.slots[slot]
      frame.slots[slot] = nil
    }
    if isGenerator { return .native(Generator(frame, name: qualifiedName, body: compiled)) }
    _ = try compiled(frame)
    return frame.result
  }
}

extension Function {
  /// Calls the function.
  func invoke(_ arguments: Arguments) throws -> Object {
    try Session.enter()
    defer { Session.leave() }
    let frame = code.makeFrame(captured)
    if code.isPlain && arguments.keywords.isEmpty
      && arguments.positional.count == code.positionalCount
    {
      for i in 0..<code.positionalCount { frame.slots[i] = arguments.positional[i] }
    } else {
      try bind(arguments, frame)
    }
    return try code.run(frame)
  }

  private func bind(_ arguments: Arguments, _ frame: Frame) throws {
    let given = arguments.positional.count
    let byPosition = min(given, code.positionalCount)
    for i in 0..<byPosition { frame.slots[i] = arguments.positional[i] }
    let named = code.positionalCount + code.keywordOnlyCount
    var extra: Dict?
    if code.hasKeywords {
      let dict = Dict()
      extra = dict
      frame.slots[code.parameters.count - 1] = .dict(dict)
    }
    for (name, value) in arguments.keywords {
      if let i = code.parameters[..<named].firstIndex(of: name), i >= code.positionalOnlyCount {
        if frame.slots[i] != nil {
          throw typeError("\(qualifiedName)() got multiple values for argument '\(name)'")
        }
        frame.slots[i] = value
      } else if let extra {
        try extra.table.set(.str(name.text), value)
      } else if code.parameters[..<code.positionalOnlyCount].contains(name) {
        throw typeError(
          "\(qualifiedName)() got some positional-only arguments passed as keyword arguments: '\(name)'"
        )
      } else {
        throw typeError("\(qualifiedName)() got an unexpected keyword argument '\(name)'")
      }
    }
    if code.hasVariadic {
      frame.slots[named] = .tuple(Array(arguments.positional.dropFirst(code.positionalCount)))
    } else if given > code.positionalCount {
      throw tooManyArguments(arguments)
    }
    let firstDefault = code.positionalCount - defaults.count
    for i in max(byPosition, firstDefault)..<max(byPosition, code.positionalCount)
    where frame.slots[i] == nil {
      frame.slots[i] = defaults[i - firstDefault]
    }
    for i in 0..<code.keywordOnlyCount where frame.slots[code.positionalCount + i] == nil {
      frame.slots[code.positionalCount + i] = keywordDefaults[i]
    }
    try checkMissing(frame, 0..<code.positionalCount, "positional")
    try checkMissing(frame, code.positionalCount..<named, "keyword-only")
  }

  private func checkMissing(_ frame: Frame, _ range: Range<Int>, _ kind: String) throws {
    let missing = range.filter { frame.slots[$0] == nil }.map { "'\(code.parameters[$0])'" }
    guard !missing.isEmpty else { return }
    let names =
      switch missing.count {
      case 1: missing[0]
      case 2: missing.joined(separator: " and ")
      default: missing.dropLast().joined(separator: ", ") + ", and " + missing.last!
      }
    throw typeError(
      "\(qualifiedName)() missing \(missing.count) required \(kind) "
        + "argument\(missing.count == 1 ? "" : "s"): \(names)")
  }

  private func tooManyArguments(_ arguments: Arguments) -> Raised {
    let limit = code.positionalCount
    let given = arguments.positional.count
    let keywordOnly = arguments.keywords.count { pair in
      code.parameters[limit..<(limit + code.keywordOnlyCount)].contains(pair.name)
    }
    let wanted =
      defaults.isEmpty
      ? "\(limit) positional argument\(limit == 1 ? "" : "s")"
      : "from \(limit - defaults.count) to \(limit) positional arguments"
    let extra =
      keywordOnly > 0
      ? " positional argument\(given == 1 ? "" : "s") "
        + "(and \(keywordOnly) keyword-only argument\(keywordOnly == 1 ? "" : "s"))" : ""
    let verb = given == 1 && keywordOnly == 0 ? "was" : "were"
    return typeError("\(qualifiedName)() takes \(wanted) but \(given)\(extra) \(verb) given")
  }
}
