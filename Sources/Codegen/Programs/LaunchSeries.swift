import LoopIR

/// Consecutive launches of one kernel, whose buffers are found by numbers: such launches become a
/// loop over these, so that code grows with the kernels of a program, not with its launches.
struct LaunchSeries {
  /// The buffers that the launches bind to one parameter of the kernel.
  struct Operand {
    var root: Root
    /// Bytes from the root, for each launch.
    var offsets: [Int]
  }

  enum Root {
    /// All are parts of one memory.
    case one(Procedure.Root)
    /// Parameters of a procedure that takes them as a list: their positions, for each launch.
    case list([Int])
  }

  /// Launches below this number are written out.
  private static let shortest = 8

  let kernel: Program.KernelID
  let operands: [Operand]
  let count: Int

  /// `nil` where the buffers of a parameter are in different memories.
  init?(_ steps: ArraySlice<Step>, in procedure: Procedure, hasList: Bool) {
    guard case .launch(let kernel, let first)? = steps.first else { return nil }
    self.kernel = kernel
    count = steps.count
    var extents = first.map { _ in [(root: Procedure.Root, offset: Int, byteCount: Int)]() }
    for step in steps {
      guard case .launch(kernel, let buffers) = step else { return nil }
      for (position, id) in buffers.enumerated() {
        extents[position].append(procedure.extent(of: id))
      }
    }
    var operands: [Operand] = []
    for column in extents {
      let offsets = column.map(\.offset)
      if column.allSatisfy({ $0.root == column[0].root }) {
        operands.append(Operand(root: .one(column[0].root), offsets: offsets))
        continue
      }
      let positions = column.compactMap { extent -> Int? in
        if case .parameter(let position) = extent.root { position } else { nil }
      }
      guard hasList, positions.count == column.count else { return nil }
      operands.append(Operand(root: .list(positions), offsets: offsets))
    }
    self.operands = operands
  }

  /// The steps one by one, except for series of launches.
  static func parts(of steps: [Step]) -> [ArraySlice<Step>] {
    func kernel(_ position: Int) -> Program.KernelID? {
      if case .launch(let id, _) = steps[position] { id } else { nil }
    }
    var parts: [ArraySlice<Step>] = []
    var start = 0
    while start < steps.count {
      var end = start + 1
      if let first = kernel(start) {
        while end < steps.count, kernel(end) == first { end += 1 }
      }
      if end - start < shortest { end = start + 1 }
      parts.append(steps[start..<end])
      start = end
    }
    return parts
  }
}
