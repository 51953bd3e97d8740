import Glibc
import Support
import Tensor

/// One of the processes of `run_parallel`.
final class Process: @unchecked Sendable {
  let replica: Int
  let partition: Int
  let index: Int
  private let grid: Grid
  /// The functions that give what is fed, in order.
  private var infeeds: [String]

  init(replica: Int, partition: Int, index: Int, grid: Grid, infeeds: [String]) {
    self.replica = replica
    self.partition = partition
    self.index = index
    self.grid = grid
    self.infeeds = infeeds
  }

  /// The groups of processes, by index, that take part in a collective. A positive channel means
  /// replicas and partitions together, or partitions alone.
  private func groups(
    _ attributes: CollectiveAttributes, isAcrossPartitions: Bool = false
  ) -> [[Int]] {
    let (replicas, partitions) = (grid.replicas, grid.partitions)
    func at(_ replica: Int, _ partition: Int) -> Int { replica * partitions + partition }
    let rows = attributes.groups.map { $0.filter { $0 >= 0 } }
    let channel = attributes.channel?.handle ?? 0
    if channel <= 0 {
      // Across replicas, for each partition.
      let groups = rows.isEmpty || rows.allSatisfy(\.isEmpty) ? [Array(0..<replicas)] : rows
      return (0..<partitions).flatMap { partition in
        groups.map { $0.map { at($0, partition) } }
      }
    }
    if attributes.useGlobalDeviceIDs { return rows }
    if isAcrossPartitions {
      return (0..<replicas).flatMap { replica in rows.map { $0.map { at(replica, $0) } } }
    }
    // Across replicas and partitions.
    return rows.map { group in
      (0..<partitions).flatMap { partition in group.map { at($0, partition) } }
    }
  }

  func communicate(
    _ operation: Operation, _ operands: [RuntimeValue], _ results: [TensorType],
    combine: Combine, infeed: (String) throws -> [HostTensor]
  ) throws -> [RuntimeValue] {
    var tensors: [HostTensor] = []
    for case .tensor(let tensor) in operands { tensors.append(tensor) }

    /// What the members of this process's group bring, in the group's order; `nil` where this
    /// process belongs to no group.
    func exchange(_ groups: [[Int]]) throws -> (group: [Int], tensors: [[HostTensor]])? {
      let all = try grid.exchange(index, tensors)
      guard let group = groups.first(where: { $0.contains(index) }) else { return nil }
      let members = group.filter { all.indices.contains($0) }
      return (members, members.map { all[$0] })
    }
    func reduced(_ members: [HostTensor], _ element: ElementType) throws -> HostTensor {
      let output = Elements(tensors: [mutableCopy(members[0].converted(to: element))])
      for member in members.dropFirst() {
        let source = Elements(tensors: [member.converted(to: element)])
        for position in 0..<member.count {
          output.set(position, try combine(output[position], source[position]))
        }
      }
      return output.tensors[0]
    }

    switch operation.op {
    case .infeed:
      guard !infeeds.isEmpty else { throw Diagnostic(.error, "nothing is left to be fed") }
      return try infeed(infeeds.removeFirst()).map { .tensor($0) } + [.token]
    case .outfeed: return [.token]
    case .send(let attributes):
      try grid.send(attributes.channel.handle, tensors)
      return [.token]
    case .recv(let attributes):
      return try grid.receive(attributes.channel.handle).map { .tensor($0) } + [.token]

    case .allGather(let dimension, let attributes):
      guard let (_, members) = try exchange(groups(attributes)) else {
        throw Diagnostic(.error, "all_gather: the process is in no group")
      }
      return results.indices.map { index in
        .tensor(concatenate(members.map { $0[index] }, dimension))
      }
    case .allReduce(let attributes):
      guard let (_, members) = try exchange(groups(attributes)) else {
        throw Diagnostic(.error, "all_reduce: the process is in no group")
      }
      return try results.enumerated().map { index, type in
        .tensor(try reduced(members.map { $0[index] }, type.element))
      }
    case .collectiveReduce(let attributes):
      guard let (group, members) = try exchange(groups(attributes)) else {
        return results.map { .tensor(HostTensor.zeros($0.element, $0.shape)) }
      }
      let isFirst = group.first == index
      return try results.enumerated().map { index, type in
        .tensor(
          isFirst
            ? try reduced(members.map { $0[index] }, type.element)
            : HostTensor.zeros(type.element, type.shape))
      }
    case .reduceScatter(let dimension, let attributes):
      guard let (group, members) = try exchange(groups(attributes)) else {
        throw Diagnostic(.error, "reduce_scatter: the process is in no group")
      }
      let sum = try reduced(members.map { $0[0] }, results[0].element)
      let part = group.firstIndex(of: index) ?? 0
      return [.tensor(split(sum, dimension, group.count)[part])]
    case .allToAll(let attributes):
      guard let (group, members) = try exchange(groups(attributes.collective)) else {
        throw Diagnostic(.error, "all_to_all: the process is in no group")
      }
      let part = group.firstIndex(of: index) ?? 0
      return results.indices.map { index in
        .tensor(
          concatenate(
            members.map {
              split($0[index], attributes.splitDimension, attributes.splitCount)[part]
            }, attributes.concatDimension))
      }
    case .collectiveBroadcast(let attributes):
      guard let (_, members) = try exchange(groups(attributes, isAcrossPartitions: true)) else {
        return results.map { .tensor(HostTensor.zeros($0.element, $0.shape)) }
      }
      guard attributes.hasDynamicRoot, let roots = tensors.last else {
        return members[0].map { .tensor($0) }
      }
      return try integers(roots).prefix(results.count).enumerated().map { index, root in
        guard members.indices.contains(root) else {
          throw Diagnostic(.error, "collective_broadcast: there is no process \(root)")
        }
        return .tensor(members[root][index])
      }
    case .collectivePermute(let attributes):
      let all = try grid.exchange(index, tensors)
      let pairs = groups(attributes, isAcrossPartitions: true)
      guard let pair = pairs.first(where: { $0.count == 2 && $0[1] == index }),
        all.indices.contains(pair[0])
      else { return results.map { .tensor(HostTensor.zeros($0.element, $0.shape)) } }
      return all[pair[0]].map { .tensor($0) }
    default: throw unsupported("\(operation.op.mnemonic) between processes")
    }
  }

