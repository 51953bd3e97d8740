import Syntax
import Tensor

extension NumpyModule {
  /// Shapes, joins and splits.
  static func defineShaping(in module: ModuleObject) {
    // As a function, `reshape` and `transpose` take one sequence.
    module.def("reshape(a, /, shape, order=)") { a in
      try callMethod(.native(numpy(a[0])), "reshape", [a[1] ?? .none]) ?? .none
    }
    module.def("transpose(a, axes=)") { a in
      try callMethod(.native(numpy(a[0])), "transpose", a[1].map { [$0] } ?? []) ?? .none
    }
    module.def("sort(a, axis=)") { a in
      let array = try numpy(a[0])
      let axis = try numpyAxis(a[1] ?? .int(-1), rank: array.rank)
      return .native(NumpyArray(numpySort(array.tensor, axis: axis).ownCopy))
    }
    NumpyTypes.ndarray.def("sort(a, axis=)") { a in
      let array = try numpy(a[0])
      let axis = try numpyAxis(a[1] ?? .int(-1), rank: array.rank)
      try array.assign(numpySort(array.copied, axis: axis))
      return .none
    }
    func arrays(_ object: Object?) throws -> [NumpyArray] { try list(object ?? .none).map(numpy) }
    func joined(_ parts: [HostTensor], axis: Int) throws -> Object {
      guard let first = parts.first else {
        throw valueError("need at least one array to concatenate")
      }
      let type = parts.dropFirst().reduce(first.type) { numpyPromote($0, $1.type) }
      for part in parts {
        guard part.shape.rank == first.shape.rank else {
          throw valueError(
            """
            all the input array dimensions except for the concatenation axis must match exactly, but \
            along dimension 0, the arrays have different numbers of dimensions
            """)
        }
        for axis2 in 0..<first.shape.rank
        where axis2 != axis && part.shape[axis2] != first.shape[axis2] {
          throw valueError(
            """
            all the input array dimensions except for the concatenation axis must match exactly, but \
            along dimension \(axis2), the array at index 0 has size \(first.shape[axis2]) and the \
            array at index 1 has size \(part.shape[axis2])
            """)
        }
      }
      return .native(
        NumpyArray(HostTensor.concatenated(parts.map { numpyCast($0, to: type) }, axis: axis)))
    }
    module.def("concatenate(arrays, axis=)") { a in
      let parts = try arrays(a[0])
      if a[1]?.isNone ?? false {
        return try joined(parts.map { $0.tensor.reshaped([$0.elementCount]) }, axis: 0)
      }
      if parts.first?.rank == 0 {
        throw valueError("zero-dimensional arrays cannot be concatenated")
      }
      return try joined(
        parts.map(\.tensor), axis: numpyAxis(a[1] ?? .int(0), rank: parts.first?.rank ?? 1))
    }
    module.def("stack(arrays, axis=)") { a in
      let parts = try arrays(a[0])
      guard let first = parts.first else { throw valueError("need at least one array to stack") }
      guard parts.allSatisfy({ $0.shape == first.shape }) else {
        throw valueError("all input arrays must have the same shape")
      }
      let axis = try numpyAxis(a[1] ?? .int(0), rank: first.rank + 1)
      var shape = first.shape.dimensions
      shape.insert(1, at: axis)
      return try joined(parts.map { $0.tensor.reshaped(Shape(shape)) }, axis: axis)
    }
    module.def("vstack(arrays)") { a in
      try joined(
        arrays(a[0]).map { $0.rank < 2 ? $0.tensor.reshaped([1, $0.elementCount]) : $0.tensor },
        axis: 0)
    }
    module.def("hstack(arrays)") { a in
      let parts = try arrays(a[0]).map { $0.rank == 0 ? $0.tensor.reshaped([1]) : $0.tensor }
      return try joined(parts, axis: (parts.first?.shape.rank ?? 1) > 1 ? 1 : 0)
    }
    module.def("column_stack(arrays)") { a in
      try joined(
        arrays(a[0]).map { $0.rank < 2 ? $0.tensor.reshaped([$0.elementCount, 1]) : $0.tensor },
        axis: 1)
    }
    module.def("expand_dims(a, axis)") { a in
      let array = try numpy(a[0])
      let axis = try numpyAxis(a[1] ?? .none, rank: array.rank + 1)
      var (shape, strides) = (array.shape.dimensions, array.strides)
      shape.insert(1, at: axis)
      strides.insert(0, at: axis)
      return .native(array.view(shape: Shape(shape), strides: strides))
    }
    module.def("moveaxis(a, source, destination)") { a in
      let array = try numpy(a[0])
      let (source, target) = (
        try numpyAxes(a[1], rank: array.rank), try numpyAxes(a[2], rank: array.rank)
      )
      var order = (0..<array.rank).filter { !source.contains($0) }
      for (to, from) in zip(target, source).sorted(by: { $0.0 < $1.0 }) {
        order.insert(from, at: to)
      }
      return transposed(array, order)
    }
    module.def("broadcast_to(a, shape)") { a in
      let shape = try numpyShape(a[1] ?? .none)
      return .native(NumpyArray(try broadcast(numpy(a[0]).tensor, to: shape).ownCopy))
    }
    module.def("tile(a, reps)") { a in
      let array = try numpy(a[0])
      var counts = try numpyExtents(a[1] ?? .none)
      var shape = array.shape.dimensions
      while counts.count < shape.count { counts.insert(1, at: 0) }
      while shape.count < counts.count { shape.insert(1, at: 0) }
      _ = try checkedNumpyShape(shape + counts)
      var result = array.tensor.reshaped(Shape(shape))
      for (axis, count) in counts.enumerated() {
        if count == 0 {
          shape = result.shape.dimensions
          shape[axis] = 0
          result = HostTensor.zeros(array.type, Shape(shape))
          continue
        }
        result = HostTensor.concatenated(
          [HostTensor](repeating: result, count: count), axis: axis)
      }
      return .native(NumpyArray(result))
    }
    for (name, axes) in [("flip", nil), ("flipud", 0), ("fliplr", 1)] as [(String, Int?)] {
      module.def("\(name)(a, axis=)") { a in
        let array = try numpy(a[0])
        let chosen = try axes.map { [$0] } ?? numpyAxes(a[1], rank: array.rank)
        return .native(NumpyArray(array.tensor.reversed(chosen)))
      }
    }
    module.def("roll(a, shift, axis=)") { a in
      var array = try numpy(a[0])
      let shape = array.shape
      let isFlat = a[2]?.isNone ?? true
      if isFlat { array = reshape(array, [array.elementCount]) }
      let axis = isFlat ? 0 : try numpyAxis(a[2] ?? .none, rank: array.rank)
      let n = array.shape[axis]
      let shift = try requireIndex(a[1] ?? .none)
      let positions = (0..<n).map { Int64((($0 - shift) % n + n) % n) }
      let result = try numpy(take(array, NumpyArray(HostTensor(positions)), axis))
      return .native(reshape(result, shape))
    }
    for (name, isLower) in [("tril", true), ("triu", false)] {
      module.def("\(name)(a, k=)") { a in
        let array = NumpyArray(try numpy(a[0]).copied)
        let k = try a[1].map(requireIndex) ?? 0
        guard array.rank >= 2 else { throw valueError("\(name) requires at least two axes") }
        let (rows, columns) = (array.shape[array.rank - 2], array.shape[array.rank - 1])
        let size = array.type.byteCount
        for position in 0..<array.elementCount {
          let (i, j) = (position / columns % rows, position % columns)
          if isLower ? j - i > k : j - i < k {
            (array.buffer.address + position * size)
              .initializeMemory(as: UInt8.self, repeating: 0, count: size)
          }
        }
        return .native(array)
      }
    }
    for name in ["split", "array_split"] {
      module.def("\(name)(a, indices_or_sections, axis=)") { a in
        let array = try numpy(a[0])
        let axis = try numpyAxis(a[2] ?? .int(0), rank: array.rank)
        let extent = array.shape[axis]
        var bounds: [Int]
        if let sections = try? index(a[1] ?? .none) {
          guard sections != 0 || name != "split" else {
            throw raised("ZeroDivisionError", "integer modulo by zero")
          }
          guard sections > 0 else { throw valueError("number sections must be larger than 0.") }
          if name == "split" && extent % sections != 0 {
            throw valueError("array split does not result in an equal division")
          }
          let (size, extra) = (extent / sections, extent % sections)
          bounds = (0...sections).map { $0 * size + min($0, extra) }
        } else {
          bounds = [0] + (try list(a[1] ?? .none).map(requireIndex)) + [extent]
        }
        let everything = Object.slice(Slice(.none, .none, .none))
        return .list(
          try zip(bounds, bounds.dropFirst()).map { start, stop in
            let slice = Object.slice(Slice(.int(start), .int(stop), .none))
            return try array.item(.tuple([Object](repeating: everything, count: axis) + [slice]))
          })
      }
    }
    for name in ["shape", "ndim", "size"] {
      module.def("\(name)(a)") { a in try getAttribute(.native(numpy(a[0])), Symbol(name)) }
    }
    module.def("pad(array, pad_width, mode=, constant_values=)") { a in
      let x = try numpy(a[0]).tensor
      let mode = try a[2].map(str) ?? "constant"
      let widths = try numpy(a[1]).tensor
      let all = try broadcast(widths, to: [x.shape.rank, 2]).elements(as: Int64.self).map {
        Int($0)
      }
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
    module.def("atleast_1d(a)") { a in
      let array = try numpy(a[0])
      return .native(array.rank >= 1 ? array : reshape(array, [1]))
    }
    module.def("atleast_2d(a)") { a in
      let array = try numpy(a[0])
      return .native(array.rank >= 2 ? array : reshape(array, [1, array.elementCount]))
    }
  }
}
