/// What a launch did, summed over its blocks.
public struct LaunchStatistics: Hashable, Sendable {
  public var blocks = 0
  public var threads = 0
  /// Instructions of warps, and of the threads that took part in them.
  public var warpInstructions = 0
  public var threadInstructions = 0
  /// Branches at which the lanes of a warp parted.
  public var divergentBranches = 0
  /// Barriers of blocks.
  public var barriers = 0
  /// Accesses of warps to global memory.
  public var globalLoads = 0
  public var globalStores = 0
  /// The same for each thread that took part, and the bytes that these moved.
  public var globalLoadThreads = 0
  public var globalStoreThreads = 0
  public var globalLoadBytes = 0
  public var globalStoreBytes = 0
  /// The sectors of 32 bytes that they touched, and the fewest that could hold what they moved.
  public var globalLoadSectors = 0
  public var globalStoreSectors = 0
  public var globalLoadSectorsMinimum = 0
  public var globalStoreSectorsMinimum = 0
  /// Accesses of warps to shared memory, and the passes that bank conflicts added.
  public var sharedAccesses = 0
  public var sharedBankConflicts = 0
  /// Reads of shared memory that the block has not written; they give ones in every bit.
  public var uninitializedSharedReads = 0
  /// Atomic operations of threads.
  public var atomics = 0

  public init() {}

  /// The part of the global traffic that was needed, between 0 and 1.
  public var coalescing: Double {
    let sectors = globalLoadSectors + globalStoreSectors
    guard sectors > 0 else { return 1 }
    return Double(globalLoadSectorsMinimum + globalStoreSectorsMinimum) / Double(sectors)
  }

  /// The threads that took part in an instruction on average, of those that a warp has room for.
  public var laneUse: Double {
    warpInstructions > 0 ? Double(threadInstructions) / Double(32 * warpInstructions) : 1
  }

  public static func += (a: inout LaunchStatistics, b: LaunchStatistics) {
    a.blocks += b.blocks
    a.threads += b.threads
    a.warpInstructions += b.warpInstructions
    a.threadInstructions += b.threadInstructions
    a.divergentBranches += b.divergentBranches
    a.barriers += b.barriers
    a.globalLoads += b.globalLoads
    a.globalStores += b.globalStores
    a.globalLoadThreads += b.globalLoadThreads
    a.globalStoreThreads += b.globalStoreThreads
    a.globalLoadBytes += b.globalLoadBytes
    a.globalStoreBytes += b.globalStoreBytes
    a.globalLoadSectors += b.globalLoadSectors
    a.globalStoreSectors += b.globalStoreSectors
    a.globalLoadSectorsMinimum += b.globalLoadSectorsMinimum
    a.globalStoreSectorsMinimum += b.globalStoreSectorsMinimum
    a.sharedAccesses += b.sharedAccesses
    a.sharedBankConflicts += b.sharedBankConflicts
    a.uninitializedSharedReads += b.uninitializedSharedReads
    a.atomics += b.atomics
  }
}
