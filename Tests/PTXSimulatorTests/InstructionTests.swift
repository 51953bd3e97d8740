import Support
import Testing

@testable import PTXSimulator

/// What LLVM makes of its intrinsics (`Samples/instructions.ll`), optimized for sm_90 and not at
/// all for sm_80.
@Suite(.serialized) struct InstructionTests {
  private static let samples = ["instructions.ptx", "instructions.unoptimized.ptx"]

  @Test(arguments: samples) func warpsExchangeValues(_ sample: String) throws {
    let harness = Harness()
    let module = try harness.device.load(Harness.sample(sample))
    let out = try harness.device.allocate(byteCount: 32 * 40)
    try module.launch("warp", grid: (1, 1, 1), block: (32, 1, 1), parameters: [out])
    let values = try harness.download(out, 320, as: UInt32.self)
    for lane in 0..<32 {
      let same = (0..<8).reduce(0) { $0 | 1 << UInt32($1 * 4 + lane % 4) } as UInt32
      let expected: [UInt32] = [
        3,  // shfl.idx from lane 3
        lane == 0 ? 100 : UInt32(lane - 1),  // shfl.up, or 100 where there is no lane below
        0xFFE0_0000,  // ballot of lanes above 20
        1,  // vote.any
        same,  // match.any of lane % 4
        0,  // match.all of the same
        496,  // redux.add of the lanes
        496,  // the same, stored again
        24,  // barrier.red.popc of lane % 4 != 0
        0,  // barrier.red.and of the same
      ]
      #expect(Array(values[lane * 10..<lane * 10 + 10]) == expected, "lane \(lane)")
    }
  }

  @Test(arguments: samples) func switchesAreTables(_ sample: String) throws {
    let harness = Harness()
    let module = try harness.device.load(Harness.sample(sample))
    let expected: [UInt64] = [
      3, 4, 5, 6, UInt64((7 as Float).bitPattern), (8 as Double).bitPattern, 0,
    ]
    for (index, bits) in expected.enumerated() {
      let out = try harness.upload([UInt64(0)])
      try module.launch(
        "table", grid: (1, 1, 1), block: (1, 1, 1),
        parameters: Array(
          [out, UInt64(index)].flatMap { withUnsafeBytes(of: $0, Array.init) }[..<12]))
      #expect(try harness.download(out, 1, as: UInt64.self) == [bits], "\(index)")
    }
  }

  @Test(arguments: samples) func aggregatesArePassed(_ sample: String) throws {
    let harness = Harness()
    let module = try harness.device.load(Harness.sample(sample))
    var words = (0..<20).map { UInt32($0) }
    words[2] = (2.5 as Float).bitPattern
    let out = try harness.upload(words)
    var parameters = withUnsafeBytes(of: out, Array.init)
    // The kernel's aggregate: 5 words, a hole, 8 bytes, a float.
    for word in [0, 0, 0, 0, 0, 0, 0, 0, (9.5 as Float).bitPattern, 0] {
      parameters += withUnsafeBytes(of: word, Array.init)
    }
    try module.launch("aggregate", grid: (1, 1, 1), block: (1, 1, 1), parameters: parameters)
    let actual = try harness.download(out, 20, as: UInt32.self)
    // `agg` adds 5 to the 8 bytes and takes element 2 of the vector; `byval` copies the 8 bytes.
    #expect(actual[6] == 11)
    #expect(actual[7] == 7)
    #expect(actual[8] == (2.5 as Float).bitPattern)
    #expect(actual[0] == 11)
    #expect(actual[18] == (9.5 as Float).bitPattern)
  }

  /// The rest of the kernels computes nothing of meaning; optimized and unoptimized code agree.
  @Test(arguments: ["halves", "brains", "floats", "ints"])
  func optimizedAndUnoptimizedCodeAgree(_ kernel: String) throws {
    var random = SplitMix(state: 3)
    let harness = Harness()
    harness.device.checksGlobalRaces = false
    let modules = try Self.samples.map { try harness.device.load(Harness.sample($0)) }
    for round in 0..<100 {
      var p: UInt64 = random.next()
      var q: UInt64 = random.next()
      if kernel != "ints" || round % 4 == 0 {
        // Halves and floats of moderate size.
        p = p & 0x8FFF_8FFF_8FFF_8FFF | 0x3000_3000_3000_3000
        q = q & 0x8FFF_8FFF_8FFF_8FFF | 0x3000_3000_3000_3000
      }
      if kernel == "ints" { p |= 1 }
      var results: [[UInt64]] = []
      for module in modules {
        let (a, b) = (try harness.upload([p]), try harness.upload([q]))
        try module.launch(kernel, grid: (1, 1, 1), block: (1, 1, 1), parameters: [a, b])
        results.append(
          try harness.download(a, 1, as: UInt64.self) + harness.download(b, 1, as: UInt64.self))
      }
      #expect(results[0] == results[1], "\(kernel) of \(p), \(q)")
    }
  }
}
