import Codegen
import JXRuntime
import PTXSimulator
import Support

extension Accelerator {
  /// A simulator of a GPU: slow, and strict about memory, races and barriers.
  public static func simulator() -> Accelerator {
    let simulated = SimulatedGPU()
    return Accelerator(simulated.table, architecture: .standard, owner: simulated)
  }

  /// What the kernels have done so far, of a simulated GPU; a real one does not say.
  public var statistics: [KernelStatistics] { (owner as? SimulatedGPU)?.log.kernels ?? [] }
}

/// The simulator behind the table of functions that programs run on.
private final class SimulatedGPU {
  let table: UnsafeMutablePointer<jx_device>
  private let device = PTXDevice()
  let log = LaunchLog()
  private var modules: [UnsafeMutableRawPointer: PTXModule] = [:]
  private var kernels: [UnsafeMutableRawPointer: (module: PTXModule, name: String)] = [:]

  init() {
    table = .allocate(capacity: 1)
    table.initialize(to: jx_device())
    table.pointee.context = Unmanaged.passUnretained(self).toOpaque()
    table.pointee.allocate = { table, size, address in
      let status = attempt(table) { address!.pointee = try $0.device.allocate(byteCount: size) }
      return status == 0 ? 0 : CallStatus.outOfMemory.rawValue
    }
    table.pointee.release = { table, address in
      _ = attempt(table) { try $0.device.free(address) }
    }
    table.pointee.write = { table, target, source, size in
      attempt(table) {
        try $0.device.copyIn(UnsafeRawBufferPointer(start: source, count: size), to: target)
      }
    }
    table.pointee.read = { table, target, source, size in
      attempt(table) {
        try $0.device.copyOut(
          source, to: UnsafeMutableRawBufferPointer(start: target, count: size))
      }
    }
    table.pointee.copy = { table, target, source, size in
      attempt(table) { try $0.device.copy(source, to: target, byteCount: size) }
    }
    table.pointee.fill = { table, target, pattern, width, count in
      attempt(table) {
        switch width {
        case 1: try $0.device.fill(target, with: UInt8(truncatingIfNeeded: pattern), count: count)
        case 2: try $0.device.fill(target, with: UInt16(truncatingIfNeeded: pattern), count: count)
        default: try $0.device.fill(target, with: pattern, count: count)
        }
      }
    }
    table.pointee.load = { table, ptx, kernels, count, module, handles in
      attempt(table) {
        let names = (0..<Int(count)).map { String(cString: kernels![$0].name) }
        module!.pointee = try $0.load(String(cString: ptx!), names, into: handles!)
      }
    }
    table.pointee.unload = { table, module in
      _ = attempt(table) { $0.unload(module!) }
    }
    table.pointee.launch = { table, handle, kernel, operands, count in
      attempt(table) { simulated in
        let (module, name) = simulated.kernels[handle!]!
        let isCooperative = kernel!.pointee.is_cooperative != 0
        let room = isCooperative ? PTXDevice.residentBlocks : Int.max
        let blocks = min(Int(kernel!.pointee.blocks), room)
        let threads = Int(kernel!.pointee.threads)
        let work = try module.launch(
          name, grid: (blocks, 1, 1), block: (threads, 1, 1),
          dynamicShared: Int(kernel!.pointee.shared), isCooperative: isCooperative,
          parameters: Array(UnsafeBufferPointer(start: operands, count: Int(count))))
        simulated.log.note(work, of: name, in: module, blocks: blocks, threads: threads)
      }
    }
    table.pointee.wait = { _ in 0 }
  }

  deinit { table.deallocate() }

  private func load(
    _ ptx: String, _ names: [String],
    into handles: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  ) throws -> UnsafeMutableRawPointer {
    let module = try device.load(ptx, name: "kernels")
    let handle = Unmanaged.passUnretained(module).toOpaque()
    modules[handle] = module
    for (position, name) in names.enumerated() {
      // Any address that is this kernel's own serves as its handle.
      let own = UnsafeMutableRawPointer.allocate(byteCount: 1, alignment: 1)
      kernels[own] = (module, name)
      handles[position] = own
    }
    return handle
  }

  private func unload(_ handle: UnsafeMutableRawPointer) {
    guard let module = modules.removeValue(forKey: handle) else { return }
    for (own, kernel) in kernels where kernel.module === module {
      kernels[own] = nil
      own.deallocate()
    }
  }

  /// Runs `body`; where it fails, notes the reason.
  func note(_ error: Diagnostic) -> Int32 {
    // Who reports it says that it is an error.
    var text = device.render(error)[...]
    if text.hasPrefix("error: ") { text = text.dropFirst(7) }
    while text.last?.isNewline == true { text.removeLast() }
    withUnsafeMutableBytes(of: &table.pointee.message) { bytes in
      let utf8 = Array(text.utf8.prefix(bytes.count - 1)) + [0]
      bytes.copyBytes(from: utf8)
    }
    return -9
  }
}

/// Runs `body` for the simulator behind `table`: 0, or the status of a failure.
private func attempt(
  _ table: UnsafeMutablePointer<jx_device>?, _ body: (SimulatedGPU) throws -> Void
) -> Int32 {
  let simulated = Unmanaged<SimulatedGPU>.fromOpaque(table!.pointee.context)
    .takeUnretainedValue()
  do {
    try body(simulated)
    return 0
  } catch let error as Diagnostic {
    return simulated.note(error)
  } catch {
    return simulated.note(Diagnostic(.error, "\(error)"))
  }
}
