import Support

/// Where an operation came from: a place in the source, and a name that was given on the way.
public struct Location: Hashable, Sendable {
  public var span: Span?
  /// The path of the primitive through what was traced: `jit(f)/while/body/add`.
  public var name: String?
  /// What the text of a module says: where another program has it from.
  public var stated: StatedLocation?

  public init(span: Span? = nil, name: String? = nil) {
    self.span = span
    self.name = name
  }

  /// The file and the line: of the program that a module comes from, where the module says it, else
  /// of the text in `sources`.
  public func place(in sources: SourceMap?) -> (file: String, line: Int)? {
    stated?.place ?? span.flatMap { sources?.location(of: $0) }.map { ($0.file, $0.line) }
  }

  /// The location of an operation whose function took the place of a call at `call`.
  public func inlined(at call: Location) -> Location {
    var location = Location(span: span ?? call.span, name: name)
    if let outer = call.name { location.name = name.map { "\(outer)/\($0)" } ?? outer }
    location.stated = call.stated
    if let stated {
      location.stated = call.stated.map { .callSite(stated, at: $0) } ?? stated
    }
    return location
  }
}

/// The locations of a function and of its operations. All are equal, so that places do not tell
/// functions apart.
public struct Locations: Hashable, Sendable {
  /// Where the function begins.
  public var function = Location()
  /// What the text says about arguments, of the function and of regions.
  public var arguments: [ValueID: StatedLocation] = [:]
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
