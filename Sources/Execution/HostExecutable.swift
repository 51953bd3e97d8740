import Codegen
import JXRuntime
import LoopIR
import Support
import Tensor

/// A compiled program that can be run, here or on a device.
public protocol Executable: AnyObject {
  /// Runs the program on arrays of exactly the types and shapes of its arguments.
  ///
  /// The memory of an argument whose position is in `donated` may become that of a result; the
  /// caller no longer uses it then.
  func run(_ operands: [HostTensor], donated: Set<Int>) throws -> [HostTensor]
}

extension Executable {
  /// Runs the program; the caller keeps its arguments.
  public func run(_ operands: [HostTensor]) throws -> [HostTensor] {
    try run(operands, donated: [])
  }
}

/// A program compiled for the processor at hand, in memory.
public final class HostExecutable: Executable {
  public let name: String
  /// What the program takes and gives.
  public let arguments: [CompiledProgram.ArrayType]
  public let results: [CompiledProgram.ArrayType]

  private typealias Entry =
    @convention(c) (
      UnsafePointer<UnsafeMutableRawPointer?>, UnsafeMutableRawPointer?
    ) -> Int32
  private let entry: Entry
  private let library: JITSession.Library
  private let constants: [Buffer]
  private let callbacks: CallbackTable
  private let donations: [Procedure.Donation]
  private let workspaceByteCount: Int

  /// Loads a program that calls nothing on the host.
  public convenience init(_ program: CompiledProgram) throws {
    try self.init(program, callbacks: CallbackTable())
  }

  /// Loads `program`, which calls what is in `callbacks`.
  public init(_ program: CompiledProgram, callbacks: CallbackTable) throws {
    name = program.name
    arguments = program.arguments
    results = program.results
    donations = program.donations
    workspaceByteCount = program.workspaceByteCount
    let constants = program.constants.map { bytes in
      let buffer = Buffer(byteCount: bytes.count)
      bytes.withUnsafeBytes {
        if let start = $0.baseAddress {
          buffer.address.copyMemory(from: start, byteCount: $0.count)
        }
      }
      return buffer
    }
    self.constants = constants
    self.callbacks = callbacks
    var definitions: [(name: String, address: UnsafeRawPointer)] = constants.enumerated().map {
      (constantSymbol(Program.ConstantID($0)), UnsafeRawPointer($1.address))
    }
    definitions.append(
      ("jx.callbacks", UnsafeRawPointer(Unmanaged.passUnretained(self.callbacks).toOpaque())))
    let (library, address) = try JITSession.current().load(
      program.object, symbol: program.name, definitions: definitions)
    self.library = library
    entry = unsafeBitCast(address, to: Entry.self)
  }

  public func run(_ operands: [HostTensor], donated: Set<Int>) throws -> [HostTensor] {
    try check(operands, against: arguments, of: name)
    var outputs: [Buffer] = []
    outputs.reserveCapacity(results.count)
    for (position, result) in results.enumerated() {
      if let donation = donations.first(where: {
        $0.result == position && donated.contains($0.argument)
      }) {
        outputs.append(operands[donation.argument].buffer)
      } else {
        outputs.append(try Buffer(pooled: result.byteCount))
      }
    }
    let workspace = try workspaceByteCount > 0 ? Buffer(pooled: workspaceByteCount) : nil
    let status = withExtendedLifetime((operands, outputs, workspace, constants)) {
      withUnsafeTemporaryAllocation(
        of: UnsafeMutableRawPointer?.self, capacity: max(1, operands.count + outputs.count)
      ) { pointers in
        for (position, operand) in operands.enumerated() {
          pointers.initializeElement(at: position, to: operand.buffer.address)
        }
        for (position, output) in outputs.enumerated() {
          pointers.initializeElement(at: operands.count + position, to: output.address)
        }
        return entry(pointers.baseAddress!, workspace?.address)
      }
    }
    if status != 0 {
      if let thrown = callbacks.thrown {
        callbacks.thrown = nil
        throw thrown
      }
      throw Diagnostic(.error, "\(name) failed: \(describe(status: status))")
    }
    return zip(results, outputs).map { HostTensor(type: $0.type, shape: $0.shape, buffer: $1) }
  }
}

/// Throws unless `operands` are what the program called `name` takes.
func check(
  _ operands: [HostTensor], against arguments: [CompiledProgram.ArrayType], of name: String
) throws {
  guard operands.count == arguments.count else {
    throw Diagnostic(
      .error, "\(name) takes \(arguments.count) arrays, not \(operands.count)")
  }
  for (operand, argument) in zip(operands, arguments) {
    guard operand.type == argument.type, operand.shape == argument.shape else {
      throw Diagnostic(
        .error,
        "\(name) takes \(argument.type)\(argument.shape.dimensions), not "
          + "\(operand.type)\(operand.shape.dimensions)")
    }
  }
}

/// What a status of the run-time library means.
private func describe(status: Int32) -> String {
  CallStatus(rawValue: status)?.message ?? "status \(status)"
}

/// That there is no room for so many bytes, in XLA's words.
func outOfMemory(_ byteCount: Int) -> String {
  "RESOURCE_EXHAUSTED: Out of memory allocating \(byteCount) bytes."
}

extension Buffer {
  /// Memory of the pool, which is kept for reuse when the buffer is gone.
  public convenience init(pooled byteCount: Int) throws {
    guard let address = jx_allocate(max(byteCount, 1)) else {
      throw Diagnostic(.error, outOfMemory(byteCount))
    }
    self.init(adopting: address, byteCount: byteCount) { jx_free($0, max($1, 1)) }
  }
}
