import Tensor

/// What all launches of a kernel have in common: what code generation may assume of the memory that
/// its parameters are bound to.
public struct MemoryFacts {
  /// For each kernel, the parameters that overlap no other one, of which either is written.
  public private(set) var isAlone: [[Bool]]
  /// For each kernel's parameters, a power of two that divides their addresses, where the memory of
  /// the program's own parameters begins at multiples of 16.
  public private(set) var alignments: [[Int]]

  public init(_ program: Program) {
    isAlone = program.kernels.elements.map { Array(repeating: true, count: $0.parameterCount) }
    alignments = program.kernels.elements.map { Array(repeating: 16, count: $0.parameterCount) }
    for id in program.procedures.ids {
      let procedure = program.procedures[id]
      visit(procedure.body, procedure, isEntry: id == program.entry, program)
    }
  }

  private mutating func visit(
    _ steps: [Step], _ procedure: Procedure, isEntry: Bool, _ program: Program
  ) {
    for step in steps {
      switch step {
      case .launch(let id, let buffers):
        note(buffers, of: id, procedure, isEntry: isEntry, program.kernels[id])
      case .loopWhile(let condition, _, let body):
        visit(condition + body, procedure, isEntry: isEntry, program)
      case .loop(_, let body): visit(body, procedure, isEntry: isEntry, program)
      case .branch(_, let cases):
        for body in cases { visit(body, procedure, isEntry: isEntry, program) }
      case .copy, .fill, .library, .call, .host: break
      }
    }
  }

  private mutating func note(
    _ buffers: [Procedure.BufferID], of id: Program.KernelID, _ procedure: Procedure,
    isEntry: Bool, _ kernel: Kernel
  ) {
    let isRead = kernel.memories.elements.map { $0.access == .read }
    for i in buffers.indices {
      for j in 0..<i where !(isRead[i] && isRead[j]) {
        if procedure.mayOverlap(buffers[i], buffers[j], isEntry: isEntry) {
          isAlone[id.index][i] = false
          isAlone[id.index][j] = false
        }
      }
      let (root, offset, _) = procedure.extent(of: buffers[i])
      var alignment = offset == 0 ? 16 : min(16, offset & -offset)
      // Others may pass parts of their own memory.
      if case .parameter = root, !isEntry { alignment = 1 }
      let own = Swift.max(1, kernel.memories.elements[i].type.realPart.byteCount)
      alignments[id.index][i] = max(own, min(alignments[id.index][i], alignment))
    }
  }
}
