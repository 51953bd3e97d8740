import LoopIR
import Support
import Testing

@testable import Codegen

@Suite struct DeviceCodeTests {
  /// A kernel whose block turns `count` elements around in shared memory.
  private func program(_ count: Int) -> Program {
    let k = KernelBuilder(name: "turn")
    let x = k.parameter(.f32, count: count, access: .read)
    let y = k.parameter(.f32, count: count, access: .write)
    let tile = k.local(.f32, count: count)
    k.loop(from: k.index(0), to: k.index(count), kind: .vector) { i in
      k.store(k.load(x, at: i), to: tile, at: i)
    }
    k.loop(from: k.index(0), to: k.index(count), kind: .vector) { i in
      k.store(k.load(tile, at: k.subtract(k.index(count - 1), i)), to: y, at: i)
    }
    var kernel = k.finish()
    kernel.origin = Kernel.Origin(Span(file: 3, start: 10, end: 12))
    var program = Program(name: "p")
    _ = program.kernels.append(kernel)
    return program
  }

  @Test func sharedMemoryIsAskedForWhereItIsMuch() throws {
    let small = try generatePTX(program(8192), architecture: .standard).kernels[0]
    #expect(small.sharedBytes == 32_768 && small.dynamicSharedBytes == 0)
    let large = try generatePTX(program(16_384), architecture: .standard)
    #expect(large.kernels[0].dynamicSharedBytes == 65_536)
    #expect(large.ptx.contains(".extern .shared"))
  }

  @Test func moreSharedMemoryThanThereIsHasAPlace() throws {
    let diagnostic = #expect(throws: Diagnostic.self) {
      try generatePTX(self.program(65_536), architecture: .standard)
    }
    #expect(diagnostic?.message.contains("turn, a kernel of 262144 bytes") == true)
    #expect(diagnostic?.span == Span(file: 3, start: 10, end: 12))
  }
}
