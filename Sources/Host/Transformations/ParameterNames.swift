import Glibc
import Support
import Syntax
import Transforms

/// The parameters of a callable, as far as they are known: for the names in JAX's messages.
struct ParameterNames {
  var positional: [Symbol] = []
  var named: [Symbol] = []
  var variadic: Symbol?
  var keywords: Symbol?

  init?(_ object: Object) {
    switch object {
    case .function(let function):
      let code = function.code
      let names = code.parameters
      positional = Array(names.prefix(code.positionalCount))
      named = Array(names.prefix(code.positionalCount + code.keywordOnlyCount))
      variadic = code.hasVariadic ? names[named.count] : nil
      keywords = code.hasKeywords ? names.last : nil
    case .method(let method):
      guard let own = ParameterNames(method.function) else { return nil }
      self = own
      positional = Array(positional.dropFirst())
    case .native(let function as TransformedFunction):
      guard let own = ParameterNames(function.function) else { return nil }
      self = own
    case .native(let partial as Partial):
      guard let own = ParameterNames(partial.function) else { return nil }
      self = own
      let given = partial.arguments.keywords.map(\.name)
      positional = positional.dropFirst(partial.arguments.positional.count).filter {
        !given.contains($0)
      }
    case .instance(let instance):
      guard let method = instance.cls.lookup("__call__"), let own = ParameterNames(method) else {
        return nil
      }
      self = own
      positional = Array(positional.dropFirst())
    default: return nil
    }
  }

  /// The name of the argument at a position.
  static func name(_ signature: ParameterNames?, at position: Int) -> String {
    guard let signature else { return "args[\(position)]" }
    if signature.positional.indices.contains(position) {
      return signature.positional[position].text
    }
    guard let variadic = signature.variadic else { return "args[\(position)]" }
    return "\(variadic.text)[\(position - signature.positional.count)]"
  }

  /// The name of the argument with a keyword.
  static func name(_ signature: ParameterNames?, keyword: Symbol) -> String {
    guard let signature, !signature.named.contains(keyword) else { return keyword.text }
    return "\(signature.keywords?.text ?? "kwargs")['\(keyword.text)']"
  }
}

/// `f at FILE:LINE`, as JAX names functions in messages.
func describedFunction(_ object: Object) -> String {
  switch object {
  case .function(let function):
    guard let location = Session.loader.sources.location(of: function.code.span) else {
      return function.name
    }
    return "\(function.name) at \(absolutePath(location.file)):\(location.line)"
  case .method(let method): return describedFunction(method.function)
  case .native(let function as TransformedFunction): return describedFunction(function.function)
  case .native(let partial as Partial): return describedFunction(partial.function)
  case .builtin: return functionName(object)
  default: return "<unknown>"
  }
}

private func absolutePath(_ path: String) -> String {
  if path.hasPrefix("/") { return path }
  guard let directory = getcwd(nil, 0) else { return path }
  defer { free(directory) }
  return "\(String(cString: directory))/\(path)"
}

/// The place of each leaf among the arguments of a call, as JAX names it: `argument x['w']`, or
/// `kwargs['y']` for what is no parameter.
func argumentPlaces(_ function: Object, _ arguments: Arguments) -> [String] {
  let signature = ParameterNames(function)
  var places: [String] = []
  func add(_ name: String, _ argument: Object) {
    guard let paths = try? TreeDef.flattenWithPath(argument).leaves.map(\.path) else { return }
    for path in paths {
      places.append(name + ((try? path.map { try $0.text() }.joined()) ?? ""))
    }
  }
  // By position among all the parameters, of whatever kind.
  var names: [Symbol] = []
  if let signature {
    names = signature.positional + [signature.variadic].compactMap { $0 }
    names += signature.named.filter { !signature.positional.contains($0) }
    names += [signature.keywords].compactMap { $0 }
  }
  for (position, argument) in arguments.positional.enumerated() {
    let isNamed = names.indices.contains(position)
    add(isNamed ? "argument \(names[position])" : "args[\(position)]", argument)
  }
  for (name, argument) in arguments.keywords.sorted(by: { $0.name.text < $1.name.text }) {
    add("kwargs['\(name.text)']", argument)
  }
  return places
}

extension TracedSource {
  /// A trace of `function`.
  ///
  /// - Parameter arguments: rebuilds the arguments from one object per leaf.
  init(
    _ function: Object, for purpose: String, leafCount: Int,
    statics: @escaping (Int) -> Bool = { _ in false },
    staticNames: [Symbol] = [], arguments: @escaping ([Object]) throws -> Arguments
  ) {
    self.init(function: describedFunction(function), purpose: purpose) {
      let leaves = [Object](repeating: .int(0), count: leafCount)
      guard let arguments = try? arguments(leaves) else { return [] }
      let signature = ParameterNames(function)
      var names: [String] = []
      func add(_ name: String, _ argument: Object) {
        guard let paths = try? TreeDef.flattenWithPath(argument).leaves.map(\.path) else { return }
        for path in paths {
          names.append(name + ((try? path.map { try $0.text() }.joined()) ?? ""))
        }
      }
      for (position, argument) in arguments.positional.enumerated() where !statics(position) {
        add(ParameterNames.name(signature, at: position), argument)
      }
      let keywords = arguments.keywords.filter { !staticNames.contains($0.name) }
      for (name, argument) in keywords.sorted(by: { $0.name.text < $1.name.text }) {
        add(ParameterNames.name(signature, keyword: name), argument)
      }
      return names
    }
  }

  /// A trace of `function` with positional arguments in a tree.
  init(_ function: Object, for purpose: String, positional tree: TreeDef) {
    self.init(function, for: purpose, leafCount: tree.leafCount) {
      Arguments(try list(tree.unflatten($0)))
    }
  }
}
