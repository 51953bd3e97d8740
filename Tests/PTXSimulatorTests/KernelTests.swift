import Foundation
import Support
import Testing

@testable import PTXSimulator

/// Kernels as LLVM prints them (`Samples/kernels.ptx`, from `kernels.cu`) against the same in Swift.
@Suite struct KernelTests {
  private let harness = Harness()
  private let module: PTXModule

  init() throws {
    module = try harness.device.load(Harness.sample("kernels.ptx"), name: "kernels.ptx")
  }

  private func bytes(_ values: Any...) -> [UInt8] {
    var bytes: [UInt8] = []
    for value in values {
      switch value {
      case let value as UInt64: withUnsafeBytes(of: value) { bytes += $0 }
      case let value as Int32: withUnsafeBytes(of: value) { bytes += $0 }
      case let value as Float: withUnsafeBytes(of: value) { bytes += $0 }
      default: Issue.record("no such parameter")
      }
      _ = value
    }
    return bytes
  }

  @Test func vectorsAreAdded() throws {
    let n = 1000
    let a = (0..<n).map { Float($0) * 0.25 }
    let b = (0..<n).map { Float($0 * $0) }
    let c = try harness.device.allocate(byteCount: n * 4)
    let statistics = try module.launch(
      "vadd", grid: (4, 1, 1), block: (256, 1, 1),
      parameters: bytes(try harness.upload(a), try harness.upload(b), c, Int32(n)))
    #expect(try harness.download(c, n, as: Float.self) == zip(a, b).map { $0 + $1 })
    #expect(statistics.blocks == 4)
    #expect(statistics.threads == 1024)
    // 1000 floats are 125 sectors, and every warp reads and writes its own.
    #expect(statistics.globalLoadSectors == 250)
    #expect(statistics.globalStoreSectors == 125)
    #expect(statistics.coalescing == 1)
    #expect(statistics.divergentBranches == 1)
  }

  @Test func rowsAreReducedByShufflesAndSharedMemory() throws {
    let (rows, columns) = (3, 777)
    let a = (0..<rows * columns).map { Float($0 % 13) }
    let out = try harness.device.allocate(byteCount: rows * 4)
    let statistics = try module.launch(
      "rowsum", grid: (rows, 1, 1), block: (128, 1, 1),
      parameters: bytes(try harness.upload(a), out, Int32(columns)))
    let sums = (0..<rows).map { row in
      a[row * columns..<(row + 1) * columns].reduce(0, +)
    }
    #expect(try harness.download(out, rows, as: Float.self) == sums)
    #expect(statistics.barriers == rows)
  }

  @Test func histogramsCountByAtomics() throws {
    let values = (0..<1000).map { Int32(($0 * 7919) % 61) }
    let counts = try harness.upload([Int32](repeating: 0, count: 61))
    try module.launch(
      "hist", grid: (3, 1, 1), block: (96, 1, 1),
      parameters: bytes(try harness.upload(values), counts, Int32(1000)))
    var expected = [Int32](repeating: 0, count: 61)
    for value in values { expected[Int(value)] += 1 }
    #expect(try harness.download(counts, 61, as: Int32.self) == expected)

    let shared = try harness.device.allocate(byteCount: 64 * 4)
    let statistics = try module.launch(
      "sharedhist", grid: (1, 1, 1), block: (96, 1, 1),
      parameters: bytes(try harness.upload(values), shared, Int32(1000)))
    #expect(Array(try harness.download(shared, 64, as: Int32.self)[..<61]) == expected)
    #expect(statistics.atomics == 1000)
  }

  @Test func lanesDivergeAndMeetAgain() throws {
    let numbers = (1...64).map { UInt32($0) }
    let out = try harness.device.allocate(byteCount: 64 * 4)
    let statistics = try module.launch(
      "collatz", grid: (1, 1, 1), block: (64, 1, 1),
      parameters: bytes(try harness.upload(numbers), out))
    let expected = numbers.map { number in
      var (x, steps) = (UInt64(number), Int32(0))
      while x != 1 {
        x = x % 2 == 1 ? 3 * x + 1 : x / 2
        steps += 1
      }
      return steps
    }
    #expect(try harness.download(out, 64, as: Int32.self) == expected)
    #expect(statistics.divergentBranches > 20)
    #expect(statistics.laneUse < 0.7)
  }

  @Test func deviceFunctionsAreCalled() throws {
    let x = (0..<32).map { Float($0) / 8 }
    let address = try harness.upload(x)
    try module.launch("callit", grid: (1, 1, 1), block: (32, 1, 1), parameters: [address])
    let expected = x.indices.map { index in
      var sum: Float = 0
      for coefficient in 1...8 { sum = Float(coefficient).addingProduct(sum, x[index]) }
      return sum + Float(3 + index % 4)
    }
    #expect(try harness.download(address, 32, as: Float.self) == expected)
  }

