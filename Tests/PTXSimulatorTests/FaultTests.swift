import Support
import Testing

@testable import PTXSimulator

/// What a real device lets pass, or answers with "an illegal memory access", is told with its place.
@Suite struct FaultTests {
  private let harness = Harness()

  @Test func accessesBeyondAnAllocationAreCaught() throws {
    let address = try harness.device.allocate(byteCount: 100)
    let text = Harness.kernel(
      """
      ld.param.u64 %rd1, [p];
      mov.u32 %r1, %tid.x;
      mul.wide.u32 %rd2, %r1, 4;
      add.s64 %rd3, %rd1, %rd2;
      st.global.u32 [%rd3+4], %r1;
      ret;
      """)
    let message = try harness.fault(text, blocks: 2, parameters: [address])
    #expect(message.contains("k.ptx:16:1: error: out-of-bounds write of 4 bytes of global memory"))
    #expect(message.contains("block (0, 0, 0), thread (24, 0, 0)"))
    #expect(message.contains("0 bytes behind the nearest allocation: 100 bytes at"))
    #expect(message.contains("st.global.u32 [%rd3+4], %r1"))

    let odd = try harness.fault(text, parameters: [address + 2])
    #expect(odd.contains("misaligned write of 4 bytes"))
    try harness.device.free(address)
    let freed = try harness.fault(text, parameters: [address])
    #expect(freed.contains("have been freed"))
    let null = try harness.fault(text, parameters: [0])
    #expect(null.contains("out-of-bounds write of 4 bytes of global memory at 0x4"))
  }

  @Test func constantsAndParametersAreNotWritten() throws {
    let constant = """
      .version 8.0
      .target sm_90
      .address_size 64
      .const .align 4 .u32 c = 5;
      .visible .entry k() {
      .reg .b64 %rd<3>;
      mov.u64 %rd1, c;
      cvta.const.u64 %rd2, %rd1;
      st.u32 [%rd2], 1;
      ret; }
      """
    #expect(try harness.fault(constant, parameters: []).contains("write of constant memory"))
    let text = Harness.kernel(
      "mov.b64 %rd1, p; cvta.param.u64 %rd2, %rd1; st.u32 [%rd2], 1; ret;")
    #expect(try harness.fault(text, parameters: [0]).contains("write of parameter memory"))
  }

  private func sharedKernel(_ body: String) -> String {
    Harness.kernel(
      """
      .shared .align 4 .b8 s[512];
      mov.u32 %r1, %tid.x;
      mov.u64 %rd1, s;
      mul.wide.u32 %rd2, %r1, 4;
      add.s64 %rd3, %rd1, %rd2;
      xor.b32 %r2, %r1, 33;
      mul.wide.u32 %rd4, %r2, 4;
      add.s64 %rd5, %rd1, %rd4;
      \(body)
      ret;
      """)
  }

