import Support

/// Where an operation came from: a place in the source, and a name that was given on the way.
public struct Location: Hashable, Sendable {
  public var span: Span?
  /// The path of the primitive through what was traced: `jit(f)/while/body/add`.
  public var name: String?

  public init(span: Span? = nil, name: String? = nil) {
    self.span = span
    self.name = name
  }

  /// The location of an operation whose function took the place of a call at `call`.
  public func inlined(at call: Location) -> Location {
    guard let outer = call.name else { return Location(span: span ?? call.span, name: name) }
    return Location(span: span ?? call.span, name: name.map { "\(outer)/\($0)" } ?? outer)
  }
}

/// The locations of operations. All tables are equal, so that places do not tell functions apart.
public struct Locations: Hashable, Sendable {
  private var table: [Location] = []

  public init() {}

  public subscript(operation: OperationID) -> Location {
    get { operation.index < table.count ? table[operation.index] : Location() }
    set {
      if operation.index >= table.count {
        if newValue == Location() { return }
        table += [Location](repeating: Location(), count: operation.index + 1 - table.count)
      }
      table[operation.index] = newValue
    }
  }

  public static func == (a: Locations, b: Locations) -> Bool { true }
  public func hash(into hasher: inout Hasher) {}
}
