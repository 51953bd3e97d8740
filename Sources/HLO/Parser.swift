import Glibc
import Support
import Tensor

extension Module {
  /// Reads one module, or functions without a module around them, as MLIR prints them: pretty and
  /// generic forms, locations, aliases.
  ///
  /// Operations get the places of their text as spans of `file`. Types and constraints are
  /// checked by `defects()`, not here.
  public init(parsing text: String, file: UInt32 = 0) throws {
    let modules = try Module.parse(text, file: file)
    guard modules.count == 1 else {
      throw Diagnostic(.error, "one module expected, the text has \(modules.count)")
    }
    self = modules[0]
  }

  /// Reads the modules of a text; lines `// -----` stand between them.
  public static func parse(_ text: String, file: UInt32 = 0) throws -> [Module] {
    var bytes = Array(text.utf8)
    let count = bytes.count
    bytes.append(0)
    return try bytes.withUnsafeBufferPointer { buffer in
      var modules: [Module] = []
      for part in chunks(of: buffer, count: count) {
        let parser = Parser(buffer, from: part.lowerBound, to: part.upperBound, file: file)
        modules.append(try parser.module())
      }
      return modules
    }
  }

  /// The ranges between separator lines.
  private static func chunks(
    of bytes: UnsafeBufferPointer<UInt8>, count: Int
  ) -> [Range<Int>] {
    let separator = Array("// -----".utf8)
    var ranges: [Range<Int>] = []
    var start = 0
    var line = 0
    while line < count {
      let rest = UnsafeRawPointer(bytes.baseAddress! + line)
      let end = memchr(rest, 10, count - line).map { UnsafeRawPointer($0) - rest + line } ?? count
      if end - line >= separator.count, memcmp(rest, separator, separator.count) == 0 {
        ranges.append(start..<line)
        start = end
      }
      line = end + 1
    }
    ranges.append(start..<count)
    return ranges
  }
}

/// Reads MLIR's text by recursive descent; it recurses only into nested regions and attributes.
final class Parser {
  let bytes: UnsafeBufferPointer<UInt8>
  let end: Int
  let file: UInt32
  /// The next byte to read.
  var at: Int
  /// Levels of nested regions, attributes and types around the current place.
  private var depth = 0
  var attributeAliases: [String: Attribute] = [:]
  var typeAliases: [String: ValueType] = [:]
  /// Where the text of a named `!quant.uniform` is, which means something for elements only.
  var quantizationAliases: [String: Int] = [:]
  /// The resources, once they have been looked for.
  var resources: Resources?
  var locationAliases: [String: StatedLocation] = [:]
  /// The locations that are named, and where first.
  var usedLocations: [String: Int] = [:]
  /// Whether an operation says where it comes from.
  private(set) var statesLocations = false

  // The function being read.
  var function = Function(name: "", arguments: [])
  private var region = RegionID(0)
  /// Whether operations are those of the function itself, in no other region.
  var isInFunctionBody: Bool { region == function.body }
  /// Values by name, without `%`: the first result and the number of results.
  private var scope: [String: Definition] = [:]
  private var numbered: [Definition] = []
  /// What has been defined in the regions that are open, in order.
  private var visible: [(name: String, number: Int)] = []

  struct Definition {
    var first: ValueID
    var count: Int
    static let none = Definition(first: ValueID(UInt32.max), count: 0)
  }

  init(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int, file: UInt32) {
    self.bytes = bytes
    self.end = end
    self.file = file
    at = start
  }

  // MARK: Characters and words

  func error(_ message: String, at place: Int? = nil) -> Diagnostic {
    let start = min(place ?? at, end)
    var stop = start
    while stop < end, isWordByte(bytes[stop]) { stop += 1 }
    if stop == start { stop = min(start + 1, end) }
    return Diagnostic(
      .error, message, at: Span(file: file, start: UInt32(start), end: UInt32(stop)))
  }

  private func isWordByte(_ byte: UInt8) -> Bool {
    isLetter(byte) || isDigit(byte) || byte == 0x24 || byte == 0x2e || byte == 0x25
  }

  /// Passes white space and comments.
  func skipSpace() {
    while at < end {
      switch bytes[at] {
      case 0x20, 0x09, 0x0a, 0x0d: at += 1
      case 0x2f where at + 1 < end && bytes[at + 1] == 0x2f:
        while at < end, bytes[at] != 0x0a { at += 1 }
      default: return
      }
    }
  }

