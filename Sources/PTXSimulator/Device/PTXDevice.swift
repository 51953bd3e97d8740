import Support

/// A simulated NVIDIA GPU that executes PTX text.
///
/// It has one memory, into which the host copies, and modules, whose kernels the host launches.
/// A launch runs its blocks one after the other, warp by warp, and checks what a real device does
/// not: every access against its allocation, races on shared memory, barriers that not all threads
/// reach, and kernels that do not end. Everything wrong is a `Diagnostic` whose span lies in the
/// PTX text, which `sources` knows.
///
/// Numbers are those of the PTX ISA: `f32` keeps subnormals without `.ftz`, every operation rounds
/// once, NaN results are canonical. Functions that machines approximate (`ex2.approx`, `sin.approx`,
/// …) are computed in `f64` and rounded, so they may differ from a card's in the last places.
///
/// A device belongs to one thread.
public final class PTXDevice {
  /// The blocks that run at the same time, where they wait for each other.
  public static let residentBlocks = 6

  /// The text of the modules, for rendering diagnostics.
  public let sources: SourceMap
  /// Warp instructions that one block may execute before it counts as hanging.
  public var instructionLimit = 400_000_000
  /// Whether races on global memory are looked for, between threads of a block and between blocks.
  /// That takes 24 bytes for each element of every allocation.
  public var checksGlobalRaces = true
  let memory: DeviceMemory

  /// A device with `byteCount` bytes of memory.
  public init(byteCount: Int = 16 << 30, sources: SourceMap = SourceMap()) {
    self.sources = sources
    memory = DeviceMemory(capacity: byteCount)
  }

  // MARK: Memory

  /// The bytes that are allocated now.
  public var allocatedByteCount: Int { memory.allocatedByteCount }

  /// Allocates memory, aligned to 512 bytes; every bit of it is 1, so that floats are NaN.
  public func allocate(byteCount: Int) throws(Diagnostic) -> UInt64 {
    try memory.allocate(byteCount: byteCount)
  }

  /// Frees what `allocate` returned. Its address is not used again.
  public func free(_ address: UInt64) throws(Diagnostic) {
    try memory.free(address)
  }

  /// Copies from the host.
  public func copyIn(_ source: UnsafeRawBufferPointer, to address: UInt64) throws(Diagnostic) {
    let bytes = try memory.bytes(address, byteCount: source.count)
    if let base = source.baseAddress { bytes.copyMemory(from: base, byteCount: source.count) }
  }

  /// Copies to the host.
  public func copyOut(
    _ address: UInt64, to target: UnsafeMutableRawBufferPointer
  ) throws(Diagnostic) {
    let bytes = try memory.bytes(address, byteCount: target.count)
    target.baseAddress?.copyMemory(from: bytes, byteCount: target.count)
  }

  /// Copies on the device; the ranges may overlap.
  public func copy(
    _ source: UInt64, to target: UInt64, byteCount: Int
  ) throws(Diagnostic) {
    let from = try memory.bytes(source, byteCount: byteCount)
    try memory.bytes(target, byteCount: byteCount).copyMemory(from: from, byteCount: byteCount)
  }

  /// Repeats `pattern`, an element of 1, 2, 4 or 8 bytes, `count` times.
  public func fill(
    _ address: UInt64, with pattern: some FixedWidthInteger, count: Int
  ) throws(Diagnostic) {
    let size = pattern.bitWidth / 8
    let (byteCount, overflow) = count.multipliedReportingOverflow(by: size)
    guard !overflow else { throw Diagnostic(.error, "cannot fill \(count) elements") }
    let bytes = try memory.bytes(address, byteCount: byteCount)
    let bits = UInt64(truncatingIfNeeded: pattern)
    withUnsafeBytes(of: bits.littleEndian) { source in
      guard let base = source.baseAddress else { return }
      for index in 0..<max(count, 0) {
        (bytes + index * size).copyMemory(from: base, byteCount: size)
      }
    }
  }

  // MARK: Modules

  /// Reads a module: parses all of it and decodes every instruction, so that what the simulator
  /// lacks is known before anything runs. `name` stands in messages.
  public func load(_ ptx: String, name: String = "module.ptx") throws(Diagnostic) -> PTXModule {
    let text = Array(ptx.utf8)
    let file = sources.add(name: name, text: text)
    let parsed = try Parser.parse(text, file: file)
    let variables = try VariableLoader.load(parsed.variables, into: memory)
    do throws(Diagnostic) {
      let program = try ModuleDecoder.decode(
        parsed, memory: memory, source: sources.files[Int(file)])
      return PTXModule(
        device: self, program: program, variables: variables,
        symbols: parsed.variables.filter { $0.space != .shared })
    } catch {
      for address in variables { memory.release(address) }
      throw error
    }
  }

  /// `diagnostic` with its line of PTX, its notes and its place, as people read it.
  public func render(_ diagnostic: Diagnostic) -> String {
    DiagnosticRenderer(sources: sources).render(diagnostic)
  }
}
