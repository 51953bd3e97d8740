import Support
import Tensor

extension ClosedJaxpr: CustomStringConvertible {
  /// The text that JAX prints for this jaxpr.
  public var description: String {
    JaxprPrinter(self).document().layout(width: 80)
  }

  /// The text that JAX prints for one equation of this jaxpr alone: its variables are `a`, `b`, ….
  public func text(of equation: Equation) -> String {
    JaxprPrinter(self).document(of: equation).layout(width: 80)
  }
}

/// Prints a jaxpr as JAX does.
///
/// One sequence of names serves the jaxpr and all nested ones; the parameters and results of a
/// nested `jit` take the names of the operands and results of its equation. Jaxprs that are used
/// more than once, and nested ones of more than ten equations, are printed first, under a name.
struct JaxprPrinter {
  private let jaxpr: ClosedJaxpr
  private var names: [Key: String] = [:]
  private var nextName = 0
  private var shared: [ClosedJaxpr: String] = [:]

  private struct Key: Hashable {
    var jaxpr: ObjectIdentifier
    var variable: Var
  }

  init(_ jaxpr: ClosedJaxpr) {
    self.jaxpr = jaxpr
  }

  func document() -> PrettyDocument {
    var printer = self
    return printer.print()
  }

  func document(of equation: Equation) -> PrettyDocument {
    var printer = self
    return printer.document(equation, jaxpr)
  }

  private mutating func print() -> PrettyDocument {
    nameUnusedResults()
    var parts: [PrettyDocument] = []
    for (name, jaxpr) in nameSharedJaxprs() {
      parts += [
        .text("let \(name) = "), skeleton(jaxpr), .text(" in"), .line(" "),
      ]
    }
    parts.append(body(jaxpr))
    return .concat(parts)
  }

  /// Results of the outermost jaxpr that nothing uses print as `_`.
  private mutating func nameUnusedResults() {
    var used = Set(jaxpr.outvars.compactMap(\.variable))
    for equation in jaxpr.equations { used.formUnion(equation.inputs.compactMap(\.variable)) }
    for equation in jaxpr.equations {
      for output in equation.outputs where !used.contains(output) {
        names[key(output, jaxpr)] = "_"
      }
    }
  }

  /// The jaxprs that are printed first, in the order in which they are met breadth first.
  private mutating func nameSharedJaxprs() -> [(String, ClosedJaxpr)] {
    var counts: [ClosedJaxpr: Int] = [:]
    var baseNames: [ClosedJaxpr: String] = [:]
    var order: [ClosedJaxpr] = []
    var queue = [jaxpr]
    var head = 0
    while head < queue.count {
      let next = queue[head]
      head += 1
      if counts[next] == nil { order.append(next) }
      counts[next, default: 0] += next !== jaxpr && next.equations.count > 10 ? 2 : 1
      // What is inside was queued when the jaxpr was met first as often as matters: twice.
      if counts[next]! > 4 { continue }
      for equation in next.equations {
        var name: String?
        var inner: [ClosedJaxpr] = []
        for parameter in equation.primitive.parameters(for: next.inputAvals(equation)) {
          if equation.primitive is any AliasingCallPrimitive, parameter.name == "name",
            case .string(let text) = parameter.value
          {
            name = text
          }
          inner += parameter.value.jaxprs
        }
        for jaxpr in inner {
          queue.append(jaxpr)
          if let name, baseNames[jaxpr] == nil {
            baseNames[jaxpr] = String(
              name.drop { $0 == "<" }.reversed().drop { $0 == ">" }.reversed())
          }
        }
      }
    }
    var nameCounts: [String: Int] = [:]
    var result: [(String, ClosedJaxpr)] = []
    for jaxpr in order where counts[jaxpr]! > 1 {
      var name = baseNames[jaxpr] ?? "jaxpr"
      let count = nameCounts[name, default: 0]
      nameCounts[name, default: 0] += 1
      if count > 0 {
        name += "\(count)"
        nameCounts[name, default: 0] += 1
      }
      shared[jaxpr] = name
      result.append((name, jaxpr))
    }
    return result
  }