  /// The next byte after white space; 0 at the end.
  func peek() -> UInt8 {
    skipSpace()
    return at < end ? bytes[at] : 0
  }

  func next(is literal: StaticString) -> Bool {
    skipSpace()
    let count = literal.utf8CodeUnitCount
    return at + count <= end
      && memcmp(bytes.baseAddress! + at, literal.utf8Start, count) == 0
  }

  /// Passes `literal` if it is next.
  func eat(_ literal: StaticString) -> Bool {
    guard next(is: literal) else { return false }
    at += literal.utf8CodeUnitCount
    return true
  }

  /// Passes `word` if it is next, as a whole word.
  func eatWord(_ word: StaticString) -> Bool {
    guard next(is: word) else { return false }
    let after = at + word.utf8CodeUnitCount
    if after < end, isWordByte(bytes[after]) { return false }
    at = after
    return true
  }

  func expect(_ literal: StaticString) throws(Diagnostic) {
    if !eat(literal) { throw error("expected '\(literal)'") }
  }

  /// Letters, digits, `_`, `$` and `.`; `nil` if none is next.
  func word() -> String? {
    skipSpace()
    let start = at
    guard at < end, isLetter(bytes[at]) else { return nil }
    while at < end,
      isLetter(bytes[at]) || isDigit(bytes[at]) || bytes[at] == 0x24
        || bytes[at] == 0x2e
    { at += 1 }
    return String(decoding: bytes[start..<at], as: UTF8.self)
  }

  func expectWord(_ what: String) throws(Diagnostic) -> String {
    guard let word = word() else { throw error("expected \(what)") }
    return word
  }

  func integer() throws(Diagnostic) -> Int {
    skipSpace()
    let start = at
    let isNegative = at < end && bytes[at] == 0x2d
    if isNegative { at += 1 }
    var value = 0
    var overflow = false
    let digits = at
    while at < end, isDigit(bytes[at]) {
      let (product, o1) = value.multipliedReportingOverflow(by: 10)
      let digit = Int(bytes[at] - 0x30)
      let (sum, o2) =
        isNegative
        ? product.subtractingReportingOverflow(digit)
        : product.addingReportingOverflow(digit)
      value = sum
      overflow = overflow || o1 || o2
      at += 1
    }
    if at == digits { throw error("expected an integer", at: start) }
    if overflow { throw error("the integer is too large", at: start) }
    return value
  }

  func bool() throws(Diagnostic) -> Bool {
    if eatWord("true") { return true }
    if eatWord("false") { return false }
    throw error("expected 'true' or 'false'")
  }

  /// `"…"` with MLIR's escapes.
  func string() throws(Diagnostic) -> String {
    try expect("\"")
    var text: [UInt8] = []
    while at < end {
      let byte = bytes[at]
      at += 1
      switch byte {
      case 0x22: return String(decoding: text, as: UTF8.self)
      case 0x5c where at < end:
        let escaped = bytes[at]
        switch escaped {
        case UInt8(ascii: "n"): text.append(0x0a)
        case UInt8(ascii: "t"): text.append(0x09)
        case 0x22, 0x5c: text.append(escaped)
        default:
          guard at + 1 < end, let high = hexDigit(escaped), let low = hexDigit(bytes[at + 1])
          else { throw error("unknown escape") }
          text.append(high << 4 | low)
          at += 1
        }
        at += 1
      default: text.append(byte)
      }
    }
    throw error("the string does not end")
  }

  /// `@name` or `@"name"`
  func symbol() throws(Diagnostic) -> String {
    skipSpace()
    try expect("@")
    if at < end, bytes[at] == 0x22 { return try string() }
    return try expectWord("a symbol name")
  }

  /// `[…]` or another bracketed list.
  func list<T>(
    _ open: StaticString, _ close: StaticString, _ element: () throws(Diagnostic) -> T
  ) throws(Diagnostic) -> [T] {
    try expect(open)
    var elements: [T] = []
    if eat(close) { return elements }
    repeat { elements.append(try element()) } while eat(",")
    try expect(close)
    return elements
  }

  func integers() throws(Diagnostic) -> [Int] {
    try list("[", "]") { () throws(Diagnostic) in try integer() }
  }

