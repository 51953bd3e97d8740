import BigInt
import Syntax

/// A format specification: `[[fill]align][sign][#][0][width][grouping][.precision][type]`.
struct FormatSpecification {
  var fill: Unicode.Scalar = " "
  var alignment: Unicode.Scalar?
  var sign: Unicode.Scalar = "-"
  var alternate = false
  var width = 0
  var grouping: Unicode.Scalar?
  var precision: Int?
  var type: Unicode.Scalar?

  init(_ text: String, for object: @autoclosure () -> String) throws {
    let scalars = Array(text.unicodeScalars)
    var i = 0
    func peek(_ offset: Int = 0) -> Unicode.Scalar? {
      i + offset < scalars.count ? scalars[i + offset] : nil
    }
    func isAlignment(_ scalar: Unicode.Scalar?) -> Bool {
      scalar.map { "<>=^".unicodeScalars.contains($0) } ?? false
    }
    func number() throws -> Int? {
      var value: Int?
      while let digit = peek(), ("0"..."9").contains(digit) {
        value = (value ?? 0) * 10 + Int(digit.value - 48)
        if value! > 1 << 30 { throw valueError("Too many decimal digits in format string") }
        i += 1
      }
      return value
    }
    if isAlignment(peek(1)) {
      fill = scalars[0]
      alignment = scalars[1]
      i = 2
    } else if isAlignment(peek()) {
      alignment = scalars[0]
      i = 1
    }
    if let next = peek(), "+- ".unicodeScalars.contains(next) {
      sign = next
      i += 1
    }
    if peek() == "z" { i += 1 }
    if peek() == "#" {
      alternate = true
      i += 1
    }
    if peek() == "0" {
      if alignment == nil {
        fill = "0"
        alignment = "="
      }
      i += 1
    }
    width = try number() ?? 0
    if let next = peek(), next == "," || next == "_" {
      grouping = next
      i += 1
    }
    if peek() == "." {
      i += 1
      guard let digits = try number() else {
        throw valueError("Format specifier missing precision")
      }
      precision = digits
    }
    if i < scalars.count {
      type = scalars[i]
      i += 1
    }
    if i < scalars.count {
      throw valueError("Invalid format specifier '\(text)' for object of type '\(object())'")
    }
  }

  /// `text` in a field of the width, on the side that `standard` says unless told.
  func pad(_ text: String, sign: String = "", standard: Unicode.Scalar) -> String {
    let count = text.unicodeScalars.count + sign.unicodeScalars.count
    guard count < width else { return sign + text }
    func filling(_ n: Int) -> String {
      var view = String.UnicodeScalarView()
      for _ in 0..<n { view.append(fill) }
      return String(view)
    }
    let missing = width - count
    switch alignment ?? standard {
    case "<": return sign + text + filling(missing)
    case "^": return filling(missing / 2) + sign + text + filling(missing - missing / 2)
    case "=": return sign + filling(missing) + text
    default: return filling(missing) + sign + text
    }
  }

  /// Groups the digits of the whole part of `digits` by `size`; zeros that fill the width are
  /// grouped with them.
  func grouped(_ digits: String, size: Int, signWidth: Int, rest: Int) -> String {
    guard let grouping else { return digits }
    var all = Array(digits.unicodeScalars)
    if fill == "0" && alignment == "=" {
      while all.count + (all.count - 1) / size + signWidth + rest < width { all.insert("0", at: 0) }
    }
    var view = String.UnicodeScalarView()
    for (i, digit) in all.enumerated() {
      if i > 0 && (all.count - i) % size == 0 { view.append(grouping) }
      view.append(digit)
    }
    return String(view)
  }

  func signText(negative: Bool) -> String { negative ? "-" : sign == "-" ? "" : String(sign) }
}