  private func key(_ variable: Var, _ jaxpr: ClosedJaxpr) -> Key {
    Key(jaxpr: ObjectIdentifier(jaxpr), variable: variable)
  }

  private mutating func name(_ variable: Var, _ jaxpr: ClosedJaxpr) -> String {
    let key = key(variable, jaxpr)
    if let name = names[key] { return name }
    var name: String
    repeat {
      name = alphabetic(nextName)
      nextName += 1
    } while shared.values.contains(name)
    names[key] = name
    return name
  }

  /// `a` … `z`, `ba`, `bb`, …: the digits of `number` to the base 26.
  private func alphabetic(_ number: Int) -> String {
    var number = number
    var letters: [Character] = []
    repeat {
      letters.append(Character(UnicodeScalar(UInt8(97 + number % 26))))
      number /= 26
    } while number > 0
    return String(letters.reversed())
  }

  private mutating func body(_ jaxpr: ClosedJaxpr) -> PrettyDocument {
    if let name = shared[jaxpr] { return .text(name) }
    return skeleton(jaxpr)
  }

  private mutating func skeleton(_ jaxpr: ClosedJaxpr) -> PrettyDocument {
    let constvars = binders(jaxpr.constvars, jaxpr)
    let invars = binders(jaxpr.invars, jaxpr)
    var equations: [PrettyDocument] = []
    equations.reserveCapacity(jaxpr.equations.count)
    for equation in jaxpr.equations { equations.append(document(equation, jaxpr)) }
    let outvars = atoms(jaxpr.outvars, jaxpr, separator: ",")
    let inner = PrettyDocument.concat([
      .text("{ lambda "), constvars, .text("; "), invars, .text(". let"),
      .nest(2, .concat([.line(" "), .join(.line("; "), equations)])), .line(" "),
      .text("in ("), outvars, .text(jaxpr.outvars.count == 1 ? ",)" : ")"),
    ])
    return .group(.concat([.nest(2, inner), .text(" }")]))
  }

  private mutating func binders(_ variables: [Var], _ jaxpr: ClosedJaxpr) -> PrettyDocument {
    var parts: [PrettyDocument] = []
    for variable in variables {
      parts.append(.text("\(name(variable, jaxpr)):\(jaxpr.aval(variable))"))
    }
    return .nest(2, .group(.join(.group(.line(" ")), parts)))
  }

  private mutating func atoms(_ atoms: [Atom], _ jaxpr: ClosedJaxpr, separator: String)
    -> PrettyDocument
  {
    var parts: [PrettyDocument] = []
    for atom in atoms {
      switch atom {
      case .variable(let variable): parts.append(.text(name(variable, jaxpr)))
      case .literal(let array): parts.append(.text(literalText(array)))
      }
    }
    return .nest(
      2, .group(.join(.concat([.text(separator), .group(.line(" "))]), parts)))
  }

  private mutating func document(_ equation: Equation, _ jaxpr: ClosedJaxpr) -> PrettyDocument {
    var parameters = equation.primitive.parameters(for: jaxpr.inputAvals(equation))
    if equation.primitive is any NamedCallPrimitive {
      if let inner = parameters.lazy.compactMap({ $0.value.jaxprs.first }).first,
        shared[inner] == nil, equation.primitive is any AliasingCallPrimitive
      {
        alias(inner.invars.map { .variable($0) }, of: inner, to: equation.inputs, of: jaxpr)
        alias(inner.outvars, of: inner, to: equation.outputs.map { .variable($0) }, of: jaxpr)
      }
      parameters.sort { ($0.name == "name" ? "" : $0.name) < ($1.name == "name" ? "" : $1.name) }
    } else {
      parameters.sort { $0.name < $1.name }
    }
    let results = binders(equation.outputs, jaxpr)
    var parts: [PrettyDocument] = []
    if !equation.outputs.isEmpty { parts += [results, .text(" = ")] }
    parts.append(.text(equation.primitive.name))
    if !parameters.isEmpty {
      var items: [PrettyDocument] = []
      for parameter in parameters {
        items.append(.concat([.text("\(parameter.name)="), document(parameter.value)]))
      }
      parts.append(
        .group(
          .concat([
            .nest(2, .concat([.text("["), .line(""), .join(.line(" "), items)])), .line(""),
            .text("]"),
          ])))
    }
    parts += [.text(" "), atoms(equation.inputs, jaxpr, separator: "")]
    return .concat(parts)
  }