  private func split(_ x: HostTensor, _ dimension: Int, _ count: Int) -> [HostTensor] {
    let size = x.shape[dimension] / max(1, count)
    return (0..<count).map { part in
      var starts = x.shape.dimensions.map { _ in 0 }
      var limits = x.shape.dimensions
      starts[dimension] = part * size
      limits[dimension] = (part + 1) * size
      return x.sliced(starts: starts, limits: limits, strides: starts.map { _ in 1 })
    }
  }
}

/// Where processes meet: each brings tensors, and all see those of all.
///
/// The processes are threads; one mutex guards everything here.
final class Grid: @unchecked Sendable {
  let replicas: Int
  let partitions: Int
  private var mutex = pthread_mutex_t()
  private var condition = pthread_cond_t()
  private var brought: [Int: [HostTensor]] = [:]
  private var seen: [[HostTensor]] = []
  private var round = 0
  private var finished = 0
  private var isBroken = false
  private var channels: [Int: [[HostTensor]]] = [:]

  init(replicas: Int, partitions: Int) {
    self.replicas = replicas
    self.partitions = partitions
    pthread_mutex_init(&mutex, nil)
    pthread_cond_init(&condition, nil)
  }

  deinit {
    pthread_mutex_destroy(&mutex)
    pthread_cond_destroy(&condition)
  }

  private var count: Int { replicas * partitions }

  private func locked<T>(_ body: () throws -> T) rethrows -> T {
    pthread_mutex_lock(&mutex)
    defer { pthread_mutex_unlock(&mutex) }
    return try body()
  }

