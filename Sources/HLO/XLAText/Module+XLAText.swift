import Support
import Tensor

extension Module {
  /// The module as XLA's HLO text: an `HloModule` that XLA's own tools read and run.
  ///
  /// Functions, fusions and regions are computations, callees first; what a region uses from outside
  /// becomes an operand. Throws where HLO has no such operation: `chlo` must be expanded before.
  ///
  /// - Parameter isScheduled: `true` where the instructions are in the order of their execution.
  /// - Parameter sources: the files that locations point into, for the metadata of instructions.
  public func xlaText(isScheduled: Bool = true, sources: SourceMap? = nil) throws -> String {
    guard let entry else { throw Diagnostic(.error, "the module has no function main") }
    var printer = XLAPrinter(self, isScheduled: isScheduled, sources)
    _ = try printer.computation(of: entry, isEntry: true)
    let schedule = isScheduled ? ", is_scheduled=true" : ""
    return "HloModule \(xlaName)\(schedule)\(aliases(of: entry)), "
      + "entry_computation_layout={\(layout(of: entry))}\n\n" + printer.text
  }

  private var xlaName: String {
    String((name ?? "main").map { $0.isLetter || $0.isNumber ? $0 : "_" })
  }

  /// `(f32[2,3]{1,0}, s32[])->f32[]`
  private func layout(of entry: Function) -> String {
    let parameters = entry.argumentTypes.map(\.xlaShape).joined(separator: ", ")
    return "(\(parameters))->\(xlaShape(of: entry.resultTypes))"
  }

  /// The results that take the place of arguments that the caller gives up.
  private func aliases(of entry: Function) -> String {
    let pairs = entry.argumentAttributes.enumerated().compactMap { index, attributes -> String? in
      guard case .integer(let result, _)? = attributes["tf.aliasing_output"] else { return nil }
      return "{\(entry.resultTypes.count == 1 ? "" : "\(result)")}: (\(index), {}, may-alias)"
    }
    return pairs.isEmpty ? "" : ", input_output_alias={ \(pairs.joined(separator: ", ")) }"
  }
}
