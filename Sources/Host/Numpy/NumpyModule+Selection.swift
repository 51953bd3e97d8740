import Syntax
import Tensor

extension NumpyModule {
  /// Elements that meet a condition, and their positions.
  static func defineSelection(in module: ModuleObject) {
    module.def("where(condition, x=, y=, /)") { a in
      let mask = numpyCast(try numpy(a[0]).tensor, to: .bool)
      guard let first = a[1], let second = a[2] else {
        return try callMethod(.native(NumpyArray(mask)), "nonzero") ?? .none
      }
      guard let x = try NumpyOperand(first), let y = try NumpyOperand(second) else {
        throw typeError("numpy.where does not accept operands of these types")
      }
      let type = numpyResultType([x, y])
      let shape = try broadcastShapes([mask.shape, x.tensor.shape, y.tensor.shape])
      let flags = try broadcast(mask, to: shape).elements(as: Bool.self)
      let then = try broadcast(numpyCast(x.tensor, to: type), to: shape)
      let otherwise = try broadcast(numpyCast(y.tensor, to: type), to: shape)
      let size = type.byteCount
      return wrapped(
        HostTensor(type: type, shape: shape) { target in
          for (i, flag) in flags.enumerated() {
            (target + i * size).copyMemory(
              from: (flag ? then : otherwise).buffer.address + i * size, byteCount: size)
          }
        })
    }
    module.def("unique(a, return_index=, return_inverse=, return_counts=)") { a in
      let tensor = try numpy(a[0]).tensor
      let flat = tensor.reshaped([tensor.count])
      let positions = sortedPositions(flat, axis: 0).positions
      let keys = flat.elements(as: Double.self)
      let starts = positions.indices.filter {
        $0 == 0 || keys[Int(positions[$0])] != keys[Int(positions[$0 - 1])]
      }
      let ends = starts.dropFirst() + [positions.count]
      let firsts = HostTensor(starts.map { positions[$0] })
      var results = [try take(NumpyArray(flat), NumpyArray(firsts), 0)]
      func add(_ tensor: HostTensor, where position: Int) throws {
        if try a[position].map(isTrue) ?? false { results.append(.native(NumpyArray(tensor))) }
      }
      try add(firsts, where: 1)
      var groups = [Int64](repeating: 0, count: positions.count)
      for (group, range) in zip(starts, ends).enumerated() {
        for place in range.0..<range.1 { groups[Int(positions[place])] = Int64(group) }
      }
      try add(HostTensor(groups, shape: tensor.shape), where: 2)
      try add(HostTensor(zip(starts, ends).map { Int64($1 - $0) }), where: 3)
      return results.count == 1 ? results[0] : .tuple(results)
    }
    module.def("searchsorted(a, v, side=)") { a in
      let keys = try numpy(a[0]).tensor.elements(as: Double.self)
      let isRight = try a[2].map(str) == "right"
      return wrapped(
        mapElements(try numpy(a[1]).tensor, as: Double.self, to: .i64) { x -> Int64 in
          var (low, high) = (0, keys.count)
          while low < high {
            let middle = (low + high) / 2
            if isRight ? keys[middle] <= x : keys[middle] < x {
              low = middle + 1
            } else {
              high = middle
            }
          }
          return Int64(low)
        })
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
  }
}