  /// Runs `body` one level deeper; deeply nested text is refused, not followed.
  func nested<T>(_ body: () throws(Diagnostic) -> T) throws(Diagnostic) -> T {
    depth += 1
    defer { depth -= 1 }
    if depth > 200 { throw error("nested too deeply") }
    return try body()
  }

  /// Passes balanced brackets, and returns their text with the brackets.
  func balanced() throws(Diagnostic) -> String {
    skipSpace()
    let start = at
    var open = 0
    repeat {
      guard at < end else { throw error("a bracket does not close", at: start) }
      switch bytes[at] {
      case UInt8(ascii: "<"), UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"):
        open += 1
        at += 1
      case UInt8(ascii: ">") where at > start && bytes[at - 1] == UInt8(ascii: "-"): at += 1
      case UInt8(ascii: ">"), UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
        open -= 1
        at += 1
      case 0x22: _ = try string()
      default: at += 1
      }
    } while open > 0
    return String(decoding: bytes[start..<at], as: UTF8.self)
  }

  // MARK: Modules and functions

  func module() throws(Diagnostic) -> Module {
    var module = Module()
    try aliases()
    if eatWord("module") || eatWord("builtin.module") {
      if peek() == UInt8(ascii: "@") { module.name = try symbol() }
      if eatWord("attributes") { module.attributes = try dictionary() }
      try expect("{")
      while !eat("}") { try definition(into: &module) }
      module.location = try optionalLocation()
      try aliases()
    } else if next(is: "\"builtin.module\"") {
      module = try genericModule()
      try aliases()
    } else {
      while at < end {
        skipSpace()
        if at >= end { break }
        try definition(into: &module)
        try aliases()
        if next(is: "{-#") { break }
      }
    }
    try skipResources()
    skipSpace()
    if at < end { throw error("expected the end of the text") }
    try resolveLocations(in: &module)
    return module
  }

  /// `#name = attribute` and `!name = type`
  private func aliases() throws(Diagnostic) {
    while true {
      let byte = peek()
      guard byte == UInt8(ascii: "#") || byte == UInt8(ascii: "!") else { return }
      at += 1
      let name = try expectWord("the name of an alias")
      try expect("=")
      if byte == UInt8(ascii: "!"), next(is: "!quant.uniform") {
        quantizationAliases[name] = at
        at += 1
        _ = word()
        _ = try balanced()
      } else if byte == UInt8(ascii: "!") {
        typeAliases[name] = try type()
      } else if let location = try optionalLocation() {
        locationAliases[name] = location
      } else {
        attributeAliases[name] = try attribute()
      }
    }
  }

  /// A function or a mesh.
  func definition(into module: inout Module) throws(Diagnostic) {
    if next(is: "\"sdy.mesh\"") {
      module.meshes.append(try genericMesh())
      return
    }
    guard eatWord("sdy.mesh") else { return try functionDefinition(into: &module) }
    let name = try symbol()
    try expect("=")
    guard next(is: "<") else { throw error("expected the axes of the mesh") }
    let axes = try balanced()
    module.meshes.append(Mesh(name: name, axes: axes, attributes: try optionalDictionary()))
    try skipLocation()
  }

  private func functionDefinition(into module: inout Module) throws(Diagnostic) {
    if next(is: "\"func.func\"") {
      module.functions.append(try genericFunction())
      return
    }
    skipSpace()
    let start = at
    guard eatWord("func.func") else { throw error("expected 'func.func'") }
    let visibility: Visibility? =
      eatWord("public") ? .public : eatWord("private") ? .private : nil
    let name = try symbol()
    let head = Span(file: file, start: UInt32(start), end: UInt32(at))
    var types: [ValueType] = []
    var names: [(name: String, number: Int)?] = []
    var argumentAttributes: [[NamedAttribute]] = []
    var argumentLocations: [StatedLocation?] = []
    _ = try list("(", ")") { () throws(Diagnostic) in
      if peek() == UInt8(ascii: "%") {
        names.append(try valueName())
        try expect(":")
      } else {
        names.append(nil)
      }
      types.append(try type())
      argumentAttributes.append(peek() == UInt8(ascii: "{") ? try dictionary() : [])
      argumentLocations.append(try statedLocation())
    }
    var results: [ValueType] = []
    var resultAttributes: [[NamedAttribute]] = []
    if eat("->") {
      if next(is: "(") {
        _ = try list("(", ")") { () throws(Diagnostic) in
          results.append(try type())
          resultAttributes.append(peek() == UInt8(ascii: "{") ? try dictionary() : [])
        }
      } else {
        results.append(try type())
        resultAttributes.append([])
      }
    }
    function = Function(name: name, visibility: visibility, arguments: types, results: results)
    function.argumentAttributes = argumentAttributes
    function.resultAttributes = resultAttributes
    if eatWord("attributes") { function.attributes = try dictionary() }
    function.locations.function.span = head
    for (argument, location) in zip(function.arguments, argumentLocations) {
      function.locations.arguments[argument] = location
    }
    if eat("{") { try functionBody(names) } else { function.isDeclaration = true }
    function.locations.function.stated = try statedLocation()
    module.functions.append(function)
  }

