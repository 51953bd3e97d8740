import Support
import Tensor

// Operations between devices.
extension Typing {
  func collective() throws(Diagnostic) -> [ValueType] {
    switch op {
    case .allGather(let dimension, let attributes):
      let stated = try statedTypes()
      try groups(attributes, unique: "C2", complete: "C4", channel: "C5", mayBePadded: false)
      for index in operands.indices {
        let x = try tensor(index)
        try require(
          dimension >= 0 && dimension < x.rank, "C1",
          "all_gather_dim \(dimension) is not in 0..<\(x.rank)")
        guard index < stated.count, let result = stated[index].tensor, result.rank == x.rank,
          result.element == x.element,
          (0..<x.rank).allSatisfy({
            $0 == dimension || compatible(x.dimensions[$0], result.dimensions[$0])
          })
        else { throw violation("C6", "\(x) cannot gather to \(stated)") }
        try multiple(result.dimensions[dimension], of: x.dimensions[dimension], "C6")
      }
      return stated

    case .allReduce(let attributes), .collectiveReduce(let attributes):
      try require(
        operands.count > (attributes.hasDynamicRoot ? 1 : 0), "operands", "there are too few")
      try groups(attributes, unique: "C1", complete: "C3", channel: "C4", mayBePadded: true)
      // The last operand may say which member of a group receives the result.
      if attributes.hasDynamicRoot { try roots(operands.count - 1, "C5") }
      let inputs = try tensors(0..<operands.count - (attributes.hasDynamicRoot ? 1 : 0))
      let scalar = try combination(inputs, "C5")
      return inputs.map { .tensor(TensorType($0.shape, scalar.element, note: scalar.note)) }

    case .reduceScatter(let dimension, let attributes):
      try count(1)
      try groups(attributes, unique: "C3", complete: "C5", channel: "C6", mayBePadded: false)
      let (x, result) = (try tensor(0), try statedTensor())
      try require(
        dimension >= 0 && dimension < x.rank, "C2",
        "scatter_dimension \(dimension) is not in 0..<\(x.rank)")
      try require(
        x.rank == result.rank
          && (0..<x.rank).allSatisfy {
            $0 == dimension || compatible(x.dimensions[$0], result.dimensions[$0])
          }, "C8", "\(x) cannot scatter to \(result)")
      try multiple(x.dimensions[dimension], of: result.dimensions[dimension], "C8")
      let scalar = try combination([x], "C7")
      try require(
        result.element == scalar.element && result.quantization == scalar.quantization, "C9",
        "\(x) cannot scatter to \(result)")
      return [.tensor(result)]

    case .allToAll(let attributes):
      let inputs = try tensors(0..<operands.count)
      let collective = attributes.collective
      try groups(collective, unique: "C5", complete: "C7", channel: nil, mayBePadded: false)
      try require(attributes.splitCount > 0, "C4", "split_count \(attributes.splitCount)")
      try require(
        collective.groups.allSatisfy { $0.count == attributes.splitCount }
          && (!collective.groups.isEmpty || attributes.splitCount == 1), "C8",
        "the groups \(collective.groups) do not have \(attributes.splitCount) members")
      var types: [ValueType] = []
      for x in inputs {
        let (split, concat) = (attributes.splitDimension, attributes.concatDimension)
        try require(split >= 0 && split < x.rank, "C1", "split_dimension \(split) of \(x)")
        try require(concat >= 0 && concat < x.rank, "C3", "concat_dimension \(concat) of \(x)")
        var dimensions = x.dimensions
        if dimensions[split] != TensorType.dynamic {
          try require(
            dimensions[split] % attributes.splitCount == 0, "C2",
            "dimension \(split) of \(x) in \(attributes.splitCount) parts")
          dimensions[split] /= attributes.splitCount
        }
        if dimensions[concat] != TensorType.dynamic {
          let (product, overflow) = dimensions[concat].multipliedReportingOverflow(
            by: attributes.splitCount)
          try require(!overflow, "C9", "split_count \(attributes.splitCount)")
          dimensions[concat] = product
        }
        types.append(.tensor(x.with(dimensions)))
      }
      return types

    case .collectiveBroadcast(let attributes):
      let needed = attributes.hasDynamicRoot ? 2 : 1
      let label = attributes.hasDynamicRoot ? "C4" : "C3"
      try require(operands.count >= needed, label, "\(operands.count) operands")
      try unique(attributes.groups.flatMap { $0 }, "C1", "replica_groups")
      if attributes.hasDynamicRoot { try roots(operands.count - 1, label) }
      return attributes.hasDynamicRoot ? operands.dropLast() : operands

    case .collectivePermute(let attributes):
      try count(1)
      for pair in attributes.groups {
        try require(pair.count == 2, "C1", "source_target_pairs \(attributes.groups)")
        try require(pair.allSatisfy { $0 >= 0 }, "C4", "there is no process of \(pair)")
      }
      try unique(attributes.groups.map { $0[0] }, "C2", "sources")
      try unique(attributes.groups.map { $0[1] }, "C3", "targets")
      return [.tensor(try tensor(0))]

    default: throw internalError()
    }
  }

