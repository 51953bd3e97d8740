/// Accesses: the addresses of the lanes, checked, as places of the host.
extension Block {
  /// Fills `addresses` and `pointers` for the lanes of an access of `step`.
  func resolve(
    _ warp: UnsafeMutablePointer<Warp>, _ step: UnsafePointer<Step>, _ lanes: UInt32,
    _ space: AddressSpace, _ access: Access
  ) throws(Fault) {
    let base = warp.register(step.pointee.a)
    let offset = step.pointee.offset
    forEachLane(lanes) { addresses[$0] = base[$0] &+ offset }
    let byteCount = Int(step.pointee.bytes) * Int(step.pointee.width)
    guard space == .generic else {
      return try resolve(warp, step, lanes, space, access, byteCount)
    }
    var spaces: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
    forEachLane(lanes) { lane in
      let space = AddressSpace.of(addresses[lane])
      addresses[lane] &-= space.window
      switch space {
      case .generic, .global: spaces.0 |= 1 << UInt32(lane)
      case .shared: spaces.1 |= 1 << UInt32(lane)
      case .local: spaces.2 |= 1 << UInt32(lane)
      case .param: spaces.3 |= 1 << UInt32(lane)
      }
    }
    if spaces.0 != 0 { try resolve(warp, step, spaces.0, .global, access, byteCount) }
    if spaces.1 != 0 { try resolve(warp, step, spaces.1, .shared, access, byteCount) }
    if spaces.2 != 0 { try resolve(warp, step, spaces.2, .local, access, byteCount) }
    if spaces.3 != 0 { try resolve(warp, step, spaces.3, .param, access, byteCount) }
  }

  private func resolve(
    _ warp: UnsafeMutablePointer<Warp>, _ step: UnsafePointer<Step>, _ lanes: UInt32,
    _ space: AddressSpace, _ access: Access, _ byteCount: Int
  ) throws(Fault) {
    let misalignment = UInt64(byteCount) &- 1
    var merged: UInt64 = 0
    forEachLane(lanes) { merged |= addresses[$0] }
    if merged & misalignment != 0 {
      var rest = lanes
      while rest != 0 {
        let lane = rest.trailingZeroBitCount
        rest &= rest &- 1
        if addresses[lane] & misalignment != 0 {
          throw Fault(
            message: "misaligned \(access.name) of \(byteCount) bytes of \(space.name) memory at "
              + "0x\(hexadecimal(addresses[lane]))", lane: lane)
        }
      }
    }
    switch space {
    case .generic, .global:
      try resolveGlobal(warp, step, lanes, access, byteCount)
    case .shared:
      try resolveShared(warp, step, lanes, access, byteCount)
    case .local:
      try resolveFlat(lanes, access, byteCount, .local, size: localByteCount) { lane in
        local + (warp.pointee.firstThread + lane) * localByteCount
      }
    case .param:
      guard !access.isWrite else {
        throw Fault(
          message: "\(access.name) of parameter memory", lane: lanes.trailingZeroBitCount)
      }
      try resolveFlat(lanes, access, byteCount, .param, size: parameterByteCount) { _ in
        parameters
      }
    }
  }

  private func resolveGlobal(
    _ warp: UnsafeMutablePointer<Warp>, _ step: UnsafePointer<Step>, _ lanes: UInt32,
    _ access: Access, _ byteCount: Int
  ) throws(Fault) {
    let size = UInt64(byteCount)
    var (base, extent) = (recent.address, UInt64(recent.byteCount))
    var isWritable = !recent.isReadOnly
    var bytes = recent.bytes
    var rest = lanes
    while rest != 0 {
      let lane = rest.trailingZeroBitCount
      rest &= rest &- 1
      var offset = addresses[lane] &- base
      if offset >= extent || extent &- offset < size || (access.isWrite && !isWritable) {
        recent = try allocation(of: addresses[lane], access, byteCount, lane)
        (base, extent) = (recent.address, UInt64(recent.byteCount))
        isWritable = !recent.isReadOnly
        bytes = recent.bytes
        offset = addresses[lane] &- base
      }
      pointers[lane] = bytes + Int(offset)
    }
    if checksGlobalRaces { try checkGlobalRaces(warp, step, lanes, access, byteCount) }
    let sectors = MemoryTraffic.sectors(addresses, lanes, scratch: scratch)
    let threads = lanes.nonzeroBitCount
    let minimum = min(sectors, (threads * byteCount + 31) / 32)
    if !access.isWrite {
      statistics.globalLoads += 1
      statistics.globalLoadThreads += threads
      statistics.globalLoadBytes += threads * byteCount
      statistics.globalLoadSectors += sectors
      statistics.globalLoadSectorsMinimum += minimum
    } else {
      statistics.globalStores += 1
      statistics.globalStoreThreads += threads
      statistics.globalStoreBytes += threads * byteCount
      statistics.globalStoreSectors += sectors
      statistics.globalStoreSectorsMinimum += minimum
    }
  }

