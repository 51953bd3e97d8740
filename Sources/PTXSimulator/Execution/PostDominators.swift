/// Finds where the lanes that part at a branch meet again: at the first step that every way to the
/// end of the function passes, the branch's immediate post-dominator.
struct PostDominators {
  /// The blocks of the control-flow graph: the steps from one leader to the next.
  private var starts: [Int] = []
  private var successors: [[Int]] = []
  private var predecessors: [[Int]] = []
  /// The immediate post-dominator of each block, or -1 where the end cannot be reached.
  private var immediate: [Int] = []

  /// The steps of a function are `range`, the last of which is its end.
  /// `targets` gives the steps that may follow one.
  static func setReconvergence(
    of steps: inout [Step], in range: Range<Int>, targets: (Int) -> [Int]
  ) {
    var graph = PostDominators()
    graph.findBlocks(steps, range, targets)
    graph.solve()
    for block in graph.starts.indices {
      let last = graph.lastStep(of: block, range)
      let flow = steps[last].flow
      guard flow == .branch || flow == .indexedBranch else { continue }
      let meeting = graph.immediate[block]
      steps[last].reconvergence = Int32(meeting >= 0 ? graph.starts[meeting] : range.upperBound - 1)
    }
  }

  private func lastStep(of block: Int, _ range: Range<Int>) -> Int {
    (block + 1 < starts.count ? starts[block + 1] : range.upperBound) - 1
  }

  private mutating func findBlocks(
    _ steps: [Step], _ range: Range<Int>, _ targets: (Int) -> [Int]
  ) {
    var isLeader = [Bool](repeating: false, count: range.count)
    isLeader[0] = true
    isLeader[range.count - 1] = true
    for index in range {
      switch steps[index].flow {
      case .branch, .indexedBranch, .exit:
        for target in targets(index) { isLeader[target - range.lowerBound] = true }
        if index + 1 < range.upperBound { isLeader[index + 1 - range.lowerBound] = true }
      case .next, .call, .functionEnd, .barrier, .poll:
        break
      }
    }
    var blockOf = [Int](repeating: 0, count: range.count)
    for (index, isFirst) in isLeader.enumerated() {
      if isFirst { starts.append(range.lowerBound + index) }
      blockOf[index] = starts.count - 1
    }
    successors = Array(repeating: [], count: starts.count)
    predecessors = successors
    for block in starts.indices where block != starts.count - 1 {
      for target in targets(lastStep(of: block, range)) {
        let next = blockOf[target - range.lowerBound]
        guard !successors[block].contains(next) else { continue }
        successors[block].append(next)
        predecessors[next].append(block)
      }
    }
  }

  /// Dominators of the reversed graph, by Cooper, Harvey and Kennedy.
  private mutating func solve() {
    let end = starts.count - 1
    var order: [Int] = []
    var number = [Int](repeating: -1, count: starts.count)
    var isSeen = [Bool](repeating: false, count: starts.count)
    var stack = [(block: end, next: 0)]
    isSeen[end] = true
    while let (block, next) = stack.last {
      if next < predecessors[block].count {
        stack[stack.count - 1].next += 1
        let other = predecessors[block][next]
        if !isSeen[other] {
          isSeen[other] = true
          stack.append((other, 0))
        }
      } else {
        number[block] = order.count
        order.append(block)
        stack.removeLast()
      }
    }
    immediate = Array(repeating: -1, count: starts.count)
    immediate[end] = end
    var changed = true
    while changed {
      changed = false
      for block in order.reversed() where block != end {
        var best = -1
        for other in successors[block] where immediate[other] >= 0 {
          best = best < 0 ? other : meet(best, other, number)
        }
        if best >= 0, immediate[block] != best {
          immediate[block] = best
          changed = true
        }
      }
    }
  }

  private func meet(_ a: Int, _ b: Int, _ number: [Int]) -> Int {
    var (a, b) = (a, b)
    while a != b {
      while number[a] < number[b] { a = immediate[a] }
      while number[b] < number[a] { b = immediate[b] }
    }
    return a
  }
}
