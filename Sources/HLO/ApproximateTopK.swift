/// `custom_call @ApproxTopK`: the first elements, in the order of a comparison, along one axis. JAX's
/// `approx_max_k` and `approx_min_k` are that; here they are exact.
///
///     %1:2 = custom_call @ApproxTopK(%x, %indices, %least, %none), @greater, {reduction_dim = 1}
///
/// Each operand is followed by what an element of it is without a value, and gives one result.
public struct ApproximateTopK: Hashable, Sendable {
  public let axis: Int
  /// The function that says which of two elements comes first.
  public let comparator: String

  /// `nil` unless the call is one, and says along which axis and in which order.
  ///
  /// - Parameter besides: the attributes of the operation that the call does not hold.
  public init?(_ call: CustomCallAttributes, besides: [NamedAttribute]) {
    guard call.target == "ApproxTopK", let comparator = call.calledComputations.first else {
      return nil
    }
    for configuration in [call.backendConfig, besides["mhlo.backend_config"]] {
      guard case .dictionary(let entries)? = configuration,
        case .integer(let axis, _)? = entries["reduction_dim"]
      else { continue }
      self.axis = axis
      self.comparator = comparator
      return
    }
    return nil
  }

  /// `true` iff operands and results are arrays that fit together.
  public func takes(_ operands: [ValueType], _ results: [ValueType]) -> Bool {
    operands.count == 2 * results.count
      && zip(operands, results).allSatisfy { operand, result in
        guard let from = operand.tensor, let to = result.tensor, from.isStatic, to.isStatic,
          from.element == to.element, from.rank == to.rank, (0..<from.rank).contains(axis)
        else { return false }
        return (0..<from.rank).allSatisfy {
          $0 == axis
            ? to.dimensions[$0] <= from.dimensions[$0] : to.dimensions[$0] == from.dimensions[$0]
        } && from.shape == operands[0].tensor?.shape
      }
  }
}

extension Module {
  /// How a function compares its first two arguments, if that is all it does.
  public func comparison(by name: String) -> Comparison? {
    guard let function = functions.first(where: { $0.name == name }),
      let last = function.terminator(of: function.body),
      function.operations[last].operands.count == 1,
      case .result(let id, _) = function.values[function.operations[last].operands[0]].definition,
      case .compare(let comparison) = function.operations[id].op, function.arguments.count > 1,
      function.operations[id].operands == [function.arguments[0], function.arguments[1]]
    else { return nil }
    return comparison
  }
}
