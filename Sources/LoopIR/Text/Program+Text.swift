import Support
import Tensor

extension Program: CustomStringConvertible {
  /// The program as text: what `--emit-loops` shows.
  public var description: String {
    var parts: [String] = ["program @\(name)"]
    for id in constants.ids {
      let constant = constants[id]
      parts.append(
        "constant %c\(id): \(constant.type)\(constant.shape.dimensions) = \(constant.text)")
    }
    for id in callbacks.ids {
      let callback = callbacks[id]
      parts.append("callback %h\(id) = \(callback.label.quoted) of #\(callback.operation)")
    }
    parts += kernels.elements.map(\.description)
    for id in procedures.ids {
      parts.append(procedures[id].text(in: self, isEntry: id == entry))
    }
    return parts.joined(separator: "\n\n") + "\n"
  }
}

extension String {
  /// In double quotes, as `LoopScanner` reads it.
  fileprivate var quoted: String {
    "\"" + flatMap { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" } + "\""
  }
}

extension Program.Constant {
  /// The elements.
  fileprivate var text: String {
    let count = shape.count
    let size = max(type.byteCount, 1)
    let elements = (0..<count).map { position in
      bytes[position * size..<(position + 1) * size].withUnsafeBytes {
        ScalarBits(bytes: $0, type: type).text(of: type)
      }
    }
    return "[\(elements.joined(separator: ", "))]"
  }
}

extension Procedure {
  /// A buffer by name, with its type.
  private func declaration(_ id: BufferID) -> String {
    let buffer = buffers[id]
    return "%b\(id): \(buffer.type)\(buffer.shape.dimensions)"
  }

  fileprivate func text(in program: Program, isEntry: Bool) -> String {
    let arguments = parameters.prefix(argumentCount).map(declaration)
    let results = parameters.dropFirst(argumentCount).map(declaration)
    var lines = [
      "\(isEntry ? "entry " : "")procedure @\(name)(\(arguments.joined(separator: ", ")))"
        + " -> (\(results.joined(separator: ", "))) workspace \(workspaceByteCount) {"
    ]
    for donation in donations {
      lines.append("  donate \(donation.argument) to \(donation.result)")
    }
    for id in buffers.ids {
      switch buffers[id].place {
      case .parameter: break
      case .constant(let constant): lines.append("  \(declaration(id)) at constant %c\(constant)")
      case .workspace(let offset):
        lines.append("  \(declaration(id)) at workspace + \(offset)")
      case .view(let base, let offset):
        lines.append("  \(declaration(id)) at %b\(base) + \(offset)")
      }
    }
    append(body, to: &lines, program, depth: 1)
    lines.append("}")
    return lines.joined(separator: "\n")
  }

  private func append(
    _ steps: [Step], to lines: inout [String], _ program: Program, depth: Int
  ) {
    let indent = String(repeating: "  ", count: depth)
    func list(_ ids: [BufferID]) -> String {
      ids.map { "%b\($0)" }.joined(separator: ", ")
    }
    for step in steps {
      switch step {
      case .launch(let kernel, let buffers):
        lines.append("\(indent)launch @\(program.kernels[kernel].name)(\(list(buffers)))")
      case .copy(let source, let destination):
        lines.append("\(indent)copy %b\(source) to %b\(destination)")
      case .fill(let buffer, let bits):
        lines.append("\(indent)fill %b\(buffer), \(bits.text(of: buffers[buffer].type))")
      case .library(let call):
        lines.append("\(indent)\(call.routine.text(in: program))(\(list(call.buffers)))")
      case .call(let callee, let buffers):
        lines.append("\(indent)call @\(program.procedures[callee].name)(\(list(buffers)))")
      case .loopWhile(let condition, let predicate, let body):
        lines.append("\(indent)while {")
        append(condition, to: &lines, program, depth: depth + 1)
        lines.append("\(indent)} %b\(predicate) do {")
        append(body, to: &lines, program, depth: depth + 1)
        lines.append("\(indent)}")
      case .loop(let count, let body):
        lines.append("\(indent)repeat \(count) {")
        append(body, to: &lines, program, depth: depth + 1)
        lines.append("\(indent)}")
      case .branch(let index, let cases):
        lines.append("\(indent)case %b\(index) {")
        for (position, steps) in cases.enumerated() {
          if position > 0 { lines.append("\(indent)} or {") }
          append(steps, to: &lines, program, depth: depth + 1)
        }
        lines.append("\(indent)}")
      case .host(let callback, let operands, let results):
        lines.append("\(indent)host %h\(callback)(\(list(operands))) -> (\(list(results)))")
      }
    }
  }
}

extension Routine {
  /// The routine and its parameters.
  fileprivate func text(in program: Program) -> String {
    var words = parameters.map { "\($0)" }
    if case .sort(let sort) = self, case .comparator(let kernel) = sort.order {
      words.append("@\(program.kernels[kernel].name)")
    }
    return "library \(symbol)<\(words.joined(separator: ", "))>"
  }
}
