import Tensor

/// Settings of JAX that change what programs mean.
public enum Configuration {
  /// `jax_enable_x64`. Programs run on one thread.
  public nonisolated(unsafe) static var x64 = false

  /// The type of Python's integers, and of counters.
  public static var integer: ElementType { Promotion.defaultInteger(x64: x64) }
}
