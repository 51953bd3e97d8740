import Core
import Syntax
import Tensor

extension Evaluator {
  /// A function of the program, traced for arguments of given types.
  public struct Entry {
    public var name: String
    public let jaxpr: ClosedJaxpr
    /// The place of each argument in what the function takes: `params[0]['w']`.
    public let argumentPaths: [String]
    /// The place of each result in what the function returns, as JAX writes it.
    public let resultPaths: [String]
    /// The arguments that the caller gives up; may be empty where there are none.
    public let donated: [Bool]
  }

  /// An argument of a call that is traced.
  public enum EntryArgument {
    /// An array of a type.
    case type(ShapedArray)
    /// A dict of arrays of these types.
    case archive([(name: String, aval: ShapedArray)])
    /// An expression of the language, in which `f32[8,3]` and the like are arrays.
    case expression(String)
  }

  /// From now on, notes which compiled functions the program calls.
  public static func recordStagedCalls() { StagedCalls.isRecording = true }

  /// The compiled functions that the program has called itself, once for each signature.
  public static var stagedCalls: [Entry] { StagedCalls.entries }

  /// Traces the function called `name` in `module`.
  ///
  /// - Parameters:
  ///   - arguments: arguments, positional ones without a name.
  ///   - statics: named arguments that are values, each the text of an expression.
  public func trace(
    _ name: String, in module: ModuleObject, arguments: [(name: String?, value: EntryArgument)],
    statics: [(name: String, expression: String)]
  ) throws -> Entry {
    let function = try entryFunction(name, in: module)
    var call = Arguments()
    // A parameter that can be passed by position is, as far as all before it are.
    let names = positionalNames(function).map(\.text)
    let given = Set(arguments.compactMap(\.name) + statics.map(\.name))
    var free = names.filter { !given.contains($0) }[...]
    var named: [(name: String, value: Object)] = []
    for argument in arguments {
      let value = try object(argument.value, in: module, "--arg")
      if let name = argument.name ?? free.popFirst() {
        named.append((name, value))
      } else {
        call.positional.append(value)
      }
    }
    let byPosition = names.prefix { name in named.contains { $0.name == name } }
    call.positional =
      byPosition.compactMap { name in named.first { $0.name == name }?.value } + call.positional
    for (name, value) in named where !byPosition.contains(name) {
      call.keywords.append((Symbol(name), value))
    }
    for (name, expression) in statics {
      call.keywords.append(
        (Symbol(name), try evaluate(expression, in: module, "--static \(name)")))
    }
    return try trace(function, call, staticNames: statics.map { Symbol($0.name) })
  }

  /// Traces the function that `expression` names for the arguments `text` of a call, `f32[8], n=3`.
  public func trace(
    _ expression: String, in module: ModuleObject, call text: String
  ) throws -> Entry {
    let isName = expression.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
    let function =
      try isName
      ? entryFunction(expression, in: module) : evaluate(expression, in: module, "--entry")
    var call = Arguments()
    module["__jxc_call__"] = .builtin(
      Builtin(named: "__jxc_call__") { arguments in
        call = arguments
        return .none
      })
    _ = try evaluate("__jxc_call__(\(withTypes(text, in: module)))", in: module, "--entry")
    return try trace(function, call, staticNames: [])
  }

  /// Traces the function called `name` for the types that its parameters are annotated with:
  /// `x: "f32[64]"`. `nil` if a parameter that needs an argument has none.
  public func traceAnnotated(_ name: String, in module: ModuleObject) throws -> Entry? {
    let function = try entryFunction(name, in: module)
    var call = Arguments()
    guard let code = functionOf(function), code.hasSimpleParameters else { return nil }
    let annotations: Dict?
    if case .dict(let dict)? = code.annotations { annotations = dict } else { annotations = nil }
    let names = code.positionalNames
    for (index, name) in names.enumerated() {
      guard case .str(let type)? = annotations?[name.text] else {
        if index >= names.count - code.defaults.count { break }
        return nil
      }
      call.positional.append(
        try object(.expression(type.text), in: module, "annotation of \(name)"))
    }
    return try trace(function, call, staticNames: [])
  }

  private func functionOf(_ object: Object) -> Function? {
    switch object {
    case .function(let function): function
    case .native(let native as TransformedFunction): functionOf(native.function)
    default: nil
    }
  }

