import Codegen
import JXRuntime
import Support
import Tensor

/// Bytes in the memory of an accelerator, which takes them back when the last reference is gone.
public final class AcceleratorMemory {
  public let accelerator: Accelerator
  let address: jx_address
  public let byteCount: Int

  init(_ accelerator: Accelerator, byteCount: Int) throws {
    self.accelerator = accelerator
    self.byteCount = byteCount
    address = try accelerator.allocate(byteCount)
  }

  deinit { accelerator.free(address, byteCount) }

  /// Copies the bytes to the host, when they are computed.
  public func download() throws -> Buffer {
    let buffer = try Buffer(pooled: byteCount)
    if byteCount > 0 {
      let table = accelerator.table
      try accelerator.check(
        table.pointee.read(table, buffer.address, address, byteCount), "copying from the GPU")
    }
    return buffer
  }

  /// Returns when the bytes are computed.
  public func wait() throws {
    try accelerator.check(accelerator.table.pointee.wait(accelerator.table), "running on the GPU")
  }
}

extension Accelerator {
  /// Copies the bytes of `buffer` to the accelerator.
  public func upload(_ buffer: Buffer) throws -> AcceleratorMemory {
    let memory = try AcceleratorMemory(self, byteCount: buffer.byteCount)
    if buffer.byteCount > 0 {
      try withExtendedLifetime(buffer) {
        try check(
          table.pointee.write(table, memory.address, buffer.address, buffer.byteCount),
          "copying to the GPU")
      }
    }
    return memory
  }

  /// Memory that was freed is kept for the next allocation of its size: what runs happens in order, so
  /// that nobody uses it any more then.
  func allocate(_ byteCount: Int) throws -> jx_address {
    let size = max(byteCount, 1)
    if let kept = free[size]?.popLast() { return kept }
    var address: jx_address = 0
    var status = table.pointee.allocate(table, size, &address)
    if status != 0, !free.isEmpty {
      releaseFree()
      status = table.pointee.allocate(table, size, &address)
    }
    if status == CallStatus.outOfMemory.rawValue {
      throw Diagnostic(.error, "\(outOfMemory(byteCount)) \(reason)")
    }
    try check(status, "allocating on the GPU")
    return address
  }

  func free(_ address: jx_address, _ byteCount: Int) {
    free[max(byteCount, 1), default: []].append(address)
  }

  /// Gives the memory back that is kept for later.
  func releaseFree() {
    for address in free.values.joined() { table.pointee.release(table, address) }
    free = [:]
  }
}
