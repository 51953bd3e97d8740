import HLO
import Tensor

// Groups become fusions.
extension Fuser {
  /// Puts each group of several operations into a `fusion`; `true` iff there was one.
  mutating func rewrite() -> Bool {
    var groupAt = [Int?](repeating: nil, count: list.count)
    var isInside = [Bool](repeating: false, count: list.count)
    var hasFusion = false
    // What only views memory needs no loops.
    let isView = groups.map { $0.members.allSatisfy { function.isView(operation($0)) } }
    for (number, group) in groups.enumerated() where !isView[number] && isFused(group) {
      hasFusion = true
      groupAt[group.root] = number
      for member in group.members where self.isInside(member, number) { isInside[member] = true }
    }
    guard hasFusion else { return false }
    for (number, group) in groups.enumerated() where isView[number] {
      for member in group.members { isInside[member] = false }
    }
    var output: [OperationID] = []
    for position in list.indices {
      let id = list[position]
      substitute(id)
      if let number = groupAt[position] {
        output.append(makeFusion(number))
      } else if !isInside[position] {
        output.append(id)
      }
    }
    function.regions[region].operations = output
    return true
  }

  /// `true` iff a group is more than an operation that reads memory.
  private func isFused(_ group: Group) -> Bool {
    if group.members.count > 1 { return true }
    let root = operation(group.root)
    return root.operands.indices.contains { number in
      guard let producer = definition(of: root.operands[number]), case .free = roles[producer],
        function.absorbsOperand(root, number)
      else { return false }
      if case .constant = operation(producer).op { return false }
      return true
    }
  }

  private mutating func substitute(_ id: OperationID) {
    for position in function.operations[id].operands.indices {
      if let new = names.outside[function.operations[id].operands[position]] {
        function.operations[id].operands[position] = new
      }
    }
    for inner in function.operations[id].regions {
      for id in function.regions[inner].operations { substitute(id) }
    }
  }

  private mutating func makeFusion(_ number: Int) -> OperationID {
    let group = groups[number]
    let body = function.createRegion(arguments: [])
    names.inside.removeAll()
    var operands: [ValueID] = []
    for position in group.members.sorted() { copy(position, into: body, &operands) }
    let outputs = group.outputs.sorted().flatMap { Array(operation($0).results) }
    let end = function.create(
      .return, Operands(outputs.map { names.inside[$0] ?? $0 }), resultTypes: [])
    function.regions[body].operations.append(end)
    let fusion = function.create(
      .fusion(group.kind), Operands(operands),
      resultTypes: outputs.map { function.values[$0].type }, regions: [body])
    function.locations[fusion] = function.locations[list[group.root]]
    for (old, new) in zip(outputs, function.operations[fusion].results) { names.outside[old] = new }
    return fusion
  }

  /// Copies the operation at `position` into `body`; operands from outside become arguments.
  private mutating func copy(
    _ position: Int, into body: RegionID, _ operands: inout [ValueID]
  ) {
    let operation = operation(position)
    var inner = operation.operands
    for (number, operand) in operation.operands.enumerated() {
      let isAbsorbed = function.absorbsOperand(operation, number)
      // What is read from memory is no copy that another member has made of it.
      if let known = names.inside[operand], isAbsorbed || isArgument(known) {
        inner[number] = known
        continue
      }
      if isAbsorbed, let producer = definition(of: operand), case .free = roles[producer] {
        copy(producer, into: body, &operands)
        inner[number] = names.inside[operand] ?? operand
        continue
      }
      let outside = names.outside[operand] ?? operand
      let argument = function.addArgument(to: body, like: outside)
      operands.append(outside)
      names.inside[operand] = argument
      // The substitution may have renamed the operand already.
      names.inside[outside] = argument
      inner[number] = argument
    }
    let copy = function.create(
      operation.op, inner, resultTypes: operation.results.map { function.values[$0].type },
      regions: operation.regions)
    function.locations[copy] = function.locations[list[position]]
    function.regions[body].operations.append(copy)
    for (old, new) in zip(operation.results, function.operations[copy].results) {
      names.inside[old] = new
    }
  }

  private func isArgument(_ value: ValueID) -> Bool {
    if case .argument = function.values[value].definition { true } else { false }
  }
}

/// What values are called while groups become fusions.
struct FusedNames {
  /// The results of fusions, by what they were before.
  var outside = ValueMap()
  /// In the body under construction.
  var inside = ValueMap()
}

/// A dictionary of values: an array, since their numbers are dense.
struct ValueMap {
  private static let none = ValueID(UInt32.max)
  private var values: [ValueID] = []
  private var keys: [ValueID] = []

  subscript(key: ValueID) -> ValueID? {
    get {
      guard key.index < values.count, values[key.index] != Self.none else { return nil }
      return values[key.index]
    }
    set {
      if key.index >= values.count {
        values += [ValueID](repeating: Self.none, count: key.index + 1 - values.count)
      }
      values[key.index] = newValue ?? Self.none
      keys.append(key)
    }
  }

  /// Takes time in proportion to what was entered.
  mutating func removeAll() {
    for key in keys { values[key.index] = Self.none }
    keys.removeAll(keepingCapacity: true)
  }
}

extension Function {
  /// Adds an argument of the type of `value` to `region`.
  mutating func addArgument(to region: RegionID, like value: ValueID) -> ValueID {
    let index = regions[region].arguments.count
    let argument = values.append(
      Value(type: values[value].type, definition: .argument(region, index)))
    regions[region].arguments.append(argument)
    return argument
  }
}
