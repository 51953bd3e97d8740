import Core
import Primitives
import Tensor
import Transforms

/// `array[key]`: integers, slices, `None` and `...` here; everything else by the library.
func arrayItem(_ object: Object, _ key: Object) throws -> Object {
  guard case .array(let value) = object else { throw typeError("not an array") }
  if let plan = try StaticIndex(key, value.shape) {
    return .array(try plan.apply(to: value))
  }
  guard let function = try Session.loader.library("jax._indexing").lookup("getitem") else {
    throw raised("ImportError", "the library has no getitem")
  }
  return try call(function, [object, key])
}

/// An index that says at once which elements it takes.
private struct StaticIndex {
  private var starts: [Int] = []
  private var limits: [Int] = []
  private var strides: [Int] = []
  private var reversed: [Int] = []
  private var squeezed: [Int] = []
  /// The axes of the result that `None` adds.
  private var added: [Int] = []
  private let shape: Shape

  /// `nil` if `key` has other parts, or is out of bounds (which the library clamps).
  init?(_ key: Object, _ shape: Shape) throws {
    self.shape = shape
    let items: [Object] = if case .tuple(let tuple) = key { tuple.items } else { [key] }
    var used = 0
    for item in items {
      switch item {
      case .int, .slice: used += 1
      case .none, .ellipsis: break
      default: return nil
      }
    }
    if used > shape.rank {
      throw indexError(
        "Too many indices: array is \(shape.rank)-dimensional, but \(used) were indexed")
    }
    if items.count(where: { if case .ellipsis = $0 { true } else { false } }) > 1 {
      throw indexError("an index can only have a single ellipsis ('...')")
    }
    var axis = 0
    var result = 0
    func take(_ count: Int) {}
    for item in items {
      switch item {
      case .none:
        added.append(result)
        result += 1
      case .ellipsis:
        for _ in 0..<(shape.rank - used) {
          whole(shape.dimensions[axis])
          axis += 1
          result += 1
        }
      case .int(let index):
        let size = shape.dimensions[axis]
        let position = index < 0 ? index + size : index
        guard position >= 0 && position < size else { return nil }
        starts.append(position)
        limits.append(position + 1)
        strides.append(1)
        squeezed.append(axis)
        axis += 1
      case .slice(let slice):
        for part in [slice.start, slice.stop, slice.step] {
          switch part {
          case .none, .int, .bool: break
          default: return nil
          }
        }
        let size = shape.dimensions[axis]
        let (start, stop, step) = try slice.bounds(size)
        if step > 0 {
          starts.append(start)
          limits.append(max(start, stop))
          strides.append(step)
        } else {
          // The same elements from the last one on, which are then reversed.
          let rest = (start - stop - 1) % -step
          let last = stop + 1 + (rest < 0 ? rest - step : rest)
          starts.append(last)
          limits.append(max(last, start + 1))
          strides.append(-step)
          reversed.append(axis)
        }
        axis += 1
        result += 1
      default: return nil
      }
    }
    while axis < shape.rank {
      whole(shape.dimensions[axis])
      axis += 1
    }
  }

  private mutating func whole(_ size: Int) {
    starts.append(0)
    limits.append(size)
    strides.append(1)
  }

  func apply(to value: Value) throws -> Value {
    var result = value
    let isWhole =
      starts.allSatisfy { $0 == 0 } && limits == shape.dimensions
      && strides.allSatisfy { $0 == 1 }
    if !isWhole {
      let isStrided = strides.contains { $0 != 1 }
      result = try bind1(
        Primitives.Slice(starts: starts, limits: limits, strides: isStrided ? strides : nil), result
      )
    }
    if !reversed.isEmpty { result = try bind1(Rev(reversed), result) }
    if !squeezed.isEmpty { result = try bind1(Squeeze(squeezed), result) }
    if !added.isEmpty {
      var dimensions = result.shape.dimensions
      for axis in added { dimensions.insert(1, at: axis) }
      let kept = dimensions.indices.filter { !added.contains($0) }
      result = try bind1(
        BroadcastInDim(shape: Shape(dimensions), dimensions: Array(kept)), result)
    }
    return result
  }
}