  /// The last operand names one member of the group for each of the others.
  private func roots(_ count: Int, _ label: String) throws(Diagnostic) {
    let root = try tensor(operands.count - 1)
    try require(
      root.element == .i32 && root.rank == 1 && compatible(root.dimensions[0], count), label,
      "the roots are \(root), not \(TensorType([count], .i32))")
  }

  private func unique(_ ids: [Int], _ label: String, _ what: String) throws(Diagnostic) {
    var seen = Set<Int>()
    for id in ids where id >= 0 {
      try require(seen.insert(id).inserted, label, "\(what) have \(id) twice")
    }
  }

  /// Groups are disjoint, and consist of all processes up to some number; a row may end in -1 where
  /// `mayBePadded`.
  private func groups(
    _ attributes: CollectiveAttributes, unique label: String, complete: String, channel: String?,
    mayBePadded: Bool
  ) throws(Diagnostic) {
    let ids = attributes.groups.flatMap { $0 }
    try unique(ids, label, "replica_groups")
    let members = Set(ids.filter { $0 >= 0 })
    try require(
      ids.allSatisfy { $0 >= (mayBePadded ? -1 : 0) } && members == Set(0..<members.count),
      complete, "replica_groups \(attributes.groups) are not all of 0..<n")
    guard let channel, attributes.useGlobalDeviceIDs else { return }
    try require(!ids.isEmpty, complete, "global device ids need replica_groups")
    let handle = attributes.channel?.handle ?? 0
    try require(handle > 0, channel, "global device ids need a channel, not \(handle)")
  }

  /// A dimension that others are joined to, or cut from.
  private func multiple(_ large: Int, of small: Int, _ label: String) throws(Diagnostic) {
    guard large != TensorType.dynamic, small != TensorType.dynamic else { return }
    try require(
      small > 0 && large > 0 && large % small == 0, label, "\(large) is no multiple of \(small)")
  }

  /// The type of what the computation gives for two elements.
  private func combination(
    _ inputs: [TensorType], _ label: String
  ) throws(Diagnostic) -> TensorType {
    try regionCount(1)
    let results = try self.results(ofRegion: 0)
    guard results.count == 1, let scalar = results[0].tensor, scalar.rank == 0 else {
      throw violation(label, "the computation gives \(results)")
    }
    try require(
      regions[0].arguments == results + results, label,
      "the computation takes \(regions[0].arguments) and gives \(results)")
    for input in inputs {
      try require(
        promotable(input.element, scalar.element)
          && input.quantization?.expressed == scalar.quantization?.expressed, label,
        "the computation gives \(scalar) for \(input)")
    }
    return scalar
  }
}
