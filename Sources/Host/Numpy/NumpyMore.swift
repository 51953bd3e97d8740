import Glibc
import Syntax
import Tensor

/// Functions of `numpy` that combine others.
func addNumpyCombinations(_ module: ModuleObject) {
  module.def("finfo(dtype)") { a in
    .native(FloatInformation(try numpyDType(a[0]) ?? .f64))
  }
  module.def("iinfo(dtype)") { a in
    .native(IntegerInformation(try numpyDType(a[0]) ?? .i64))
  }
  module.def("count_nonzero(a, axis=)") { a in
    let mask = numpyCast(try numpy(a[0]).tensor, to: .bool)
    return wrapped(numpySum(mask, try numpyAxes(a[1], rank: mask.shape.rank), keepsAxes: false))
  }
  module.def("flatnonzero(a)") { a in
    let mask = numpyCast(try numpy(a[0]).tensor, to: .bool).elements(as: Bool.self)
    return wrapped(HostTensor(mask.indices.filter { mask[$0] }.map { Int64($0) }))
  }
  module.def("argwhere(a)") { a in
    let tensor = try numpy(a[0]).tensor
    let mask = numpyCast(tensor, to: .bool).elements(as: Bool.self)
    let found = mask.indices.filter { mask[$0] }
    let rows = found.flatMap { position in
      zip(tensor.shape.dimensions, tensor.shape.strides).map { Int64(position / $1 % $0) }
    }
    return wrapped(HostTensor(rows, shape: [found.count, tensor.shape.rank]))
  }
  module.def("isin(element, test_elements)") { a in
    let members = Set(try numpy(a[1]).tensor.elements(as: Double.self))
    return wrapped(
      mapElements(try numpy(a[0]).tensor, as: Double.self, to: .bool) { members.contains($0) })
  }
  module.def("nan_to_num(x, copy=, nan=, posinf=, neginf=)") { a in
    let x = try numpy(a[0]).tensor
    guard x.type.isFloat, let format = x.type.floatFormat else { return wrapped(x) }
    let nan = try a[2].map(double) ?? 0
    let (high, low) = (
      try a[3].map(double) ?? format.largest, try a[4].map(double) ?? -format.largest
    )
    return wrapped(
      mapElements(x, as: Double.self, to: x.type) {
        $0.isNaN ? nan : $0 == .infinity ? high : $0 == -.infinity ? low : $0
      })
  }
  module.def("interp(x, xp, fp)") { a in
    let (xp, fp) = (
      try numpy(a[1]).tensor.elements(as: Double.self),
      try numpy(a[2]).tensor.elements(as: Double.self)
    )
    guard let first = fp.first, let last = fp.last, xp.count == fp.count else {
      throw valueError("fp and xp are not of the same length.")
    }
    return wrapped(
      mapElements(try numpy(a[0]).tensor, as: Double.self, to: .f64) { x -> Double in
        if x.isNaN { return x }
        guard let next = xp.firstIndex(where: { $0 > x }) else { return last }
        if next == 0 { return first }
        let slope = (fp[next] - fp[next - 1]) / (xp[next] - xp[next - 1])
        return slope * (x - xp[next - 1]) + fp[next - 1]
      })
  }
  module.def("pad(array, pad_width, mode=, constant_values=)") { a in
    let x = try numpy(a[0]).tensor
    let mode = try a[2].map(str) ?? "constant"
    let widths = try numpy(a[1]).tensor
    let all = try broadcast(widths, to: [x.shape.rank, 2]).elements(as: Int64.self).map { Int($0) }
    guard mode == "constant" || mode == "edge" else {
      throw unsupportedNumpy("pad with mode \(mode)")
    }
    let shape = Shape(
      x.shape.dimensions.indices.map { x.shape[$0] + all[2 * $0] + all[2 * $0 + 1] })
    let value = try a[3].map { try numpy($0).tensor[0] } ?? .int(0)
    let result = NumpyArray(HostTensor(type: x.type, shape: shape, filledWith: value))
    let inner = x.shape.dimensions.indices.map { axis -> Object in
      .slice(Slice(.int(all[2 * axis]), .int(all[2 * axis] + x.shape[axis]), .none))
    }
    if mode == "edge" {
      var source = NumpyArray(x)
      for axis in 0..<x.shape.rank {
        let positions = (0..<shape[axis]).map {
          Int64(min(max($0 - all[2 * axis], 0), x.shape[axis] - 1))
        }
        source = try numpy(take(source, NumpyArray(HostTensor(positions)), axis))
      }
      return .native(source)
    }
    try result.assign(.native(NumpyArray(x)), at: .tuple(inner))
    return .native(result)
  }
  module.def("histogram(a, bins=, range=)") { a in
    let values = try numpy(a[0]).tensor.elements(as: Double.self)
    let edges: [Double]
    if let count = try? index(a[1] ?? .int(10)) {
      let given = try a[2].flatMap { $0.isNone ? nil : try list($0).map(double) }
      var (low, high) = (given?[0] ?? values.min() ?? 0, given?[1] ?? values.max() ?? 1)
      if low == high { (low, high) = (low - 0.5, high + 0.5) }
      edges = (0...count).map {
        $0 == count ? high : Double($0) * ((high - low) / Double(count)) + low
      }
    } else {
      edges = try numpy(a[1]).tensor.elements(as: Double.self)
    }
    var counts = [Int64](repeating: 0, count: max(edges.count - 1, 0))
    for value in values {
      // The last bin is closed.
      if value == edges.last {
        counts[counts.count - 1] += 1
      } else if let next = edges.firstIndex(where: { $0 > value }), next > 0 {
        counts[next - 1] += 1
      }
    }
    return .tuple([.native(NumpyArray(HostTensor(counts))), .native(NumpyArray(HostTensor(edges)))])
  }
  module.def("indices(dimensions, dtype=)") { a in
    let shape = try numpyShape(a[0] ?? .none)
    let planes = shape.dimensions.indices.map {
      HostTensor.iota(.i64, shape, dimension: $0).reshaped(Shape([1] + shape.dimensions))
    }
    return .native(NumpyArray(HostTensor.concatenated(planes, axis: 0)))
  }
  module.def("atleast_1d(a)") { a in
    let array = try numpy(a[0])
    return .native(array.rank >= 1 ? array : reshape(array, [1]))
  }
  module.def("atleast_2d(a)") { a in
    let array = try numpy(a[0])
    return .native(array.rank >= 2 ? array : reshape(array, [1, array.elementCount]))
  }
  module.def("average(a, axis=, weights=)") { a in
    let x = try numpy(a[0]).tensor
    let axes = try numpyAxes(a[1], rank: x.shape.rank)
    guard let weights = a[2], !weights.isNone else {
      return wrapped(numpyMean(x, axes, keepsAxes: false))
    }
    let own = NumpyOperand(try numpy(weights).tensor, isWeak: false)
    let product = try numpyBinary(.multiply, NumpyOperand(x, isWeak: false), own)
    let total = numpySum(try broadcast(own.tensor, to: x.shape), axes, keepsAxes: false)
    return wrapped(
      try numpyBinary(
        .divide, NumpyOperand(numpySum(product, axes, keepsAxes: false), isWeak: false),
        NumpyOperand(total, isWeak: false)))
  }
  module.def("cov(m)") { a in
    let x = try numpy(a[0]).tensor.converted(to: .f64)
    let rows = x.shape.rank == 1 ? x.reshaped([1, x.count]) : x
    let mean = numpyMean(rows, [1], keepsAxes: true)
    let centred = try numpyBinary(
      .subtract, NumpyOperand(rows, isWeak: false), NumpyOperand(mean, isWeak: false))
    let product = try matrixProduct(centred, centred.transposed([1, 0]))
    let scale = Double(rows.shape[1] - 1)
    let result = mapElements(product, as: Double.self, to: .f64) { $0 / scale }
    return wrapped(x.shape.rank == 1 ? result.reshaped(.scalar) : result)
  }
  module.def("ndindex(*shape)") { a in
    var given = try list(a[0] ?? .none)
    if given.count == 1, case .tuple(let tuple) = given[0] { given = tuple.items }
    let shape = try checkedNumpyShape(given.map(requireIndex))
    var position = 0
    return .native(
      ClosureIterator("ndindex") {
        guard position < shape.count else { return nil }
        defer { position += 1 }
        return .ints(zip(shape.dimensions, shape.strides).map { position / $1 % $0 })
      })
  }
  module.def("ndenumerate(a)") { a in
    let tensor = try numpy(a[0]).copied
    var position = 0
    return .native(
      ClosureIterator("ndenumerate") {
        guard position < tensor.count else { return nil }
        defer { position += 1 }
        let key = zip(tensor.shape.dimensions, tensor.shape.strides).map { position / $1 % $0 }
        return .tuple([.ints(key), pythonScalar(tensor[position])])
      })
  }
  module["mgrid"] = .native(NumpyGrid())
}

/// `np.mgrid[a:b, c:d]`
private final class NumpyGrid: NativeObject {
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
