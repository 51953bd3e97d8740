import HLO
import Tensor

/// A reduction's region that keeps the greatest or the least element and its index, of equal ones the
/// first, and NaN above all: `argmax` and `argmin`.
///
///     %p = or (compare GT %a, %b), (compare NE %a, %a)
///     %q = or %p, (and (compare EQ %a, %b), (compare LT %i, %j))
///     return (select %p, %a, %b), (select %q, %i, %j)
///
/// Of two NaNs, that takes the one that comes first: elements have to be combined in order. The same
/// with an order among NaNs, too, may combine them in any.
struct ExtremeIndex {
  private let comparison: HLO.Comparison
  private let isFloat: Bool

  /// `nil` for any other region.
  init?(_ function: Function, _ region: RegionID) {
    let arguments = function.regions[region].arguments
    guard arguments.count == 4, let last = function.terminator(of: region) else { return nil }
    let (a, i, b, j) = (arguments[0], arguments[1], arguments[2], arguments[3])
    func operation(_ value: HLO.ValueID) -> Operation? {
      guard case .result(let id, _) = function.values[value].definition else { return nil }
      return function.operations[id]
    }
    func binary(_ op: BinaryOp, _ value: HLO.ValueID) -> [HLO.ValueID]? {
      guard let found = operation(value), found.op == .binary(op) else { return nil }
      return Array(found.operands)
    }
    func condition(_ value: HLO.ValueID, of x: HLO.ValueID, _ y: HLO.ValueID) -> HLO.ValueID? {
      guard let found = operation(value), case .select = found.op,
        Array(found.operands.dropFirst()) == [x, y]
      else { return nil }
      return found.operands[0]
    }
    func comparison(
      _ value: HLO.ValueID, of x: HLO.ValueID, _ y: HLO.ValueID
    ) -> HLO.Comparison? {
      guard let found = operation(value), case .compare(let comparison) = found.op,
        Array(found.operands) == [x, y], comparison.type != .totalOrder
      else { return nil }
      return comparison
    }
    let results = function.operations[last].operands
    guard results.count == 2, let type = function.values[a].type.tensor?.element,
      let isBetter = condition(results[0], of: a, b),
      let isTaken = condition(results[1], of: i, j),
      let ways = binary(.or, isTaken), ways[0] == isBetter,
      let tie = binary(.and, ways[1]), comparison(tie[0], of: a, b)?.direction == .eq,
      comparison(tie[1], of: i, j)?.direction == .lt
    else { return nil }
    var order = isBetter
    if type.isFloat {
      guard let parts = binary(.or, isBetter), comparison(parts[1], of: a, a)?.direction == .ne
      else { return nil }
      order = parts[0]
    }
    guard let found = comparison(order, of: a, b),
      found.direction == .gt || found.direction == .lt
    else { return nil }
    self.comparison = found
    isFloat = type.isFloat
  }

  /// The better one of two elements, each with its index.
  func combine(
    _ generator: ElementGenerator, _ x: [Kernel.ValueID], _ y: [Kernel.ValueID]
  ) -> [Kernel.ValueID] {
    let builder = generator.builder
    var isBetter = generator.compare(comparison, x[0], y[0])
    var isSame = builder.compare(.equal, x[0], y[0])
    if isFloat {
      let isNaN = builder.compare(.notEqual, x[0], x[0])
      let isNumber = builder.compare(.equal, y[0], y[0])
      let isOther = builder.compare(.notEqual, y[0], y[0])
      isBetter = builder.binary(.or, isBetter, builder.binary(.and, isNaN, isNumber))
      isSame = builder.binary(.or, isSame, builder.binary(.and, isNaN, isOther))
    }
    let isFirst = generator.compare(HLO.Comparison(.lt), x[1], y[1])
    let isTaken = builder.binary(.or, isBetter, builder.binary(.and, isSame, isFirst))
    return zip(x, y).map { builder.select(isTaken, $0, $1) }
  }
}
