import BigInt
import Syntax

/// Objects whose `repr` is being made: a container within itself prints as `[...]`.
private nonisolated(unsafe) var active: [ObjectIdentifier] = []

/// `repr(object)`
func repr(_ object: Object) throws -> String {
  switch object {
  case .none: return "None"
  case .ellipsis: return "Ellipsis"
  case .notImplemented: return "NotImplemented"
  case .bool(let value): return value ? "True" : "False"
  case .int(let value): return String(value)
  case .big(let value): return String(value.value)
  case .float(let value): return floatRepr(value)
  case .complex(let value): return complexRepr(value)
  case .str(let value): return quoted(value.text)
  case .bytes(let value): return bytesRepr(value.elements)
  case .tuple(let tuple):
    if tuple.cls != nil, let text = try representOverloaded(object, Names.repr) { return text }
    return try nested(tuple, "(...)") {
      let items = try tuple.items.map(repr)
      return items.count == 1 ? "(\(items[0]),)" : "(\(items.joined(separator: ", ")))"
    }
  case .list(let list):
    if list.extra != nil, let text = try representOverloaded(object, Names.repr) { return text }
    return try nested(list, "[...]") {
      try "[\(list.items.map(repr).joined(separator: ", "))]"
    }
  case .dict(let dict):
    if dict.extra != nil, let text = try representOverloaded(object, Names.repr) { return text }
    return try nested(dict, "{...}") { try dictRepr(dict) }
  case .set(let set):
    if set.count == 0 { return set.isFrozen ? "frozenset()" : "set()" }
    let items = try set.elements.map(repr).joined(separator: ", ")
    return set.isFrozen ? "frozenset({\(items)})" : "{\(items)}"
  case .slice(let slice):
    return try "slice(\(repr(slice.start)), \(repr(slice.stop)), \(repr(slice.step)))"
  case .range(let range):
    let step = range.step == 1 ? "" : ", \(range.step)"
    return "range(\(range.start), \(range.stop)\(step))"
  case .function(let function):
    return "<function \(function.qualifiedName) at \(address(function))>"
  case .method(let method):
    if case .builtin(let builtin) = method.function {
      return
        "<built-in method \(builtin.name) of \(typeOf(method.receiver).name) object at \(address(method))>"
    }
    let name = try lookupAttribute(method.function, Names.qualifiedName).map(str) ?? "?"
    return try "<bound method \(name) of \(repr(method.receiver))>"
  case .builtin(let builtin): return "<built-in function \(builtin.name)>"
  case .type(let cls):
    if let metaclass = cls.metaclass, let method = metaclass.lookup(Names.repr) {
      return try str(call(method, [object]))
    }
    return "<class '\(cls.displayName)'>"
  case .module(let module):
    return module.path.map { "<module '\(module.name)' from '\($0)'>" }
      ?? "<module '\(module.name)' (built-in)>"
  case .dtype(let type): return dtypeRepr(type)
  case .array(let value): return try arrayRepr(value)
  case .native(let native): return try native.repr()
  case .instance(let instance):
    if let text = try representOverloaded(object, Names.repr) { return text }
    if let base = instance.base { return try repr(base) }
    return "<\(instance.cls.module).\(instance.cls.qualifiedName) object at \(address(instance))>"
  }
}

/// `str(object)`
func str(_ object: Object) throws -> String {
  switch object {
  case .str(let value): return value.text
  case .instance(let instance):
    if let text = try representOverloaded(object, Names.str) { return text }
    if let base = instance.base, instance.cls.lookup(Names.repr) == nil { return try str(base) }
    return try repr(object)
  case .tuple(let tuple) where tuple.cls != nil:
    return try representOverloaded(object, Names.str) ?? repr(object)
  case .list(let list) where list.extra != nil:
    return try representOverloaded(object, Names.str) ?? repr(object)
  case .dict(let dict) where dict.extra != nil:
    return try representOverloaded(object, Names.str) ?? repr(object)
  case .dtype(let type): return type.numpyText
  case .array(let value): return try arrayStr(value)
  case .native(let native): return try native.str()
  default: return try repr(object)
  }
}

