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

  /// The operation on the other operands, where the sizes are known; `nil` if they are malformed.
  public func operation(_ sizes: [[Int]]) -> Op? {
    guard sizes.count == sizeCount else { return nil }
    switch self {
    case .reduceWindow:
      let rank = sizes[0].count
      guard sizes[1...3].allSatisfy({ $0.count == rank }), sizes[4].count == 2 * rank else {
        return nil
      }
      return .reduceWindow(
        WindowAttributes(
          dimensions: sizes[0], strides: sizes[1], baseDilations: sizes[2],
          windowDilations: sizes[3],
          padding: (0..<rank).map { Padding(sizes[4][2 * $0], sizes[4][2 * $0 + 1]) }))
    case .topK: return sizes[0].first.map { .topK(k: $0) }
    case .rngBitGenerator(let algorithm): return .rngBitGenerator(algorithm)
    }
  }
}
