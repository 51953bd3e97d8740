import Support
import Tensor

extension Program {
  /// Runs the program by interpreting it: what compiled code is compared with.
  ///
  /// Calls of the run-time library and of the host are not interpreted.
  public func interpret(_ arguments: [HostTensor]) throws -> [HostTensor] {
    let procedure = procedures[entry]
    let results = procedure.parameters.dropFirst(procedure.argumentCount).map { id in
      let buffer = procedure.buffers[id]
      return HostTensor(
        type: buffer.type, shape: buffer.shape, buffer: Buffer(byteCount: buffer.byteCount))
    }
    try withExtendedLifetime((arguments, results)) {
      try interpret(entry, (arguments + results).map(\.buffer.address))
    }
    return results
  }

  private func interpret(
    _ id: ProcedureID, _ parameters: [UnsafeMutableRawPointer]
  ) throws {
    let procedure = procedures[id]
    let workspace = Buffer(byteCount: procedure.workspaceByteCount)
    let constants = constants.elements.map { constant in
      constant.bytes.withUnsafeBytes {
        HostTensor(type: constant.type, shape: constant.shape, bytes: $0)
      }
    }
    let frame = Frame(
      program: self, procedure: procedure, parameters: parameters, workspace: workspace,
      constants: constants)
    try frame.run(procedure.body)
  }

  /// One activation of a procedure.
  private struct Frame {
    let program: Program
    let procedure: Procedure
    let parameters: [UnsafeMutableRawPointer]
    let workspace: Buffer
    let constants: [HostTensor]

    private func address(_ id: Procedure.BufferID) -> UnsafeMutableRawPointer {
      let extent = procedure.extent(of: id)
      let root =
        switch extent.root {
        case .parameter(let position): parameters[position]
        case .constant(let constant): constants[constant.index].buffer.address
        case .workspace: workspace.address
        }
      return root + extent.offset
    }

    private func scalar(_ id: Procedure.BufferID) -> Int {
      let type = procedure.buffers[id].type
      let bytes = UnsafeRawBufferPointer(start: address(id), count: type.byteCount)
      return ScalarBits(bytes: bytes, type: type).scalar(of: type).int
    }

    func run(_ steps: [Step]) throws {
      for step in steps {
        switch step {
        case .launch(let id, let buffers):
          var interpreter = KernelInterpreter(program.kernels[id], buffers.map(address))
          try interpreter.run()
        case .copy(let source, let destination):
          address(destination).copyMemory(
            from: address(source), byteCount: procedure.buffers[source].byteCount)
        case .fill(let id, let bits):
          let buffer = procedure.buffers[id]
          let bytes = bits.bytes(of: buffer.type)
          for position in 0..<buffer.shape.count {
            bytes.withUnsafeBytes {
              (address(id) + position * bytes.count).copyMemory(
                from: $0.baseAddress!, byteCount: bytes.count)
            }
          }
        case .library(let call):
          throw unsupported("the interpretation of \(call.routine.symbol)")
        case .call(let callee, let buffers):
          try program.interpret(callee, buffers.map(address))
        case .loopWhile(let condition, let predicate, let body):
          try run(condition)
          while scalar(predicate) != 0 {
            try run(body)
            try run(condition)
          }
        case .loop(let count, let body):
          for _ in 0..<max(count, 0) { try run(body) }
        case .branch(let index, let cases):
          let selected = scalar(index)
          try run(cases[cases.indices.contains(selected) ? selected : cases.count - 1])
        case .host: throw unsupported("the interpretation of host calls")
        }
      }
    }
  }
}