  @Test func switchesPickTheirWay() throws {
    harness.device.checksGlobalRaces = false
    let x = (0..<32).map { Int32($0 % 8) }
    let address = try harness.upload(x)
    try module.launch(
      "sw", grid: (1, 1, 1), block: (32, 1, 1), parameters: bytes(address, Int32(100)))
    let actual = try harness.download(address, 32, as: Int32.self)
    // Cases 4 and 5 read elements that other threads may have overwritten.
    let expected: [Int: Int32] = [0: 100, 1: 300, 2: 20, 3: 109, 6: 0, 7: 0]
    for (index, value) in actual.enumerated() {
      if let wanted = expected[index % 8] { #expect(value == wanted, "\(index)") }
    }
  }

  @Test func localMemoryBelongsToEachThread() throws {
    let x = (0..<16).map { Int32($0) }
    let address = try harness.upload(x)
    try module.launch(
      "local", grid: (1, 1, 1), block: (1, 1, 1), parameters: bytes(address, Int32(40)))
    var (buffer, sum) = (x, Int32(0))
    for index in 0..<40 {
      sum &+= buffer[Int((sum &+ Int32(index)) & 15)]
      buffer[index & 15] = sum
    }
    #expect(try harness.download(address, 1, as: Int32.self) == [sum])
  }

  @Test func variablesHaveTheirInitialValues() throws {
    harness.device.checksGlobalRaces = false  // both threads store the last pointer
    let out = try harness.device.allocate(byteCount: 64)
    try module.launch("st", grid: (1, 1, 1), block: (2, 1, 1), parameters: [out])
    let words = try harness.download(out, 8, as: UInt64.self)
    let mixed = try #require(module.variable("mixed"))
    #expect(words[0] & 0xFFFF_FFFF == 1)
    #expect(Double(bitPattern: words[1]) == 2.5)
    #expect(words[2] & 0xFF_FFFF_FFFF == 0x00_6463_6261)
    #expect(words[3] == mixed.address)
    #expect(words[7] == module.variable("counter")?.address)
    #expect(try harness.download(mixed.address, 5, as: Int16.self) == [8, 5, 3, 4, 5])
  }

  @Test func tilesAreTransposedWithoutBankConflicts() throws {
    let n = 64
    let a = (0..<n * n).map { Float($0) }
    let b = try harness.device.allocate(byteCount: n * n * 4)
    let statistics = try module.launch(
      "transpose", grid: (2, 2, 1), block: (32, 8, 1),
      parameters: bytes(try harness.upload(a), b, Int32(n)))
    let expected = (0..<n * n).map { a[$0 % n * n + $0 / n] }
    #expect(try harness.download(b, n * n, as: Float.self) == expected)
    #expect(statistics.coalescing == 1)
    #expect(statistics.sharedBankConflicts == 0)
    #expect(statistics.sharedAccesses > 0)
  }

  @Test func dynamicSharedMemoryIsTheLaunchs() throws {
    let x = (0..<64).map { Int32($0) }
    let address = try harness.upload(x)
    try module.launch(
      "reverse", grid: (1, 1, 1), block: (64, 1, 1), dynamicShared: 256, parameters: [address])
    #expect(try harness.download(address, 64, as: Int32.self) == x.reversed())
    #expect(throws: Diagnostic.self) {
      try module.launch(
        "reverse", grid: (1, 1, 1), block: (64, 1, 1), dynamicShared: 252, parameters: [address])
    }
  }

  @Test func halvesAndVectorsAreLoaded() throws {
    let halves = (0..<40).map { Float16($0) / 4 }
    let result = try harness.device.allocate(byteCount: 80)
    try module.launch(
      "half2", grid: (2, 1, 1), block: (32, 1, 1),
      parameters: bytes(try harness.upload(halves), result, Int32(40)))
    #expect(
      try harness.download(result, 40, as: Float16.self)
        == halves.map { Float16(Float($0) * Float($0) + 1) })

    let x = (0..<256).map { Float($0) }
    let y = try harness.upload(x.map { -$0 })
    let statistics = try module.launch(
      "saxpy4", grid: (1, 1, 1), block: (64, 1, 1),
      parameters: bytes(Float(3), Int32(0), try harness.upload(x), y, Int32(64)))
    #expect(try harness.download(y, 256, as: Float.self) == x.map { 2 * $0 })
    #expect(statistics.globalLoads == 4)
    #expect(statistics.coalescing == 1)
  }

  @Test func divisionsAreSwifts() throws {
    let a: [Int32] = [7, -7, 7, -7, 0, .max, .min, 12345]
    let b: [Int32] = [2, 2, -2, -2, 5, 3, 7, -17]
    let out = try harness.device.allocate(byteCount: 8 * 32)
    try module.launch(
      "divs", grid: (1, 1, 1), block: (8, 1, 1),
      parameters: [try harness.upload(a), try harness.upload(b), out])
    let actual = try harness.download(out, 32, as: Int64.self)
    for (index, (x, y)) in zip(a, b).enumerated() {
      let unsigned = Int64(UInt32(bitPattern: x) / UInt32(bitPattern: y))
      let wide = (Int64(x) << 20) / Int64(y)
      #expect(
        Array(actual[4 * index..<4 * index + 4])
          == [Int64(x / y), Int64(x % y), unsigned, wide])
    }
  }
}
