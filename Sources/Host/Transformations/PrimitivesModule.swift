import Core
import Primitives
import Syntax
import Tensor

/// The native module `_primitives`: `_primitives.add(x, y)` binds the primitive `add`.
///
/// Keyword arguments are the parameters as jaxprs print them. One result comes as a value, several
/// as a list.
enum PrimitivesModule {
  static func make() -> ModuleObject {
    let module = ModuleObject("_primitives", isLibrary: true)
    module.loader = { symbol in
      // Names such as `scatter-add` are written with an underscore.
      // `and` and other keywords of the language end in one.
      let text = symbol.text.hasSuffix("_") ? String(symbol.text.dropLast()) : symbol.text
      let names = [text, text.replacing("_", with: "-")]
      guard let name = names.first(where: { Registry.contains($0) }) else { return nil }
      return .builtin(
        Builtin(named: symbol.text) { arguments in
          var parameters: [String: ParameterValue] = [:]
          for (name, value) in arguments.keywords {
            parameters[name.text] = try parameterValue(value)
          }
          let primitive = try Registry.primitive(name, parameters)
          let operands = try operandValues(arguments.positional, of: name)
          let results = try bind(primitive, operands)
          return results.count == 1 && !primitive.returnsList
            ? .array(results[0]) : .list(results.map { .array($0) })
        })
    }
    return module
  }
}

extension String {
  /// The text with each `target` replaced.
  fileprivate func replacing(_ target: Character, with replacement: Character) -> String {
    String(map { $0 == target ? replacement : $0 })
  }
}

/// An object of the program as a parameter of a primitive.
func parameterValue(_ object: Object) throws -> ParameterValue {
  switch object {
  case .none: return .none
  case .bool(let value): return .bool(value)
  case .int(let value): return .int(value)
  case .big(let value): return .float(Double(value.value))
  case .float(let value): return .float(value)
  case .str(let value): return .string(value.text)
  case .dtype(let value): return .dtype(value)
  case .list(let list): return .list(try list.items.map(parameterValue))
  case .tuple(let tuple):
    let values = try tuple.items.map(parameterValue)
    guard let cls = tuple.cls else { return .tuple(values) }
    return .record(
      cls.name, zip(try fieldNames(cls), values).map { Parameter($0, $1) })
  case .native(let native as JaxprObject): return .jaxpr(native.jaxpr)
  case .native(let native):
    if let parameter = native as? any ParameterConvertible { return parameter.parameterValue }
    if let integer = try index(object) { return .int(integer) }
    return .opaque(native, try native.str())
  case .array:
    if let integer = try index(object) { return .int(integer) }
    throw typeError("an array cannot be a parameter of a primitive")
  case .type:
    return .dtype(try elementType(object))
  case .instance(let instance):
    if let integer = try? index(object) { return .int(integer) }
    if case .str(let name)? = instance.attributes["name"] {
      return .symbol("\(instance.cls.name).\(name.text)")
    }
    return .opaque(instance, try str(object))
  case .function(let function): return .opaque(function, try str(object))
  case .ellipsis, .notImplemented, .complex, .bytes, .dict, .set, .slice, .range, .method,
    .builtin, .module:
    throw typeError(
      "a value of type '\(typeOf(object).name)' cannot be a parameter of a primitive")
  }
}

/// A native object that is a parameter: an enumeration member, a record.
protocol ParameterConvertible: NativeObject {
  var parameterValue: ParameterValue { get }
}

/// A parameter of a primitive as an object of the program.
func object(_ value: ParameterValue) throws -> Object {
  switch value {
  case .none: .none
  case .bool(let value): .bool(value)
  case .int(let value): .int(value)
  case .float(let value): .float(value)
  case .string(let value): .str(value)
  case .dtype(let value): .dtype(value)
  case .tuple(let values): .tuple(try values.map(object))
  case .list(let values): .list(try values.map(object))
  case .jaxpr(let jaxpr): .native(JaxprObject(jaxpr))
  case .jaxprs(let jaxprs): .tuple(jaxprs.map { .native(JaxprObject($0)) })
  case .symbol, .record, .opaque: .native(TextObject(value.description))
  }
}
