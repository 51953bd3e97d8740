import Syntax

/// `str` and its methods.
enum StringType {
  static func make() -> Class {
    let cls = Class(builtin: "str", base: Types.object)
    let signature = Signature("str(object=, encoding=, errors=)")
    cls.construct = { cls, arguments in
      let a = try signature.bind(arguments)
      guard let object = a[0] else { return wrapped(.str(Str.empty), in: cls, of: Types.str) }
      if a[1] != nil || a[2] != nil {
        switch object {
        case .bytes(let bytes):
          return wrapped(
            .str(try Codec(a[1]).decode(bytes.elements, errors: a[2])), in: cls, of: Types.str)
        case .str: throw typeError("decoding str is not supported")
        default:
          throw typeError(
            "decoding to str: need a bytes-like object, \(typeOf(object).name) found")
        }
      }
      if case .str = object, cls === Types.str { return object }
      return wrapped(.str(try str(object)), in: cls, of: Types.str)
    }
    defineCase(of: cls)
    defineSearch(of: cls)
    defineSplitting(of: cls)
    definePadding(of: cls)
    defineTests(of: cls)
    defineOther(of: cls)
    return cls
  }

  private static func text(_ object: Object?) throws -> String {
    guard let object, case .str(let text) = unwrapped(object) ?? object else {
      throw typeError("expected str, got \(object.map { typeOf($0).name } ?? "nothing")")
    }
    return text.text
  }

  private static func string(_ object: Object?) throws -> Str {
    guard let object, case .str(let text) = unwrapped(object) ?? object else {
      throw typeError("must be str, not \(object.map { typeOf($0).name } ?? "nothing")")
    }
    return text
  }

  private static func defineCase(of cls: Class) {
    cls.def("upper(self)") { a in .str(try text(a[0]).uppercased()) }
    cls.def("lower(self)") { a in .str(try text(a[0]).lowercased()) }
    cls.def("casefold(self)") { a in .str(try text(a[0]).lowercased()) }
    cls.def("swapcase(self)") { a in
      .str(
        String(try text(a[0]).map { $0.isUppercase ? $0.lowercased() : $0.uppercased() }.joined()))
    }
    cls.def("capitalize(self)") { a in
      let value = try text(a[0])
      return .str(value.prefix(1).uppercased() + value.dropFirst().lowercased())
    }
    cls.def("title(self)") { a in
      var isStart = true
      var result = ""
      for character in try text(a[0]) {
        result += isStart ? character.uppercased() : character.lowercased()
        isStart = !character.isLetter
      }
      return .str(result)
    }
  }

  /// The part of the string that the optional arguments `start` and `end` select.
  private static func window(_ value: Str, _ start: Object?, _ end: Object?) throws -> (Str, Int) {
    func given(_ object: Object?) -> Object { object ?? .none }
    let (low, high, _) = try Slice(given(start), given(end), .none).bounds(value.count)
    return (value.slice(low, max(low, high)), low)
  }

  private static func position(of part: Str, in whole: Str, last: Bool) -> Int? {
    let scalars = whole.points
    let wanted = part.points
    guard wanted.count <= scalars.count else { return nil }
    let starts = 0...(scalars.count - wanted.count)
    func matches(_ start: Int) -> Bool {
      scalars[start..<start + wanted.count].elementsEqual(wanted)
    }
    return last ? starts.last(where: matches) : starts.first(where: matches)
  }

