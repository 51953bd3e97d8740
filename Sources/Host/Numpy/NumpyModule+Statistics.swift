import Syntax
import Tensor

extension NumpyModule {
  /// Counts, means, quantiles and products.
  static func defineStatistics(in module: ModuleObject) {
    module.def("median(a, axis=, *, keepdims=)") { a in
      let x = try numpy(a[0]).tensor
      return wrapped(
        numpyQuantile(
          x, try numpyAxes(a[1], rank: x.shape.rank), keepsAxes: try a[2].map(isTrue) ?? false, 0.5)
      )
    }
    for (name, scale) in [("quantile", 1.0), ("percentile", 100.0)] {
      module.def("\(name)(a, q, axis=, *, keepdims=)") { a in
        let x = try numpy(a[0]).tensor
        let axes = try numpyAxes(a[2], rank: x.shape.rank)
        let keeps = try a[3].map(isTrue) ?? false
        let q = try numpy(a[1])
        if q.rank == 0 {
          return wrapped(numpyQuantile(x, axes, keepsAxes: keeps, q.tensor[0].double / scale))
        }
        let parts = q.tensor.elements(as: Double.self).map {
          numpyQuantile(x, axes, keepsAxes: keeps, $0 / scale)
        }
        let rows = parts.map { $0.reshaped(Shape([1] + $0.shape.dimensions)) }
        return .native(NumpyArray(HostTensor.concatenated(rows, axis: 0)))
      }
    }
    module.def("average(a, axis=, weights=)") { a in
      let x = try numpy(a[0]).tensor
      let axes = try numpyAxes(a[1], rank: x.shape.rank)
      guard let weights = a[2], !weights.isNone else {
        return wrapped(numpyMean(x, axes, keepsAxes: false))
      }
      let own = NumpyOperand(try numpy(weights).tensor)
      let product = try numpyBinary(.multiply, NumpyOperand(x), own)
      let total = numpySum(try broadcast(own.tensor, to: x.shape), axes, keepsAxes: false)
      return wrapped(
        try numpyBinary(
          .divide, NumpyOperand(numpySum(product, axes, keepsAxes: false)),
          NumpyOperand(total)))
    }
    module.def("cov(m)") { a in
      let x = try numpy(a[0]).tensor.converted(to: .f64)
      let rows = x.shape.rank == 1 ? x.reshaped([1, x.count]) : x
      let mean = numpyMean(rows, [1], keepsAxes: true)
      let centred = try numpyBinary(
        .subtract, NumpyOperand(rows), NumpyOperand(mean))
      let product = try matrixProduct(centred, centred.transposed([1, 0]))
      let scale = Double(rows.shape[1] - 1)
      let result = mapElements(product, as: Double.self, to: .f64) { $0 / scale }
      return wrapped(x.shape.rank == 1 ? result.reshaped(.scalar) : result)
    }
    module.def("histogram(a, bins=, range=)") { a in
      let values = try numpy(a[0]).tensor.elements(as: Double.self)
      let edges: [Double]
      if let count = try? index(a[1] ?? .int(10)) {
        let given = try a[2].given.map { try list($0).map(double) }
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
      return .tuple([
        .native(NumpyArray(HostTensor(counts))), .native(NumpyArray(HostTensor(edges))),
      ])
    }
    module.def("bincount(x)") { a in
      let x = try numpy(a[0]).tensor.elements(as: Int64.self)
      var counts = [Int64](repeating: 0, count: Int(x.max() ?? -1) + 1)
      for value in x where value >= 0 { counts[Int(value)] += 1 }
      return .native(NumpyArray(HostTensor(counts)))
    }
    module.def("count_nonzero(a, axis=)") { a in
      let mask = numpyCast(try numpy(a[0]).tensor, to: .bool)
      return wrapped(numpySum(mask, try numpyAxes(a[1], rank: mask.shape.rank), keepsAxes: false))
    }
    module.def("diff(a, n=, axis=)") { a in
      var x = try numpy(a[0]).tensor
      guard x.shape.rank > 0 else {
        throw valueError("diff requires input that is at least one dimensional")
      }
      let axis = try numpyAxis(a[2] ?? .int(-1), rank: x.shape.rank)
      for _ in 0..<(try a[1].map(requireIndex) ?? 1) {
        var (starts, limits) = ([Int](repeating: 0, count: x.shape.rank), x.shape.dimensions)
        let ones = [Int](repeating: 1, count: x.shape.rank)
        limits[axis] -= 1
        let low = x.sliced(starts: starts, limits: limits, strides: ones)
        starts[axis] = 1
        limits[axis] += 1
        let high = x.sliced(starts: starts, limits: limits, strides: ones)
        x = try numpyBinary(
          x.type == .bool ? .bitXor : .subtract, NumpyOperand(high),
          NumpyOperand(low))
      }
      return wrapped(x)
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
    module.def("outer(a, b)") { a in
      let (x, y) = (try numpy(a[0]), try numpy(a[1]))
      return wrapped(
        try numpyBinary(
          .multiply, NumpyOperand(x.tensor.reshaped([x.elementCount, 1])),
          NumpyOperand(y.tensor.reshaped([1, y.elementCount]))))
    }
    module.def("vdot(a, b)") { a in
      let (x, y) = (try numpy(a[0]), try numpy(a[1]))
      return wrapped(
        try matrixProduct(
          conjugate(x.tensor.reshaped([x.elementCount])), y.tensor.reshaped([y.elementCount])))
    }
  }
}