  @Test func racesOnSharedMemoryAreCaught() throws {
    // Write, then read what a thread of the other warp wrote.
    let racing = sharedKernel("st.shared.u32 [%rd3], %r1;\nld.shared.u32 %r3, [%rd5];")
    let message = try harness.fault(racing, threads: 64, parameters: [0])
    #expect(message.contains("race on shared memory"))
    #expect(message.contains("the other access is at line"))
    func passes(_ body: String, threads: Int = 64) throws {
      let module = try harness.device.load(sharedKernel(body))
      try module.launch("k", grid: (2, 1, 1), block: (threads, 1, 1), parameters: [UInt64(0)])
    }
    try passes("st.shared.u32 [%rd3], %r1;\nbar.sync 0;\nld.shared.u32 %r3, [%rd5];")
    // Then write what another thread has read.
    let antidependence =
      "st.shared.u32 [%rd3], %r1;\nbar.sync 0;\nld.shared.u32 %r3, [%rd5];\nst.shared.u32 [%rd3], %r3;"
    #expect(
      try harness.fault(sharedKernel(antidependence), threads: 64, parameters: [0])
        .contains("race"))
    // Lanes of one warp are ordered by bar.warp.sync only.
    let withinWarp = """
      xor.b32 %r2, %r1, 1; mul.wide.u32 %rd4, %r2, 4; add.s64 %rd5, %rd1, %rd4;
      st.shared.u32 [%rd3], %r1;
      SYNC
      ld.shared.u32 %r3, [%rd5];
      """
    try passes(withinWarp.replacing("SYNC", with: "bar.warp.sync -1;"), threads: 32)
    #expect(
      try harness.fault(
        sharedKernel(withinWarp.replacing("SYNC", with: "")), parameters: [0]
      ).contains("race"))
    // Two writes of one instruction.
    #expect(
      try harness.fault(sharedKernel("st.shared.u32 [s], %r1;"), parameters: [0]).contains("race"))
    // Atomics do not race with each other, but with reads.
    try passes("red.shared.add.u32 [s], 1;")
    #expect(
      try harness.fault(
        sharedKernel("red.shared.add.u32 [s], 1;\nld.shared.u32 %r3, [s];"), parameters: [0]
      ).contains("atomic access of thread"))
    // Different bytes of one word.
    try passes(
      "add.s64 %rd6, %rd1, 0; cvt.u64.u32 %rd7, %r1; add.s64 %rd6, %rd1, %rd7;\nst.shared.u8 [%rd6], %r1;"
    )
  }

  @Test func racesOnGlobalMemoryAreCaught() throws {
    let address = try harness.upload([UInt32](repeating: 0, count: 64))
    func kernel(_ body: String) -> String {
      Harness.kernel(
        """
        ld.param.u64 %rd1, [p];
        mov.u32 %r1, %tid.x;
        mov.u32 %r2, %ctaid.x;
        mad.wide.u32 %rd2, %r1, 4, %rd1;
        xor.b32 %r3, %r1, 33;
        mad.wide.u32 %rd3, %r3, 4, %rd1;
        \(body)
        ret;
        """)
    }
    func passes(_ body: String, blocks: Int = 1) throws {
      let module = try harness.device.load(kernel(body))
      for _ in 0..<2 {
        try module.launch(
          "k", grid: (blocks, 1, 1), block: (64, 1, 1), parameters: [address])
      }
    }
    // Threads of one block.
    let exchange = "st.global.u32 [%rd2], %r1;\nSYNC\nld.global.u32 %r4, [%rd3];"
    try passes(exchange.replacing("SYNC", with: "bar.sync 0;"))
    let message = try harness.fault(
      kernel(exchange.replacing("SYNC", with: "")), threads: 64, parameters: [address])
    #expect(message.contains("race on global memory"))
    #expect(message.contains("not ordered by a barrier"))
    // Threads of different blocks: no barrier helps.
    let between = try harness.fault(
      kernel(exchange.replacing("SYNC", with: "bar.sync 0;")), threads: 64, blocks: 2,
      parameters: [address])
    #expect(between.contains("of another block are not ordered"))
    let reading = "ld.global.u32 %r4, [%rd2];\nbar.sync 0;"
    try passes(reading, blocks: 3)
    try passes("red.global.add.u32 [%rd2], 1;", blocks: 3)
    // What other blocks wrote may be known by atomics behind a fence.
    let handing =
      "@%p1 exit; mad.wide.u32 %rd4, %r2, 4, %rd1; st.global.u32 [%rd4], %r2;\nFENCE\n"
      + "ld.global.u32 %r4, [%rd1];"
    let first = "setp.ne.u32 %p1, %r1, 0;\n" + handing
    try passes(first.replacing("FENCE", with: "membar.gl;"), blocks: 3)
    let unfenced = kernel(first.replacing("FENCE", with: ""))
    #expect(
      try harness.fault(unfenced, blocks: 2, parameters: [address]).contains("race on global"))
    harness.device.checksGlobalRaces = false
    try passes(exchange.replacing("SYNC", with: ""), blocks: 2)
  }

  /// Blocks that run at the same time meet; who goes on without the others is caught.
  @Test func meetingsOfBlocks() throws {
    // Block b writes element b, and after the meeting reads that of the next block.
    func kernel(_ meeting: String) -> String {
      Harness.kernel(
        """
        ld.param.u64 %rd1, [p];
        mov.u32 %r1, %tid.x;
        mov.u32 %r2, %ctaid.x;
        mov.u32 %r3, %nctaid.x;
        setp.ne.u32 %p1, %r1, 0;
        mad.wide.u32 %rd2, %r2, 4, %rd1;
        @%p1 bra $arrive;
        st.global.u32 [%rd2+128], %r2;
        $arrive:
        bar.sync 0;
        @%p1 bra $met;
        \(meeting)
        $met:
        bar.sync 0;
        add.u32 %r4, %r2, 1;
        rem.u32 %r4, %r4, %r3;
        mad.wide.u32 %rd3, %r4, 4, %rd1;
        @%p1 exit;
        ld.global.u32 %r5, [%rd3+128];
        st.global.u32 [%rd2+256], %r5;
        ret;
        """)
    }
    let meeting = """
      membar.gl;
      setp.ne.u32 %p2, %r2, 0;
      sub.u32 %r6, 0x80000001, %r3;
      selp.u32 %r6, 1, %r6, %p2;
      atom.global.add.u32 %r7, [%rd1], %r6;
      $wait:
      ld.volatile.global.u32 %r8, [%rd1];
      xor.b32 %r9, %r7, %r8;
      setp.ge.s32 %p3, %r9, 0;
      @%p3 bra $wait;
      membar.gl;
      """
    let address = try harness.upload([UInt32](repeating: 0, count: 96))
    let module = try harness.device.load(kernel(meeting))
    for _ in 0..<2 {
      try module.launch(
        "k", grid: (5, 1, 1), block: (64, 1, 1), isCooperative: true, parameters: [address])
      let found = try harness.download(address + 256, 5, as: UInt32.self)
      #expect(found == [1, 2, 3, 4, 0])
    }
    func fault(_ text: String, blocks: Int = 5) throws -> String {
      try harness.fault(
        kernel(text), threads: 64, blocks: blocks, isCooperative: true, parameters: [address])
    }
    // One block more than come.
    let fresh = try harness.upload([UInt32](repeating: 0, count: 96))
    let lonely = try harness.fault(
      kernel(meeting.replacing("sub.u32 %r6, 0x80000001", with: "sub.u32 %r6, 0x80000000")),
      threads: 64, blocks: 5, isCooperative: true, parameters: [fresh])
    #expect(lonely.contains("deadlock: blocks wait for what no block writes"))
    #expect(lonely.contains("5 of 5 blocks wait"))
    // Nobody waits; nobody fences.
    #expect(try fault("").contains("of another block are not ordered"))
    #expect(
      try fault(meeting.replacing("membar.gl;", with: "")).contains("race on global memory"))
    #expect(try fault(meeting, blocks: 7).contains("7 blocks do not run at the same time"))
  }

  @Test func divergentAndMismatchedBarriersAreCaught() throws {
    let half = sharedKernel("setp.lt.u32 %p1, %r1, 16;\n@%p1 bra L;\nbar.sync 0;\nL: bar.sync 0;")
    #expect(
      try harness.fault(half, parameters: [0]).contains("divergent barrier: thread (0, 0, 0)"))
    let guarded = sharedKernel("setp.lt.u32 %p1, %r1, 16;\n@%p1 bar.sync 0;")
    #expect(try harness.fault(guarded, parameters: [0]).contains("divergent barrier"))
    let nobody = sharedKernel("setp.gt.u32 %p1, %r1, 99;\n@%p1 bar.sync 0;")
    try harness.device.load(nobody).launch(
      "k", grid: (1, 1, 1), block: (32, 1, 1), parameters: [UInt64(0)])
    let apart = sharedKernel(
      "setp.lt.u32 %p1, %r1, 32;\n@%p1 bra L;\nbar.sync 0;\nbra M;\nL: bar.sync 0;\nM:")
    #expect(
      try harness.fault(apart, threads: 64, parameters: [0]).contains("mismatched barrier 0"))
    let different = sharedKernel("shr.u32 %r3, %r1, 5;\nbar.sync %r3;")
    #expect(try harness.fault(different, threads: 64, parameters: [0]).contains("deadlock"))
    let counts = sharedKernel("bar.sync 1, 96;")
    #expect(try harness.fault(counts, threads: 64, parameters: [0]).contains("deadlock"))
  }

  @Test func shufflesNeedTheirLanes() throws {
    let text = sharedKernel(
      "setp.lt.u32 %p1, %r1, 16;\n@%p1 shfl.sync.idx.b32 %r3, %r1, 0, 31, -1;")
    #expect(try harness.fault(text, parameters: [0]).contains("waits for lanes that do not"))
  }

  @Test func hangsAreCaught() throws {
    harness.device.instructionLimit = 100_000
    let message = try harness.fault(Harness.kernel("L: bra L;"), parameters: [0])
    #expect(message.contains("does it hang?"))
    #expect(message.contains("kernel 'k'"))
  }

  @Test func trapsAreErrors() throws {
    #expect(try harness.fault(Harness.kernel("trap; ret;"), parameters: [0]).contains("trapped"))
  }

  @Test func launchesBeyondTheLimitsAreErrors() throws {
    let module = try harness.device.load(Harness.kernel(".shared .b8 s[16]; ret;"))
    func message(
      _ name: String = "k", _ grid: (Int, Int, Int) = (1, 1, 1),
      _ block: (Int, Int, Int) = (1, 1, 1), shared: Int = 0, count: Int = 1
    ) -> String {
      do {
        try module.launch(
          name, grid: grid, block: block, dynamicShared: shared,
          parameters: [UInt64](repeating: 0, count: count))
        return "none"
      } catch {
        return error.message
      }
    }
    #expect(message() == "none")
    #expect(message("j").contains("no kernel 'j'"))
    #expect(message("k", (0, 1, 1)).contains("grid"))
    #expect(message("k", (1, 65536, 1)).contains("grid"))
    #expect(message("k", (1 << 31, 1, 1)).contains("grid"))
    #expect(message("k", (1, 1, 1), (1025, 1, 1)).contains("block"))
    #expect(message("k", (1, 1, 1), (32, 33, 1)).contains("1056 threads"))
    #expect(message(shared: 1 << 20).contains("shared memory"))
    #expect(message(count: 2).contains("16 bytes of parameters"))
    #expect(throws: Diagnostic.self) {
      try harness.device.load(
        Harness.kernel(".shared .b8 s[50000]; mov.u64 %rd1, s; ret;"))
    }
    let required = try harness.device.load(
      ".version 7.0 .target sm_80 .visible .entry k() .reqntid 64, 1, 1 { ret; }")
    #expect(throws: Diagnostic.self) {
      try required.launch("k", grid: (1, 1, 1), block: (32, 1, 1), parameters: [UInt64]())
    }
  }

  @Test func hostCopiesAreChecked() throws {
    let device = PTXDevice(byteCount: 4096)
    let a = try device.allocate(byteCount: 1000)
    #expect(throws: Diagnostic.self) { try device.allocate(byteCount: 4000) }
    #expect(throws: Diagnostic.self) { try device.allocate(byteCount: -1) }
    #expect(throws: Diagnostic.self) { try device.copy(a, to: a + 500, byteCount: 501) }
    #expect(throws: Diagnostic.self) { try device.free(a + 4) }
    try device.fill(a, with: 7 as UInt32, count: 250)
    #expect(throws: Diagnostic.self) { try device.fill(a, with: 7 as UInt32, count: 251) }
    try device.free(a)
    #expect(throws: Diagnostic.self) { try device.free(a) }
    #expect(device.allocatedByteCount == 0)
  }
}
