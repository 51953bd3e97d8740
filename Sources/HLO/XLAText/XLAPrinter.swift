import Support
import Tensor

/// Writes functions and regions as computations, callees first.
struct XLAPrinter {
  let module: Module
  private let sources: SourceMap?
  /// The computations so far.
  private(set) var text = ""
  /// The computations of the module's functions that are written already.
  private var written: [String: String] = [:]
  /// How often each name was asked for.
  private var taken: [String: Int] = [:]

  /// What names begin with: nothing in the text of a module that is not scheduled.
  private let sigil: String

  init(_ module: Module, isScheduled: Bool, _ sources: SourceMap?) {
    self.module = module
    self.sources = sources
    sigil = isScheduled ? "%" : ""
  }

  /// `%add`, `%add.1`, `%add.2`, …
  mutating func unique(_ name: String) -> String {
    let letters = String(name.map { $0.isLetter || $0.isNumber || $0 == "-" ? $0 : "_" })
    let count = taken[letters, default: 0]
    taken[letters] = count + 1
    return count == 0 ? sigil + letters : "\(sigil)\(letters).\(count)"
  }

  // MARK: Instructions

  /// Adds an instruction called after its operation, and returns its name.
  @discardableResult
  mutating func add(
    _ text: String, as name: String, _ shape: String, at location: Location = Location(),
    to body: inout XLAComputation
  ) -> String {
    let name = unique(name)
    body.append(name, "\(shape) \(text)\(metadata(location))")
    return name
  }

  /// `, metadata={op_name="jit(f)/mul" source_file="f.jx" source_line=3}`
  private func metadata(_ location: Location) -> String {
    var parts: [String] = []
    if let name = location.name { parts.append("op_name=\(quoted(name))") }
    if let place = location.place(in: sources) {
      parts.append("source_file=\(quoted(place.file)) source_line=\(place.line)")
    }
    return parts.isEmpty ? "" : ", metadata={\(parts.joined(separator: " "))}"
  }

  func quoted(_ string: String) -> String {
    var text = "\""
    for scalar in string.unicodeScalars {
      if scalar == "\"" || scalar == "\\" { text += "\\" }
      text.unicodeScalars.append(scalar)
    }
    return text + "\""
  }

  /// The elements of the tuple `whole` become `results`.
  mutating func unpack(
    _ whole: String, into results: some Sequence<ValueID>, _ body: inout XLAComputation
  ) {
    for (index, result) in results.enumerated() {
      let element = add(
        "get-tuple-element(\(whole)), index=\(index)", as: "get-tuple-element",
        body.function.type(of: result).xlaShape, to: &body)
      body.define(result, as: element)
    }
  }

  // MARK: Computations

  /// Writes a function as a computation, once, and returns its name.
  mutating func computation(of function: Function, isEntry: Bool = false) throws -> String {
    if let name = written[function.name] { return name }
    guard !function.isDeclaration else {
      throw unsupported(
        "@\(function.name), which has no body, in HLO", at: function.locations.function.span)
    }
    var body = XLAComputation(of: function)
    addParameters(function.arguments, named: isEntry ? "arg" : "param_", to: &body)
    try emit(function.body, &body)
    let name = finish(
      &body, named: function.name, parameters: function.argumentTypes,
      results: function.resultTypes, isEntry: isEntry)
    written[function.name] = name
    return name
  }

  /// Writes a region that takes its arguments one by one: of a reduction, or of a fusion. Constants
  /// from outside are written again inside.
  mutating func applied(
    _ region: RegionID, named name: String, in function: Function
  ) throws -> String {
    var body = XLAComputation(of: function)
    let arguments = function.regions[region].arguments
    addParameters(arguments, named: "param_", to: &body)
    for value in captured(by: region, in: function) {
      guard case .result(let operation, _) = function.values[value].definition,
        case .constant = function.operations[operation].op
      else { throw unsupported("a region of '\(name)' that uses a value from outside, in HLO") }
      try emit(operation, &body)
    }
    try emit(region, &body)
    return finish(
      &body, named: name, parameters: arguments.map(function.type(of:)),
      results: function.signature(of: region).results ?? [])
  }

  /// Writes a region that takes one tuple: its arguments and then the values `outside`, which
  /// are also given back if it is `returning`.
  mutating func tupled(
    _ region: RegionID, named name: String, outside: [ValueID], returning: Bool,
    in function: Function
  ) throws -> String {
    var body = XLAComputation(of: function)
    let values = function.regions[region].arguments + outside
    let tuple = ValueType.tuple(values.map(function.type(of:)))
    let parameter = add("parameter(0)", as: "param", tuple.xlaShape, to: &body)
    unpack(parameter, into: values, &body)
    try emit(region, &body)
    var results = function.signature(of: region).results ?? []
    if returning {
      body.results += outside.compactMap { body[$0] }
      results += outside.map(function.type(of:))
    }
    return finish(
      &body, named: name, parameters: [tuple], results: results, isPacked: returning)
  }

  /// Values from outside that a region uses, itself or in regions inside, in the order of their ids.
  func captured(by region: RegionID, in function: Function) -> [ValueID] {
    var inside = Set(function.regions[region].arguments)
    var used = Set<ValueID>()
    for id in function.operationsInOrder(of: region) {
      let operation = function.operations[id]
      used.formUnion(operation.operands)
      inside.formUnion(operation.results)
      for inner in operation.regions { inside.formUnion(function.regions[inner].arguments) }
    }
    return used.subtracting(inside).sorted()
  }

  private mutating func addParameters(
    _ values: [ValueID], named name: String, to body: inout XLAComputation
  ) {
    for (index, value) in values.enumerated() {
      var location = Location()
      location.stated = body.function.locations.arguments[value]
      location.name = location.stated?.name
      let parameter = add(
        "parameter(\(index))", as: "\(name)\(index)", body.function.type(of: value).xlaShape,
        at: location, to: &body)
      body.define(value, as: parameter)
    }
  }

  /// Writes the computation and returns its name. One result is given as it is, others, or if it
  /// `isPacked`, in a tuple.
  private mutating func finish(
    _ body: inout XLAComputation, named name: String, parameters: [ValueType],
    results: [ValueType], isPacked: Bool = false, isEntry: Bool = false
  ) -> String {
    let isPacked = isPacked || results.count != 1
    let result = isPacked ? ValueType.tuple(results) : results[0]
    let root =
      isPacked
      ? add(
        "tuple(\(body.results.joined(separator: ", ")))", as: "tuple", result.xlaShape, to: &body)
      : body.results.first ?? ""
    let name = unique(name)
    let list = parameters.enumerated().map { "p\($0): \($1.xlaShapeWithoutLayout)" }
    text += body.text(
      name: name,
      signature: "(\(list.joined(separator: ", "))) -> \(result.xlaShapeWithoutLayout)",
      root: root, isEntry: isEntry)
    return name
  }

  /// Writes the operations of `region` at the end of `body`.
  mutating func emit(_ region: RegionID, _ body: inout XLAComputation) throws {
    for id in body.function.regions[region].operations {
      do {
        try emit(id, &body)
      } catch let error as Diagnostic {
        throw error.at(body.function.locations[id].span)
      }
    }
  }
}
