import Support

/// A sum of products whose axes have names: `ij,jk->ik` is a product of matrices.
///
/// An operand may have an axis twice, which takes its diagonal; `...` stands for the axes that have
/// no name, the last ones of each operand first.
public struct Einsum: Hashable, Sendable {
  public enum Axis: Hashable, Sendable {
    case named(Character)
    /// Of `...`, counted from the last.
    case unnamed(Int)
  }

  /// The axes of each operand.
  public var operands: [[Axis]]
  public var result: [Axis]

  /// How many operands `config` has; `nil` where it has not the form of an einsum.
  public static func operandCount(_ config: String) -> Int? {
    let sides = split(config)
    guard sides.count == 2 else { return nil }
    return sides[0].split(separator: ",", omittingEmptySubsequences: false).count
  }

  /// Reads `config`, for operands of these ranks.
  public init(_ config: String, ranks: [Int]) throws(Diagnostic) {
    let sides = Einsum.split(config)
    guard sides.count == 2 else { throw Einsum.error("'\(config)' has not one '->'") }
    let texts = sides[0].split(separator: ",", omittingEmptySubsequences: false)
    guard texts.count == ranks.count else {
      throw Einsum.error("'\(config)' is for \(texts.count) operands, not \(ranks.count)")
    }
    var unnamed = 0
    operands = []
    for (text, rank) in zip(texts, ranks) {
      let others = text.contains("...") ? max(0, rank - (text.count - 3)) : 0
      let axes = try Einsum.axes(text, unnamed: others)
      guard axes.count == rank else { throw Einsum.error("'\(text)' is not for \(rank) axes") }
      operands.append(axes)
      unnamed = max(unnamed, others)
    }
    result = try Einsum.axes(sides[1], unnamed: sides[1].contains("...") ? unnamed : 0)
    let known = Set(operands.joined())
    guard Set(result).count == result.count, known.isSuperset(of: result) else {
      throw Einsum.error("the result's '\(sides[1])' are not different axes of the operands")
    }
  }

  /// The axes that are summed over, in the order in which they occur.
  public var summed: [Axis] {
    var seen = Set(result)
    return operands.joined().filter { seen.insert($0).inserted }
  }

  /// The extents of all axes, from the shapes of the operands; throws where they differ.
  public func extents(_ shapes: [[Int]]) throws(Diagnostic) -> [Axis: Int] {
    var extents: [Axis: Int] = [:]
    for (axes, shape) in zip(operands, shapes) {
      for (axis, extent) in zip(axes, shape) {
        let known = extents[axis] ?? extent
        guard compatible(known, extent) else {
          throw Einsum.error("an axis has the extents \(known) and \(extent)")
        }
        extents[axis] = max(known, extent)
      }
    }
    return extents
  }

  private static func split(_ config: String) -> [Substring] {
    let text = config.filter { $0 != " " }
    guard let arrow = text.firstRange(of: "->") else { return [] }
    let sides = [text[..<arrow.lowerBound], text[arrow.upperBound...]]
    return sides[1].contains("->") ? [] : sides
  }

  /// `ab...c`
  private static func axes(_ text: Substring, unnamed: Int) throws(Diagnostic) -> [Axis] {
    var axes: [Axis] = []
    var rest = text
    while let letter = rest.popFirst() {
      if letter == ".", rest.hasPrefix("..") {
        rest.removeFirst(2)
        axes += (0..<unnamed).reversed().map { .unnamed($0) }
      } else if letter.isLetter {
        axes.append(.named(letter))
      } else {
        throw error("'\(letter)' is no name of an axis")
      }
    }
    return axes
  }

  private static func error(_ message: String) -> Diagnostic {
    Diagnostic(.error, "einsum.einsum_config: \(message)")
  }
}
