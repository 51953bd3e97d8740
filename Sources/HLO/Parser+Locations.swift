import Support

extension Parser {
  /// `loc(…)` if it is next.
  func optionalLocation() throws(Diagnostic) -> StatedLocation? {
    guard eat("loc(") else { return nil }
    let location = try location()
    try expect(")")
    return location
  }

  /// Passes `loc(…)` if it is next.
  func skipLocation() throws(Diagnostic) { _ = try optionalLocation() }

  /// What is inside of `loc(…)`.
  private func location() throws(Diagnostic) -> StatedLocation {
    try nested { () throws(Diagnostic) in
      skipSpace()
      let start = at
      if eat("loc(") {
        let inner = try location()
        try expect(")")
        return inner
      }
      if eat("#") {
        let name = try expectWord("the name of a location")
        if usedLocations[name] == nil { usedLocations[name] = start }
        return .alias(name)
      }
      if peek() == UInt8(ascii: "\"") {
        let name = try string()
        if eat(":") { return .file(name, line: try integer(), rest: try restOfPlace()) }
        guard eat("(") else { return .name(name, nil) }
        let child = try location()
        try expect(")")
        return .name(name, child)
      }
      if eatWord("unknown") { return .unknown }
      if eatWord("callsite") {
        try expect("(")
        let callee = try location()
        guard eatWord("at") else { throw error("expected 'at'") }
        let caller = try location()
        try expect(")")
        return .callSite(callee, at: caller)
      }
      if eatWord("fused") {
        let metadata = peek() == UInt8(ascii: "<") ? try balanced() : nil
        let parts = try list("[", "]") { () throws(Diagnostic) in try location() }
        return .fused(parts, metadata: metadata)
      }
      throw error("expected a location")
    }
  }

  /// `:12`, `:12 to :22` or `:12 to 6:22` behind the line.
  private func restOfPlace() throws(Diagnostic) -> String {
    try expect(":")
    var text = ":\(try integer())"
    guard eatWord("to") else { return text }
    text += " to "
    if !next(is: ":") { text += String(try integer()) }
    try expect(":")
    return text + ":\(try integer())"
  }

  /// Puts the locations that aliases stand for in their place: most are defined at the end.
  func resolveLocations(in module: inout Module) throws(Diagnostic) {
    guard statesLocations else { return }
    for (name, place) in usedLocations where locationAliases[name] == nil {
      throw error("undefined location #\(name)", at: place)
    }
    var resolved: [String: StatedLocation] = [:]
    for name in usedLocations.keys.sorted() { _ = try resolve(name, &resolved, []) }
    module.location = module.location.map { substitute($0, resolved) }
    for index in module.functions.indices {
      if let stated = module.functions[index].locations.function.stated {
        module.functions[index].locations.function.stated = substitute(stated, resolved)
      }
      for (argument, stated) in module.functions[index].locations.arguments {
        module.functions[index].locations.arguments[argument] = substitute(stated, resolved)
      }
      for id in module.functions[index].operations.ids {
        guard let stated = module.functions[index].locations[id].stated else { continue }
        let whole = substitute(stated, resolved)
        module.functions[index].locations[id].stated = whole
        module.functions[index].locations[id].name = whole.name
      }
    }
  }

  /// The location called `name`, whose parts may be aliases themselves.
  private func resolve(
    _ name: String, _ resolved: inout [String: StatedLocation], _ active: Set<String>
  ) throws(Diagnostic) -> StatedLocation {
    if let known = resolved[name] { return known }
    guard let location = locationAliases[name], !active.contains(name), active.count < 200 else {
      throw error("the location #\(name) contains itself", at: usedLocations[name])
    }
    for part in location.aliases { _ = try resolve(part, &resolved, active.union([name])) }
    let whole = substitute(location, resolved)
    resolved[name] = whole
    return whole
  }

  private func substitute(
    _ location: StatedLocation, _ resolved: [String: StatedLocation]
  ) -> StatedLocation {
    switch location {
    case .unknown, .file: location
    case .name(let name, let child): .name(name, child.map { substitute($0, resolved) })
    case .callSite(let callee, let caller):
      .callSite(substitute(callee, resolved), at: substitute(caller, resolved))
    case .fused(let parts, let metadata):
      .fused(parts.map { substitute($0, resolved) }, metadata: metadata)
    case .alias(let name): resolved[name] ?? .unknown
    }
  }
}

extension StatedLocation {
  /// The aliases inside.
  fileprivate var aliases: [String] {
    switch self {
    case .unknown, .file: []
    case .name(_, let child): child?.aliases ?? []
    case .callSite(let callee, let caller): callee.aliases + caller.aliases
    case .fused(let parts, _): parts.flatMap(\.aliases)
    case .alias(let name): [name]
    }
  }
}
