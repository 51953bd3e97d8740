import Support

extension Procedure {
  /// Memory that buffers are parts of.
  public enum Root: Hashable, Sendable {
    case parameter(Int)
    case constant(Program.ConstantID)
    case workspace
  }

  /// Where the bytes of a buffer are.
  public func extent(of id: BufferID) -> (root: Root, offset: Int, byteCount: Int) {
    var offset = 0
    var current = id
    while true {
      switch buffers[current].place {
      case .parameter(let position):
        return (.parameter(position), offset, buffers[id].byteCount)
      case .constant(let constant): return (.constant(constant), offset, buffers[id].byteCount)
      case .workspace(let start): return (.workspace, offset + start, buffers[id].byteCount)
      case .view(let base, let start):
        offset += start
        current = base
      }
    }
  }

  /// May two buffers share bytes? Arguments share with donated results; in a procedure that others
  /// call, any two parameters may be the same.
  public func mayOverlap(_ a: BufferID, _ b: BufferID, isEntry: Bool) -> Bool {
    let (x, y) = (extent(of: a), extent(of: b))
    switch (x.root, y.root) {
    case (.parameter(let p), .parameter(let q)) where p != q:
      if !isEntry { return true }
      return donations.contains {
        (p, q) == ($0.argument, argumentCount + $0.result)
          || (q, p) == ($0.argument, argumentCount + $0.result)
      }
    case _ where x.root == y.root:
      return x.offset < y.offset + y.byteCount && y.offset < x.offset + x.byteCount
    default: return false
    }
  }
}

extension Program {
  /// The bytes of workspace that a procedure and its callees need.
  public func workspaceByteCount(of id: ProcedureID) -> Int {
    var known: [ProcedureID: Int] = [:]
    func count(_ id: ProcedureID) -> Int {
      if let known = known[id] { return known }
      let procedure = procedures[id]
      let own = (procedure.workspaceByteCount + 63) / 64 * 64
      let total = own + (procedure.body.map { calls($0) }.max() ?? 0)
      known[id] = total
      return total
    }
    func calls(_ step: Step) -> Int {
      switch step {
      case .call(let callee, _): count(callee)
      case .loopWhile(let condition, _, let body):
        (condition + body).map(calls).max() ?? 0
      case .loop(_, let body): body.map(calls).max() ?? 0
      case .branch(_, let cases): cases.joined().map(calls).max() ?? 0
      case .launch, .copy, .fill, .library, .host: 0
      }
    }
    return count(id)
  }
}
