import Support
import Tensor

extension Typing {
  func control() throws(Diagnostic) -> [ValueType] {
    switch op {
    case .while:
      try regionCount(2)
      try require(
        compatibleLists(regions[0].arguments, operands), "C1",
        "the condition takes \(regions[0].arguments), not \(operands)")
      let condition = try results(ofRegion: 0)
      try require(condition == [.tensor([], .bool)], "C1", "the condition gives \(condition)")
      try require(
        compatibleLists(regions[1].arguments, operands), "C2",
        "the body takes \(regions[1].arguments), not \(operands)")
      let body = try results(ofRegion: 1)
      try require(compatibleLists(body, operands), "C2", "the body gives \(body), not \(operands)")
      return operands

    case .if:
      try count(1)
      try regionCount(2)
      let predicate = try tensor(0)
      try require(
        predicate.rank == 0 && predicate.element == .bool, "I1", "the predicate is \(predicate)")
      return try branches()

    case .case:
      try count(1)
      try require(!regions.isEmpty, "C1", "no branches")
      let index = try tensor(0)
      try require(index.rank == 0 && index.element == .i32, "I1", "the index is \(index)")
      return try branches()

    case .call, .customCall, .composite, .check: return try statedTypes()

    case .infeed, .recv:
      try count(1)
      return try statedTypes()

    case .outfeed, .send: return [.token]

    case .return: return []

    case .optimizationBarrier: return operands

    case .shardingConstraint:
      try count(1)
      return operands

    case .tuple: return [.tuple(operands)]

    case .getTupleElement(let index):
      try count(1)
      guard case .tuple(let types) = operands[0] else {
        throw violation("I1", "\(operands[0]) is not a tuple")
      }
      try require(types.indices.contains(index), "C1", "index \(index) of \(operands[0])")
      return [types[index]]

    case .afterAll, .createToken: return [.token]

    case .fusion:
      try regionCount(1)
      try require(
        regions[0].arguments == operands, "C1",
        "the region takes \(regions[0].arguments), not \(operands)")
      return try results(ofRegion: 0)

    default: throw internalError()
    }
  }

  private func compatibleLists(_ a: [ValueType], _ b: [ValueType]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy(compatible)
  }

  private func branches() throws(Diagnostic) -> [ValueType] {
    let first = try results(ofRegion: 0)
    for index in regions.indices {
      try require(
        regions[index].arguments.isEmpty, "C2", "branch \(index) takes arguments")
      let results = try self.results(ofRegion: index)
      try require(
        compatibleLists(results, first), "C3",
        "branch \(index) gives \(results), the first \(first)")
    }
    return first
  }

  func collective() throws(Diagnostic) -> [ValueType] {
    switch op {
    case .allGather(let dimension, _):
      let stated = try statedTypes()
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
      }
      return stated

    case .allReduce, .collectiveReduce:
      try regionCount(1)
      let inputs = try tensors(0..<operands.count)
      let results = try self.results(ofRegion: 0)
      guard results.count == 1, let scalar = results[0].tensor, scalar.rank == 0 else {
        throw violation("C5", "the computation gives \(results)")
      }
      return inputs.map { .tensor($0.with(scalar.element)) }

    case .reduceScatter(let dimension, _):
      try count(1)
      try regionCount(1)
      let (x, result) = (try tensor(0), try statedTensor())
      try require(
        dimension >= 0 && dimension < x.rank, "C2",
        "scatter_dimension \(dimension) is not in 0..<\(x.rank)")
      try require(
        x.rank == result.rank
          && (0..<x.rank).allSatisfy {
            $0 == dimension || compatible(x.dimensions[$0], result.dimensions[$0])
          }, "C8", "\(x) cannot scatter to \(result)")
      return [.tensor(result)]

    case .allToAll(let attributes):
      let inputs = try tensors(0..<operands.count)
      var types: [ValueType] = []
      for x in inputs {
        let (split, concat) = (attributes.splitDimension, attributes.concatDimension)
        try require(split >= 0 && split < x.rank, "C1", "split_dimension \(split) of \(x)")
        try require(concat >= 0 && concat < x.rank, "C3", "concat_dimension \(concat) of \(x)")
        try require(attributes.splitCount > 0, "C4", "split_count \(attributes.splitCount)")
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
      return attributes.hasDynamicRoot ? operands.dropLast() : operands

    case .collectivePermute:
      try count(1)
      return [.tensor(try tensor(0))]

    default: throw internalError()
    }
  }
}