private func representOverloaded(_ object: Object, _ name: Symbol) throws -> String? {
  guard let result = try callMethod(object, name) else { return nil }
  guard case .str(let text) = unwrapped(result) ?? result else {
    throw typeError("\(name) returned non-string (type \(typeOf(result).name))")
  }
  return text.text
}

private func nested(_ object: AnyObject, _ cycle: String, _ body: () throws -> String) throws
  -> String
{
  let id = ObjectIdentifier(object)
  if active.contains(id) { return cycle }
  if active.count > 500 {
    throw raised(
      "RecursionError", "maximum recursion depth exceeded while getting the repr of an object")
  }
  active.append(id)
  defer { active.removeLast() }
  return try body()
}

func dictRepr(_ dict: Dict) throws -> String {
  let items = try dict.table.live.map { try "\(repr($0.key)): \(repr($0.value))" }
  return "{\(items.joined(separator: ", "))}"
}

func address(_ object: AnyObject) -> String {
  "0x" + String(UInt(bitPattern: ObjectIdentifier(object).hashValue), radix: 16)
}

private func complexRepr(_ value: ComplexNumber) -> String {
  func part(_ x: Double) -> String {
    let text = floatRepr(x)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
  if value.real == 0 && value.real.sign == .plus { return part(value.imaginary) + "j" }
  let imaginary = part(value.imaginary)
  let sign = imaginary.hasPrefix("-") ? "" : "+"
  return "(\(part(value.real))\(sign)\(imaginary)j)"
}

/// A string as a literal, in single quotes where possible.
func quoted(_ text: String, ascii: Bool = false) -> String {
  let quote: Unicode.Scalar = text.utf8.contains(0x27) && !text.utf8.contains(0x22) ? "\"" : "'"
  var result = String.UnicodeScalarView()
  result.append(quote)
  for scalar in text.unicodeScalars {
    switch scalar {
    case quote, "\\":
      result.append("\\")
      result.append(scalar)
    case "\n": result.append(contentsOf: "\\n".unicodeScalars)
    case "\r": result.append(contentsOf: "\\r".unicodeScalars)
    case "\t": result.append(contentsOf: "\\t".unicodeScalars)
    default:
      if scalar.value < 0x20 || scalar.value == 0x7F
        || scalar.value > 0x7F && (ascii || !isPrintable(scalar))
      {
        let (prefix, width) =
          scalar.value < 0x100 ? ("x", 2) : scalar.value < 0x10000 ? ("u", 4) : ("U", 8)
        let digits = String(scalar.value, radix: 16)
        let zeros = String(repeating: "0", count: width - digits.count)
        result.append(contentsOf: "\\\(prefix)\(zeros)\(digits)".unicodeScalars)
      } else {
        result.append(scalar)
      }
    }
  }
  result.append(quote)
  return String(result)
}

func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.properties.generalCategory {
  case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
    .paragraphSeparator:
    false
  case .spaceSeparator: scalar == " "
  default: true
  }
}

private func bytesRepr(_ bytes: [UInt8]) -> String {
  let quote: UInt8 = bytes.contains(0x27) && !bytes.contains(0x22) ? 0x22 : 0x27
  var text = "b" + String(Unicode.Scalar(quote))
  for byte in bytes {
    switch byte {
    case quote, 0x5C: text += "\\" + String(Unicode.Scalar(byte))
    case 0x0A: text += "\\n"
    case 0x0D: text += "\\r"
    case 0x09: text += "\\t"
    case 0x20..<0x7F: text += String(Unicode.Scalar(byte))
    default: text += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
  }
  return text + String(Unicode.Scalar(quote))
}
