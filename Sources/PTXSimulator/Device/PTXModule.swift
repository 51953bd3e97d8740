import Support

/// A parameter of a kernel in the bytes that a launch passes.
public struct KernelParameter: Hashable, Sendable {
  public var name: String
  public var offset: Int
  public var byteCount: Int
  public var alignment: Int
}

/// The kernels of one PTX text, ready to launch.
public final class PTXModule {
  private let device: PTXDevice
  private let program: Program
  private let variables: [UInt64]
  private let symbols: [String: (address: UInt64, byteCount: Int)]

  init(device: PTXDevice, program: Program, variables: [UInt64], symbols: [Variable]) {
    self.device = device
    self.program = program
    self.variables = variables
    self.symbols = Dictionary(
      symbols.map { ($0.name, ($0.address, $0.byteCount)) }, uniquingKeysWith: { first, _ in first }
    )
  }

  deinit {
    for address in variables { device.memory.release(address) }
  }

  /// The names of the kernels, sorted.
  public var kernels: [String] { program.kernels.keys.sorted() }

  /// The layout of a kernel's parameters, or `nil` if there is no such kernel.
  public func parameters(of kernel: String) -> [KernelParameter]? {
    program.kernels[kernel]?.parameters
  }

  /// The device address and size of a `.global` or `.const` variable.
  public func variable(_ name: String) -> (address: UInt64, byteCount: Int)? { symbols[name] }

  /// Runs a kernel whose parameters are all 8 bytes.
  @discardableResult
  public func launch(
    _ kernel: String, grid: (Int, Int, Int), block: (Int, Int, Int), dynamicShared: Int = 0,
    isCooperative: Bool = false, parameters: [UInt64]
  ) throws(Diagnostic) -> LaunchStatistics {
    let bytes = parameters.flatMap { value in withUnsafeBytes(of: value.littleEndian, Array.init) }
    return try launch(
      kernel, grid: grid, block: block, dynamicShared: dynamicShared, isCooperative: isCooperative,
      parameters: bytes)
  }

  /// Runs a kernel to its end. `parameters` holds them as `parameters(of:)` lays them out.
  ///
  /// - Parameter isCooperative: do all blocks run at the same time, so that they may wait for each other?
  @discardableResult
  public func launch(
    _ name: String, grid: (Int, Int, Int), block: (Int, Int, Int), dynamicShared: Int = 0,
    isCooperative: Bool = false, parameters: [UInt8]
  ) throws(Diagnostic) -> LaunchStatistics {
    guard let kernel = program.kernels[name] else {
      throw Diagnostic(
        .error, "there is no kernel '\(name)'",
        notes: ["kernels: " + kernels.prefix(16).joined(separator: ", ")])
    }
    try LaunchLimits.check(kernel, grid, block, dynamicShared, parameters.count)
    func makeBlock(_ turns: Turns? = nil) -> Block {
      let made = Block(
        program: program, kernel: kernel, memory: device.memory, grid: grid, block: block,
        dynamicShared: dynamicShared, parameters: parameters,
        checksGlobalRaces: device.checksGlobalRaces, turns: turns)
      made.fillLaunchRegisters()
      return made
    }
    if isCooperative {
      let count = grid.0 * grid.1 * grid.2
      try LaunchLimits.checkCooperative(kernel, blocks: count)
      let turns = Turns()
      let blocks = (0..<count).map { number in
        let made = makeBlock(turns)
        made.position = (number % grid.0, number / grid.0 % grid.1, number / (grid.0 * grid.1))
        return made
      }
      return try turns.run(blocks, device.memory, instructionLimit: device.instructionLimit)
    }
    let running = makeBlock()
    for z in 0..<grid.2 {
      for y in 0..<grid.1 {
        for x in 0..<grid.0 {
          running.position = (x, y, z)
          try running.run(instructionLimit: device.instructionLimit)
        }
      }
    }
    return running.statistics
  }
}