  private func allocation(
    of address: UInt64, _ access: Access, _ byteCount: Int, _ lane: Int
  ) throws(Fault) -> DeviceMemory.Allocation {
    guard let allocation = memory.allocation(of: address, byteCount: byteCount) else {
      throw Fault(
        message: "out-of-bounds \(access.name) of \(byteCount) bytes of global memory at "
          + "0x\(hexadecimal(address))", notes: memory.describe(address), lane: lane)
    }
    if allocation.isReadOnly, access.isWrite {
      throw Fault(
        message: "\(access.name) of constant memory at 0x\(hexadecimal(address))",
        notes: memory.describe(address), lane: lane)
    }
    return allocation
  }

  /// Notes the accesses at `addresses`, which have been found to be inside allocations.
  private func checkGlobalRaces(
    _ warp: UnsafeMutablePointer<Warp>, _ step: UnsafePointer<Step>, _ lanes: UInt32,
    _ access: Access, _ byteCount: Int
  ) throws(Fault) {
    let number = Int32(truncatingIfNeeded: program.number(of: step))
    let granuleShift = UInt64(kernel.granuleShift)
    let races = races
    var (base, extent, cells) = (recent.address, UInt64(recent.byteCount), recent.cells)
    var record = races.record(thread: warp.pointee.firstThread, access, step: number)
    var rest = lanes
    while rest != 0 {
      let lane = rest.trailingZeroBitCount
      rest &= rest &- 1
      let address = addresses[lane]
      if address &- base >= extent {
        recent = try allocation(of: address, access, byteCount, lane)
        (base, extent, cells) = (recent.address, UInt64(recent.byteCount), recent.cells)
      }
      guard let cells else { continue }
      record.setLane(lane)
      let offset = address &- base
      var index = Int(truncatingIfNeeded: offset &>> granuleShift)
      let last = Int(truncatingIfNeeded: (offset &+ UInt64(byteCount) &- 1) &>> granuleShift)
      while index <= last {
        if let race = races.access(
          cells + index, record, isWrite: access.isWrite, since: races.unorderedClock)
        {
          throw fault(race, .global, address, access, warp.pointee.firstThread + lane)
        }
        index += 1
      }
    }
  }

  private func resolveShared(
    _ warp: UnsafeMutablePointer<Warp>, _ step: UnsafePointer<Step>, _ lanes: UInt32,
    _ access: Access, _ byteCount: Int
  ) throws(Fault) {
    let size = UInt64(shared.byteCount)
    let (shared, races) = (shared, races)
    let number = Int32(truncatingIfNeeded: program.number(of: step))
    var rest = lanes
    while rest != 0 {
      let lane = rest.trailingZeroBitCount
      rest &= rest &- 1
      let address = addresses[lane]
      guard address < size, size - address >= UInt64(byteCount) else {
        throw Fault(
          message: "out-of-bounds \(access.name) of \(byteCount) bytes of shared memory at "
            + "0x\(hexadecimal(address))",
          notes: ["the block has \(size) bytes of shared memory"], lane: lane)
      }
      pointers[lane] = shared.bytes + Int(address)
      var isUninitialized = false
      let thread = warp.pointee.firstThread + lane
      let record = races.record(thread: thread, access, step: number)
      if let race = shared.access(
        Int(address), byteCount: byteCount, record, isWrite: access.isWrite, races,
        uninitialized: &isUninitialized)
      {
        throw fault(race, .shared, address, access, thread)
      }
      if isUninitialized { statistics.uninitializedSharedReads += 1 }
    }
    statistics.sharedAccesses += 1
    statistics.sharedBankConflicts += MemoryTraffic.bankConflicts(
      addresses, lanes, byteCount: byteCount, scratch: scratch)
  }

  private func fault(
    _ race: RaceDetector.Race, _ space: AddressSpace, _ address: UInt64, _ access: Access,
    _ thread: Int
  ) -> Fault {
    let earlier = race.earlier
    let verb = race.isWrite ? (earlier.isStrong ? "an atomic access" : "a write") : "a read"
    let other = name(ofThread: earlier.thread) + (race.isOfOtherBlock ? " of another block" : "")
    var notes = ["the other access is at line \(program.line(of: earlier.step))"]
    if space == .global { notes += memory.describe(address) }
    return Fault(
      message:
        "race on \(space.name) memory at 0x\(hexadecimal(address)): \(access.name) of thread "
        + "\(name(ofThread: thread)) and \(verb) of thread \(other) are not ordered"
        + (race.isOfOtherBlock ? "" : " by a barrier"),
      notes: notes, lane: thread & 31)
  }

  @inline(__always)
  private func resolveFlat(
    _ lanes: UInt32, _ access: Access, _ byteCount: Int, _ space: AddressSpace, size: Int,
    _ base: (Int) -> UnsafeMutableRawPointer
  ) throws(Fault) {
    var rest = lanes
    while rest != 0 {
      let lane = rest.trailingZeroBitCount
      rest &= rest &- 1
      let address = addresses[lane]
      guard address < UInt64(size), UInt64(size) - address >= UInt64(byteCount) else {
        throw Fault(
          message: "out-of-bounds \(access.name) of \(byteCount) bytes of \(space.name) memory at "
            + "0x\(hexadecimal(address))", notes: ["there are \(size) bytes of it"], lane: lane)
      }
      pointers[lane] = base(lane) + Int(address)
    }
  }
}
