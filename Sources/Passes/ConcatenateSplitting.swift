import HLO
import Support
import Tensor

/// Joins many small arrays in two steps, so that no loop nest has more operands than what compiles
/// quickly; the nests of the first step are alike, and are compiled once.
///
///     %r = concatenate %0, …, %9999
///
/// becomes
///
///     %a = concatenate %0, …, %31      // with what computes %0 to %31, one nest
///     %b = concatenate %32, …, %63
///     …
///     %r = concatenate %a, %b, …       // copies
public let concatenateSplitting = Pass<Module>(
  "split-concatenate", "join many small arrays in two steps"
) { module in
  module.forEachFunction { function in
    Rewriter.run(on: &function, at: \.isConcatenate) { rewriter, id in
      let operation = rewriter.operation(id)
      guard case .concatenate(let dimension) = operation.op,
        operation.operands.count > mostJoined,
        let type = rewriter.type(of: operation.results[0]), type.isStatic,
        type.shape.count / operation.operands.count <= largestJoined
      else { return .keep }
      let operands = Array(operation.operands)
      var parts: [ValueID] = []
      for start in stride(from: 0, to: operands.count, by: joinedAtOnce) {
        let part = operands[start...].prefix(joinedAtOnce)
        var shape = type.shape
        shape[dimension] = part.reduce(0) { sum, value in
          sum + (rewriter.type(of: value)?.shape[dimension] ?? 0)
        }
        parts.append(
          rewriter.insert(
            .concatenate(dimension: dimension), Operands(part),
            type: TensorType(shape, type.element)))
      }
      return .update(.concatenate(dimension: dimension), Operands(parts))
    }
  }
}

extension Op {
  fileprivate var isConcatenate: Bool { if case .concatenate = self { true } else { false } }
}

/// Operands that one nest may join.
private let mostJoined = 64
/// Operands of each nest where there are more.
private let joinedAtOnce = 32
/// The elements of an operand, on average, that are worth copying once more.
private let largestJoined = 1024
