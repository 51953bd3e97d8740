import HLO
import Tensor

/// An operation of a region, with the region's own values numbered from its start: what two regions
/// have in common that compute the same.
struct RegionStep: Hashable {
  enum Operand: Hashable {
    case inside(Int)
    case outside(ValueID)
  }
  let op: Op
  let operands: [Operand]
  let types: [ValueType]
}

extension Function {
  /// The steps of the regions of `id`; `nil` where they are large or hold regions themselves.
  func regionSteps(of id: OperationID) -> [[RegionStep]]? {
    var regions: [[RegionStep]] = []
    for region in operations[id].regions {
      guard let steps = regionSteps(region) else { return nil }
      regions.append(steps)
    }
    return regions
  }

  private func regionSteps(_ region: RegionID) -> [RegionStep]? {
    let largest = 32
    let list = regions[region].operations
    guard list.count <= largest else { return nil }
    var numbers: [ValueID: Int] = [:]
    for argument in regions[region].arguments { numbers[argument] = numbers.count }
    var steps: [RegionStep] = []
    for id in list {
      let operation = operations[id]
      guard operation.regions.isEmpty else { return nil }
      steps.append(
        RegionStep(
          op: operation.op,
          operands: operation.operands.map { value in
            numbers[value].map { .inside($0) } ?? .outside(value)
          },
          types: operation.results.map { values[$0].type }))
      for result in operation.results { numbers[result] = numbers.count }
    }
    return steps
  }
}
