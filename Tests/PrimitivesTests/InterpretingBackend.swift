import Core
import HLO
import Support
import Tensor

@testable import Primitives

// Several modules have values; those of the tests are Core's.
typealias Value = Core.Value

/// Evaluates primitives by the reference interpreter on their own lowering.
final class InterpretingBackend: Backend {
  func evaluate(
    _ primitive: any Primitive, _ operands: [DeviceArray], on device: Device
  ) throws -> [DeviceArray] {
    let avals = operands.map(\.aval)
    let results = try primitive.abstractEval(avals)
    let parameters = avals.indices.map { Var($0) }
    let outputs = results.indices.map { Var(avals.count + $0) }
    let jaxpr = ClosedJaxpr(
      constvars: [], consts: [], invars: parameters,
      equations: [Equation(primitive, parameters.map { .variable($0) }, outputs)],
      outvars: outputs.map { .variable($0) }, types: avals + results)
    return try call(jaxpr, name: primitive.name, operands)
  }

  func figures(_ jaxpr: ClosedJaxpr, name: String) throws -> CompiledFigures {
    throw unsupported("figures of an interpreter")
  }

  func hloText(_ module: Module) throws -> String {
    throw unsupported("text of an interpreter")
  }

  func optimizedText(_ jaxpr: ClosedJaxpr, name: String) throws -> String {
    throw unsupported("text of an interpreter")
  }

  private func call(
    _ jaxpr: ClosedJaxpr, name: String, _ operands: [DeviceArray]
  ) throws -> [DeviceArray] {
    let interpreter = Interpreter(try lower(jaxpr, name: name))
    let results = try interpreter.call("main", operands.map { try $0.tensor().lowered })
    return zip(results, jaxpr.outAvals).map {
      DeviceArray(
        HostTensor(type: $1.dtype, shape: $1.shape, buffer: $0.buffer), weakType: $1.weakType)
    }
  }
}
