/// Loads, stores and atomics.
enum MemoryOperations {
  /// `ld` of elements whose bits in memory are a `T`; signed types widen by their sign.
  static func load<T: LaneInteger>(
    _: T.Type, _ space: AddressSpace, isStrong: Bool
  ) -> Step.Execute {
    { (warp, step, lanes) throws(Fault) in
      let block = warp.pointee.block
      try block.resolve(warp, step, lanes, space, isStrong ? .strongRead : .read)
      if isStrong { block.races.observe() }
      let pointers = block.pointers
      for index in 0..<Int(step.pointee.width) {
        let d = warp.vectorRegister(step, index)
        let offset = index * MemoryLayout<T>.size
        forEachLane(lanes) { lane in
          d[lane] = pointers[lane].load(fromByteOffset: offset, as: T.self).slot
        }
      }
    }
  }

  /// `st`.
  static func store<T: LaneInteger>(
    _: T.Type, _ space: AddressSpace, isStrong: Bool
  ) -> Step.Execute {
    { (warp, step, lanes) throws(Fault) in
      let block = warp.pointee.block
      try block.resolve(warp, step, lanes, space, isStrong ? .strongWrite : .write)
      let pointers = block.pointers
      for index in 0..<Int(step.pointee.width) {
        let source = warp.vectorRegister(step, index)
        let offset = index * MemoryLayout<T>.size
        forEachLane(lanes) { lane in
          pointers[lane].storeBytes(
            of: T(slot: source[lane]), toByteOffset: offset, as: T.self)
        }
      }
    }
  }

  /// `atom` and `red`: `d` is the old value, `operation` makes the new one from it and `b`, `c`.
  /// The lanes go one after the other.
  static func atomic<T: LaneValue>(
    _: T.Type, _ space: AddressSpace, hasResult: Bool,
    _ operation: @escaping @Sendable (T, T, T) -> T
  ) -> Step.Execute {
    { (warp, step, lanes) throws(Fault) in
      let block = warp.pointee.block
      try block.resolve(warp, step, lanes, space, .atomic)
      block.races.observe()
      block.statistics.atomics += lanes.nonzeroBitCount
      let pointers = block.pointers
      let b = warp.register(step.pointee.b)
      let c = warp.register(step.pointee.c)
      let d = warp.register(step.pointee.d)
      let byteCount = Int(step.pointee.bytes)
      forEachLane(lanes) { lane in
        let pointer = pointers[lane]
        var old: UInt64 = 0
        withUnsafeMutableBytes(of: &old) {
          $0.baseAddress?.copyMemory(from: pointer, byteCount: byteCount)
        }
        let new = operation(T(slot: old), T(slot: b[lane]), T(slot: c[lane])).slot
        withUnsafeBytes(of: new) { bytes in
          if let base = bytes.baseAddress { pointer.copyMemory(from: base, byteCount: byteCount) }
        }
        if hasResult { d[lane] = old }
      }
    }
  }

  /// `cvta` and `cvta.to`: to or from the window of a space.
  static let convertAddress: Step.Execute = { warp, step, lanes in
    let offset = step.pointee.offset
    mapLanes(warp, step, lanes) { (a: UInt64) in a &+ offset }
  }

  /// `isspacep`.
  static func isInSpace(_ space: AddressSpace) -> Step.Execute {
    { warp, step, lanes in
      let a = warp.register(step.pointee.a)
      var mask: UInt32 = 0
      forEachLane(lanes) { if AddressSpace.of(a[$0]) == space { mask |= 1 << UInt32($0) } }
      warp.setPredicate(step.pointee.q, mask, lanes)
    }
  }
}