  private func entryFunction(_ name: String, in module: ModuleObject) throws -> Object {
    guard let function = try module.lookup(Symbol(name)) else {
      throw raised("NameError", "the program defines no '\(name)'")
    }
    return function
  }

  private func trace(
    _ function: Object, _ call: Arguments, staticNames: [Symbol]
  ) throws -> Entry {
    let staged: JitFunction
    if case .native(let jitted as JitFunction) = function {
      staged = jitted
    } else {
      var options = JitFunction.Options()
      options.staticArgnames = staticNames
      staged = try JitFunction(function, options)
    }
    let split = try staged.split(call, abstract: true)
    return try staged.entry(split, staged.trace(split))
  }

  // MARK: Arguments

  private func object(
    _ argument: EntryArgument, in module: ModuleObject, _ what: String
  ) throws -> Object {
    switch argument {
    case .type(let aval): return .native(ShapeDtypeStruct(try checked(aval)))
    case .archive(let arrays):
      let dict = Dict()
      for (name, aval) in arrays {
        try dict.table.set(.str(name), .native(ShapeDtypeStruct(aval)))
      }
      return .dict(dict)
    case .expression(let text): return try evaluate(withTypes(text, in: module), in: module, what)
    }
  }

  /// The value of an expression in `module`.
  private func evaluate(
    _ expression: String, in module: ModuleObject, _ what: String
  ) throws -> Object {
    let source = Array("__jxc_value__ = (\(expression))\n".utf8)
    let file = Session.loader.sources.add(name: "<\(what)>", text: source)
    try Session.loader.execute(source, file: file, range: nil, in: module)
    return module["__jxc_value__"] ?? .none
  }

  /// `text` with the types of arrays, `f32[8,3]`, as calls that make them. Literals stay.
  private func withTypes(_ text: String, in module: ModuleObject) -> String {
    module["__jxc_array__"] = .builtin(
      Builtin("__jxc_array__(type, *shape)") { arguments in
        guard case .str(let name)? = arguments[0], let type = ElementType(jaxpr: name.text),
          let shape = arguments[1]
        else { throw typeError("expected a type") }
        let extents = try list(shape).map { try requireIndex($0) }
        var count = 1
        for extent in extents {
          guard extent >= 0 else { throw valueError("a size is negative") }
          let (product, overflow) = count.multipliedReportingOverflow(by: extent)
          guard !overflow, product <= 1 << 48 else { throw valueError("the shape is too large") }
          count = product
        }
        return .native(ShapeDtypeStruct(try checked(ShapedArray(Shape(extents), type))))
      })
    var result = ""
    var rest = Substring(text)
    while let first = rest.first {
      if first == "\"" || first == "'" {
        let end = rest.dropFirst().firstIndex(of: first).map { rest.index(after: $0) }
        result += rest[..<(end ?? rest.endIndex)]
        rest = rest[(end ?? rest.endIndex)...]
        continue
      }
      let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
      guard !word.isEmpty else {
        result.append(first)
        rest = rest.dropFirst()
        continue
      }
      rest = rest[word.endIndex...]
      // `key<fry>` is no name; keys of random numbers are `u32[2]`.
      guard ElementType(jaxpr: String(word)) != nil else {
        result += word
        continue
      }
      var extents = ""
      if rest.first == "[", let close = rest.firstIndex(of: "]") {
        extents = String(rest[rest.index(after: rest.startIndex)..<close])
        rest = rest[rest.index(after: close)...]
      }
      result += "__jxc_array__('\(word)'\(extents.isEmpty ? "" : ", " + extents))"
    }
    return result
  }
}

/// `aval`, if arrays of its type exist in the program.
private func checked(_ aval: ShapedArray) throws -> ShapedArray {
  guard Promotion.canonicalize(aval.dtype, x64: Configuration.x64) == aval.dtype else {
    throw typeError(
      "\(aval.dtype.jaxprName) arrays need x64: jax.config.update('jax_enable_x64', True)")
  }
  return aval
}

extension Function {
  /// Can every parameter without a default be passed by position?
  fileprivate var hasSimpleParameters: Bool {
    !code.hasVariadic
      && keywordDefaults.allSatisfy { $0 != nil } && code.keywordOnlyCount == keywordDefaults.count
  }
}