  private static func defineSearch(of cls: Class) {
    for (name, last, raises) in [
      ("find", false, false), ("rfind", true, false), ("index", false, true),
      ("rindex", true, true),
    ] {
      cls.def("\(name)(self, sub, start=, end=, /)") { a in
        let (part, offset) = try window(string(a[0]), a[2], a[3])
        if let position = try position(of: string(a[1]), in: part, last: last) {
          return .int(position + offset)
        }
        if raises { throw valueError("substring not found") }
        return .int(-1)
      }
    }
    cls.def("count(self, sub, start=, end=, /)") { a in
      let (part, _) = try window(string(a[0]), a[2], a[3])
      let wanted = try string(a[1])
      if wanted.text.isEmpty { return .int(part.count + 1) }
      return .int(split(part.text, wanted.text, limit: -1).count - 1)
    }
    for (name, atEnd) in [("startswith", false), ("endswith", true)] {
      cls.def("\(name)(self, prefix, start=, end=, /)") { a in
        let (part, _) = try window(string(a[0]), a[2], a[3])
        let options: [Object] =
          if case .tuple(let tuple)? = a[1] { tuple.items } else { [a[1] ?? .none] }
        return .bool(
          try options.contains { option in
            guard case .str(let wanted) = option else {
              throw typeError(
                "\(name) first arg must be str or a tuple of str, not \(typeOf(option).name)")
            }
            let (utf8, other) = (part.text.utf8, wanted.text.utf8)
            return atEnd ? utf8.reversed().starts(with: other.reversed()) : utf8.starts(with: other)
          })
      }
    }
    cls.def("replace(self, old, new, count=, /)") { a in
      let (value, old, new) = (try text(a[0]), try text(a[1]), try text(a[2]))
      let limit = try a[3].map(requireIndex) ?? -1
      if old.isEmpty {
        var result = ""
        var left = limit < 0 ? Int.max : limit
        for scalar in value.unicodeScalars {
          if left > 0 { result += new }
          left -= 1
          result.unicodeScalars.append(scalar)
        }
        return .str(left > 0 ? result + new : result)
      }
      return .str(split(value, old, limit: limit).joined(separator: new))
    }
    cls.def("removeprefix(self, prefix, /)") { a in
      let (value, prefix) = (try text(a[0]), try text(a[1]))
      return .str(
        value.utf8.starts(with: prefix.utf8)
          ? String(value.utf8.dropFirst(prefix.utf8.count)) ?? value : value)
    }
    cls.def("removesuffix(self, suffix, /)") { a in
      let (value, suffix) = (try text(a[0]), try text(a[1]))
      return .str(
        value.utf8.reversed().starts(with: suffix.utf8.reversed())
          ? String(value.utf8.dropLast(suffix.utf8.count)) ?? value : value)
    }
  }

  /// The pieces of `value` between occurrences of `separator`, at most `limit + 1` unless negative.
  private static func split(_ value: String, _ separator: String, limit: Int) -> [String] {
    let bytes = Array(value.utf8)
    let wanted = Array(separator.utf8)
    var pieces: [String] = []
    var start = 0
    var i = 0
    while i + wanted.count <= bytes.count && (limit < 0 || pieces.count < limit) {
      if bytes[i] == wanted[0] && bytes[i..<i + wanted.count].elementsEqual(wanted) {
        pieces.append(String(decoding: bytes[start..<i], as: UTF8.self))
        i += wanted.count
        start = i
      } else {
        i += 1
      }
    }
    pieces.append(String(decoding: bytes[start...], as: UTF8.self))
    return pieces
  }

