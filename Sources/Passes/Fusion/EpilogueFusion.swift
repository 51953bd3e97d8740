import HLO
import Support
import Tensor

/// Finishes products and convolutions with the elementwise operations that follow them: their
/// *epilogue*, which works on what a thread has in registers before it goes to memory.
///
///     %1 = dot_general %a, %b                 %3 = fusion output (%a, %b, %c) {
///     %3 = fusion loop (%1, %c) {        →      %1 = dot_general %a, %b
///       %2 = add %1, %c                         %2 = add %1, %c
///       … }                                     … }
///
/// For GPUs, where the products are kernels of ours. A product is taken whose only user reads it in
/// the order in which it writes its own results, and computes each of them once. What widens the
/// numbers that it multiplies is done as they are fetched.
public let epilogueFusion = Pass<Module>(
  "epilogue-fusion", "finish products with the operations that follow them"
) { module in
  module.forEachFunction { function in
    var changed = false
    for region in function.scheduledRegions() {
      changed = function.fuseEpilogues(in: region) || changed
    }
    return changed
  }
}

extension Function {
  /// The operation of a fusion's `region` that its epilogue finishes.
  public func finishedProduct(in region: RegionID) -> OperationID? {
    regions[region].operations.first { isProduct($0) }
  }

  /// `true` iff a kernel of its own computes the operation, which is a product or a convolution.
  private func isProduct(_ id: OperationID) -> Bool {
    switch operations[id].op {
    case .dotGeneral, .convolution: libraryRoutine(id) != nil
    default: false
    }
  }

  fileprivate mutating func fuseEpilogues(in region: RegionID) -> Bool {
    let list = regions[region].operations
    guard list.contains(where: isProduct) else { return false }
    // Each value's uses, inside other regions too, and the last of them in this one.
    var uses: [ValueID: Int] = [:]
    var user: [ValueID: OperationID] = [:]
    for id in list {
      for operand in operations[id].operands {
        uses[operand, default: 0] += 1
        user[operand] = id
      }
      for inner in operations[id].regions {
        for id in operationsInOrder(of: inner) {
          for operand in operations[id].operands { uses[operand, default: 0] += 1 }
        }
      }
    }
    var fused: [OperationID: OperationID] = [:]
    for id in list where isProduct(id) {
      let result = operations[id].results[0]
      guard uses[result] == 1, let user = user[result], fused[user] == nil,
        isEpilogue(user, of: result)
      else { continue }
      fused[user] = id
    }
    if fused.isEmpty { return false }
    var inside = Set(fused.values)
    let listed = Set(list)
    for product in fused.values {
      for factor in operations[product].operands where uses[factor] == 1 {
        if let widening = widening(of: factor), listed.contains(widening) {
          inside.insert(widening)
        }
      }
    }
    var replacements: [ValueID: ValueID] = [:]
    regions[region].operations = list.compactMap { id in
      guard let product = fused[id] else { return inside.contains(id) ? nil : id }
      let fusion = finish(product, with: id, inside)
      for (old, new) in zip(operations[id].results, operations[fusion].results) {
        replacements[old] = new
      }
      return fusion
    }
    replaceOperands(by: replacements)
    return true
  }

  /// `true` iff `id` computes its results, element by element, from those of `product`.
  private func isEpilogue(_ id: OperationID, of product: ValueID) -> Bool {
    let operation = operations[id]
    let shape = shape(of: product)
    guard operation.results.allSatisfy({ self.shape(of: $0) == shape }) else { return false }
    if operation.op.isElementwise {
      return operation.operands.allSatisfy {
        self.shape(of: $0) == shape || self.shape(of: $0).rank == 0
      }
    }
    guard case .fusion(.loop) = operation.op, let root = nestRoot(operation.regions[0]),
      operations[root].op.isElementwise,
      let number = operation.operands.firstIndex(of: product)
    else { return false }
    let body = operation.regions[0]
    let isCheap = regions[body].operations.dropLast().allSatisfy { inner in
      switch fusionRole(inner, isFree: { _ in false }) {
      case .element, .free: true
      case .heavy, .root, .never: false
      }
    }
    return isCheap && nestAccesses(body)[regions[body].arguments[number]] == [.root(shape)]
  }

  /// The operation that makes `factor` of numbers that take less memory.
  private func widening(of factor: ValueID) -> OperationID? {
    guard case .result(let id, _) = values[factor].definition, case .convert = operations[id].op,
      let source = values[operations[id].operands[0]].type.tensor?.element,
      let target = values[factor].type.tensor?.element, source.isFloat, target == .f32,
      source.byteCount < target.byteCount
    else { return nil }
    return id
  }

  /// A fusion of `product` and the operation `last`, which reads its result.
  ///
  /// - Parameter inside: what is computed nowhere else.
  private mutating func finish(
    _ product: OperationID, with last: OperationID, _ inside: Set<OperationID>
  ) -> OperationID {
    let body = createRegion(arguments: [])
    var operands: [ValueID] = []
    var names: [ValueID: ValueID] = [:]
    func outer(_ value: ValueID, in function: inout Function) -> ValueID {
      if let known = names[value] { return known }
      // Equal elements need no memory.
      if case .result(let id, _) = function.values[value].definition,
        case .constant(let constant) = function.operations[id].op, constant.isSplat
      {
        let copy = function.create(
          function.operations[id].op, [], resultTypes: [function.values[value].type])
        function.regions[body].operations.append(copy)
        names[value] = function.operations[copy].results[0]
      } else {
        names[value] = function.addArgument(to: body, like: value)
        operands.append(value)
      }
      return names[value] ?? value
    }
    func append(_ id: OperationID, _ own: [ValueID], to function: inout Function) {
      let operation = function.operations[id]
      let copy = function.create(
        operation.op, Operands(own),
        resultTypes: operation.results.map { function.values[$0].type },
        regions: operation.regions)
      function.locations[copy] = function.locations[id]
      function.operationAttributes[copy] = function.operationAttributes[id]
      function.regions[body].operations.append(copy)
      for (old, new) in zip(operation.results, function.operations[copy].results) {
        names[old] = new
      }
    }
    // What a product multiplies is in memory.
    let factors = operations[product].operands.map { value in
      guard let widening = widening(of: value), inside.contains(widening) else {
        operands.append(value)
        return addArgument(to: body, like: value)
      }
      operands.append(operations[widening].operands[0])
      append(widening, [addArgument(to: body, like: operations[widening].operands[0])], to: &self)
      return names[value] ?? value
    }
    append(product, factors, to: &self)
    let end = operations[last]
    var outputs = Array(end.results)
    if case .fusion = end.op {
      let inner = regions[end.regions[0]]
      for (argument, operand) in zip(inner.arguments, end.operands) {
        names[argument] = outer(operand, in: &self)
      }
      for id in inner.operations.dropLast() {
        append(id, operations[id].operands.map { names[$0] ?? $0 }, to: &self)
      }
      outputs = inner.operations.last.map { Array(operations[$0].operands) } ?? []
    } else {
      append(last, end.operands.map { outer($0, in: &self) }, to: &self)
    }
    let results = outputs.map { names[$0] ?? $0 }
    regions[body].operations.append(create(.return, Operands(results), resultTypes: []))
    let fusion = create(
      .fusion(.output), Operands(operands), resultTypes: results.map { values[$0].type },
      regions: [body])
    locations[fusion] = locations[last]
    return fusion
  }
}
