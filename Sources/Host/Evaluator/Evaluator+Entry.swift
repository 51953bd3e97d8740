import Core
import Syntax

extension Evaluator {
  /// A function of the program, traced for arguments of given types.
  public struct Entry {
    public let name: String
    public let jaxpr: ClosedJaxpr
    /// The place of each result in what the function returns, as JAX writes it.
    public let resultPaths: [String]
  }

  /// Traces the function called `name` in `module`.
  ///
  /// - Parameters:
  ///   - arguments: types of array arguments, positional ones without a name.
  ///   - statics: named arguments that are values, each the text of an expression.
  public func trace(
    _ name: String, in module: ModuleObject, arguments: [(name: String?, aval: ShapedArray)],
    statics: [(name: String, expression: String)]
  ) throws -> Entry {
    guard let function = try module.lookup(Symbol(name)) else {
      throw raised("NameError", "the program defines no '\(name)'")
    }
    var call = Arguments([], [])
    for argument in arguments {
      let type = Object.native(ShapeDtypeStruct(argument.aval))
      if let name = argument.name {
        call.keywords.append((Symbol(name), type))
      } else {
        call.positional.append(type)
      }
    }
    for (name, expression) in statics {
      let source = Array("__static__ = \(expression)\n".utf8)
      let file = Session.loader.sources.add(name: "<--static \(name)>", text: source)
      try Session.loader.execute(source, file: file, range: nil, in: module)
      call.keywords.append((Symbol(name), module["__static__"] ?? .none))
    }
    let staged: JitFunction
    if case .native(let jitted as JitFunction) = function {
      staged = jitted
    } else {
      var options = JitFunction.Options()
      options.staticArgnames = statics.map { Symbol($0.name) }
      staged = try JitFunction(function, options)
    }
    let traced = try staged.trace(staged.split(call, abstract: true))
    return Entry(name: traced.name, jaxpr: traced.jaxpr, resultPaths: try traced.resultPaths())
  }
}
