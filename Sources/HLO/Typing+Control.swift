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
      return try branches(arguments: "C1", results: "C2")

    case .case:
      try count(1)
      try require(!regions.isEmpty, "C1", "no branches")
      let index = try tensor(0)
      try require(index.rank == 0 && index.element == .i32, "I1", "the index is \(index)")
      return try branches(arguments: "C2", results: "C3")

    case .call, .check: return try statedTypes()
    case .customCall(let attributes): return try customCall(attributes)

    case .composite(let attributes):
      try require(
        isNamespaced(attributes.name), "C1", "the name '\(attributes.name)' has no namespace")
      return try statedTypes()

    case .infeed(_, let layout):
      try count(1)
      let types = try received("C1", "C2", "C3")
      try check(infeedLayout: layout, types.count - 1)
      return types

    case .recv(let attributes):
      try count(1)
      try channel(attributes, host: .hostToDevice)
      return try received("C2", "C3", "C4")

    case .outfeed: return [.token]

    case .send(let attributes):
      try channel(attributes, host: .deviceToHost)
      return [.token]

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

    case .asyncStart:
      try regionCount(1)
      try require(
        regions[0].arguments.isEmpty || compatibleLists(regions[0].arguments, operands), "C3",
        "the region takes \(regions[0].arguments), not \(operands)")
      return [.future(try results(ofRegion: 0))]

    case .asyncDone:
      try count(1)
      guard case .future(let types) = operands[0] else {
        throw violation("I1", "the operand is \(operands[0]), not a future")
      }
      return types

    case .fusion:
      try regionCount(1)
      try require(
        regions[0].arguments == operands, "C1",
        "the region takes \(regions[0].arguments), not \(operands)")
      return try results(ofRegion: 0)

    default: throw internalError()
    }
  }

  /// What arrives: arrays, and then a token.
  private func received(
    _ some: String, _ arrays: String, _ token: String
  ) throws(Diagnostic) -> [ValueType] {
    let types = try statedTypes()
    try require(!types.isEmpty, some, "there are no results")
    for type in types.dropLast() {
      try require(type.tensor != nil, arrays, "\(type) is not a tensor")
    }
    try require(types.last == .token, token, "the last of \(types) is not a token")
    return types
  }

  /// `[[1, 0], [0]]`: an order of axes for each array that arrives.
  private func check(infeedLayout layout: Attribute?, _ count: Int) throws(Diagnostic) {
    guard let layout else { return }
    guard case .array(let orders) = layout else {
      throw violation("layout", "it is no list of lists")
    }
    try require(
      orders.count == count, "layout", "\(count) arrays have \(orders.count) layouts")
    for order in orders {
      guard case .array(let axes) = order,
        axes.allSatisfy({ if case .integer = $0 { true } else { false } })
      else { throw violation("layout", "it is no list of lists of integers") }
    }
  }

  /// A channel between devices, or in the direction `host` to or from the host.
  private func channel(
    _ attributes: ChannelAttributes, host: ChannelHandle.Direction
  ) throws(Diagnostic) {
    let wanted = attributes.isHostTransfer ? host : .deviceToDevice
    try require(
      attributes.channel.type == wanted.rawValue, "C1",
      "the channel's type is \(attributes.channel.type), not \(wanted.rawValue)")
  }

  /// `true` iff the name is `namespace.name`: letters, digits, and `_`, `.` or `$` behind the first
  /// letter of each part.
  private func isNamespaced(_ name: String) -> Bool {
    guard let dot = name.firstIndex(of: ".") else { return false }
    let (first, rest) = (name[..<dot], name[name.index(after: dot)...])
    func isWord(_ character: Character) -> Bool {
      character.isASCII && (character.isLetter || character.isNumber || character == "_")
    }
    return first.first.map { $0.isASCII && $0.isLetter } ?? false
      && first.allSatisfy(isWord)
      && rest.first.map { $0.isASCII && $0.isLetter } ?? false
      && rest.allSatisfy { isWord($0) || $0 == "." || $0 == "$" }
  }

  private func compatibleLists(_ a: [ValueType], _ b: [ValueType]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy(compatible)
  }

  private func branches(
    arguments: String, results label: String
  ) throws(Diagnostic) -> [ValueType] {
    let first = try results(ofRegion: 0)
    for index in regions.indices {
      try require(
        regions[index].arguments.isEmpty, arguments, "branch \(index) takes arguments")
      let results = try self.results(ofRegion: index)
      try require(
        compatibleLists(results, first), label,
        "branch \(index) gives \(results), the first \(first)")
    }
    return first
  }
}
