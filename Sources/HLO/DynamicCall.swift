import Support

/// What JAX says in custom calls because StableHLO has no operation for it: windows, numbers of
/// elements, and shapes that only operands tell.
///
///     %1:2 = custom_call @stablehlo.dynamic_top_k(%x, %k)
public enum DynamicCall: Hashable, Sendable {
  /// `(inputs…, initial values…, dimensions, strides, base dilations, window dilations, padding)`;
  /// the function `reducer` combines.
  case reduceWindow(reducer: String)
  /// `(operand, k)`
  case topK
  /// `(state, shape of the bits)`
  case rngBitGenerator(RandomAlgorithm)

  /// `nil` unless the call is one.
  ///
  /// - Parameter besides: the attributes of the operation that the call does not hold.
  public init?(_ call: CustomCallAttributes, besides: [NamedAttribute]) {
    switch call.target {
    case "stablehlo.dynamic_reduce_window":
      guard let reducer = call.calledComputations.first else { return nil }
      self = .reduceWindow(reducer: reducer)
    case "stablehlo.dynamic_top_k": self = .topK
    case "stablehlo.dynamic_rng_bit_generator":
      var attributes = Attributes(besides)
      guard let algorithm = attributes.takeCase("rng_algorithm", RandomAlgorithm.self) else {
        return nil
      }
      self = .rngBitGenerator(algorithm)
    default: return nil
    }
  }

  /// How many operands say sizes: the last ones.
  public var sizeCount: Int { if case .reduceWindow = self { 5 } else { 1 } }

  /// The operation on the other operands, now that the sizes are known, and the types of its results.
  ///
  /// - Parameters:
  ///   - operands: the types of the other operands.
  ///   - results: the types that the call states.
  ///   - function: the function of a name, of which `reducer` is one.
  public func settled(
    sizes: [[Int]], operands: [ValueType], results: [ValueType],
    function: (String) -> Function?
  ) throws(Diagnostic) -> (op: Op, results: [ValueType]) {
    let malformed = Diagnostic(.error, "custom_call: the sizes \(sizes) do not fit together")
    guard sizes.count == sizeCount else { throw malformed }
    let op: Op
    var regions: [RegionSignature] = []
    var stated: [ValueType]?
    switch self {
    case .reduceWindow(let reducer):
      let rank = sizes[0].count
      guard sizes[1...3].allSatisfy({ $0.count == rank }), sizes[4].count == 2 * rank else {
        throw malformed
      }
      op = .reduceWindow(
        WindowAttributes(
          dimensions: sizes[0], strides: sizes[1], baseDilations: sizes[2],
          windowDilations: sizes[3],
          padding: (0..<rank).map { Padding(sizes[4][2 * $0], sizes[4][2 * $0 + 1]) }))
      guard let callee = function(reducer), !callee.isDeclaration else {
        throw Diagnostic(.error, "custom_call: there is no body of @\(reducer)")
      }
      regions = [RegionSignature(arguments: callee.argumentTypes, results: callee.resultTypes)]
    case .topK:
      guard let k = sizes[0].first else { throw malformed }
      op = .topK(k: k)
    case .rngBitGenerator(let algorithm):
      guard let bits = results.last?.tensor, sizes[0].allSatisfy({ $0 >= 0 }) else {
        throw malformed
      }
      op = .rngBitGenerator(algorithm)
      stated = results.dropLast() + [.tensor(bits.with(sizes[0]))]
    }
    let types = try resultTypesOf(op, operands: operands, regions: regions, stated: stated)
    guard types.count == results.count, zip(types, results).allSatisfy(compatible) else {
      throw Diagnostic(.error, "custom_call: the results are \(types), not \(results)")
    }
    return (op, types)
  }
}
