import Support

/// The block that runs, with the memory that it sees. One object serves all blocks of a launch, unless
/// these run at the same time.
final class Block {
  /// A warp at a barrier.
  struct Arrival {
    var barrier: Int
    /// The threads that take part, or `nil` for all of the block.
    var threadCount: Int?
    var step: Int32
    /// What `bar.red` combines, and the lanes in which its operand holds.
    var reduction: Reduction?
    var operand: UInt32 = 0
    var lanes: UInt32 = 0
  }

  enum Reduction { case population, and, or }

  let program: Program
  let kernel: Kernel
  let memory: DeviceMemory
  let grid: (Int, Int, Int)
  let extent: (Int, Int, Int)
  let threadCount: Int
  let warpCount: Int
  /// The coordinates of the running block, and the registers that hold them.
  var position = (0, 0, 0)
  let positionRegisters: [(register: Int32, axis: SpecialRegister.Axis)]
  let warps: UnsafeMutablePointer<Warp>
  let shared: SharedMemory
  var races: RaceDetector
  /// Whether races on global memory are looked for.
  let checksGlobalRaces: Bool
  /// The local memory of a thread, and of all threads one behind the other.
  let localByteCount: Int
  let local: UnsafeMutableRawPointer
  let parameters: UnsafeMutableRawPointer
  let parameterByteCount: Int
  var statistics = LaunchStatistics()
  /// Warp instructions that the block may still execute.
  var remainingInstructions = 0

  /// Addresses and host pointers of the lanes of the running access.
  let addresses: UnsafeMutablePointer<UInt64>
  let pointers: UnsafeMutablePointer<UnsafeMutableRawPointer>
  let scratch: UnsafeMutablePointer<UInt64>
  /// The allocation that was accessed last.
  var recent: DeviceMemory.Allocation

  private let registerStorage: UnsafeMutablePointer<UInt64>
  private let predicateStorage: UnsafeMutablePointer<UInt32>

  init(
    program: Program, kernel: Kernel, memory: DeviceMemory, grid: (Int, Int, Int),
    block: (Int, Int, Int), dynamicShared: Int, parameters bytes: [UInt8],
    checksGlobalRaces: Bool, turns: Turns? = nil
  ) {
    self.program = program
    self.kernel = kernel
    self.memory = memory
    self.grid = grid
    extent = block
    positionRegisters = kernel.fills.compactMap { fill in
      guard case .special(.block(let axis)) = fill.content else { return nil }
      return (fill.register, axis)
    }
    threadCount = block.0 * block.1 * block.2
    warpCount = (threadCount + 31) / 32
    localByteCount = kernel.localByteCount
    local = .allocate(byteCount: max(localByteCount * threadCount, 1), alignment: 16)
    local.initializeMemory(as: UInt8.self, repeating: 0xFF, count: localByteCount * threadCount)
    parameterByteCount = bytes.count
    parameters = .allocate(byteCount: max(bytes.count, 1), alignment: 16)
    parameters.copyMemory(from: bytes, byteCount: bytes.count)
    shared = SharedMemory(
      byteCount: kernel.sharedByteCount + dynamicShared, granuleShift: kernel.granuleShift)
    self.checksGlobalRaces = checksGlobalRaces
    if checksGlobalRaces { memory.beginLaunch(granuleShift: kernel.granuleShift) }
    races = RaceDetector(warpCount: warpCount, clock: memory.clock, turns: turns)
    addresses = .allocate(capacity: 32)
    addresses.initialize(repeating: 0, count: 32)
    pointers = .allocate(capacity: 32)
    pointers.initialize(repeating: local, count: 32)
    scratch = .allocate(capacity: 64)
    scratch.initialize(repeating: 0, count: 64)
    recent = DeviceMemory.Allocation(address: 0, byteCount: 0, bytes: local)
    let slots = kernel.registerCount * 32
    registerStorage = .allocate(capacity: max(slots * warpCount, 1))
    registerStorage.initialize(repeating: 0, count: slots * warpCount)
    predicateStorage = .allocate(capacity: max(kernel.predicateCount * warpCount, 1))
    predicateStorage.initialize(repeating: 0, count: kernel.predicateCount * warpCount)
    warps = .allocate(capacity: warpCount)
    for index in 0..<warpCount {
      let threads = min(32, threadCount - index * 32)
      let lanes = threads == 32 ? UInt32.max : (1 << UInt32(threads)) - 1
      (warps + index).initialize(
        to: Warp(
          registers: registerStorage + index * slots,
          predicates: predicateStorage + index * kernel.predicateCount, block: self, index: index,
          lanes: lanes, alive: lanes))
    }
  }

  deinit {
    memory.clock = max(memory.clock, races.latestClock)
    races.deallocate()
    warps.deinitialize(count: warpCount)
    warps.deallocate()
    registerStorage.deallocate()
    predicateStorage.deallocate()
    addresses.deallocate()
    pointers.deallocate()
    scratch.deallocate()
    local.deallocate()
    parameters.deallocate()
    shared.deallocate()
  }

  /// The local memory of `lane`.
  func localMemory(_ warp: UnsafeMutablePointer<Warp>, lane: Int) -> UnsafeMutableRawPointer {
    local + (warp.pointee.firstThread + lane) * localByteCount
  }

  /// `(x, y, z)` of a thread.
  func name(ofThread thread: Int) -> String {
    let (x, y) = (extent.0, extent.1)
    return "(\(thread % x), \(thread / x % y), \(thread / (x * y)))"
  }
}
