import Glibc
import Support

/// The global memory of a device: allocations at addresses that are never used again, with room
/// between them, so that a stray access meets nobody else's bytes.
final class DeviceMemory {
  struct Allocation {
    var address: UInt64
    var byteCount: Int
    var bytes: UnsafeMutableRawPointer
    /// A variable of a module; constants cannot be written.
    var name: String?
    var isReadOnly = false
    /// Who accessed it last, if races are looked for.
    var cells: UnsafeMutablePointer<AccessCell>?

    var end: UInt64 { address + UInt64(byteCount) }
  }

  /// In the order of their addresses.
  private(set) var allocations: [Allocation] = []
  /// What has been freed last, for the messages.
  private var freed: [(address: UInt64, byteCount: Int)] = []
  private var nextAddress: UInt64 = 0x7000_0000_0000
  private(set) var allocatedByteCount = 0
  let capacity: Int

  /// New memory holds this byte: floats are NaN and indices far outside.
  private static let fillByte: Int32 = 0xFF
  private static let alignment: UInt64 = 512

  init(capacity: Int) {
    self.capacity = capacity
  }

  deinit {
    for allocation in allocations {
      Glibc.free(allocation.bytes)
      Glibc.free(allocation.cells)
    }
  }

  func allocate(
    byteCount: Int, name: String? = nil, isReadOnly: Bool = false
  ) throws(Diagnostic) -> UInt64 {
    guard byteCount >= 0 else { throw Diagnostic(.error, "cannot allocate \(byteCount) bytes") }
    guard byteCount <= capacity - allocatedByteCount else {
      throw Diagnostic(
        .error, "out of device memory: cannot allocate \(byteCount) bytes",
        notes: ["\(allocatedByteCount) of \(capacity) bytes are in use"])
    }
    guard let bytes = malloc(max(byteCount, 1)) else {
      throw Diagnostic(.error, "out of memory: cannot allocate \(byteCount) bytes")
    }
    memset(bytes, DeviceMemory.fillByte, byteCount)
    let address = nextAddress
    let size = UInt64(byteCount)
    nextAddress += (size / DeviceMemory.alignment + 2) * DeviceMemory.alignment
    allocations.append(
      Allocation(
        address: address, byteCount: byteCount, bytes: bytes, name: name, isReadOnly: isReadOnly))
    allocatedByteCount += byteCount
    return address
  }

  func free(_ address: UInt64) throws(Diagnostic) {
    guard let index = position(of: address), allocations[index].address == address,
      allocations[index].name == nil
    else {
      throw Diagnostic(
        .error, "0x\(hexadecimal(address)) is not the address of an allocation",
        notes: describe(address))
    }
    remove(index)
  }

  /// Frees a variable of a module.
  func release(_ address: UInt64) {
    if let index = position(of: address), allocations[index].address == address { remove(index) }
  }

  private func remove(_ index: Int) {
    let allocation = allocations.remove(at: index)
    Glibc.free(allocation.bytes)
    Glibc.free(allocation.cells)
    allocatedByteCount -= allocation.byteCount
    freed.append((allocation.address, allocation.byteCount))
    if freed.count > 4096 { freed.removeFirst(2048) }
  }

  // MARK: Races

  /// The clock that the last launch came to.
  var clock: UInt32 = 0
  private var granuleShift = 0

  /// Makes the records of accesses ready for a kernel with this granule. Those of earlier launches
  /// mean nothing to it.
  func beginLaunch(granuleShift: Int) {
    if granuleShift != self.granuleShift || clock > UInt32.max / 2 {
      for index in allocations.indices {
        Glibc.free(allocations[index].cells)
        allocations[index].cells = nil
      }
      self.granuleShift = granuleShift
      if clock > UInt32.max / 2 { clock = 0 }
    }
    for index in allocations.indices
    where allocations[index].cells == nil && !allocations[index].isReadOnly {
      // Zeros, which the system gives page by page, are cells without accesses.
      let count = allocations[index].byteCount >> granuleShift + 1
      allocations[index].cells = calloc(count, MemoryLayout<AccessCell>.stride)?
        .assumingMemoryBound(to: AccessCell.self)
    }
  }

  /// The last allocation that begins at or before `address`.
  private func position(of address: UInt64) -> Int? {
    var low = 0
    var high = allocations.count
    while low < high {
      let middle = (low + high) / 2
      if allocations[middle].address <= address { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? low - 1 : nil
  }

  /// The allocation that the bytes from `address` on lie in.
  func allocation(of address: UInt64, byteCount: Int) -> Allocation? {
    guard let index = position(of: address) else { return nil }
    let allocation = allocations[index]
    let offset = address - allocation.address
    guard offset <= UInt64(allocation.byteCount),
      UInt64(byteCount) <= UInt64(allocation.byteCount) - offset
    else { return nil }
    return allocation
  }

  /// The bytes from `address` on, for the host.
  func bytes(_ address: UInt64, byteCount: Int) throws(Diagnostic) -> UnsafeMutableRawPointer {
    guard byteCount >= 0, let allocation = allocation(of: address, byteCount: byteCount) else {
      throw Diagnostic(
        .error, "\(byteCount) bytes at 0x\(hexadecimal(address)) are not in device memory",
        notes: describe(address))
    }
    return allocation.bytes + Int(address - allocation.address)
  }

  /// What lies at or next to `address`, for messages.
  func describe(_ address: UInt64) -> [String] {
    if let index = freed.lastIndex(where: {
      address >= $0.address && address - $0.address < UInt64(max($0.byteCount, 1))
    }) {
      let (start, count) = freed[index]
      return ["it is in the \(count) bytes at 0x\(hexadecimal(start)) that have been freed"]
    }
    guard !allocations.isEmpty else { return ["nothing is allocated"] }
    let before = position(of: address)
    var nearest = before ?? 0
    if let before, before + 1 < allocations.count, address >= allocations[before].end,
      allocations[before + 1].address - address < address - allocations[before].end
    {
      nearest = before + 1
    }
    let allocation = allocations[nearest]
    let what =
      (allocation.name.map { "'\($0)', " } ?? "")
      + "\(allocation.byteCount) bytes at 0x\(hexadecimal(allocation.address))"
    if address < allocation.address {
      return ["\(allocation.address - address) bytes before the nearest allocation: \(what)"]
    }
    if address >= allocation.end {
      return ["\(address - allocation.end) bytes behind the nearest allocation: \(what)"]
    }
    return ["\(address - allocation.address) bytes into the allocation: \(what)"]
  }
}