  /// The operations of `function`, whose arguments have these names, up to `}`.
  func functionBody(_ names: [(name: String, number: Int)?]) throws(Diagnostic) {
    scope.removeAll(keepingCapacity: true)
    numbered.removeAll(keepingCapacity: true)
    visible.removeAll(keepingCapacity: true)
    region = function.body
    for (name, value) in zip(names, function.arguments) {
      guard let name else { throw error("expected the argument's name") }
      try define(name.name, number: name.number, Definition(first: value, count: 1))
    }
    while !eat("}") { try operation() }
  }

  // MARK: Values

  /// `%name`, without the `%`.
  private func valueName() throws(Diagnostic) -> (name: String, number: Int) {
    skipSpace()
    try expect("%")
    let start = at
    var number = 0
    while at < end,
      isLetter(bytes[at]) || isDigit(bytes[at]) || bytes[at] == 0x24
        || bytes[at] == 0x2e || bytes[at] == 0x2d
    {
      number =
        isDigit(bytes[at]) && number >= 0 && number < 1 << 24
        ? number * 10 + Int(bytes[at] - 0x30) : -1
      at += 1
    }
    if at == start { throw error("expected the name of a value") }
    // Names such as `%01` are not numbers.
    if number > 0 && bytes[start] == 0x30 || at - start > 1 && bytes[start] == 0x30 { number = -1 }
    if number >= 0 { return ("", number) }
    return (String(decoding: bytes[start..<at], as: UTF8.self), -1)
  }

  private func define(
    _ name: String, number: Int = -1, _ definition: Definition, at place: Int? = nil
  ) throws(Diagnostic) {
    if name.isEmpty {
      guard number >= 0 else { throw error("expected the name of a value") }
      if number >= numbered.count {
        if number > function.values.count + 1_000_000 { throw error("the number is too large") }
        numbered += [Definition](repeating: .none, count: number + 1 - numbered.count)
      }
      guard numbered[number].count == 0 else {
        throw error("%\(number) is defined already", at: place)
      }
      numbered[number] = definition
    } else if scope.updateValue(definition, forKey: name) != nil {
      throw error("%\(name) is defined already", at: place)
    }
    visible.append((name, number))
  }

  /// The value that `%name` or `%name#1` stands for.
  func value() throws(Diagnostic) -> ValueID {
    skipSpace()
    let start = at
    let (name, number) = try valueName()
    let definition =
      number >= 0 ? (number < numbered.count ? numbered[number] : .none) : scope[name] ?? .none
    guard definition.count > 0 else {
      throw error("undefined value %\(number >= 0 ? String(number) : name)", at: start)
    }
    guard at < end, bytes[at] == UInt8(ascii: "#") else { return definition.first }
    at += 1
    let index = try integer()
    guard index >= 0, index < definition.count else {
      throw error("the value has \(definition.count) results", at: start)
    }
    return ValueID(definition.first.index + index)
  }

  /// `%a, %b`, possibly empty.
  func values() throws(Diagnostic) -> [ValueID] {
    var values: [ValueID] = []
    guard peek() == UInt8(ascii: "%") else { return values }
    repeat { values.append(try value()) } while eat(",")
    return values
  }

  // MARK: Regions and operations

