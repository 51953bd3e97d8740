import Core
import HLO
import Primitives
import Support
import Tensor

/// What `Core` asks of the compiler: run one primitive, or a staged function, on arrays.
///
/// Both are compiled when they are met first. A primitive is known again by its parameters and the
/// types of its operands, a function by the identity of its jaxpr.
final class CompilingBackend: Backend {
  /// One primitive at given types.
  private struct Eager: Hashable {
    let primitive: AnyHashable
    let operands: [ShapedArray]
  }

  private unowned let invocation: Invocation
  private var eager: [Eager: Compiled] = [:]
  private var staged: [ClosedJaxpr: Compiled] = [:]

  /// A function with the types of its results.
  private struct Compiled {
    let executable: any Executable
    let results: [ShapedArray]
  }

  init(_ invocation: Invocation) { self.invocation = invocation }

  func evaluate(_ primitive: any Primitive, _ operands: [DeviceArray]) throws -> [DeviceArray] {
    if let jit = primitive as? Jit {
      return try call(jit.jaxpr, name: jit.callName, operands, donated: jit.donated)
    }
    let avals = operands.map(\.aval)
    let key = Eager(primitive: AnyHashable(primitive), operands: avals)
    if let known = eager[key] { return try run(known, operands) }
    let jaxpr = try singleEquation(primitive, avals)
    let compiled = Compiled(
      executable: try invocation.compile(jaxpr, name: primitive.name), results: jaxpr.outAvals)
    eager[key] = compiled
    return try run(compiled, operands)
  }

  func call(
    _ jaxpr: ClosedJaxpr, name: String, _ operands: [DeviceArray], donated: [Bool]
  ) throws -> [DeviceArray] {
    if let known = staged[jaxpr] { return try run(known, operands) }
    let compiled = Compiled(
      executable: try invocation.compile(jaxpr, name: name), results: jaxpr.outAvals)
    staged[jaxpr] = compiled
    return try run(compiled, operands)
  }

  private func run(_ function: Compiled, _ operands: [DeviceArray]) throws -> [DeviceArray] {
    let results = try function.executable.run(operands.map { try $0.tensor().keyAsWords })
    return zip(results, function.results).map { tensor, aval in
      // Keys are words in compiled code.
      DeviceArray(
        HostTensor(type: aval.dtype, shape: aval.shape, buffer: tensor.buffer),
        weakType: aval.weakType)
    }
  }

  /// The jaxpr that applies `primitive` to its parameters.
  private func singleEquation(_ primitive: any Primitive, _ operands: [ShapedArray]) throws
    -> ClosedJaxpr
  {
    let results = try primitive.abstractEval(operands)
    let parameters = operands.indices.map { Var($0) }
    let outputs = results.indices.map { Var(operands.count + $0) }
    return ClosedJaxpr(
      constvars: [], consts: [], invars: parameters,
      equations: [Equation(primitive, parameters.map { .variable($0) }, outputs)],
      outvars: outputs.map { .variable($0) }, types: operands + results)
  }
}
