import Core
import Primitives
import Syntax
import Tensor

/// A `ClosedJaxpr` as an object of the language, or the `Jaxpr` in it.
final class JaxprObject: NativeObject {
  let jaxpr: ClosedJaxpr
  private let isClosed: Bool

  init(_ jaxpr: ClosedJaxpr, isClosed: Bool = true) {
    self.jaxpr = jaxpr
    self.isClosed = isClosed
  }

  nonisolated(unsafe) static let type = Class(
    builtin: "ClosedJaxpr", base: Types.object, module: "jax._src.core")
  nonisolated(unsafe) static let openType = Class(
    builtin: "Jaxpr", base: Types.object, module: "jax._src.core")

  override var cls: Class { isClosed ? JaxprObject.type : JaxprObject.openType }

  override func repr() throws -> String { jaxpr.description }

  override func attribute(_ name: Symbol) throws -> Object? {
    func variables(_ variables: [Var]) -> Object {
      .list(variables.map { .native(VarObject($0, of: jaxpr)) })
    }
    switch name.text {
    case "jaxpr": return .native(isClosed ? JaxprObject(jaxpr, isClosed: false) : self)
    case "consts", "literals": return .list(jaxpr.consts.map { .array($0) })
    case "in_avals": return .list(jaxpr.inAvals.map { .native(AvalObject($0)) })
    case "out_avals": return .list(jaxpr.outAvals.map { .native(AvalObject($0)) })
    case "invars": return variables(jaxpr.invars)
    case "constvars": return variables(jaxpr.constvars)
    case "outvars": return .list(try jaxpr.outvars.map { try atomObject($0, of: jaxpr) })
    case "effects": return .set(SetObject())
    case "pretty_print":
      return .builtin(Builtin("pretty_print(**settings)") { [self] _ in .str(Str(try repr())) })
    case "eqns": return .list(jaxpr.equations.map { .native(EquationObject($0, jaxpr)) })
    default: return nil
    }
  }
}

/// An operand of an equation, or a result of a jaxpr, as an object.
private func atomObject(_ atom: Atom, of jaxpr: ClosedJaxpr) throws -> Object {
  switch atom {
  case .variable(let variable): .native(VarObject(variable, of: jaxpr))
  case .literal(let array): .native(LiteralObject(array))
  }
}

/// A variable of a jaxpr as an object. Two of them are equal if they are the same variable.
final class VarObject: NativeObject {
  private let variable: Var
  private let jaxpr: ClosedJaxpr

  init(_ variable: Var, of jaxpr: ClosedJaxpr) {
    self.variable = variable
    self.jaxpr = jaxpr
  }

  nonisolated(unsafe) static let type = Class(
    builtin: "Var", base: Types.object, module: "jax._src.core")
  override var cls: Class { VarObject.type }

  override func attribute(_ name: Symbol) throws -> Object? {
    name.text == "aval" ? .native(AvalObject(jaxpr.aval(variable))) : nil
  }

  override func repr() throws -> String {
    "Var(id=\(UInt(bitPattern: try hash()) >> 16)):\(jaxpr.aval(variable))"
  }

  override func equals(_ other: Object) throws -> Bool? {
    guard case .native(let other as VarObject) = other else { return nil }
    return variable == other.variable && jaxpr === other.jaxpr
  }

  override func hash() throws -> Int {
    var hasher = Hasher()
    hasher.combine(ObjectIdentifier(jaxpr))
    hasher.combine(variable)
    return hasher.finalize()
  }
}

/// A constant operand as an object.
final class LiteralObject: NativeObject {
  private let array: DeviceArray

  init(_ array: DeviceArray) { self.array = array }

  nonisolated(unsafe) static let type = Class(
    builtin: "Literal", base: Types.object, module: "jax._src.core")
  override var cls: Class { LiteralObject.type }

  override func attribute(_ name: Symbol) throws -> Object? {
    switch name.text {
    case "val":
      if array.aval.weakType, let item = try array.tensor().item { return pythonScalar(item) }
      return .array(.array(array))
    case "aval": return .native(AvalObject(array.aval))
    default: return nil
    }
  }

  override func repr() throws -> String {
    "Literal(\(try Host.str(attribute("val") ?? .none)))"
  }
}

/// A `ShapedArray` as an object.
final class AvalObject: NativeObject {
  let aval: ShapedArray
  init(_ aval: ShapedArray) { self.aval = aval }

  nonisolated(unsafe) static let type = Class(
    builtin: "ShapedArray", base: Types.object, module: "jax._src.core")
  override var cls: Class { AvalObject.type }

  override func attribute(_ name: Symbol) throws -> Object? {
    switch name.text {
    case "shape": .ints(aval.shape.dimensions)
    case "dtype": .dtype(aval.dtype)
    case "ndim": .int(aval.rank)
    case "size": .int(aval.shape.count)
    case "weak_type": .bool(aval.weakType)
    case "str_short":
      .builtin(
        Builtin("str_short(short_dtypes=)") { [aval] a in
          .str(try a[0].map(isTrue) ?? false ? aval.description : aval.strongDescription)
        })
    default: nil
    }
  }

