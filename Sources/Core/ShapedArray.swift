import Tensor

/// What tracing knows of an array: its shape, its element type, and whether that type is weak.
///
/// A weak type comes from a Python scalar and gives way to any other type in promotion.
/// JAX's `jax.core.ShapedArray`.
public struct ShapedArray: Hashable, Sendable {
  public var shape: Shape
  public var dtype: ElementType
  public var weakType: Bool

  public init(_ shape: Shape, _ dtype: ElementType, weakType: Bool = false) {
    self.shape = shape
    self.dtype = dtype
    self.weakType = weakType
  }

  public var rank: Int { shape.rank }

  /// The same array without a weak type.
  public var strengthened: ShapedArray { ShapedArray(shape, dtype) }

  /// The same dtype and weakness at another shape.
  public func with(shape: Shape) -> ShapedArray {
    ShapedArray(shape, dtype, weakType: weakType)
  }

  /// The type of this array's tangents: itself for inexact types, else `float0`.
  public var tangent: ShapedArray {
    dtype.isInexact ? self : ShapedArray(shape, .float0)
  }
}

extension ShapedArray: CustomStringConvertible {
  /// As in a jaxpr: `f32[3,4]`.
  public var description: String {
    "\(dtype.jaxprName)[\(shape.dimensions.map(String.init).joined(separator: ","))]"
  }

  /// As in JAX's messages: `float32[3,4]`, with `~` before a weak type.
  public var longDescription: String { (weakType ? "~" : "") + strongDescription }

  /// The same for messages that do not tell weak types: `float32[3,4]`.
  public var strongDescription: String {
    let name = dtype == .float0 ? dtype.jaxprName : dtype.numpyName
    return "\(name)[\(shape.dimensions.map(String.init).joined(separator: ","))]"
  }
}
