/// A function on flat lists of values.
public typealias FlatFunction = ([Value]) throws -> [Value]

/// `function`, whose operations say that they are inside of `transformation`.
public func within(
  _ transformation: String, _ function: @escaping FlatFunction
) -> FlatFunction {
  { operands in try Trace.within(.transformation(transformation)) { try function(operands) } }
}

/// A call of a function that has its own forward-mode rule (`jax.custom_jvp`).
public struct CustomJVP {
  public var name: String
  public var function: FlatFunction
  /// From primals and tangents (instantiated) to results and their tangents.
  public var jvp: ([Value], [Tangent]) throws -> (primals: [Value], tangents: [Tangent])
  public var symbolicZeros: Bool
  /// The name of the rule, as jaxprs print it.
  public var ruleName = "jvp"

  public init(
    name: String, function: @escaping FlatFunction,
    jvp: @escaping ([Value], [Tangent]) throws -> (primals: [Value], tangents: [Tangent]),
    symbolicZeros: Bool = false
  ) {
    self.name = name
    self.function = function
    self.jvp = jvp
    self.symbolicZeros = symbolicZeros
  }
}

/// A call of a function that has its own reverse-mode rule (`jax.custom_vjp`).
public struct CustomVJP {
  public var name: String
  public var function: FlatFunction
  /// From operands to results and residuals.
  public var forward: ([Value]) throws -> (results: [Value], residuals: [Value])
  /// From residuals and cotangents of the results to cotangents of the operands.
  public var backward: (_ residuals: [Value], _ cotangents: [Value]) throws -> [Tangent]
  public var forwardName: String
  public var backwardName: String

  public init(
    name: String, function: @escaping FlatFunction,
    forward: @escaping ([Value]) throws -> (results: [Value], residuals: [Value]),
    backward: @escaping (_ residuals: [Value], _ cotangents: [Value]) throws -> [Tangent],
    forwardName: String, backwardName: String
  ) {
    self.name = name
    self.function = function
    self.forward = forward
    self.backward = backward
    self.forwardName = forwardName
    self.backwardName = backwardName
  }
}
