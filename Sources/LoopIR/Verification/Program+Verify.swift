import Support
import Tensor

extension Program {
  /// What is wrong with the program; empty iff it is well formed.
  ///
  /// - (P1) Its kernels are well formed.
  /// - (P2) A launch or call binds buffers of the parameters' types and sizes; a view lies within
  ///   its buffer, and a place in the workspace within that.
  /// - (P3) Arguments and constants are not written.
  /// - (P4) Predicates are `bool`, selectors `bool` or `i32`, counters `i64` scalars.
  public func verify() -> [Diagnostic] {
    var defects = kernels.elements.flatMap { $0.verify() }
    for procedure in procedures.elements {
      let verifier = ProcedureVerifier(program: self, procedure: procedure)
      verifier.verify()
      defects += verifier.defects
    }
    return defects
  }
}

private final class ProcedureVerifier {
  let program: Program
  let procedure: Procedure
  var defects: [Diagnostic] = []

  init(program: Program, procedure: Procedure) {
    self.program = program
    self.procedure = procedure
  }

  private func require(
    _ condition: Bool, _ constraint: String, _ message: @autoclosure () -> String
  ) {
    guard !condition else { return }
    defects.append(
      Diagnostic(
        .error, "internal error: procedure @\(procedure.name): \(message()) (\(constraint))"))
  }

  func verify() {
    for id in procedure.buffers.ids {
      let buffer = procedure.buffers[id]
      switch buffer.place {
      case .parameter(let position):
        require(
          position < procedure.parameters.count && procedure.parameters[position] == id, "P2",
          "%b\(id) is not parameter \(position)")
      case .constant(let constant):
        require(
          buffer.byteCount <= program.constants[constant].bytes.count, "P2",
          "%b\(id) is larger than its constant")
      case .workspace(let offset):
        require(
          offset >= 0 && offset + buffer.byteCount <= procedure.workspaceByteCount, "P2",
          "%b\(id) is outside of the workspace")
      case .view(let base, let offset):
        require(
          base < id && offset >= 0
            && offset + buffer.byteCount <= procedure.buffers[base].byteCount, "P2",
          "%b\(id) is outside of %b\(base)")
      }
    }
    visit(procedure.body)
  }

  private func write(_ id: Procedure.BufferID) {
    switch procedure.extent(of: id).root {
    case .parameter(let position):
      require(position >= procedure.argumentCount, "P3", "argument %b\(id) is written")
    case .constant: require(false, "P3", "constant %b\(id) is written")
    case .workspace: break
    }
  }

  private func isScalar(_ id: Procedure.BufferID, _ types: ElementType...) -> Bool {
    let buffer = procedure.buffers[id]
    return buffer.shape.count == 1 && types.contains(buffer.type)
  }

  private func visit(_ steps: [Step]) {
    for step in steps {
      switch step {
      case .launch(let id, let buffers):
        let kernel = program.kernels[id]
        require(
          buffers.count == kernel.parameterCount, "P2",
          "@\(kernel.name) takes \(kernel.parameterCount) buffers, not \(buffers.count)")
        for (buffer, memory) in zip(buffers, kernel.memories.elements) {
          let info = procedure.buffers[buffer]
          require(
            info.type == memory.type && info.shape.count >= memory.count, "P2",
            "%b\(buffer) does not fit \(memory.type)[\(memory.count)] of @\(kernel.name)")
          if memory.access != .read { write(buffer) }
        }
      case .copy(let source, let destination):
        require(
          procedure.buffers[source].byteCount == procedure.buffers[destination].byteCount, "P2",
          "%b\(source) and %b\(destination) differ in size")
        if procedure.extent(of: source) != procedure.extent(of: destination) {
          write(destination)
        }
      case .fill(let buffer, _): write(buffer)
      case .library: break
      case .call(let id, let buffers):
        let callee = program.procedures[id]
        require(
          buffers.count == callee.parameters.count, "P2",
          "@\(callee.name) takes \(callee.parameters.count) buffers, not \(buffers.count)")
        for (position, (buffer, parameter)) in zip(buffers, callee.parameters).enumerated() {
          require(
            procedure.buffers[buffer].byteCount >= callee.buffers[parameter].byteCount, "P2",
            "%b\(buffer) does not fit %b\(parameter) of @\(callee.name)")
          if position >= callee.argumentCount { write(buffer) }
        }
      case .loopWhile(let condition, let predicate, let body):
        require(isScalar(predicate, .bool), "P4", "predicate %b\(predicate) is no bool")
        visit(condition)
        visit(body)
      case .loop(_, let body): visit(body)
      case .branch(let index, let cases):
        require(isScalar(index, .bool, .i32), "P4", "selector %b\(index) is no bool or i32")
        require(!cases.isEmpty, "P4", "a branch has no cases")
        for body in cases { visit(body) }
      case .host(_, _, let results): for id in results { write(id) }
      }
    }
  }
}
