import Tensor

extension Constant {
  /// Every element is `value`, rounded to the element type; integers truncate.
  public init(_ value: Double, _ type: TensorType) {
    self.init(splat: HostTensor(.float(value), type: type.element), shape: type.shape)
  }

  /// Every element is `value`; integers wrap.
  public init(_ value: Int, _ type: TensorType) {
    self.init(splat: HostTensor(.int(Int64(value)), type: type.element), shape: type.shape)
  }
}