/// `format(object, specification)`
func format(_ object: Object, _ specification: String) throws -> String {
  switch object {
  case .str(let text):
    return specification.isEmpty ? text.text : try formatString(text.text, specification)
  case .bool where specification.isEmpty: return try str(object)
  case .int, .big, .bool:
    guard let number = Number(object) else { break }
    return try formatInteger(number.bigValue, specification, object)
  case .float(let value):
    return specification.isEmpty ? floatRepr(value) : try formatFloat(value, specification)
  case .complex(let value): return try formatComplex(value, specification)
  case .array: return try formatArray(object, specification)
  case .native(let native): return try native.format(specification)
  case .instance(let instance):
    if let method = instance.cls.lookup(Names.format) {
      return try str(call(bindAttribute(method, object, instance.cls), [.str(specification)]))
    }
    if !specification.isEmpty, let base = instance.base { return try format(base, specification) }
  default: break
  }
  guard specification.isEmpty else {
    throw typeError("unsupported format string passed to \(typeOf(object).name).__format__")
  }
  return try str(object)
}

private func unknownCode(_ code: Unicode.Scalar, _ type: String) -> Raised {
  valueError("Unknown format code '\(code)' for object of type '\(type)'")
}

func formatString(_ text: String, _ specification: String) throws -> String {
  let spec = try FormatSpecification(specification, for: "str")
  if let type = spec.type, type != "s" { throw unknownCode(type, "str") }
  if spec.alignment == "=" && spec.fill != "0" {
    throw valueError("'=' alignment not allowed in string format specifier")
  }
  var spec2 = spec
  if spec.alignment == "=" { spec2.alignment = "<" }
  let cut = spec.precision.map { n in
    String(String.UnicodeScalarView(text.unicodeScalars.prefix(n)))
  }
  return spec2.pad(cut ?? text, standard: "<")
}

private func formatInteger(_ value: BigInt, _ specification: String, _ object: Object) throws
  -> String
{
  if specification.isEmpty { return String(value) }
  let spec = try FormatSpecification(specification, for: "int")
  let type = spec.type ?? "d"
  let radix: Int
  var prefix = ""
  switch type {
  case "d", "n": radix = 10
  case "b": (radix, prefix) = (2, "0b")
  case "o": (radix, prefix) = (8, "0o")
  case "x": (radix, prefix) = (16, "0x")
  case "X": (radix, prefix) = (16, "0X")
  case "c":
    guard let code = UInt32(exactly: value), let scalar = Unicode.Scalar(code) else {
      throw overflowError("%c arg not in range(0x110000)")
    }
    return spec.pad(String(scalar), standard: "<")
  case "e", "E", "f", "F", "g", "G", "%":
    return try formatFloat(Number.big(value).double(), specification)
  default: throw unknownCode(type, typeOf(object).name)
  }
  if spec.precision != nil {
    throw valueError("Precision not allowed in integer format specifier")
  }
  if !spec.alternate { prefix = "" }
  let sign = spec.signText(negative: value < 0) + prefix
  var digits = String(value.magnitude, radix: radix)
  if type == "X" { digits = digits.uppercased() }
  digits = spec.grouped(
    digits, size: radix == 10 ? 3 : 4, signWidth: sign.unicodeScalars.count, rest: 0)
  return spec.pad(digits, sign: sign, standard: ">")
}

func formatFloat(_ value: Double, _ specification: String) throws -> String {
  let spec = try FormatSpecification(specification, for: "float")
  let negative = value.sign == .minus && !value.isNaN
  let sign = spec.signText(negative: negative)
  let magnitude = value.magnitude
  if let type = spec.type, !"eEfFgGn%".unicodeScalars.contains(type) {
    throw unknownCode(type, "float")
  }
  var body = try formatMagnitude(magnitude, spec.type, spec.precision, alternate: spec.alternate)
  if spec.grouping != nil {
    let whole = body.prefix { $0.isASCII && $0.isNumber }
    let rest = body.dropFirst(whole.count)
    body =
      spec.grouped(
        String(whole), size: 3, signWidth: sign.utf8.count, rest: rest.utf8.count) + rest
  }
  return spec.pad(body, sign: sign, standard: ">")
}

