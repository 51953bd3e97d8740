import Core
import Syntax
import Transforms

/// A staged function whose constants are leading parameters.
struct StagedFunction {
  var jaxpr: ClosedJaxpr
  var consts: [Value]
  var outTree: TreeDef

  /// Stages the body of a loop or a branch of the program, once for each signature: a second
  /// loop with the same function does not trace it again, and shares its jaxpr.
  init(_ function: Object, for purpose: String, _ tree: TreeDef, _ avals: [ShapedArray]) throws {
    self = try StagedFunction.cached(function, purpose, tree, avals) {
      let flat = FlatCall(function, for: .staging(purpose), positional: tree)
      let source = TracedSource(function, for: purpose, positional: tree)
      let (jaxpr, consts) = hoistConstants(try stage(avals, source: source) { try flat($0) })
      return StagedFunction(jaxpr: jaxpr, consts: consts, outTree: flat.outTree)
    }
  }

  init(jaxpr: ClosedJaxpr, consts: [Value], outTree: TreeDef) {
    self.jaxpr = jaxpr
    self.consts = consts
    self.outTree = outTree
  }

  private struct Entry {
    /// Held weakly: most bodies are closures that are used once.
    weak var function: AnyObject?
    var purpose: String
    var tree: TreeDef
    var avals: [ShapedArray]
    var axes: [NamedAxis]
    var context: Configuration.TraceContext
    var staged: StagedFunction
  }

  private nonisolated(unsafe) static var entries: [ObjectIdentifier: [Entry]] = [:]

  /// What `make` gives for a function and a signature, from the cache where it is there and what
  /// it closed over is still being traced.
  static func cached(
    _ function: Object, _ purpose: String, _ tree: TreeDef, _ avals: [ShapedArray],
    _ make: () throws -> StagedFunction
  ) throws -> StagedFunction {
    guard case .function(let identity) = function else { return try make() }
    let key = ObjectIdentifier(identity)
    for entry in entries[key] ?? []
    where entry.function === identity && entry.purpose == purpose && entry.avals == avals
      && entry.axes == NamedAxis.inScope && entry.context == Configuration.traceContext
    {
      let isLive = entry.staged.consts.allSatisfy(\.isLive)
      if try isLive && entry.tree.isEqual(to: tree) { return entry.staged }
    }
    let staged = try make()
    if entries.count > 1000 {
      entries = entries.filter { $0.value.contains { $0.function != nil } }
    }
    entries[key] =
      (entries[key] ?? []).filter { $0.function === identity } + [
        Entry(
          function: identity, purpose: purpose, tree: tree, avals: avals,
          axes: NamedAxis.inScope, context: Configuration.traceContext, staged: staged)
      ]
    return staged
  }

  static func clearCache() { entries.removeAll() }
}
