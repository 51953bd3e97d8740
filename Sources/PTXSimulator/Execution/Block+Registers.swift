/// Registers that no instruction writes.
extension Block {
  /// Fills what is the same in all blocks: literals, addresses and most special registers.
  func fillLaunchRegisters() {
    for fill in kernel.fills {
      for index in 0..<warpCount {
        let register = (warps + index).register(fill.register)
        for lane in 0..<32 { register[lane] = value(fill.content, warp: index, lane: lane) }
      }
    }
  }

  /// Fills the coordinates of the block.
  func fillBlockRegisters() {
    for (register, axis) in positionRegisters {
      let value =
        switch axis {
        case .x: UInt64(position.0)
        case .y: UInt64(position.1)
        case .z: UInt64(position.2)
        }
      for index in 0..<warpCount {
        (warps + index).register(register).update(repeating: value, count: 32)
      }
    }
  }

  private func value(_ content: RegisterFill.Content, warp: Int, lane: Int) -> UInt64 {
    switch content {
    case .value(let value): value
    case .special(let special): value(special, warp: warp, lane: lane)
    case .dynamicShared(let offset): UInt64(kernel.sharedByteCount) &+ offset
    }
  }

  private func value(_ special: SpecialRegister, warp: Int, lane: Int) -> UInt64 {
    let thread = warp * 32 + lane
    let bit = UInt64(1) << UInt64(lane)
    return switch special {
    case .thread(.x): UInt64(thread % extent.0)
    case .thread(.y): UInt64(thread / extent.0 % extent.1)
    case .thread(.z): UInt64(thread / (extent.0 * extent.1))
    case .threads(let axis): UInt64([extent.0, extent.1, extent.2][axis.rawValue])
    case .block: 0
    case .blocks(let axis): UInt64([grid.0, grid.1, grid.2][axis.rawValue])
    case .lane: UInt64(lane)
    case .warp: UInt64(warp)
    case .warps: UInt64(warpCount)
    case .laneMask(.eq): bit
    case .laneMask(.lt): bit - 1
    case .laneMask(.le): bit << 1 - 1
    case .laneMask(.gt): ~(bit << 1 - 1) & 0xFFFF_FFFF
    case .laneMask(.ge): ~(bit - 1) & 0xFFFF_FFFF
    case .clock, .multiprocessor, .grid: 0
    case .multiprocessors: 1
    case .dynamicSharedSize: UInt64(shared.byteCount - kernel.sharedByteCount)
    case .totalSharedSize: UInt64(shared.byteCount)
    }
  }
}