/// A number without its sign, as the format type `type` prints it.
private func formatMagnitude(
  _ value: Double, _ type: Unicode.Scalar?, _ precision: Int?, alternate: Bool
) throws -> String {
  let upper = type.map { "EFG".unicodeScalars.contains($0) } ?? false
  if !value.isFinite {
    let text = value.isNaN ? "nan" : "inf"
    return (upper ? text.uppercased() : text) + (type == "%" ? "%" : "")
  }
  let text: String
  switch type {
  case nil:
    guard let precision else { return floatRepr(value) }
    text = generalFormat(value, max(precision, 1), alternate: alternate, keepsPoint: true)
  case "e", "E":
    text = cFormat(value, precision ?? 6, "e")
  case "f", "F": text = cFormat(value, precision ?? 6, "f")
  case "%": return cFormat(value * 100, precision ?? 6, "f") + "%"
  default:
    text = generalFormat(value, max(precision ?? 6, 1), alternate: alternate, keepsPoint: false)
  }
  return upper ? text.uppercased() : text
}

/// Python's `g`. With `keepsPoint`, as without a type: a whole number keeps `.0`, and switches to
/// an exponent one digit earlier.
private func generalFormat(_ value: Double, _ precision: Int, alternate: Bool, keepsPoint: Bool)
  -> String
{
  let scientific = cFormat(value, precision - 1, "e")
  guard let e = scientific.firstIndex(of: "e"),
    let exponent = Int(scientific[scientific.index(after: e)...])
  else { return scientific }
  func trimmed(_ text: String) -> String {
    guard !alternate, text.contains(".") else { return text }
    var text = text
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }
  if exponent < -4
    || exponent >= (keepsPoint ? max(precision - 1, 1) : precision) && !(keepsPoint && value == 0)
  {
    return trimmed(String(scientific[..<e])) + exponentText(exponent)
  }
  let text = trimmed(cFormat(value, max(precision - 1 - exponent, 0), "f"))
  return keepsPoint && !text.contains(".") ? text + ".0" : text
}

private func formatComplex(_ value: ComplexNumber, _ specification: String) throws -> String {
  if specification.isEmpty { return try repr(.complex(value)) }
  var spec = try FormatSpecification(specification, for: "complex")
  let field = spec
  spec.width = 0
  func part(_ x: Double, forcesSign: Bool) throws -> String {
    let sign =
      x.sign == .minus && !x.isNaN ? "-" : forcesSign ? "+" : spec.signText(negative: false)
    let body = try formatMagnitude(
      x.magnitude, spec.type, spec.precision, alternate: spec.alternate)
    return sign + body
  }
  let text = try part(value.real, forcesSign: false) + part(value.imaginary, forcesSign: true) + "j"
  return field.pad(spec.type == nil ? "(\(text))" : text, standard: ">")
}

