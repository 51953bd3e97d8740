import PTXSimulator

/// What the launches of one kernel did on a simulated GPU.
public struct KernelStatistics: Sendable {
  public let name: String
  /// Of each launch.
  public let blocks: Int
  public let threads: Int
  public var launches = 0
  /// Of all launches together.
  public var work = LaunchStatistics()
}

/// What the kernels of a simulated GPU did, in the order in which they were launched first.
final class LaunchLog {
  private(set) var kernels: [KernelStatistics] = []
  private var numbers: [Key: Int] = [:]

  /// Kernels of several programs may have one name.
  private struct Key: Hashable {
    var module: ObjectIdentifier
    var name: String
  }

  func note(
    _ work: LaunchStatistics, of name: String, in module: PTXModule, blocks: Int, threads: Int
  ) {
    let key = Key(module: ObjectIdentifier(module), name: name)
    let number = numbers[key, default: kernels.count]
    if number == kernels.count {
      numbers[key] = number
      kernels.append(KernelStatistics(name: name, blocks: blocks, threads: threads))
    }
    kernels[number].launches += 1
    kernels[number].work += work
  }
}
