extension Op {
  /// The groups of processes that an operation joins; `nil` for other operations.
  public var collective: CollectiveAttributes? {
    switch self {
    case .allGather(_, let attributes), .allReduce(let attributes),
      .reduceScatter(_, let attributes), .collectiveBroadcast(let attributes),
      .collectivePermute(let attributes), .collectiveReduce(let attributes):
      attributes
    case .allToAll(let attributes): attributes.collective
    default: nil
    }
  }

  /// `true` iff a process that runs by itself exchanges nothing: what it brings is what it receives.
  ///
  ///     %1 = all_reduce %0, groups = [[0]]      // is %0
  public var isAmongOneProcess: Bool {
    guard let groups = collective?.groups.map({ $0.filter { $0 >= 0 } }) else { return false }
    switch self {
    case .collectivePermute: return groups == [[0, 0]]
    case .collectiveBroadcast: return groups == [[0]]
    default: return groups.isEmpty || groups == [[0]] || groups == [[]]
    }
  }
}