/// `format % arguments`
func percentFormat(_ format: String, _ arguments: Object) throws -> String {
  var positional: [Object]
  if case .tuple(let tuple) = arguments {
    positional = tuple.items
  } else {
    positional = [arguments]
  }
  var next = 0
  func take() throws -> Object {
    guard next < positional.count else {
      throw typeError("not enough arguments for format string")
    }
    next += 1
    return positional[next - 1]
  }
  var usesMapping = false
  var result = ""
  let scalars = Array(format.unicodeScalars)
  var i = 0
  while i < scalars.count {
    guard scalars[i] == "%" else {
      result.unicodeScalars.append(scalars[i])
      i += 1
      continue
    }
    i += 1
    guard i < scalars.count else { throw valueError("incomplete format") }
    if scalars[i] == "%" {
      result += "%"
      i += 1
      continue
    }
    var value: Object?
    if scalars[i] == "(" {
      guard let close = scalars[i...].firstIndex(of: ")") else {
        throw valueError("incomplete format key")
      }
      let key = String(String.UnicodeScalarView(scalars[(i + 1)..<close]))
      value = try item(arguments, .str(key))
      usesMapping = true
      i = close + 1
    }
    var flags = ""
    while i < scalars.count, "#0- +".unicodeScalars.contains(scalars[i]) {
      flags.unicodeScalars.append(scalars[i])
      i += 1
    }
    func number() throws -> Int? {
      if i < scalars.count, scalars[i] == "*" {
        i += 1
        return try requireIndex(take())
      }
      var digits: Int?
      while i < scalars.count, ("0"..."9").contains(scalars[i]), (digits ?? 0) < 1 << 30 {
        digits = (digits ?? 0) * 10 + Int(scalars[i].value - 48)
        i += 1
      }
      return digits
    }
    var width = try number() ?? 0
    if width < 0 {
      flags += "-"
      width = -width
    }
    var precision: Int?
    if i < scalars.count, scalars[i] == "." {
      i += 1
      precision = try number() ?? 0
    }
    while i < scalars.count, "lhL".unicodeScalars.contains(scalars[i]) { i += 1 }
    guard i < scalars.count else { throw valueError("incomplete format") }
    let conversion = scalars[i]
    i += 1
    let operand = try value ?? take()
    result += try percentField(operand, conversion, flags, width, precision, i - 1)
  }
  if next < positional.count && !usesMapping {
    if case .dict = arguments {
    } else {
      throw typeError("not all arguments converted during string formatting")
    }
  }
  positional = []
  return result
}

private func percentField(
  _ value: Object, _ conversion: Unicode.Scalar, _ flags: String, _ width: Int, _ precision: Int?,
  _ position: Int
) throws -> String {
  var spec = ""
  let left = flags.contains("-")
  switch conversion {
  case "s", "r", "a":
    let text =
      conversion == "s"
      ? try str(value) : conversion == "r" ? try repr(value) : quoted(try str(value), ascii: true)
    return try formatString(
      text,
      "\(left ? "<" : ">")\(width > 0 ? String(width) : "")\(precision.map { ".\($0)" } ?? "")")
  case "c":
    if case .str(let text) = value {
      return try formatString(text.text, left ? "<\(width)" : ">\(width)")
    }
    return try format(value, "\(left ? "<" : ">")\(width)c")
  case "d", "i", "u", "x", "X", "o", "e", "E", "f", "F", "g", "G":
    let isInteger = "diuxXo".unicodeScalars.contains(conversion)
    if left { spec += "<" }
    if flags.contains("+") { spec += "+" } else if flags.contains(" ") { spec += " " }
    if flags.contains("#") { spec += "#" }
    if flags.contains("0") && !left { spec += "0" }
    if width > 0 { spec += String(width) }
    if isInteger {
      var integer = value
      if let number = Number(value), case .float(let x) = number,
        "diu".unicodeScalars.contains(conversion)
      {
        guard x.isFinite else { throw overflowError("cannot convert float infinity to integer") }
        integer = Object(BigInt(x.rounded(.towardZero)))
      } else if Number(value) == nil, let number = try index(value) {
        integer = .int(number)
      }
      switch integer {
      case .int, .big, .bool: break
      default:
        throw typeError(
          "%\(conversion) format: a real number is required, not \(typeOf(value).name)")
      }
      let code = "diu".unicodeScalars.contains(conversion) ? "d" : String(conversion)
      if let precision, precision > 0, let number = Number(integer) {
        let radix = code == "d" ? 10 : code == "o" ? 8 : 16
        var digits = String(number.bigValue.magnitude, radix: radix)
        if code == "X" { digits = digits.uppercased() }
        digits = String(repeating: "0", count: max(0, precision - digits.count)) + digits
        let sign = number.bigValue < 0 ? "-" : flags.contains("+") ? "+" : ""
        return try formatString(sign + digits, "\(left ? "<" : ">")\(width)")
      }
      return try format(integer, spec + code)
    }
    return try formatFloat(double(value), "\(spec).\(precision ?? 6)\(conversion)")
  default:
    throw valueError(
      "unsupported format character '\(conversion)' (0x\(String(conversion.value, radix: 16))) at index \(position)"
    )
  }
}

