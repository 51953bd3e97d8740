import Tensor

/// `np.mgrid[a:b, c:d]`
final class NumpyGrid: NativeObject {
  override func item(_ key: Object) throws -> Object {
    var slices: [Object] = [key]
    if case .tuple(let tuple) = key { slices = tuple.items }
    let lines = try slices.map { object -> [Double] in
      guard case .slice(let slice) = object else { throw typeError("mgrid needs slices") }
      let start = slice.start.isNone ? 0 : try double(slice.start)
      let stop = try double(slice.stop)
      if case .complex(let count) = slice.step {
        // An imaginary step is the number of points, ends included.
        let n = try numpyCount(count.imaginary.rounded(.towardZero))
        return (0..<n).map { start + Double($0) * (stop - start) / Double(max(n - 1, 1)) }
      }
      let step = slice.step.isNone ? 1 : try double(slice.step)
      guard step != 0 else { throw valueError("slice step cannot be zero") }
      return (0..<(try numpyCount((stop - start) / step))).map {
        start + Double($0) * step
      }
    }
    let isWhole = slices.allSatisfy {
      guard case .slice(let slice) = $0 else { return false }
      return [slice.start, slice.stop, slice.step].allSatisfy {
        switch $0 {
        case .none, .int: true
        default: false
        }
      }
    }
    let shape = Shape(lines.map(\.count))
    let planes = lines.enumerated().map { axis, line in
      HostTensor(line).broadcast(to: shape, dimensions: [axis])
        .reshaped(Shape((lines.count > 1 ? [1] : []) + shape.dimensions))
    }
    let grid = HostTensor.concatenated(planes, axis: 0)
    return .native(NumpyArray(isWhole ? grid.converted(to: .i64) : grid))
  }
}