  private static func defineSplitting(of cls: Class) {
    cls.def("split(self, sep=, maxsplit=)") { a in
      let value = try text(a[0])
      let limit = try a[2].map(requireIndex) ?? -1
      guard let separator = a[1], !separator.isNone else {
        return .list(words(value, limit: limit).map { .str($0) })
      }
      let wanted = try text(separator)
      if wanted.isEmpty { throw valueError("empty separator") }
      return .list(split(value, wanted, limit: limit).map { .str($0) })
    }
    cls.def("rsplit(self, sep=, maxsplit=)") { a in
      let value = try text(a[0])
      let limit = try a[2].map(requireIndex) ?? -1
      func reversed(_ text: String) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: text.unicodeScalars.reversed())
        return String(view)
      }
      let pieces: [String]
      if let separator = a[1], !separator.isNone {
        let wanted = try text(separator)
        if wanted.isEmpty { throw valueError("empty separator") }
        pieces = split(reversed(value), reversed(wanted), limit: limit)
      } else {
        pieces = words(reversed(value), limit: limit)
      }
      return .list(pieces.reversed().map { .str(reversed($0)) })
    }
    cls.def("splitlines(self, keepends=)") { a in
      let keeps = try a[1].map(isTrue) ?? false
      var lines: [Object] = []
      var line = String.UnicodeScalarView()
      let scalars = try string(a[0]).points
      var i = 0
      while i < scalars.count {
        let scalar = scalars[i]
        i += 1
        guard ["\n", "\r", "\u{0B}", "\u{0C}", "\u{85}", "\u{2028}", "\u{2029}"].contains(scalar)
        else {
          line.append(scalar)
          continue
        }
        if keeps { line.append(scalar) }
        if scalar == "\r", i < scalars.count, scalars[i] == "\n" {
          if keeps { line.append("\n") }
          i += 1
        }
        lines.append(.str(String(line)))
        line = String.UnicodeScalarView()
      }
      if !line.isEmpty { lines.append(.str(String(line))) }
      return .list(lines)
    }
    for (name, last) in [("partition", false), ("rpartition", true)] {
      cls.def("\(name)(self, sep, /)") { a in
        let (value, separator) = (try string(a[0]), try string(a[1]))
        if separator.text.isEmpty { throw valueError("empty separator") }
        guard let position = position(of: separator, in: value, last: last) else {
          let empty = Object.str(Str.empty)
          return .tuple(last ? [empty, empty, .str(value)] : [.str(value), empty, empty])
        }
        return .tuple([
          .str(value.slice(0, position)), .str(separator),
          .str(value.slice(position + separator.count, value.count)),
        ])
      }
    }
    cls.def("join(self, iterable, /)") { a in
      let pieces = try list(a[1] ?? .none).enumerated().map { i, item -> String in
        guard case .str(let piece) = unwrapped(item) ?? item else {
          throw typeError(
            "sequence item \(i): expected str instance, \(typeOf(item).name) found")
        }
        return piece.text
      }
      return .str(pieces.joined(separator: try text(a[0])))
    }
    for (name, left, right) in [
      ("strip", true, true), ("lstrip", true, false), ("rstrip", false, true),
    ] {
      cls.def("\(name)(self, chars=, /)") { a in
        let scalars = try text(a[0]).unicodeScalars
        let characters: Set<Unicode.Scalar>? =
          try a[1].given.map { Set(try text($0).unicodeScalars) }
        func goes(_ scalar: Unicode.Scalar) -> Bool {
          characters?.contains(scalar) ?? scalar.properties.isWhitespace
        }
        var rest = scalars[...]
        if left { rest = rest.drop(while: goes) }
        if right { while let last = rest.last, goes(last) { rest.removeLast() } }
        return .str(String(rest))
      }
    }
  }

  /// The pieces between runs of white space.
  private static func words(_ value: String, limit: Int) -> [String] {
    var words: [String] = []
    var rest = value.unicodeScalars[...].drop { $0.properties.isWhitespace }
    while !rest.isEmpty {
      if limit >= 0 && words.count == limit {
        while let last = rest.last, last.properties.isWhitespace { rest.removeLast() }
        words.append(String(rest))
        break
      }
      let word = rest.prefix { !$0.properties.isWhitespace }
      words.append(String(word))
      rest = rest[word.endIndex...].drop { $0.properties.isWhitespace }
    }
    return words
  }

  private static func definePadding(of cls: Class) {
    for (name, alignment) in [("ljust", "<"), ("rjust", ">"), ("center", "^")] {
      cls.def("\(name)(self, width, fillchar=, /)") { a in
        let value = try string(a[0])
        let width = try requireIndex(a[1] ?? .none)
        let fill = try a[2].map(text) ?? " "
        guard let scalar = fill.unicodeScalars.first, fill.unicodeScalars.count == 1 else {
          throw typeError("The fill character must be exactly one character long")
        }
        let missing = width - value.count
        guard missing > 0 else { return .str(value) }
        try checkMemory(missing)
        // CPython puts the odd one on the left if the width is odd.
        let left =
          alignment == "<" ? 0 : alignment == ">" ? missing : missing / 2 + (missing & width & 1)
        var view = String.UnicodeScalarView(repeatElement(scalar, count: left))
        view.append(contentsOf: value.text.unicodeScalars)
        view.append(contentsOf: repeatElement(scalar, count: missing - left))
        return .str(String(view))
      }
    }
    cls.def("zfill(self, width, /)") { a in
      let value = try text(a[0])
      let missing = try requireIndex(a[1] ?? .none) - value.unicodeScalars.count
      guard missing > 0 else { return .str(value) }
      try checkMemory(missing)
      let zeros = String(repeating: "0", count: missing)
      if let sign = value.first, sign == "+" || sign == "-" {
        return .str(String(sign) + zeros + value.dropFirst())
      }
      return .str(zeros + value)
    }
    cls.def("expandtabs(self, tabsize=)") { a in
      let size = try a[1].map(requireIndex) ?? 8
      var result = ""
      var column = 0
      for scalar in try text(a[0]).unicodeScalars {
        switch scalar {
        case "\t":
          let count = size > 0 ? size - column % size : 0
          try checkMemory(count)
          result += String(repeating: " ", count: count)
          column += count
        case "\n", "\r":
          result.unicodeScalars.append(scalar)
          column = 0
        default:
          result.unicodeScalars.append(scalar)
          column += 1
        }
      }
      return .str(result)
    }
  }

  private static func defineTests(of cls: Class) {
    let tests: [(String, (Unicode.Scalar) -> Bool)] = [
      ("isdigit", { $0.properties.numericType == .decimal || $0.properties.numericType == .digit }),
      ("isdecimal", { $0.properties.numericType == .decimal }),
      ("isnumeric", { $0.properties.numericType != nil }),
      ("isalpha", { Character($0).isLetter }),
      ("isalnum", { Character($0).isLetter || $0.properties.numericType != nil }),
      ("isspace", { $0.properties.isWhitespace }),
    ]
    for (name, test) in tests {
      cls.def("\(name)(self)") { a in
        let scalars = try text(a[0]).unicodeScalars
        return .bool(!scalars.isEmpty && scalars.allSatisfy(test))
      }
    }
    cls.def("isprintable(self)") { a in
      .bool(
        try text(a[0]).unicodeScalars.allSatisfy {
          ($0.value >= 0x20 && $0.value < 0x7F) || isPrintable($0) && $0.value > 0x7F
        })
    }
    cls.def("isascii(self)") { a in .bool(try string(a[0]).isASCII) }
    cls.def("isupper(self)") { a in
      let value = try text(a[0])
      return .bool(value == value.uppercased() && value != value.lowercased())
    }
    cls.def("islower(self)") { a in
      let value = try text(a[0])
      return .bool(value == value.lowercased() && value != value.uppercased())
    }
    cls.def("istitle(self)") { a in
      let value = try text(a[0])
      guard case .str(let title) = try call(getAttribute(.str(value), "title")) else {
        return .none
      }
      return .bool(title.text == value && value.contains { $0.isLetter })
    }
    cls.def("isidentifier(self)") { a in
      let value = try text(a[0])
      return .bool(
        value.first.map { $0.isLetter || $0 == "_" } ?? false
          && value.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" })
    }
  }

  private static func defineOther(of cls: Class) {
    cls["format"] = .builtin(
      Builtin(named: "format", isMethod: true) { arguments in
        var rest = arguments
        let template = try text(rest.positional.removeFirst())
        return .str(try formatTemplate(template, rest))
      })
    cls.def("format_map(self, mapping, /)") { a in
      guard case .dict(let dict)? = a[1] else { throw typeError("format_map() needs a dict") }
      return .str(try formatTemplate(text(a[0]), Arguments([], keywordArguments(dict))))
    }
    cls.def("encode(self, encoding=, errors=)") { a in
      .bytes(
        Bytes(
          try Codec(a[1]).encode(text(a[0]), errors: a[2])))
    }
    cls.def("translate(self, table, /)") { a in
      var result = ""
      for scalar in try text(a[0]).unicodeScalars {
        let replacement: Object?
        if case .dict(let dict)? = a[1] {
          replacement = try dict.table.value(.int(Int(scalar.value)))
        } else {
          replacement = try item(a[1] ?? .none, .int(Int(scalar.value)))
        }
        switch replacement {
        case nil: result.unicodeScalars.append(scalar)
        case .some(.none): break
        case .int(let code)?:
          guard let scalar = Unicode.Scalar(UInt32(code)) else {
            throw valueError("character mapping must be in range(0x110000)")
          }
          result.unicodeScalars.append(scalar)
        case let object?: result += try str(object)
        }
      }
      return .str(result)
    }
    cls.staticMethod("maketrans(x, y=, z=, /)") { a in
      let table = Dict()
      if let second = a[1] {
        let (from, to) = (try string(a[0]).points, try string(second).points)
        guard from.count == to.count else {
          throw valueError("the first two maketrans arguments must have equal length")
        }
        for (x, y) in zip(from, to) { try table.table.set(.int(Int(x.value)), .int(Int(y.value))) }
        if let third = a[2] {
          for z in try string(third).points { try table.table.set(.int(Int(z.value)), .none) }
        }
        return .dict(table)
      }
      for (key, value) in try mappingItems(a[0] ?? .none) {
        if case .str(let text) = key, let scalar = text.points.first {
          try table.table.set(.int(Int(scalar.value)), value)
        } else {
          try table.table.set(key, value)
        }
      }
      return .dict(table)
    }
  }
}

