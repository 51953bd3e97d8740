import HLO
import Support

extension Inspection {
  /// What `jxc inspect` prints.
  func text(_ roofline: Roofline, sources: SourceMap) -> String {
    var text = "\(name): \(summary(cost, roofline))\n"
    var number = 0
    for step in steps {
      let indent = String(repeating: "  ", count: step.depth + 1)
      guard let cost = step.cost else {
        text += "\n\(indent)\(step.title)  \(step.kind) at \(time(step.times))\n"
        continue
      }
      number += 1
      text += "\n\(indent)\(number)  \(step.title)  \(step.kind) at \(time(step.times)): "
      text += summary(cost, roofline) + "\n"
      text += lines(of: step, sources).map { "\(indent)     \($0)\n" }.joined()
    }
    text += "\n  memory: peak \(quantity(Double(figures.peak), "B"))"
    let parts = [
      ("arguments", figures.arguments), ("results", figures.results),
      ("constants", figures.constants), ("workspace", figures.workspace),
    ]
    text += " (" + parts.map { "\($0) \(quantity(Double($1), "B"))" }.joined(separator: ", ")
    text += ")\n"
    let places = memory.map(\.place)
    let sizes = memory.map { quantity(Double($0.byteCount), "B") }
    let lives = memory.map { "at \(time($0.lifetime))" }
    for index in memory.indices {
      let types = memory[index].types.map { "\($0.element)\($0.dimensions)" }
      text += "     \(padded(places[index], in: places))  \(padded(sizes[index], in: sizes))  "
      text += "\(padded(lives[index], in: lives))  \(types.joined(separator: ", "))\n"
    }
    return text
  }

  /// `40 flop, 8 transcendentals, 64 B, 0.75 flop/B, 3.2 ns expected`
  private func summary(_ cost: Cost, _ roofline: Roofline) -> String {
    var parts = [cost.isKnown ? quantity(cost.flops, "flop") : "unknown flop"]
    if cost.transcendentals > 0 {
      parts.append("\(quantity(cost.transcendentals, "")) transcendentals".spaced)
    }
    parts.append(quantity(cost.bytes, "B"))
    parts.append("\(threeDigits(cost.intensity)) flop/B")
    parts.append("\(quantity(roofline.seconds(cost), "s")) expected")
    return parts.joined(separator: ", ")
  }

  private func time(_ times: ClosedRange<Int>) -> String {
    times.count == 1 ? "\(times.lowerBound)" : "\(times.lowerBound)-\(times.upperBound)"
  }

  /// The operations of a step: their place, their name and the path of what was traced.
  private func lines(of step: Step, _ sources: SourceMap) -> [String] {
    let places = step.operations.map { operation -> String in
      guard let place = operation.location.place(in: sources) else { return "-" }
      return "\(place.file):\(place.line)"
    }
    let names = step.operations.map(\.name)
    return step.operations.indices.map { index in
      let line =
        "\(padded(places[index], in: places))  \(padded(names[index], in: names))  "
        + (step.operations[index].location.name ?? "")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }

  private func padded(_ text: String, in column: [String]) -> String {
    let width = column.map(\.count).max() ?? 0
    return text + String(repeating: " ", count: width - text.count)
  }
}

extension String {
  /// With one space wherever there are several.
  fileprivate var spaced: String { split(separator: " ").joined(separator: " ") }
}
