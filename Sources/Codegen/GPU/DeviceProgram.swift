import LoopIR
import Support
import Tensor

/// A program for a device with memory of its own, as the run-time library takes it: PTX, and the
/// host's steps as words. See `device.h`.
public struct DeviceProgram: Hashable, Sendable {
  public var code: DeviceCode
  /// What the kernels need, as a number: 80 for `sm_80` or newer.
  public var architecture: Int
  /// The contents of read-only arrays.
  public var constants: [[UInt8]]
  /// The bytes of each argument and of each result.
  public var argumentSizes: [Int]
  public var resultSizes: [Int]
  public var workspaceByteCount: Int
  /// The routines of the run-time library that the host runs, by their symbols.
  public var routines: [String]
  /// The steps.
  public var words: [Int64]

  public init(_ program: Program, architecture: Architecture) throws {
    code = try generatePTX(program, architecture: architecture)
    self.architecture = architecture.number
    constants = program.constants.elements.map(\.bytes)
    let procedure = program.procedures[program.entry]
    let sizes = procedure.parameters.map { procedure.buffers[$0].byteCount }
    argumentSizes = Array(sizes.prefix(procedure.argumentCount))
    resultSizes = Array(sizes.dropFirst(procedure.argumentCount))
    workspaceByteCount = program.workspaceByteCount(of: program.entry)
    var encoder = StepEncoder(program: program)
    let frame = StepEncoder.Frame(
      procedure: procedure,
      parameters: procedure.parameters.indices.map { StepEncoder.Operand(.parameter, $0) },
      workspace: 0)
    words = encoder.encode(procedure.body, in: frame)
    routines = encoder.routines
  }
}

/// Writes steps as words: `JX_STEP_…` in `device.h`.
private struct StepEncoder {
  let program: Program
  private(set) var routines: [String] = []

  init(program: Program) { self.program = program }

  enum Kind: Int64 {
    case launch, copy, fill, loopWhile, loop, branch, routine, host
  }

  enum Root: Int64 {
    case parameter, constant, workspace
  }

  /// A place in the device's memory.
  struct Operand {
    var words: [Int64]

    init(_ root: Root, _ position: Int, offset: Int = 0) {
      words = [Int64(position) << 2 | root.rawValue, Int64(offset)]
    }

    func advanced(by offset: Int) -> Operand {
      var result = self
      result.words[1] += Int64(offset)
      return result
    }
  }

  /// The procedure whose steps are written. Calls become the steps of what is called.
  struct Frame {
    var procedure: Procedure
    var parameters: [Operand]
    /// Where its workspace begins.
    var workspace: Int
  }

  private func operand(_ id: Procedure.BufferID, _ frame: Frame) -> Operand {
    let extent = frame.procedure.extent(of: id)
    switch extent.root {
    case .parameter(let position): return frame.parameters[position].advanced(by: extent.offset)
    case .constant(let id): return Operand(.constant, id.index, offset: extent.offset)
    case .workspace: return Operand(.workspace, 0, offset: frame.workspace + extent.offset)
    }
  }

  mutating func encode(_ steps: [Step], in frame: Frame) -> [Int64] {
    var words: [Int64] = []
    for step in steps { words += encode(step, frame) }
    return words
  }

  private mutating func encode(_ step: Step, _ frame: Frame) -> [Int64] {
    func byteCount(_ id: Procedure.BufferID) -> Int { frame.procedure.buffers[id].byteCount }
    switch step {
    case .launch(let kernel, let buffers):
      return [Kind.launch.rawValue, Int64(kernel.index), Int64(buffers.count)]
        + buffers.flatMap { operand($0, frame).words }
    case .copy(let source, let target):
      if byteCount(source) == 0 { return [] }
      return [Kind.copy.rawValue, Int64(byteCount(source))] + operand(target, frame).words
        + operand(source, frame).words
    case .fill(let buffer, let bits): return fill(buffer, bits, frame)
    case .library(let call):
      let parameters = call.routine.parameters
      let reads = call.routine.readCount
      return [Kind.routine.rawValue, Int64(number(of: call.routine)), Int64(parameters.count)]
        + parameters + [Int64(reads), Int64(call.buffers.count - reads)]
        + call.buffers.flatMap { [Int64(byteCount($0))] + operand($0, frame).words }
    case .call(let callee, let buffers):
      let own = (frame.procedure.workspaceByteCount + 63) / 64 * 64
      return encode(
        program.procedures[callee].body,
        in: Frame(
          procedure: program.procedures[callee],
          parameters: buffers.map { operand($0, frame) }, workspace: frame.workspace + own))
    case .loopWhile(let condition, let predicate, let body):
      let conditionWords = encode(condition, in: frame)
      let bodyWords = encode(body, in: frame)
      return [Kind.loopWhile.rawValue] + operand(predicate, frame).words
        + [Int64(conditionWords.count), Int64(bodyWords.count)] + conditionWords + bodyWords
    case .loop(let count, let body):
      let bodyWords = encode(body, in: frame)
      return [Kind.loop.rawValue, Int64(count), Int64(bodyWords.count)] + bodyWords
    case .branch(let index, let cases):
      if cases.isEmpty { return [] }
      let parts = cases.map { encode($0, in: frame) }
      return [Kind.branch.rawValue] + operand(index, frame).words
        + [Int64(byteCount(index)), Int64(parts.count)] + parts.map { Int64($0.count) }
        + parts.flatMap { $0 }
    case .host(let callback, let operands, let results):
      return [
        Kind.host.rawValue, Int64(callback.index), Int64(operands.count), Int64(results.count),
      ] + (operands + results).flatMap { [Int64(byteCount($0))] + operand($0, frame).words }
    }
  }

  private mutating func number(of routine: Routine) -> Int {
    if let known = routines.firstIndex(of: routine.symbol) { return known }
    routines.append(routine.symbol)
    return routines.count - 1
  }

  /// Fills bytes where all of an element's are equal, else whole elements.
  private func fill(_ buffer: Procedure.BufferID, _ bits: ScalarBits, _ frame: Frame) -> [Int64] {
    let info = frame.procedure.buffers[buffer]
    if info.byteCount == 0 { return [] }
    var pattern = bits.bytes(of: info.type)
    if Set(pattern).count == 1 { pattern = [pattern[0]] }
    func word(_ bytes: ArraySlice<UInt8>) -> Int64 {
      Int64(
        bitPattern: bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }
    return [
      Kind.fill.rawValue, Int64(pattern.count), word(pattern.prefix(8)),
      word(pattern.dropFirst(8)), Int64(info.byteCount / pattern.count),
    ] + operand(buffer, frame).words
  }
}
