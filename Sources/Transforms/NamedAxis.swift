/// An axis that collectives know by name: what the elements of a `vmap` in progress lie along, or what
/// the program says that a function will be mapped over. JAX's axis environment.
public struct NamedAxis: Hashable, Sendable {
  public let name: String
  public let size: Int

  public init(name: String, size: Int) {
    self.name = name
    self.size = size
  }

  /// The axes in scope, the innermost last.
  public private(set) nonisolated(unsafe) static var inScope: [NamedAxis] = []

  /// The innermost axis called `name`.
  public static func find(_ name: String) -> NamedAxis? { inScope.last { $0.name == name } }

  /// Runs `body` with `axes` in scope, too.
  public static func within<Result>(_ axes: [NamedAxis], _ body: () throws -> Result) rethrows
    -> Result
  {
    let outer = inScope
    inScope += axes
    defer { inScope = outer }
    return try body()
  }
}
