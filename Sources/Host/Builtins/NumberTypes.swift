import BigInt
import Core
import Glibc
import Syntax

/// Makes an instance of a class of the program that derives from one of the language's own.
func wrapped(_ value: Object, in cls: Class, of own: Class) -> Object {
  if cls === own { return value }
  let instance = Instance(cls)
  instance.base = value
  return .instance(instance)
}

enum IntegerType {
  static func make() -> Class {
    let cls = Class(builtin: "int", base: Types.object)
    let signature = Signature("int(x=, /, base=)")
    cls.construct = { cls, arguments in
      let a = try signature.bind(arguments)
      return wrapped(try convert(a[0], base: a[1]), in: cls, of: Types.int)
    }
    cls.def("bit_length(self)") { a in .int((try value(a[0])).magnitude.bitWidth) }
    cls.def("bit_count(self)") { a in
      .int(try value(a[0]).magnitude.words.reduce(0) { $0 + $1.nonzeroBitCount })
    }
    cls.def("conjugate(self)") { a in a[0] ?? .none }
    cls.def("__index__(self)") { a in Object(try value(a[0])) }
    cls.def("__int__(self)") { a in Object(try value(a[0])) }
    cls.def("is_integer(self)") { _ in .bool(true) }
    cls.def("as_integer_ratio(self)") { a in .tuple([a[0] ?? .none, .int(1)]) }
    cls.def("to_bytes(self, length=, byteorder=, *, signed=)") { a in
      let number = try value(a[0])
      let length = try a[1].map(requireIndex) ?? 1
      let modulus = BigInt(1) << (8 * length)
      guard number.magnitude < modulus.magnitude else {
        throw overflowError("int too big to convert")
      }
      var rest = number < 0 ? number + modulus : number
      var bytes: [UInt8] = []
      for _ in 0..<length {
        bytes.append(UInt8(truncatingIfNeeded: rest))
        rest >>= 8
      }
      let isLittle = try a[2].map(str) == "little"
      return .bytes(Bytes(isLittle ? bytes : bytes.reversed()))
    }
    cls.classMethod("from_bytes(cls, bytes, byteorder=, *, signed=)") { a in
      guard case .bytes(let bytes)? = a[1] else { throw typeError("cannot convert to bytes") }
      let isLittle = try a[2].map(str) == "little"
      let ordered = isLittle ? bytes.elements.reversed() : bytes.elements
      var number = ordered.reduce(BigInt(0)) { $0 << 8 + BigInt($1) }
      if try a[3].map(isTrue) ?? false, let first = ordered.first, first >= 0x80 {
        number -= BigInt(1) << (8 * ordered.count)
      }
      return Object(number)
    }
    cls.property("real") { Object(try value($0)) }
    cls.property("imag") { _ in .int(0) }
    cls.property("numerator") { Object(try value($0)) }
    cls.property("denominator") { _ in .int(1) }
    return cls
  }

  static func makeBool() -> Class {
    let cls = Class(builtin: "bool", base: Types.int)
    cls.isFinal = true
    cls.construct = { _, a in .bool(try a.positional.first.map(isTrue) ?? false) }
    return cls
  }

  private static func value(_ object: Object?) throws -> BigInt {
    guard let object, let number = Number(unwrapped(object) ?? object) else {
      throw typeError("an integer is required")
    }
    return number.bigValue
  }

  static func convert(_ object: Object?, base: Object?) throws -> Object {
    guard let object else { return .int(0) }
    if let base {
      guard case .str(let text) = object else {
        throw typeError("int() can't convert non-string with explicit base")
      }
      return try parse(text.text, radix: requireIndex(base))
    }
    switch object {
    case .int, .big: return object
    case .bool(let value): return .int(value ? 1 : 0)
    case .float(let value):
      if value.isNaN { throw valueError("cannot convert float NaN to integer") }
      if value.isInfinite { throw overflowError("cannot convert float infinity to integer") }
      return Object(BigInt(value.rounded(.towardZero)))
    case .str(let text): return try parse(text.text, radix: 10)
    case .bytes(let bytes):
      return try parse(String(decoding: bytes.elements, as: UTF8.self), radix: 10)
    case .array(let value): return try arrayInteger(value)
    case .native(let array as NumpyArray): return try arrayInteger(Value(array.tensor))
    default:
      if let base = unwrapped(object) { return try convert(base, base: nil) }
      for name in [Names.integer, Names.index, "__trunc__"] {
        if let result = try callMethod(object, name) { return try convert(result, base: nil) }
      }
      throw typeError(
        "int() argument must be a string, a bytes-like object or a real number, not '\(typeOf(object).name)'"
      )
    }
  }