/// `format.format(*arguments)`
func formatTemplate(_ template: String, _ arguments: Arguments) throws -> String {
  var automatic = 0
  return try expandTemplate(Array(template.unicodeScalars), arguments, &automatic, depth: 0)
}

private func expandTemplate(
  _ scalars: [Unicode.Scalar], _ arguments: Arguments, _ automatic: inout Int, depth: Int
) throws -> String {
  if depth > 2 { throw valueError("Max string recursion exceeded") }
  var result = String.UnicodeScalarView()
  var i = 0
  while i < scalars.count {
    let scalar = scalars[i]
    i += 1
    if scalar == "{" || scalar == "}", i < scalars.count, scalars[i] == scalar {
      result.append(scalar)
      i += 1
      continue
    }
    if scalar == "}" { throw valueError("Single '}' encountered in format string") }
    guard scalar == "{" else {
      result.append(scalar)
      continue
    }
    var depthInField = 1
    let start = i
    while i < scalars.count {
      if scalars[i] == "{" { depthInField += 1 }
      if scalars[i] == "}" { depthInField -= 1 }
      if depthInField == 0 { break }
      i += 1
    }
    guard i < scalars.count else { throw valueError("expected '}' before end of string") }
    let field = Array(scalars[start..<i])
    i += 1
    var nameEnd = 0
    var bracket = false
    while nameEnd < field.count {
      if field[nameEnd] == "[" { bracket = true }
      if field[nameEnd] == "]" { bracket = false }
      if !bracket && (field[nameEnd] == "!" || field[nameEnd] == ":") { break }
      nameEnd += 1
    }
    var value = try fieldValue(Array(field[..<nameEnd]), arguments, &automatic)
    var rest = field[nameEnd...]
    if rest.first == "!" {
      guard let code = rest.dropFirst().first else {
        throw valueError("end of string while looking for conversion specifier")
      }
      switch code {
      case "s": value = .str(try str(value))
      case "r": value = .str(try repr(value))
      case "a": value = .str(quoted(try str(value), ascii: true))
      default: throw valueError("Unknown conversion specifier \(code)")
      }
      rest = rest.dropFirst(2)
    }
    let spec = rest.first == ":" ? Array(rest.dropFirst()) : []
    let specification = try expandTemplate(spec, arguments, &automatic, depth: depth + 1)
    result.append(contentsOf: try format(value, specification).unicodeScalars)
  }
  return String(result)
}

/// The object that a replacement field such as `0.name[key]` names.
private func fieldValue(
  _ name: [Unicode.Scalar], _ arguments: Arguments, _ automatic: inout Int
) throws -> Object {
  func text(_ slice: ArraySlice<Unicode.Scalar>) -> String {
    String(String.UnicodeScalarView(slice))
  }
  let headEnd = name.firstIndex { $0 == "." || $0 == "[" } ?? name.count
  let head = text(name[..<headEnd])
  var value: Object
  if head.isEmpty || Int(head) != nil {
    let position = Int(head) ?? automatic
    if head.isEmpty { automatic += 1 }
    guard position < arguments.positional.count else {
      throw indexError("Replacement index \(position) out of range for positional args tuple")
    }
    value = arguments.positional[position]
  } else {
    guard let keyword = arguments.keywords.first(where: { $0.name.text == head }) else {
      throw keyError(.str(head))
    }
    value = keyword.value
  }
  var i = headEnd
  while i < name.count {
    if name[i] == "." {
      let end = name[(i + 1)...].firstIndex { $0 == "." || $0 == "[" } ?? name.count
      value = try getAttribute(value, Symbol(text(name[(i + 1)..<end])))
      i = end
    } else {
      guard let close = name[i...].firstIndex(of: "]") else {
        throw valueError("Missing ']' in format string")
      }
      let key = text(name[(i + 1)..<close])
      value = try item(value, Int(key).map { .int($0) } ?? .str(key))
      i = close + 1
    }
  }
  return value
}
