import HLO
import Passes
import Tensor
import Testing

/// Schedules need less memory, and compute the same.
@Suite struct MemoryScheduleTests {
  /// Large products whose sums alone are needed, all products first.
  private func module(products: Int) throws -> Module {
    let builder = FunctionBuilder(
      name: "main", visibility: .public, arguments: [.tensor([8, 8], .f32)])
    let x = builder.arguments[0]
    let zero = try builder.scalar(0.0, .f32)
    let large = try (0..<products).map { number in
      let scaled = try builder.multiply(x, builder.splat(Double(number), TensorType([8, 8], .f32)))
      return try builder.broadcastInDim(scaled, [1024, 8, 8], [1, 2])
    }
    try builder.return(large.map { try builder.reduce(.add, $0, zero, dimensions: [0]) })
    return Module(name: "products", functions: [try builder.finish()])
  }

  @Test func halvesThePeak() throws {
    let before = try module(products: 8)
    var after = before
    #expect(try memorySchedule.run(&after))
    #expect(after.defects().isEmpty)
    func peak(_ module: Module) -> Int {
      module.functions[0].peakByteCount(of: module.functions[0].body)
    }
    #expect(peak(after) * 4 < peak(before))
    let argument = [HostTensor((0..<64).map { Float($0) }, shape: [8, 8])]
    let expected = try Interpreter(before).call("main", argument)
    let found = try Interpreter(after).call("main", argument)
    #expect(zip(found, expected).allSatisfy { $0.isIdentical(to: $1) })
    #expect(try !memorySchedule.run(&after), "the order is not final")
  }

  /// What is written over is read before, as it was.
  @Test func updatesStayLast() throws {
    let builder = FunctionBuilder(
      name: "main", visibility: .public, arguments: [.tensor([8], .f32)])
    let zero = try builder.scalar(0, .i32)
    let large = try builder.broadcastInDim(builder.arguments[0], [100_000, 8], [1])
    let read = try builder.unary(.sine, large)
    let row = try builder.slice(read, start: [7, 0], limit: [8, 8])
    let updated = try builder.dynamicUpdateSlice(large, row, starts: [zero, zero])
    try builder.return([updated, builder.slice(read, start: [1, 0], limit: [2, 8])])
    let before = Module(name: "update", functions: [try builder.finish()])
    var after = before
    _ = try memorySchedule.run(&after)
    let argument = [HostTensor((0..<8).map { Float($0) })]
    let expected = try Interpreter(before).call("main", argument)
    let found = try Interpreter(after).call("main", argument)
    #expect(zip(found, expected).allSatisfy { $0.isIdentical(to: $1) })
  }
}