  private static func parse(_ text: String, radix: Int) throws -> Object {
    func invalid() -> Raised {
      valueError("invalid literal for int() with base \(radix): \(quoted(text))")
    }
    var digits = strip(text)
    var negative = false
    if let sign = digits.first, sign == "-" || sign == "+" {
      negative = sign == "-"
      digits.removeFirst()
    }
    guard radix == 0 || (2...36).contains(radix) else {
      throw valueError("int() base must be >= 2 and <= 36, or 0")
    }
    var base = radix
    let prefixes = [(2, "0b"), (8, "0o"), (16, "0x")]
    for (value, prefix) in prefixes
    where (radix == 0 || radix == value) && digits.lowercased().hasPrefix(prefix) {
      base = value
      digits.removeFirst(2)
      if digits.hasPrefix("_") { digits.removeFirst() }
      break
    }
    if base == 0 { base = 10 }
    guard !digits.isEmpty, !digits.hasPrefix("_"), !digits.hasSuffix("_"),
      !digits.hasPrefix("-"), !digits.hasPrefix("+")
    else { throw invalid() }
    if digits.contains("__") { throw invalid() }
    digits.removeAll { $0 == "_" }
    if let small = Int(digits, radix: base) { return .int(negative ? -small : small) }
    guard digits.utf8.allSatisfy({ $0 < 0x80 && $0 != 0x2B && $0 != 0x2D }),
      digits.allSatisfy({ $0.hexDigitValue != nil || $0.isLetter }),
      let big = BigInt(digits, radix: base)
    else { throw invalid() }
    return Object(negative ? -big : big)
  }
}

/// `text` without white space at its ends.
func strip(_ text: String) -> String {
  let scalars = text.unicodeScalars
  guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
    let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
  else { return "" }
  return String(scalars[first...last])
}

enum FloatType {
  static func make() -> Class {
    let cls = Class(builtin: "float", base: Types.object)
    let signature = Signature("float(x=, /)")
    cls.construct = { cls, arguments in
      let a = try signature.bind(arguments)
      guard let object = a[0] else { return .float(0) }
      return wrapped(.float(try convert(object)), in: cls, of: Types.float)
    }
    cls.def("is_integer(self)") { a in
      let value = try double(a[0] ?? .none)
      return .bool(value.isFinite && value == value.rounded())
    }
    cls.def("conjugate(self)") { a in a[0] ?? .none }
    cls.def("__float__(self)") { a in .float(try double(a[0] ?? .none)) }
    cls.def("hex(self)") { a in .str(hex(try double(a[0] ?? .none))) }
    cls.def("as_integer_ratio(self)") { a in
      let value = try double(a[0] ?? .none)
      guard value.isFinite else { throw overflowError("cannot convert to integer ratio") }
      var numerator = value
      var shift = 0
      while numerator != numerator.rounded() {
        numerator *= 2
        shift += 1
      }
      return .tuple([Object(BigInt(numerator)), Object(BigInt(1) << shift)])
    }
    cls.classMethod("fromhex(cls, string)") { a in
      let text = strip(try str(a[1] ?? .none))
      guard let value = Double(text.lowercased().contains("0x") ? text : "0x" + text) else {
        throw valueError("invalid hexadecimal floating-point string")
      }
      return .float(value)
    }
    cls.property("real") { $0 }
    cls.property("imag") { _ in .float(0) }
    return cls
  }

  private static func hex(_ value: Double) -> String {
    if !value.isFinite { return floatRepr(value) }
    let sign = value.sign == .minus ? "-" : ""
    if value == 0 { return sign + "0x0.0p+0" }
    let bits = value.significandBitPattern
    let digits = String(bits, radix: 16)
    let lead = value.isNormal ? 1 : 0
    let exponent = value.isNormal ? Int(value.exponent) : -1022
    return "\(sign)0x\(lead).\(String(repeating: "0", count: 13 - digits.count))\(digits)p"
      + "\(exponent < 0 ? "-" : "+")\(abs(exponent))"
  }

  static func convert(_ object: Object) throws -> Double {
    switch object {
    case .str(let text): return try parse(text.text)
    case .instance(let instance):
      if case .str(let text)? = instance.base { return try parse(text.text) }
      return try double(object)
    default:
      do { return try double(object) } catch let error as Raised where error.isKind("TypeError") {
        if case .array = object { throw error }
        throw typeError(
          "float() argument must be a string or a real number, not '\(typeOf(object).name)'")
      }
    }
  }

