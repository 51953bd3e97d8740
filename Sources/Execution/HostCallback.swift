import JXRuntime
import LoopIR
import Tensor

/// What a program calls on the host: operands in, results out.
public typealias HostCallback = ([HostTensor]) throws -> [HostTensor]

/// The callbacks of one executable, with the shapes of what they take and give.
public final class CallbackTable {
  private struct Entry {
    var operands: [Procedure.Buffer]
    var results: [Procedure.Buffer]
    var function: HostCallback
  }

  private var entries: [Int: Entry] = [:]
  /// What a callback threw; the program stops then.
  var thrown: (any Error)?

  /// No callbacks.
  init() {}

  public init(_ program: Program, _ functions: [HostCallback]) {
    func visit(_ steps: [Step], _ procedure: Procedure) {
      for step in steps {
        switch step {
        case .host(let id, let operands, let results):
          guard id.index < functions.count else { continue }
          entries[id.index] = Entry(
            operands: operands.map { procedure.buffers[$0] },
            results: results.map { procedure.buffers[$0] }, function: functions[id.index])
        case .loopWhile(let condition, _, let body): visit(condition + body, procedure)
        case .loop(_, let body): visit(body, procedure)
        case .branch(_, let cases): for body in cases { visit(body, procedure) }
        case .launch, .copy, .fill, .library, .call: break
        }
      }
    }
    for procedure in program.procedures.elements { visit(procedure.body, procedure) }
    if !entries.isEmpty { jx_set_host_handler(handleHostCall) }
  }

  fileprivate func call(
    _ index: Int, _ buffers: UnsafePointer<UnsafeMutableRawPointer?>
  ) -> Int32 {
    guard let entry = entries[index] else { return -3 }
    let operands = entry.operands.enumerated().map { position, info in
      HostTensor(
        type: info.type, shape: info.shape,
        bytes: UnsafeRawBufferPointer(start: buffers[position], count: info.byteCount))
    }
    do {
      let results = try entry.function(operands)
      for (position, (info, result)) in zip(entry.results, results).enumerated() {
        guard let target = buffers[operands.count + position] else { continue }
        withExtendedLifetime(result) {
          target.copyMemory(
            from: result.buffer.address, byteCount: min(info.byteCount, result.byteCount))
        }
      }
      return 0
    } catch {
      thrown = error
      return -10
    }
  }
}

func handleHostCall(
  _ callbacks: UnsafeMutableRawPointer?, _ index: Int64,
  _ buffers: UnsafePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  guard let callbacks, let buffers else { return -3 }
  return Unmanaged<CallbackTable>.fromOpaque(callbacks).takeUnretainedValue()
    .call(Int(index), buffers)
}
