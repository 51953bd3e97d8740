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

  /// Nothing is compiled.
  func prepare(_ primitive: any Primitive, on device: Device) {}

  func figures(_ jaxpr: ClosedJaxpr, name: String) throws -> CompiledFigures {
    throw unsupported("figures of an interpreter")
  }

  func hloText(_ module: Module) throws -> String {
    throw unsupported("text of an interpreter")
  }

  func optimizedText(_ jaxpr: ClosedJaxpr, name: String) throws -> String {
    throw unsupported("text of an interpreter")
  }

  /// The routines of LAPACK that the laws need: the two that solve.
  private func solve(
    _ id: OperationID, _ function: HLO.Function, _ operands: [HostTensor]
  ) throws -> [HostTensor] {
    let operation = function.operations[id]
    guard case .customCall(let call) = operation.op else {
      throw unsupported("\(operation.op.mnemonic) as a routine")
    }
    let types = operation.results.compactMap { function.values[$0].type.tensor }
    switch call.target {
    case "lapack_dtrsm_ffi":
      guard
        case .dictionary(let options)? = function.operationAttributes[id]?["mhlo.backend_config"]
      else { throw unsupported("a routine without options") }
      func has(_ name: String, _ letter: Unicode.Scalar) -> Bool {
        options[name] == .integer(Int(letter.value), type: "ui8")
      }
      let attributes = TriangularSolveAttributes(
        leftSide: has("side", "L"), lower: has("uplo", "L"), unitDiagonal: has("diag", "U"),
        transposeA: has("trans_x", "N") ? .none : .transpose)
      return try HLO.evaluate(.triangularSolve(attributes), operands, results: types)
    case "lapack_dgtsv_ffi":
      let info = HostTensor.zeros(.i32, types[4].shape)
      return operands.dropLast() + [tridiagonalSolution(operands), info]
    default: throw unsupported(call.target)
    }
  }

  /// By elimination downwards and substitution upwards, for each matrix and each column.
  private func tridiagonalSolution(_ operands: [HostTensor]) -> HostTensor {
    let (size, columns) = (
      operands[0].shape.dimensions.last!, operands[3].shape.dimensions.last!
    )
    let parts = operands.map { $0.elements(as: Double.self) }
    var x = parts[3]
    for matrix in 0..<parts[0].count / size {
      func diagonal(_ part: Int, _ row: Int) -> Double { parts[part][matrix * size + row] }
      for column in 0..<columns {
        func place(_ row: Int) -> Int { (matrix * size + row) * columns + column }
        var ratios: [Double] = []
        for row in 0..<size {
          let below = row == 0 ? 0 : diagonal(0, row)
          let pivot = diagonal(1, row) - below * (ratios.last ?? 0)
          ratios.append(diagonal(2, row) / pivot)
          x[place(row)] = (x[place(row)] - (row == 0 ? 0 : below * x[place(row - 1)])) / pivot
        }
        for row in (0..<size - 1).reversed() { x[place(row)] -= ratios[row] * x[place(row + 1)] }
      }
    }
    return HostTensor(x, shape: operands[3].shape)
  }

  private func call(
    _ jaxpr: ClosedJaxpr, name: String, _ operands: [DeviceArray]
  ) throws -> [DeviceArray] {
    let interpreter = Interpreter(try lower(jaxpr, name: name), routine: solve)
    let results = try interpreter.call("main", operands.map { try $0.tensor().lowered })
    return zip(results, jaxpr.outAvals).map {
      DeviceArray(
        HostTensor(type: $1.dtype, shape: $1.shape, buffer: $0.buffer), weakType: $1.weakType)
    }
  }
}
