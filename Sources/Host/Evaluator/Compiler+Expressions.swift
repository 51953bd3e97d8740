import BigInt
import Core
import Syntax

extension Compiler {
  func expression(_ expression: Expr) -> Code {
    switch expression {
    case .name(let e): return load(e.symbol, e.span)
    case .constant(let e):
      let value = Object(e.value)
      return { _ in value }
    case .formatted(let e): return formatted(e)
    case .tuple(let e):
      let items = elements(e.elements)
      return { frame in .tuple(try items(frame)) }
    case .list(let e):
      let items = elements(e.elements)
      return { frame in .list(try items(frame)) }
    case .set(let e):
      let items = elements(e.elements)
      return located(e.span) { frame in .set(try SetObject(items(frame))) }
    case .dict(let e): return dict(e)
    case .comprehension(let e): return comprehension(e)
    case .lambda(let e): return lambda(e)
    case .unary(let e): return unary(e)
    case .binary(let e): return binary(e)
    case .boolean(let e): return boolean(e)
    case .compare(let e): return compare(e)
    case .conditional(let e):
      let condition = condition(e.condition)
      let then = self.expression(e.then)
      let otherwise = self.expression(e.otherwise)
      return { frame in try condition(frame) ? then(frame) : otherwise(frame) }
    case .call(let e): return call(e)
    case .attribute(let e):
      let value = self.expression(e.value)
      let name = scope.mangled(e.symbol)
      let site = site(e.span)
      return { frame in
        let object = try value(frame)
        do {
          return try getAttribute(object, name)
        } catch { throw frame.locate(error, site) }
      }
    case .subscript(let e):
      let value = self.expression(e.value)
      let key = self.expression(e.index)
      let site = site(e.span)
      return { frame in
        let object = try value(frame)
        let key = try key(frame)
        do {
          if case .array = object { Trace.note(site) }
          return try item(object, key)
        } catch { throw frame.locate(error, site) }
      }
    case .slice(let e):
      let start = e.start.map(self.expression)
      let stop = e.stop.map(self.expression)
      let step = e.step.map(self.expression)
      return { frame in
        .slice(
          Slice(
            try start?(frame) ?? .none, try stop?(frame) ?? .none, try step?(frame) ?? .none))
      }
    case .starred(let e): return self.expression(e.value)
    case .walrus(let e):
      let value = self.expression(e.value)
      let store = store(e.target.symbol)
      return { frame in
        let result = try value(frame)
        try store(frame, result)
        return result
      }
    case .yield(let e):
      let value = e.value.map(self.expression)
      return located(e.span) { frame in
        try currentGenerator(frame).yield(value?(frame) ?? .none)
      }
    case .yieldFrom(let e):
      let value = self.expression(e.value)
      return located(e.span) { frame in
        try currentGenerator(frame).delegate(to: value(frame))
      }
    }
  }

  /// Evaluates an expression as a truth value.
  func condition(_ e: Expr) -> (Frame) throws -> Bool {
    let code = expression(e)
    let site = site(e.span)
    return { frame in
      let value = try code(frame)
      if case .bool(let truth) = value { return truth }
      do {
        if case .array = value { Trace.note(site) }
        return try isTrue(value)
      } catch { throw frame.locate(error, site) }
    }
  }

  /// Evaluates the elements of a display or the positional arguments of a call.
  func elements(_ list: [Expr]) -> (Frame) throws -> [Object] {
    let codes = list.map(expression)
    let starred = list.map { if case .starred = $0 { true } else { false } }
    if !starred.contains(true) {
      switch codes.count {
      case 0: return { _ in [] }
      case 1:
        let first = codes[0]
        return { frame in [try first(frame)] }
      case 2:
        let (first, second) = (codes[0], codes[1])
        return { frame in [try first(frame), try second(frame)] }
      default:
        return { frame in
          var items: [Object] = []
          items.reserveCapacity(codes.count)
          for code in codes { items.append(try code(frame)) }
          return items
        }
      }
    }
    let sites = list.map { site($0.span) }
    return { frame in
      var items: [Object] = []
      for i in codes.indices {
        let value = try codes[i](frame)
        guard starred[i] else {
          items.append(value)
          continue
        }
        do {
          items += try Host.list(value)
        } catch { throw frame.locate(error, sites[i]) }
      }
      return items
    }
  }

  private func dict(_ e: DictExpr) -> Code {
    let items = e.items.map { (key: $0.key.map(expression), value: expression($0.value)) }
    return located(e.span) { frame in
      let dict = Dict()
      for (key, value) in items {
        if let key {
          let key = try key(frame)
          try dict.table.set(key, value(frame))
        } else {
          try update(dict, withMapping: value(frame))
        }
      }
      return .dict(dict)
    }
  }

  private func formatted(_ string: FormattedString) -> Code {
    let parts: [(text: String, code: Code?)] = string.parts.map { part in
      switch part {
      case .text(let text): (text, nil)
      case .field(let field): ("", formattedField(field))
      }
    }
    return { frame in
      var result = ""
      for (text, code) in parts {
        guard let code else {
          result += text
          continue
        }
        guard case .str(let piece) = try code(frame) else { continue }
        result += piece.text
      }
      return .str(result)
    }
  }

  private func formattedField(_ field: FormattedString.Field) -> Code {
    let value = expression(field.value)
    let specification = field.format.map(formatted)
    let conversion = field.conversion
    return located(field.span) { frame in
      var object = try value(frame)
      switch conversion {
      case .str: object = .str(try str(object))
      case .repr: object = .str(try repr(object))
      case .ascii: object = .str(quoted(try str(object), ascii: true))
      case nil: break
      }
      guard let specification, case .str(let text) = try specification(frame) else {
        return .str(try format(object, ""))
      }
      return .str(try format(object, text.text))
    }
  }
}

extension Object {
  init(_ literal: Literal) {
    switch literal {
    case .none: self = .none
    case .ellipsis: self = .ellipsis
    case .bool(let value): self = .bool(value)
    case .integer(let value): self = .int(value)
    case .bigInteger(let digits, let radix): self = Object(BigInt(digits, radix: radix) ?? 0)
    case .float(let value): self = .float(value)
    case .imaginary(let value): self = .complex(0, value)
    case .string(let text): self = .str(text)
    case .bytes(let bytes): self = .bytes(Bytes(bytes))
    }
  }
}
