/// The cost of the accesses of a warp.
enum MemoryTraffic {
  static let sectorShift: UInt64 = 5

  /// The sectors of 32 bytes that the lanes touch. `scratch` has room for 64.
  static func sectors(
    _ addresses: UnsafeMutablePointer<UInt64>, _ lanes: UInt32,
    scratch: UnsafeMutablePointer<UInt64>
  ) -> Int {
    // Accesses are aligned and at most 16 bytes, so that each lies in one sector.
    var count = 0
    var isSorted = true
    forEachLane(lanes) { lane in
      let sector = addresses[lane] >> sectorShift
      if count > 0 {
        let last = scratch[count - 1]
        if sector == last { return }
        if sector < last { isSorted = false }
      }
      scratch[count] = sector
      count += 1
    }
    if isSorted { return count }
    var distinct = 0
    for index in 0..<count where !(0..<distinct).contains(where: { scratch[$0] == scratch[index] })
    {
      scratch[distinct] = scratch[index]
      distinct += 1
    }
    return distinct
  }

  /// The passes that an access to shared memory needs beyond the first: 32 banks of 4 bytes, each
  /// of which serves one word at a time. Accesses of 8 and 16 bytes go in 2 and 4 parts anyway.
  static func bankConflicts(
    _ addresses: UnsafeMutablePointer<UInt64>, _ lanes: UInt32, byteCount: Int,
    scratch: UnsafeMutablePointer<UInt64>
  ) -> Int {
    let lanesPerPart = byteCount <= 4 ? 32 : 128 / byteCount
    let wordsPerLane = max(1, byteCount / 4)
    var conflicts = 0
    for part in stride(from: 0, to: 32, by: lanesPerPart) {
      let mask = lanesPerPart == 32 ? UInt32.max : ((1 << UInt32(lanesPerPart)) - 1) << UInt32(part)
      guard lanes & mask != 0 else { continue }
      var used: UInt32 = 0
      var isConflicting = false
      forEachLane(lanes & mask) { lane in
        for word in 0..<wordsPerLane {
          let address = addresses[lane] / 4 + UInt64(word)
          let bank = Int(address & 31)
          if used >> UInt32(bank) & 1 == 0 {
            used |= 1 << UInt32(bank)
            scratch[bank] = address
          } else if scratch[bank] != address {
            isConflicting = true
          }
        }
      }
      if isConflicting {
        conflicts += passes(addresses, lanes & mask, wordsPerLane: wordsPerLane) - 1
      }
    }
    return conflicts
  }

  /// The most different words that lanes want from one bank.
  private static func passes(
    _ addresses: UnsafeMutablePointer<UInt64>, _ lanes: UInt32, wordsPerLane: Int
  ) -> Int {
    var words: [[UInt64]] = Array(repeating: [], count: 32)
    forEachLane(lanes) { lane in
      for word in 0..<wordsPerLane {
        let address = addresses[lane] / 4 + UInt64(word)
        let bank = Int(address & 31)
        if !words[bank].contains(address) { words[bank].append(address) }
      }
    }
    return words.reduce(1) { max($0, $1.count) }
  }
}
