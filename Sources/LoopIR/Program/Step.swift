import Support
import Tensor

/// One thing that a procedure does, in order.
public enum Step: Hashable, Sendable {
  public typealias BufferID = Procedure.BufferID

  /// Runs a kernel; `buffers` are bound to its parameters in order.
  case launch(Program.KernelID, buffers: [BufferID])
  /// Copies all bytes of `source`; the buffers have one size and do not overlap, or are the same.
  case copy(source: BufferID, destination: BufferID)
  /// Fills every element.
  case fill(BufferID, ScalarBits)
  /// Runs a routine of the run-time library.
  case library(LibraryCall)
  /// Runs another procedure; `buffers` are its parameters. Procedures do not recurse.
  case call(Program.ProcedureID, buffers: [BufferID])
  /// `condition` writes `predicate`, a `bool` scalar; while it holds, `body` runs, then `condition`
  /// again.
  indirect case loopWhile(condition: [Step], predicate: BufferID, body: [Step])
  /// Runs the body `count` times.
  indirect case loop(count: Int, body: [Step])
  /// Runs the case that `index`, a `bool` or `i32` scalar, selects (false is 0); the last one
  /// if it is out of range.
  indirect case branch(index: BufferID, cases: [[Step]])
  /// Calls the host: a Python callback or a print. Operands are read, results written.
  case host(Program.CallbackID, operands: [BufferID], results: [BufferID])
}

/// A call of the run-time library.
public struct LibraryCall: Hashable, Sendable {
  public var routine: Routine
  /// What is read, then what is written, as the routine says.
  public var buffers: [Procedure.BufferID]

  public init(_ routine: Routine, _ buffers: [Procedure.BufferID]) {
    self.routine = routine
    self.buffers = buffers
  }
}

extension Program {
  /// The buffers that a kernel, a copy or a fill reads; none for other steps.
  func buffersRead(_ step: Step) -> [Procedure.BufferID] {
    switch step {
    case .launch(let id, let buffers):
      zip(buffers, kernels[id].memories.elements).filter { $1.access != .write }.map(\.0)
    case .copy(let source, _): [source]
    case .fill, .library, .call, .loopWhile, .loop, .branch, .host: []
    }
  }

  /// The buffers that a kernel, a copy or a fill writes; none for other steps.
  func buffersWritten(_ step: Step) -> [Procedure.BufferID] {
    switch step {
    case .launch(let id, let buffers):
      zip(buffers, kernels[id].memories.elements).filter { $1.access != .read }.map(\.0)
    case .copy(_, let destination): [destination]
    case .fill(let buffer, _): [buffer]
    case .library, .call, .loopWhile, .loop, .branch, .host: []
    }
  }
}

extension [Step] {
  /// The steps with each that holds no others replaced, inner ones too.
  func mappingSteps(_ transform: (Step) throws -> [Step]) rethrows -> [Step] {
    try flatMap { step -> [Step] in
      switch step {
      case .loopWhile(let condition, let predicate, let body):
        return [
          .loopWhile(
            condition: try condition.mappingSteps(transform), predicate: predicate,
            body: try body.mappingSteps(transform))
        ]
      case .loop(let count, let body):
        return [.loop(count: count, body: try body.mappingSteps(transform))]
      case .branch(let index, let cases):
        return [.branch(index: index, cases: try cases.map { try $0.mappingSteps(transform) })]
      case .launch, .copy, .fill, .library, .call, .host: return try transform(step)
      }
    }
  }
}