  /// Reads operations up to `}` into a new region whose arguments have these names and types.
  func regionBody(_ arguments: [BlockArgument]) throws(Diagnostic) -> RegionID {
    try nested { () throws(Diagnostic) in
      let outer = region
      let mark = visible.count
      let inner = function.createRegion(arguments: arguments.map(\.type))
      for (argument, value) in zip(arguments, function.regions[inner].arguments) {
        try define(argument.name, number: argument.number, Definition(first: value, count: 1))
        function.locations.arguments[value] = argument.location
      }
      region = inner
      while !eat("}") { try operation() }
      region = outer
      while visible.count > mark, let entry = visible.popLast() {
        if entry.number >= 0 { numbered[entry.number] = .none } else { scope[entry.name] = nil }
      }
      return inner
    }
  }

  /// `{ ^bb0(%a: type): … }`
  func bracedRegion() throws(Diagnostic) -> RegionID {
    try expect("{")
    var arguments: [BlockArgument] = []
    if eat("^") {
      _ = word()
      if next(is: "(") { arguments = try blockArguments() }
      try expect(":")
    }
    return try regionBody(arguments)
  }

  /// An argument of a region as read.
  struct BlockArgument {
    var name: String
    var number: Int
    var type: ValueType
    var location: StatedLocation?
  }

  /// `(%a: type, …)`
  func blockArguments() throws(Diagnostic) -> [BlockArgument] {
    try list("(", ")") { () throws(Diagnostic) in
      let (name, number) = try valueName()
      try expect(":")
      let type = try type()
      return BlockArgument(
        name: name, number: number, type: type, location: try statedLocation())
    }
  }

  /// `loc(…)` if it is next, of something that the module keeps.
  func statedLocation() throws(Diagnostic) -> StatedLocation? {
    let location = try optionalLocation()
    statesLocations = statesLocations || location != nil
    return location
  }

  /// `%a`, the name alone.
  func definedName() throws(Diagnostic) -> (name: String, number: Int) { try valueName() }

  /// An operation as read, before it enters the function.
  struct Parsed {
    var op: Op
    var operands: [ValueID] = []
    var types: [ValueType] = []
    var regions: [RegionID] = []
    var extra: [NamedAttribute] = []
    /// An operation inside that the text does not show, and which comes from the same place.
    var implied: OperationID?
  }

  private func operation() throws(Diagnostic) {
    skipSpace()
    let start = at
    var results: [(name: String, number: Int, count: Int, place: Int)] = []
    if peek() == UInt8(ascii: "%") {
      repeat {
        skipSpace()
        let place = at
        let (name, number) = try valueName()
        var count = 1
        if eat(":") { count = try integer() }
        results.append((name, number, count, place))
      } while eat(",")
      try expect("=")
    }
    skipSpace()
    let head = at
    let parsed: Parsed
    if peek() == UInt8(ascii: "\"") {
      let name = try string()
      parsed = try genericOperation(name, at: head)
    } else {
      let name = try expectWord("an operation")
      parsed = try prettyOperation(name, at: head)
    }
    var stop = parsed.regions.isEmpty ? at : headEnd(head)
    while stop > start, bytes[stop - 1] <= 0x20 { stop -= 1 }
    let stated = try statedLocation()
    let total = results.reduce(0) { $0 &+ $1.count }
    guard results.allSatisfy({ $0.count >= 0 }), total == parsed.types.count || results.isEmpty
    else {
      throw error("the operation has \(parsed.types.count) results, not \(total)", at: start)
    }
    let id = function.create(
      parsed.op, Operands(parsed.operands), resultTypes: parsed.types, regions: parsed.regions)
    function.regions[region].operations.append(id)
    if !parsed.extra.isEmpty { function.operationAttributes[id] = parsed.extra }
    function.locations[id].span = Span(file: file, start: UInt32(start), end: UInt32(stop))
    function.locations[id].stated = stated
    if let implied = parsed.implied { function.locations[implied].stated = stated }
    var index = 0
    let values = function.operations[id].results
    for result in results where result.count > 0 {
      try define(
        result.name, number: result.number,
        Definition(first: values[index], count: result.count), at: result.place)
      index += result.count
    }
  }

  /// The end of the operation's name.
  private func headEnd(_ head: Int) -> Int {
    var stop = head
    while stop < end, bytes[stop] == 0x22 || isWordByte(bytes[stop]) { stop += 1 }
    return stop
  }
}

func hexDigit(_ byte: UInt8) -> UInt8? {
  switch byte {
  case 0x30...0x39: byte - 0x30
  case 0x41...0x46: byte - 0x41 + 10
  case 0x61...0x66: byte - 0x61 + 10
  default: nil
  }
}