  private static func parse(_ text: String) throws -> Double {
    let trimmed = strip(text)
    let lower = trimmed.lowercased()
    switch lower.drop(while: { $0 == "+" || $0 == "-" }) {
    case "inf", "infinity": return lower.hasPrefix("-") ? -.infinity : .infinity
    case "nan": return .nan
    default: break
    }
    let digits = lower.filter { $0 != "_" }
    guard digits.allSatisfy({ "0123456789.e+-".contains($0) }), let value = Double(digits) else {
      throw valueError("could not convert string to float: \(quoted(text))")
    }
    return value
  }
}

enum ComplexType {
  static func make() -> Class {
    let cls = Class(builtin: "complex", base: Types.object)
    let signature = Signature("complex(real=, imag=)")
    cls.construct = { _, arguments in
      let a = try signature.bind(arguments)
      if case .str(let text)? = a[0] { return try parse(text.text) }
      let real = try convert(a[0] ?? .int(0))
      guard let second = a[1] else { return .complex(real.real, real.imaginary) }
      let imaginary = try convert(second)
      return .complex(real.real - imaginary.imaginary, real.imaginary + imaginary.real)
    }
    cls.property("real") { .float(try convert($0).real) }
    cls.property("imag") { .float(try convert($0).imaginary) }
    cls.def("conjugate(self)") { a in
      let value = try convert(a[0] ?? .none)
      return .complex(value.real, -value.imaginary)
    }
    return cls
  }

  static func convert(_ object: Object) throws -> ComplexNumber {
    if let number = Number(object) { return number.complexValue }
    if case .array(let value) = object { return try arrayComplex(value) }
    if let result = try callMethod(object, Names.complex) { return try convert(result) }
    return ComplexNumber(try double(object), 0)
  }

  private static func parse(_ text: String) throws -> Object {
    var body = strip(text)
    if body.hasPrefix("(") && body.hasSuffix(")") { body = String(body.dropFirst().dropLast()) }
    func invalid() -> Raised { valueError("complex() arg is a malformed string") }
    guard body.hasSuffix("j") || body.hasSuffix("J") else {
      guard let real = Double(body) else { throw invalid() }
      return .complex(real, 0)
    }
    body.removeLast()
    let characters = Array(body)
    var split = 0
    for i in characters.indices.dropFirst()
    where "+-".contains(characters[i]) && !"eE".contains(characters[i - 1]) {
      split = i
    }
    let imaginaryText = String(characters[split...])
    let imaginary =
      ["+", ""].contains(imaginaryText) ? 1 : imaginaryText == "-" ? -1 : Double(imaginaryText)
    guard let imaginary else { throw invalid() }
    if split == 0 { return .complex(0, imaginary) }
    guard let real = Double(String(characters[..<split])) else { throw invalid() }
    return .complex(real, imaginary)
  }
}

enum RangeType {
  static func make() -> Class {
    let cls = Class(builtin: "range", base: Types.object)
    cls.isFinal = true
    cls.construct = { _, arguments in
      if !arguments.keywords.isEmpty { throw typeError("range() takes no keyword arguments") }
      let a = try arguments.positional.map(rangeIndex)
      switch a.count {
      case 1: return .range(RangeObject(0, a[0]))
      case 2: return .range(RangeObject(a[0], a[1]))
      case 3:
        if a[2] == 0 { throw valueError("range() arg 3 must not be zero") }
        return .range(RangeObject(a[0], a[1], a[2]))
      case 0: throw typeError("range expected at least 1 argument, got 0")
      default: throw typeError("range expected at most 3 arguments, got \(a.count)")
      }
    }
    func range(_ object: Object?) throws -> RangeObject {
      guard case .range(let range)? = object else { throw typeError("a range is required") }
      return range
    }
    cls.property("start") { .int(try range($0).start) }
    cls.property("stop") { .int(try range($0).stop) }
    cls.property("step") { .int(try range($0).step) }
    cls.def("index(self, value, /)") { a in
      guard let value = try index(a[1] ?? .none), let position = try range(a[0]).position(value)
      else {
        throw valueError("\(try repr(a[1] ?? .none)) is not in range")
      }
      return .int(position)
    }
    cls.def("count(self, value, /)") { a in
      .int(try contains(a[0] ?? .none, a[1] ?? .none) ? 1 : 0)
    }
    return cls
  }

  private static func rangeIndex(_ object: Object) throws -> Int { try requireIndex(object) }
}
