import Tensor

/// Settings of JAX that change what programs mean. Programs run on one thread.
public enum Configuration {
  /// What a trace depends on besides its operands: one that was made in another context is not
  /// reused. JAX's `trace_context`.
  public struct TraceContext: Hashable, Sendable {
    /// `jax_enable_x64`
    public var x64 = false
    /// `jax_threefry_partitionable`: whether a random number depends on its position alone.
    public var isThreefryPartitionable = true
    /// `jax_random_seed_offset`, added to all seeds.
    public var seedOffset = 0
    /// `jax_numpy_rank_promotion`: whether arrays of different ranks may not broadcast.
    public var refusesRankPromotion = false
    /// `jax_numpy_dtype_promotion`: whether only weak types are promoted.
    public var isPromotionStrict = false
    /// `jax_default_matmul_precision`: of the products that do not name one.
    public var matrixPrecision: String?
  }

  public nonisolated(unsafe) static var traceContext = TraceContext()

  /// Whether 64-bit types exist.
  public static var x64: Bool {
    get { traceContext.x64 }
    set { traceContext.x64 = newValue }
  }

  /// The type of Python's integers, and of counters.
  public static var integer: ElementType { Promotion.defaultInteger(x64: x64) }
}
