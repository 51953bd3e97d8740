import Core
import HLO
import Tensor
import Transforms

/// `reduce_max`, `reduce_min`, `reduce_prod`, `reduce_and`, `reduce_or`, `reduce_xor`. The sum,
/// which transformations need, is `ReduceSum`.
public struct Reduce: NonlinearPrimitive {
  /// The functions, by the names of their primitives.
  public enum Function: String, CaseIterable, Sendable {
    case max = "reduce_max"
    case min = "reduce_min"
    case prod = "reduce_prod"
    case and = "reduce_and"
    case or = "reduce_or"
    case xor = "reduce_xor"
  }

  public let function: Function
  public let axes: [Int]
  private let marks: NumPyMarks

  public init(_ function: Function, axes: [Int], marks: NumPyMarks = false) {
    self.function = function
    self.axes = axes
    self.marks = marks
  }

  public init(_ function: Function, _ reader: ParameterReader) throws {
    self.init(function, axes: try reader.ints("axes"))
  }

  public var name: String { function.rawValue }

  public var parameters: [Parameter] {
    [Parameter("axes", .ints(axes, marks))]
  }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    let operand = operands[0]
    switch function {
    case .max: try requireOrder(operand, for: "max")
    case .min: try requireOrder(operand, for: "min")
    case .prod, .and, .or, .xor: try refuseKeys(operands)
    }
    let shape = try operand.shape.removing(axes, for: name)
    return [operand.with(shape: shape)]
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let x = primals[0]
    guard x.dtype.isInexact, let t = tangents[0].value else {
      let result = try bind(self, primals)[0]
      return ([result], [.zero(result.aval.tangent)])
    }
    switch function {
    case .max, .min:
      // Elements that equal the extreme share its derivative.
      let result = try bind(self, primals)[0]
      var shape = x.shape
      for axis in axes { shape[axis] = 1 }
      let isExtreme = try convert(
        compare(x, .eq, bind1(Reshape(shape: shape), result)), to: x.dtype)
      let count = try bind1(ReduceSum(axes: axes), isExtreme)
      let total = try bind1(ReduceSum(axes: axes), mul(t, isExtreme))
      return ([result], [.value(try div(total, count))])
    case .prod:
      let (results, moving) = try Transforms.jvp(
        { [axes] inputs in [try product(inputs[0], axes)] }, [x], [tangents[0]])
      return (results, moving)
    case .and, .or, .xor:
      let result = try bind(self, primals)[0]
      return ([result], [.zero(result.aval.tangent)])
    }
  }

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let (axes, dim) = batchedAxes(axes, dims[0]!)
    return (try bind(Reduce(function, axes: axes, marks: true), operands), [dim])
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let dtype = context.inAvals[0].dtype
    let (identity, op) = function.identity(dtype)
    let start = try context.builder.constant(identity)
    return [try context.builder.reduce(op, operands[0], start, dimensions: axes)]
  }
}

extension Reduce.Function {
  /// The neutral element for `dtype`, and the operation.
  func identity(_ dtype: ElementType) -> (HostTensor, BinaryOp) {
    switch self {
    case .max: (lowest(dtype), .maximum)
    case .min: (highest(dtype), .minimum)
    case .prod: (HostTensor(.float(1), type: dtype), .multiply)
    case .and: (allOnes(dtype), .and)
    case .or: (HostTensor(.int(0), type: dtype), .or)
    case .xor: (HostTensor(.int(0), type: dtype), .xor)
    }
  }
}

/// The least value of a dtype: what a maximum starts from.
func lowest(_ dtype: ElementType) -> HostTensor {
  if dtype.isInexact { return HostTensor(.float(dtype.lowest), type: dtype) }
  if dtype.isSigned { return HostTensor(.int(Int64(dtype.integerMinimum)), type: dtype) }
  return HostTensor(.int(0), type: dtype)
}

/// The greatest value of a dtype: what a minimum starts from.
func highest(_ dtype: ElementType) -> HostTensor {
  if dtype.isInexact { return HostTensor(.float(dtype.highest), type: dtype) }
  if dtype == .bool { return HostTensor(.bool(true), type: dtype) }
  return HostTensor(.uint(dtype.integerMaximum), type: dtype)
}

private func allOnes(_ dtype: ElementType) -> HostTensor {
  if dtype == .bool { return HostTensor(.bool(true), type: dtype) }
  return dtype.isSigned
    ? HostTensor(.int(-1), type: dtype) : HostTensor(.uint(dtype.integerMaximum), type: dtype)
}

/// The product over `axes` by halving, whose derivative is right also where elements are zero.
private func product(_ x: Value, _ axes: [Int]) throws -> Value {
  var (x, axes) = (x, axes)
  if axes.count > 1 {
    // All of them become one axis, in front.
    let kept = (0..<x.rank).filter { !axes.contains($0) }
    let order = axes.sorted() + kept
    if order != Array(0..<x.rank) { x = try bind1(Transpose(permutation: order), x) }
    let rest = x.shape.dimensions.suffix(kept.count)
    x = try reshape(x, Shape([x.shape.dimensions.dropLast(kept.count).reduce(1, *)] + rest))
    axes = [0]
  }
  for axis in axes.sorted(by: >) {
    while x.shape[axis] > 1 {
      let count = x.shape[axis]
      let half = (count + 1) / 2
      func part(_ start: Int, _ limit: Int) throws -> Value {
        var starts = x.shape.dimensions.map { _ in 0 }
        var limits = x.shape.dimensions
        starts[axis] = start
        limits[axis] = limit
        return try bind1(
          Slice(starts: starts, limits: limits, strides: starts.map { _ in 1 }), x)
      }
      let first = try part(0, half)
      var second = try part(half, count)
      if count - half != half {
        let config = (0..<x.rank).map {
          PaddingConfig(low: 0, high: $0 == axis ? 1 : 0, interior: 0)
        }
        second = try bind1(Pad(config), second, constant(1, like: x))
      }
      x = try mul(first, second)
    }
    if x.shape[axis] == 0 {
      var shape = x.shape
      shape.dimensions.remove(at: axis)
      x = try full(1, x.aval.with(shape: shape))
    } else {
      x = try bind1(Squeeze([axis]), x)
    }
  }
  return x
}