  /// Waits until all processes have come, and returns what they brought.
  func exchange(_ index: Int, _ tensors: [HostTensor]) throws -> [[HostTensor]] {
    try locked {
      brought[index] = tensors
      let mine = round
      if brought.count == count {
        seen = (0..<count).map { brought[$0] ?? [] }
        brought = [:]
        round += 1
        pthread_cond_broadcast(&condition)
      }
      while round == mine {
        if isBroken || finished > 0 {
          throw Diagnostic(.error, "not all processes take part in a collective operation")
        }
        pthread_cond_wait(&condition, &mutex)
      }
      return seen
    }
  }

  func send(_ channel: Int, _ tensors: [HostTensor]) throws {
    locked {
      channels[channel, default: []].append(tensors)
      pthread_cond_broadcast(&condition)
    }
  }

  func receive(_ channel: Int) throws -> [HostTensor] {
    try locked {
      while true {
        if let first = channels[channel]?.first {
          channels[channel]?.removeFirst()
          return first
        }
        if isBroken || finished == count - 1 {
          throw Diagnostic(.error, "nothing is sent on channel \(channel)")
        }
        pthread_cond_wait(&condition, &mutex)
      }
    }
  }

  /// A process has ended, perhaps by an error.
  func finish(failed: Bool) {
    locked {
      finished += 1
      if failed { isBroken = true }
      pthread_cond_broadcast(&condition)
    }
  }
}

/// What a thread runs, and what came of it.
private final class Job: @unchecked Sendable {
  let body: () throws -> [RuntimeValue]
  var result: Result<[RuntimeValue], any Error>?

  init(_ body: @escaping () throws -> [RuntimeValue]) { self.body = body }
}

extension Interpreter {
  /// `programs = [[@f, @g], …]`: one row per replica, one entry per partition. Each process takes
  /// the arguments of its function from the operands, in order.
  func runParallel(_ check: CheckAttributes, _ operands: [RuntimeValue]) throws -> [RuntimeValue] {
    guard case .array(let rows) = check.attributes["programs"] else {
      throw Diagnostic(.error, "run_parallel names no programs")
    }
    func symbols(_ attribute: Attribute?) -> [String] {
      guard case .array(let elements) = attribute else { return [] }
      return elements.compactMap { if case .symbol(let name) = $0 { name } else { nil } }
    }
    let programs = rows.map { symbols($0) }
    guard let first = programs.first, !first.isEmpty,
      programs.allSatisfy({ $0.count == first.count })
    else { throw Diagnostic(.error, "run_parallel names no programs") }
    let grid = Grid(replicas: programs.count, partitions: first.count)
    let infeeds = symbols(check.attributes["infeed"])
    var rest = operands[...]
    var jobs: [Job] = []
    for (replica, row) in programs.enumerated() {
      for (partition, name) in row.enumerated() {
        guard let function = module[name] else {
          throw Diagnostic(.error, "there is no function @\(name)")
        }
        let arguments = Array(rest.prefix(function.arguments.count))
        rest = rest.dropFirst(function.arguments.count)
        let process = Process(
          replica: replica, partition: partition, index: jobs.count, grid: grid,
          infeeds: infeeds)
        let module = module
        jobs.append(
          Job {
            do {
              let results = try Interpreter(module, process: process).call(name, values: arguments)
              grid.finish(failed: false)
              return results
            } catch {
              grid.finish(failed: true)
              throw error
            }
          })
      }
    }
    var threads: [pthread_t] = []
    for job in jobs {
      var thread = pthread_t()
      let created = pthread_create(
        &thread, nil,
        { pointer in
          let job = Unmanaged<Job>.fromOpaque(pointer!).takeRetainedValue()
          job.result = Result { try job.body() }
          return nil
        }, Unmanaged.passRetained(job).toOpaque())
      guard created == 0 else { throw Diagnostic(.error, "internal error: no thread") }
      threads.append(thread)
    }
    for thread in threads { pthread_join(thread, nil) }
    var results: [RuntimeValue] = []
    var failure: (any Error)?
    for job in jobs {
      switch job.result {
      case .success(let values): results += values
      case .failure(let error): failure = failure ?? error
      case nil: throw Diagnostic(.error, "internal error: a process gave no result")
      }
    }
    if let failure { throw failure }
    return results
  }
}