  override func repr() throws -> String {
    "ShapedArray(\(aval.strongDescription)\(aval.weakType ? ", weak_type=True" : ""))"
  }

  override func str() throws -> String { aval.longDescription }

  override func equals(_ other: Object) throws -> Bool? {
    guard case .native(let other as AvalObject) = other else { return nil }
    return aval == other.aval
  }
}

/// An equation of a jaxpr as an object.
final class EquationObject: NativeObject {
  let equation: Equation
  let jaxpr: ClosedJaxpr

  init(_ equation: Equation, _ jaxpr: ClosedJaxpr) {
    self.equation = equation
    self.jaxpr = jaxpr
  }

  nonisolated(unsafe) static let type = Class(
    builtin: "JaxprEqn", base: Types.object, module: "jax._src.core")
  override var cls: Class { EquationObject.type }

  override func attribute(_ name: Symbol) throws -> Object? {
    switch name.text {
    case "primitive":
      return .native(PrimitiveName(equation.primitive.name, equation.primitive))
    case "invars": return .list(try equation.inputs.map { try atomObject($0, of: jaxpr) })
    case "outvars":
      return .list(equation.outputs.map { .native(VarObject($0, of: jaxpr)) })
    case "effects": return .set(SetObject())
    case "params": return .dict(try parameters())
    default: return nil
    }
  }

  override func repr() throws -> String {
    let text = jaxpr.text(of: equation)
    return text.last == " " ? String(text.dropLast()) : text
  }

  /// All parameters in JAX's order: those that print, and those that do not.
  private func parameters() throws -> Dict {
    let dict = Dict()
    if let jit = equation.primitive as? Jit {
      for (name, value) in [
        ("jaxpr", Object.native(JaxprObject(jit.jaxpr))),
        ("donated_invars", .tuple(jit.donated.map { .bool($0) })), ("name", .str(jit.callName)),
        ("keep_unused", .bool(jit.keepUnused)), ("inline", .bool(jit.isInline)),
        ("compiler_options_kvs", .tuple([])),
      ] {
        try dict.table.set(.str(name), value)
      }
      return dict
    }
    let operands = equation.inputs.map { jaxpr.aval($0) }
    for parameter in equation.primitive.allParameters(for: operands) {
      try dict.table.set(.str(parameter.name), object(parameter.value))
    }
    return dict
  }
}

/// A parameter that is only known by its text, such as `GatherScatterMode.CLIP`.
final class TextObject: NativeObject {
  private let text: String
  init(_ text: String) { self.text = text }

  nonisolated(unsafe) static let type = Class(builtin: "object", base: Types.object)
  override var cls: Class { TextObject.type }

  override func repr() throws -> String { text }
  override func equals(_ other: Object) throws -> Bool? {
    guard case .native(let other as TextObject) = other else { return nil }
    return text == other.text
  }
  override func hash() throws -> Int { text.hashValue }
}

/// A primitive as an object: it prints as its name.
final class PrimitiveName: NativeObject {
  let name: String
  /// The primitive with its parameters, where it comes from an equation.
  private let primitive: (any Primitive)?

  init(_ name: String, _ primitive: (any Primitive)? = nil) {
    self.name = name
    self.primitive = primitive
  }

  nonisolated(unsafe) static let type = Class(
    builtin: "Primitive", base: Types.object, module: "jax._src.core")
  override var cls: Class { PrimitiveName.type }

  override func attribute(_ name: Symbol) throws -> Object? {
    switch name.text {
    case "name": .str(self.name)
    case "multiple_results": .bool(hasListOfResults(1))
    case "bind": .builtin(Builtin(named: "bind") { [self] in try bind($0) })
    case "get_bind_params":
      .builtin(Builtin("get_bind_params(params)") { .tuple([.list([]), $0[0] ?? .none]) })
    default: nil
    }
  }

  private func hasListOfResults(_ count: Int) -> Bool {
    count != 1 || primitive is any HigherOrderPrimitive || primitive?.returnsList ?? false
  }

  /// Applies the primitive: with the parameters of its equation, else with those of the call.
  private func bind(_ arguments: Arguments) throws -> Object {
    guard let primitive else {
      let module = try Session.loader.library("_primitives")
      guard let function = try module.lookup(Symbol(name)) else {
        throw RaisedError(
          .notImplementedError, "the primitive \(name) as an object is not supported")
      }
      return try Host.call(function, arguments)
    }
    let results = try Core.bind(primitive, arguments.positional.map { try argumentValue($0) })
    return hasListOfResults(results.count)
      ? .list(results.map { .array($0) }) : .array(results[0])
  }

  override func repr() throws -> String { name }
  override func equals(_ other: Object) throws -> Bool? {
    guard case .native(let other as PrimitiveName) = other else { return nil }
    return name == other.name
  }
  override func hash() throws -> Int { name.hashValue }
}