  private mutating func document(_ value: ParameterValue) -> PrettyDocument {
    switch value {
    case .jaxpr(let jaxpr): return body(jaxpr)
    case .jaxprs(let jaxprs):
      var parts: [PrettyDocument] = []
      for jaxpr in jaxprs { parts.append(body(jaxpr)) }
      return .group(
        .concat([
          .nest(2, .concat([.text("("), .line(""), .join(.line(" "), parts)])), .line(""),
          .text(")"),
        ]))
    case .none, .bool, .int, .float, .string, .dtype, .tuple, .list, .record, .symbol, .opaque:
      return .text(value.description)
    }
  }

  /// Gives the variables of a nested jaxpr the names of what they are bound to.
  private mutating func alias(
    _ inner: [Atom], of innerJaxpr: ClosedJaxpr, to outer: [Atom], of outerJaxpr: ClosedJaxpr
  ) {
    guard inner.count == outer.count else { return }
    var used = Set<Var>()
    for case (.variable(let variable), .variable(let like)) in zip(inner, outer) {
      let key = key(variable, innerJaxpr)
      guard names[key] == nil, used.insert(like).inserted else { continue }
      names[key] = name(like, outerJaxpr)
    }
  }
}

extension ClosedJaxpr {
  fileprivate func inputAvals(_ equation: Equation) -> [ShapedArray] {
    equation.inputs.map { aval($0) }
  }
}

/// A primitive that prints `name=` before its other parameters.
public protocol NamedCallPrimitive: Primitive {}

/// A primitive whose jaxpr prints with the names of its equation's operands and results.
public protocol AliasingCallPrimitive: NamedCallPrimitive {}

extension ParameterValue {
  /// The jaxprs in this parameter.
  public var jaxprs: [ClosedJaxpr] {
    switch self {
    case .jaxpr(let jaxpr): [jaxpr]
    case .jaxprs(let jaxprs): jaxprs
    case .record(_, let fields): fields.flatMap { $0.value.jaxprs }
    case .tuple(let values), .list(let values): values.flatMap(\.jaxprs)
    case .none, .bool, .int, .float, .string, .dtype, .symbol, .opaque: []
    }
  }
}

/// A constant in line: `2.0:f32[]`.
func literalText(_ array: DeviceArray) -> String {
  if array.aval.dtype == .float0 { return "(b'',):\(array.aval)" }
  guard let tensor = try? array.tensor() else { return "<deleted>" }
  let number: String
  switch tensor[0] {
  case .bool(let value): number = value ? "True" : "False"
  case .int(let value): number = "\(value)"
  case .uint(let value): number = "\(value)"
  case .float(let value): number = pythonRepr(array.pythonNumber ?? value)
  case .complex(let value): number = pythonComplexRepr(value.real, value.imaginary)
  }
  return "\(number):\(array.aval)"
}

/// Python's `repr` of a complex number.
public func pythonComplexRepr(_ real: Double, _ imaginary: Double) -> String {
  func short(_ value: Double) -> String {
    let text = pythonRepr(value)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
  if real == 0 && real.sign == .plus { return short(imaginary) + "j" }
  let sign = imaginary.sign == .minus || imaginary.isNaN ? "" : "+"
  return "(\(short(real))\(imaginary.isNaN ? "+" : sign)\(short(imaginary))j)"
}
