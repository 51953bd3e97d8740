import Glibc
import Syntax
import Tensor

extension NumpyModule {
  /// Arrays from numbers, sequences and shapes.
  static func defineCreation(in module: ModuleObject) {
    module.def("array(object, dtype=, *, copy=, ndmin=)") { a in
      let array = NumpyArray(try NumpyArray.from(a[0] ?? .none, type: numpyDType(a[1])).copied)
      let missing = try (a[3].map(requireIndex) ?? 0) - array.rank
      if missing <= 0 { return .native(array) }
      return .native(
        reshape(array, Shape([Int](repeating: 1, count: missing) + array.shape.dimensions)))
    }
    for name in ["asarray", "ascontiguousarray", "asanyarray"] {
      module.def("\(name)(a, dtype=)") { a in
        .native(try NumpyArray.from(a[0] ?? .none, type: numpyDType(a[1])))
      }
    }
    func filled(_ name: String, _ value: Int64?) {
      module.def("\(name)(shape, dtype=)") { a in
        let shape = try numpyShape(a[0] ?? .none)
        let type = try numpyDType(a[1]) ?? .f64
        return .native(
          NumpyArray(HostTensor(type: type, shape: shape, filledWith: .int(value ?? 0))))
      }
      module.def("\(name)_like(a, dtype=, shape=)") { a in
        let array = try numpy(a[0])
        let type = try numpyDType(a[1]) ?? array.type
        let shape = try a[2].map(numpyShape) ?? array.shape
        return .native(
          NumpyArray(HostTensor(type: type, shape: shape, filledWith: .int(value ?? 0))))
      }
    }
    filled("zeros", 0)
    filled("ones", 1)
    filled("empty", nil)
    module.def("full(shape, fill_value, dtype=)") { a in
      let value = try NumpyArray.from(a[1] ?? .none, type: numpyDType(a[2])).tensor
      return .native(
        NumpyArray(try broadcast(value, to: numpyShape(a[0] ?? .none)).ownCopy))
    }
    module.def("full_like(a, fill_value, dtype=)") { a in
      let array = try numpy(a[0])
      let value = try NumpyArray.from(a[1] ?? .none, type: numpyDType(a[2]) ?? array.type).tensor
      return .native(NumpyArray(try broadcast(value, to: array.shape).ownCopy))
    }
    module.def("arange(start, stop=, step=, dtype=)") { a in
      let (start, stop): (Object, Object)
      if let given = a[1], !given.isNone {
        (start, stop) = (a[0] ?? .none, given)
      } else {
        (start, stop) = (.int(0), a[0] ?? .none)
      }
      let step = a[2] ?? .int(1)
      let operands = try [start, stop, step].map { try NumpyArray.from($0) }
      let common = operands.map(\.type).reduce(.i64, numpyPromote)
      let type = try numpyDType(a[3]) ?? common
      guard operands.allSatisfy({ $0.elementCount == 1 }) else {
        throw typeError("arange() takes numbers")
      }
      let values = operands.map { $0.tensor[0].double }
      guard values[2] != 0 else { throw raised("ZeroDivisionError", "division by zero") }
      let count = try numpyCount((values[1] - values[0]) / values[2])
      if common.isInteger {
        let (first, stride) = (operands[0].tensor[0].int, operands[2].tensor[0].int)
        return .native(
          NumpyArray(HostTensor((0..<count).map { Int64(first + $0 * stride) }).converted(to: type))
        )
      }
      // The second element fixes the step, as it is rounded.
      let delta = (values[0] + values[2]) - values[0]
      return .native(
        NumpyArray(
          HostTensor((0..<count).map { values[0] + Double($0) * delta }).converted(to: type))
      )
    }
    module.def("linspace(start, stop, num=, endpoint=, retstep=, dtype=)") { a in
      let count = try a[2].map(requireIndex) ?? 50
      guard count >= 0 else {
        throw valueError("Number of samples, \(count), must be non-negative.")
      }
      _ = try checkedNumpyShape([count])
      let isClosed = try a[3].map(isTrue) ?? true
      let (start, stop) = (try double(plainNumber(a[0])), try double(plainNumber(a[1])))
      let intervals = Double(isClosed ? count - 1 : count)
      let step = intervals > 0 ? (stop - start) / intervals : .nan
      var values = (0..<count).map { Double($0) * step + start }
      if count == 1 { values = [start] }
      if isClosed && count > 1 { values[count - 1] = stop }
      let result = Object.native(
        NumpyArray(numpyCast(HostTensor(values), to: try numpyDType(a[5]) ?? .f64)))
      return try a[4].map(isTrue) ?? false ? .tuple([result, .float(step)]) : result
    }
    module.def("logspace(start, stop, num=, endpoint=, base=)") { a in
      let count = try a[2].map(requireIndex) ?? 50
      guard count >= 0 else {
        throw valueError("Number of samples, \(count), must be non-negative.")
      }
      _ = try checkedNumpyShape([count])
      let (start, stop) = (try double(plainNumber(a[0])), try double(plainNumber(a[1])))
      let intervals = Double(try a[3].map(isTrue) ?? true ? count - 1 : count)
      let base = try a[4].map(double) ?? 10
      return .native(
        NumpyArray(
          HostTensor((0..<count).map { pow(base, start + Double($0) * (stop - start) / intervals) })
        ))
    }
    module.def("eye(N, M=, k=, dtype=)") { a in
      let rows = try requireIndex(a[0] ?? .none)
      let columns = try a[1].given.map(requireIndex) ?? rows
      return .native(
        try identity(rows, columns, a[2].map(requireIndex) ?? 0, numpyDType(a[3]) ?? .f64))
    }
    module.def("identity(n, dtype=)") { a in
      let n = try requireIndex(a[0] ?? .none)
      return .native(try identity(n, n, 0, numpyDType(a[1]) ?? .f64))
    }
    module.def("diag(v, k=)") { a in
      let array = try numpy(a[0])
      let k = try a[1].map(requireIndex) ?? 0
      guard array.rank == 1 else { return .native(NumpyArray(try diagonal(array, k).copied)) }
      let n = array.elementCount + abs(k)
      let result = NumpyArray(HostTensor.zeros(array.type, [n, n]))
      try diagonal(result, k).assign(array.tensor)
      return .native(result)
    }
    module.def("meshgrid(*xi, indexing=)") { a in
      let lines = try list(a[1] ?? .none).map { try numpy($0).tensor }
      let isMatrix = try a[0].map(str) == "ij"
      var order = Array(lines.indices)
      if !isMatrix && lines.count > 1 { order.swapAt(0, 1) }
      let shape = Shape(order.map { lines[$0].count })
      return .tuple(
        lines.enumerated().map { i, line in
          let axis = order.firstIndex(of: i) ?? i
          return .native(
            NumpyArray(line.reshaped([line.count]).broadcast(to: shape, dimensions: [axis]).ownCopy)
          )
        })
    }
    module.def("indices(dimensions, dtype=)") { a in
      let shape = try numpyShape(a[0] ?? .none)
      let planes = shape.dimensions.indices.map {
        HostTensor.iota(.i64, shape, dimension: $0).reshaped(Shape([1] + shape.dimensions))
      }
      return .native(NumpyArray(HostTensor.concatenated(planes, axis: 0)))
    }
    module["mgrid"] = .native(NumpyGrid())
  }

  private static func identity(
    _ rows: Int, _ columns: Int, _ k: Int, _ type: ElementType
  ) throws -> NumpyArray {
    _ = try checkedNumpyShape([rows, columns])
    var elements = [Int64](repeating: 0, count: rows * columns)
    for i in 0..<rows where -i <= k && k < columns - i { elements[i * columns + i + k] = 1 }
    return NumpyArray(HostTensor(elements, shape: [rows, columns]).converted(to: type))
  }
}
