/// A variable of a jaxpr: an index into its `types`.
public struct Var: Hashable, Sendable {
  public var index: Int32

  public init(_ index: Int) { self.index = Int32(index) }
}

/// An operand of an equation or a result of a jaxpr.
public enum Atom {
  case variable(Var)
  /// A 0-d constant in line.
  case literal(DeviceArray)

  public var variable: Var? {
    switch self {
    case .variable(let variable): variable
    case .literal: nil
    }
  }
}

/// `outputs = primitive inputs`.
public struct Equation {
  public var primitive: any Primitive
  public var inputs: [Atom]
  public var outputs: [Var]
  /// Where the program asked for it.
  public var source: SourceInfo

  public init(
    _ primitive: any Primitive, _ inputs: [Atom], _ outputs: [Var],
    source: SourceInfo = SourceInfo()
  ) {
    self.primitive = primitive
    self.inputs = inputs
    self.outputs = outputs
    self.source = source
  }
}

/// A typed, pure function over arrays, in administrative normal form.
///
/// Immutable; its identity is what caches and printing share by. JAX's `Jaxpr` and `ClosedJaxpr`
/// in one: `consts` are the values of `constvars`.
public final class ClosedJaxpr {
  public let constvars: [Var]
  public let consts: [Value]
  public let invars: [Var]
  public let equations: [Equation]
  public let outvars: [Atom]
  /// The type of each variable.
  public let types: [ShapedArray]
  public let effects: [Effect]

  /// What transformations of this jaxpr gave, so that each is computed once: keyed by the
  /// transformation and its arguments.
  public var transformed: [AnyHashable: Any] = [:]

  public init(
    constvars: [Var], consts: [Value], invars: [Var], equations: [Equation], outvars: [Atom],
    types: [ShapedArray]
  ) {
    self.constvars = constvars
    self.consts = consts
    self.invars = invars
    self.equations = equations
    self.outvars = outvars
    self.types = types
    var effects: [Effect] = []
    for equation in equations {
      for effect in equation.primitive.effects where !effects.contains(effect) {
        effects.append(effect)
      }
    }
    self.effects = effects
  }

  public func aval(_ variable: Var) -> ShapedArray { types[Int(variable.index)] }

  public func aval(_ atom: Atom) -> ShapedArray {
    switch atom {
    case .variable(let variable): aval(variable)
    case .literal(let array): array.aval
    }
  }

  public var inAvals: [ShapedArray] { invars.map { aval($0) } }
  public var outAvals: [ShapedArray] { outvars.map { aval($0) } }

  /// The result of `transform` under `key`, computed when it is first asked for.
  public func memoized<Result>(_ key: AnyHashable, _ transform: () throws -> Result) rethrows
    -> Result
  {
    if let known = transformed[key] as? Result { return known }
    let result = try transform()
    transformed[key] = result
    return result
  }
}

extension ClosedJaxpr: Hashable {
  public static func == (a: ClosedJaxpr, b: ClosedJaxpr) -> Bool { a === b }

  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// Applies `jaxpr` to `operands` by binding its equations in the current trace.
public func evaluate(_ jaxpr: ClosedJaxpr, _ operands: [Value]) throws -> [Value] {
  var environment = [Value?](repeating: nil, count: jaxpr.types.count)
  for (variable, value) in zip(jaxpr.constvars, jaxpr.consts) {
    environment[Int(variable.index)] = value
  }
  for (variable, value) in zip(jaxpr.invars, operands) {
    environment[Int(variable.index)] = value
  }
  func read(_ atom: Atom) -> Value {
    switch atom {
    case .variable(let variable): environment[Int(variable.index)]!
    case .literal(let array): .array(array)
    }
  }
  // Values are dropped after their last use: a long program does not hold all of its memory.
  let lastUses = jaxpr.memoized("lastUses") { jaxpr.lastUses() }
  let outer = Trace.source
  defer { Trace.source = outer }
  for (index, equation) in jaxpr.equations.enumerated() {
    Trace.enter(equation.source, from: outer)
    let results = try bind(equation.primitive, equation.inputs.map(read))
    for (variable, value) in zip(equation.outputs, results) {
      environment[Int(variable.index)] = value
    }
    for variable in lastUses[index] { environment[Int(variable.index)] = nil }
  }
  return jaxpr.outvars.map(read)
}

extension ClosedJaxpr {
  /// For each equation, the variables that nothing reads after it.
  func lastUses() -> [[Var]] {
    var seen = Set<Var>()
    for case .variable(let variable) in outvars { seen.insert(variable) }
    var result = [[Var]](repeating: [], count: equations.count)
    for index in equations.indices.reversed() {
      for variable in equations[index].outputs where seen.insert(variable).inserted {
        result[index].append(variable)
      }
      for case .variable(let variable) in equations[index].inputs
      where seen.insert(variable).inserted {
        result[index].append(variable)
      }
    }
    return result
  }
}
