import Codegen
import Glibc
import JXRuntime
import LoopIR
import Support
import Tensor

/// A compiled program on a device.
public final class DeviceExecutable: Executable {
  public let name: String
  public let accelerator: Accelerator
  private let arguments: [CompiledProgram.ArrayType]
  private let results: [CompiledProgram.ArrayType]
  private let program: DeviceProgramRecord
  private let instance: OpaquePointer
  private let callbacks: CallbackTable

  /// Loads `kernels`, those of `program`; `callbacks` are what its host calls refer to.
  public init(
    _ program: Program, _ kernels: DeviceProgram, on accelerator: Accelerator,
    callbacks: CallbackTable
  ) throws {
    name = program.name
    (arguments, results) = program.arrayTypes
    self.accelerator = accelerator
    self.callbacks = callbacks
    self.program = DeviceProgramRecord(kernels)
    var made: OpaquePointer?
    let status = jx_device_load(accelerator.table, self.program.record, &made)
    if status == CallStatus.outOfMemory.rawValue {
      throw Diagnostic(
        .error, "RESOURCE_EXHAUSTED: Out of memory loading \(name). \(accelerator.message)")
    }
    guard status == 0, let made else {
      throw Diagnostic(.error, "INTERNAL: \(name) cannot be loaded: \(accelerator.message)")
    }
    instance = made
  }

  deinit { jx_device_unload(instance) }

  /// The arguments go to the accelerator, and the results come back.
  public func run(_ operands: [HostTensor], donated: Set<Int>) throws -> [HostTensor] {
    try check(operands, against: arguments, of: name)
    let results = try run(operands.map { try accelerator.upload($0.buffer) })
    return try zip(self.results, results).map {
      HostTensor(type: $0.type, shape: $0.shape, buffer: try $1.download())
    }
  }

  /// Starts the program on arrays that the accelerator has; the results may not be there yet.
  public func run(_ operands: [AcceleratorMemory]) throws -> [AcceleratorMemory] {
    let made = try results.map { try AcceleratorMemory(accelerator, byteCount: $0.byteCount) }
    let addresses = operands.map(\.address) + made.map(\.address)
    let status = withExtendedLifetime((operands, callbacks)) {
      jx_device_run(
        instance, addresses, handleHostCall, Unmanaged.passUnretained(callbacks).toOpaque())
    }
    if status != 0 {
      if let thrown = callbacks.thrown {
        callbacks.thrown = nil
        throw thrown
      }
      throw Diagnostic(.error, "\(name) failed: \(accelerator.message)")
    }
    return made
  }
}

/// A `jx_device_program` and the memory that it refers to.
final class DeviceProgramRecord {
  let record: UnsafeMutablePointer<jx_device_program>
  private var owned: [UnsafeMutableRawPointer] = []

  init(_ program: DeviceProgram) {
    record = .allocate(capacity: 1)
    record.initialize(to: jx_device_program())
    let kernels = program.code.kernels.map {
      jx_device_kernel(
        name: UnsafePointer(copy(Array($0.name.utf8CString))), blocks: UInt32(clamping: $0.blocks),
        threads: UInt32(clamping: $0.threads), shared: UInt32(clamping: $0.dynamicSharedBytes),
        is_cooperative: $0.isCooperative ? 1 : 0)
    }
    let constants = program.constants.map {
      jx_device_constant(bytes: UnsafeRawPointer(copy($0)), size: $0.count)
    }
    record.pointee.ptx = UnsafePointer(copy(Array(program.code.ptx.utf8CString)))
    record.pointee.kernel_count = Int32(kernels.count)
    record.pointee.constant_count = Int32(constants.count)
    record.pointee.argument_count = Int32(program.argumentSizes.count)
    record.pointee.result_count = Int32(program.resultSizes.count)
    record.pointee.kernels = UnsafePointer(copy(kernels))
    record.pointee.architecture = Int32(program.architecture)
    record.pointee.constants = UnsafePointer(copy(constants))
    record.pointee.routines = UnsafePointer(copy(program.routines.map(routine)))
    record.pointee.sizes = UnsafePointer(
      copy((program.argumentSizes + program.resultSizes).map { Int64($0) }))
    record.pointee.workspace = Int64(program.workspaceByteCount)
    record.pointee.code = UnsafePointer(copy(program.words))
    record.pointee.code_count = Int64(program.words.count)
  }

  /// The address of a routine of the run-time library.
  private func routine(_ symbol: String) -> jx_routine? {
    let table = UnsafeBufferPointer(start: jx_symbol_table(), count: Int(jx_symbol_count))
    return table.first { String(cString: $0.name) == symbol }
      .map { unsafeBitCast($0.address, to: jx_routine.self) }
  }

  private func copy<Element>(_ elements: [Element]) -> UnsafeMutablePointer<Element> {
    let memory = UnsafeMutablePointer<Element>.allocate(capacity: max(1, elements.count))
    memory.initialize(from: elements, count: elements.count)
    owned.append(UnsafeMutableRawPointer(memory))
    return memory
  }

  deinit {
    for memory in owned { memory.deallocate() }
    record.deallocate()
  }
}