/// `bytes` and its methods.
enum BytesType {
  static func make() -> Class {
    let cls = Class(builtin: "bytes", base: Types.object)
    let signature = Signature("bytes(source=, encoding=, errors=)")
    cls.construct = { _, arguments in
      let a = try signature.bind(arguments)
      switch a[0] {
      case .str(let text)?:
        guard a[1] != nil else { throw typeError("string argument without an encoding") }
        return .bytes(Bytes(try Codec(a[1]).encode(text.text, errors: a[2])))
      case _ where a[1] != nil: throw typeError("encoding without a string argument")
      case _ where a[2] != nil: throw typeError("errors without a string argument")
      case nil: return .bytes(Bytes([]))
      case .bytes?: return a[0]!
      case .int(let count)?:
        if count < 0 { throw valueError("negative count") }
        return .bytes(Bytes([UInt8](repeating: 0, count: count)))
      case let object?:
        return .bytes(
          Bytes(
            try list(object).map {
              guard let byte = UInt8(exactly: try requireIndex($0)) else {
                throw valueError("bytes must be in range(0, 256)")
              }
              return byte
            }))
      }
    }
    func bytes(_ object: Object?) throws -> [UInt8] {
      guard case .bytes(let bytes)? = object else {
        throw typeError("a bytes-like object is required")
      }
      return bytes.elements
    }
    cls.def("decode(self, encoding=, errors=)") { a in
      .str(try Codec(a[1]).decode(bytes(a[0]), errors: a[2]))
    }
    cls.def("hex(self)") { a in
      .str(try bytes(a[0]).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
    }
    cls.def("startswith(self, prefix, /)") { a in .bool(try bytes(a[0]).starts(with: bytes(a[1]))) }
    cls.def("endswith(self, suffix, /)") { a in
      .bool(try bytes(a[0]).reversed().starts(with: bytes(a[1]).reversed()))
    }
    cls.def("join(self, iterable, /)") { a in
      .bytes(Bytes(Array(try list(a[1] ?? .none).map(bytes).joined(separator: bytes(a[0])))))
    }
    cls.classMethod("fromhex(cls, string, /)") { a in
      let digits = try str(a[1] ?? .none).filter { !$0.isWhitespace }.compactMap(\.hexDigitValue)
      return .bytes(
        Bytes(
          stride(from: 0, to: digits.count - 1, by: 2).map {
            UInt8(digits[$0] * 16 + digits[$0 + 1])
          }))
    }
    return cls
  }
}
