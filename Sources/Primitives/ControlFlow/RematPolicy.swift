import Core
import Tensor

/// What `jax.checkpoint` may keep for the backward pass: a predicate of the operations.
public final class RematPolicy: Hashable {
  /// As a jaxpr prints it.
  public let text: String
  /// Whether the results of an operation on operands of these types may be kept.
  public let saves: (any Primitive, [ShapedArray]) throws -> Bool

  public init(text: String, saves: @escaping (any Primitive, [ShapedArray]) throws -> Bool) {
    self.text = text
    self.saves = saves
  }

  public static func == (a: RematPolicy, b: RematPolicy) -> Bool { a === b }
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

extension ClosedJaxpr {
  /// A derivative in two parts.
  struct PolicySplit {
    /// From the primal operands to the primal results and the residuals that the policy saves.
    var known: ClosedJaxpr
    /// From the used ones of residuals, primal operands and tangents to the tangents.
    var rest: ClosedJaxpr
    var used: [Bool]
  }

  /// Splits a derivative whose first `operands` parameters are primal and whose first `results`
  /// results are: operations on primal values are done first; of what they compute `policy` saves
  /// some, and the rest does the others again.
  func split(knowing operands: Int, results: Int, _ policy: RematPolicy) throws -> PolicySplit {
    enum Knowledge {
      /// Computed in the first part only.
      case saved
      /// Computed in both parts.
      case again
      /// Computed in the second part.
      case later
    }
    var knowledge: [Var: Knowledge] = [:]
    for (index, variable) in invars.enumerated() {
      knowledge[variable] = index < operands ? .again : .later
    }
    var first: [Equation] = []
    var second: [Equation] = []
    var residuals: [Var] = []
    var seen = Set<Var>()
    func read(_ equation: Equation) {
      for variable in equation.inputs.compactMap(\.variable)
      where knowledge[variable] == .saved && seen.insert(variable).inserted {
        residuals.append(variable)
      }
    }
    for equation in equations {
      let variables = equation.inputs.compactMap(\.variable)
      let result: Knowledge
      if variables.contains(where: { knowledge[$0] == .later }) {
        result = .later
      } else {
        first.append(equation)
        let avals = equation.inputs.map { aval($0) }
        result = try policy.saves(equation.primitive, avals) ? .saved : .again
      }
      if result != .saved {
        read(equation)
        second.append(equation)
      }
      for output in equation.outputs { knowledge[output] = result }
    }
    let tangentResults = Array(outvars.dropFirst(results))
    let rest = ClosedJaxpr(
      constvars: constvars, consts: consts, invars: residuals + invars, equations: second,
      outvars: tangentResults, types: types)
    let (pruned, used) = rest.pruned(tangentResults.map { _ in true }, keepsInputs: false)
    let kept = zip(residuals, used).filter(\.1).map(\.0)
    let known = ClosedJaxpr(
      constvars: constvars, consts: consts, invars: Array(invars.prefix(operands)),
      equations: first, outvars: Array(outvars.prefix(results)) + kept.map { .variable($0) },
      types: types)
    return PolicySplit(
      known: known.withoutDeadEquations().rounding(kept), rest: pruned,
      used: kept.map { _ in true } + used.dropFirst(residuals.count))
  }

  /// Rounds the `saved` results that other equations read too, so that these see what is kept.
  private func rounding(_ saved: [Var]) -> ClosedJaxpr {
    let read = Set(equations.lazy.flatMap { $0.inputs.compactMap(\.variable) })
    let rounded = Set(saved.filter { read.contains($0) && aval($0).dtype.isFloat })
    if rounded.isEmpty { return self }
    var types = types
    var result: [Equation] = []
    for equation in equations {
      var equation = equation
      var after: [Equation] = []
      equation.outputs = equation.outputs.map { output in
        guard rounded.contains(output) else { return output }
        let exact = Var(types.count)
        types.append(aval(output))
        after.append(
          Equation(
            ReducePrecision(to: aval(output).dtype), [.variable(exact)], [output],
            source: equation.source))
        return exact
      }
      result.append(equation)
      result += after
    }
    return ClosedJaxpr(
      constvars: constvars, consts: consts, invars: invars, equations: result, outvars: outvars,
      types: types)
  }
}
