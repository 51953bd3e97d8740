import Syntax

/// The arguments of a call.
struct Arguments {
  var positional: [Object]
  var keywords: [(name: Symbol, value: Object)]

  init(_ positional: [Object] = [], _ keywords: [(name: Symbol, value: Object)] = []) {
    self.positional = positional
    self.keywords = keywords
  }

  /// The same call with `object` before the other arguments.
  func prefixed(_ object: Object) -> Arguments {
    Arguments([object] + positional, keywords)
  }
}

/// A variable that a nested function shares with the function around it.
final class Cell {
  var value: Object?
  init(_ value: Object? = nil) { self.value = value }
}

/// A function of the program: code, with what it has captured.
public final class Function {
  let code: FunctionCode
  /// Of the last parameters that can be passed by position.
  let defaults: [Object]
  /// Of the keyword-only parameters, in their order; `nil` where there is none.
  let keywordDefaults: [Object?]
  let captured: [Cell]
  var attributes = Namespace()
  var annotations: Object?

  init(
    _ code: FunctionCode, defaults: [Object], keywordDefaults: [Object?], captured: [Cell]
  ) {
    self.code = code
    self.defaults = defaults
    self.keywordDefaults = keywordDefaults
    self.captured = captured
  }

  var name: String {
    if case .str(let name)? = attributes["__name__"] { return name.text }
    return code.name
  }

  var qualifiedName: String {
    if case .str(let name)? = attributes["__qualname__"] { return name.text }
    return code.qualifiedName
  }
}

/// A function with its first argument.
public final class BoundMethod {
  let receiver: Object
  let function: Object

  init(_ receiver: Object, _ function: Object) {
    self.receiver = receiver
    self.function = function
  }
}

/// A function written in Swift.
public final class Builtin {
  let name: String
  /// Gets an instance when it is an attribute of a class.
  let isMethod: Bool
  let body: (Arguments) throws -> Object
  /// The module, for `repr`.
  var module: String?

  /// A function of a fixed list of parameters; `body` gets one object for each, `nil` where an
  /// optional one is not given. The specification is described at `Signature`.
  init(
    _ specification: String, isMethod: Bool = false,
    _ body: @escaping ([Object?]) throws -> Object
  ) {
    let signature = Signature(specification)
    name = signature.name
    self.isMethod = isMethod
    self.body = { try body(signature.bind($0)) }
  }

  /// A function that looks at its arguments itself.
  init(
    named name: String, isMethod: Bool = false, _ body: @escaping (Arguments) throws -> Object
  ) {
    self.name = name
    self.isMethod = isMethod
    self.body = body
  }
}

/// The parameters of a native function, from text such as `sorted(iterable, /, *, key=, reverse=)`.
///
/// `=` marks an optional parameter, `/` and `*` are Python's; `*args` gets a tuple and `**kwargs` a
/// dict.
final class Signature {
  let name: String
  private let text: Substring
  private lazy var parsed = parse()

  private struct Layout {
    var names: [Symbol] = []
    var isRequired: [Bool] = []
    /// How many can be passed by position, and how many of these only so.
    var positional = 0
    var positionalOnly = 0
    var hasVariadic = false
    var hasKeywords = false
  }

  init(_ specification: String) {
    let parenthesis = specification.firstIndex(of: "(") ?? specification.endIndex
    name = String(specification[..<parenthesis])
    text = specification[parenthesis...]
  }

  private func parse() -> Layout {
    var layout = Layout()
    var keywordOnly = false
    for word in text.split(whereSeparator: { "(), ".contains($0) }) {
      if word == "/" {
        layout.positionalOnly = layout.names.count
      } else if word == "*" {
        keywordOnly = true
      } else if word.hasPrefix("**") {
        layout.hasKeywords = true
      } else if word.hasPrefix("*") {
        layout.hasVariadic = true
        keywordOnly = true
      } else {
        let isOptional = word.hasSuffix("=")
        layout.names.append(Symbol(String(isOptional ? word.dropLast() : word)))
        layout.isRequired.append(!isOptional)
        if !keywordOnly { layout.positional += 1 }
      }
    }
    return layout
  }

  /// One object per parameter, then the tuple of `*args` and the dict of `**kwargs`.
  func bind(_ arguments: Arguments) throws -> [Object?] {
    let layout = parsed
    let given = arguments.positional.count
    if arguments.keywords.isEmpty && given == layout.names.count && given == layout.positional
      && !layout.hasVariadic && !layout.hasKeywords
    {
      return arguments.positional
    }
    var bound = [Object?](repeating: nil, count: layout.names.count)
    for i in 0..<min(given, layout.positional) { bound[i] = arguments.positional[i] }
    var rest = Dict()
    for (name, value) in arguments.keywords {
      if let i = layout.names.firstIndex(of: name), i >= layout.positionalOnly {
        if bound[i] != nil {
          throw typeError(
            "argument for \(self.name)() given by name ('\(name)') and position (\(i + 1))")
        }
        bound[i] = value
      } else if layout.hasKeywords {
        try rest.table.set(.str(name.text), value)
      } else {
        throw typeError("\(self.name)() got an unexpected keyword argument '\(name)'")
      }
    }
    if given > layout.positional && !layout.hasVariadic {
      let isMethod = layout.names.first == "self"
      let limit = layout.positional - (isMethod ? 1 : 0)
      let count = given - (isMethod ? 1 : 0)
      let required = layout.isRequired.prefix(layout.positional).count { $0 } - (isMethod ? 1 : 0)
      let wanted =
        limit == 0
        ? "no arguments"
        : limit == required
          ? (limit == 1 ? "exactly one argument" : "exactly \(limit) arguments")
          : "at most \(limit) argument\(limit == 1 ? "" : "s")"
      throw typeError(
        limit == 0 || limit == 1 && limit == required
          ? "\(self.name)() takes \(wanted) (\(count) given)"
          : "\(self.name) expected \(wanted), got \(count)")
    }
    for i in bound.indices where bound[i] == nil && layout.isRequired[i] {
      throw typeError(
        "\(self.name)() missing required argument '\(layout.names[i])' (pos \(i + 1))")
    }
    if layout.hasVariadic {
      bound.append(.tuple(Array(arguments.positional.dropFirst(layout.positional))))
    }
    if layout.hasKeywords { bound.append(.dict(rest)) }
    rest = Dict()
    return bound
  }
}
