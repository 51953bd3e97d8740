import BigInt
import Glibc
import Syntax

/// The names that every module sees.
enum Builtins {
  nonisolated(unsafe) static let module: ModuleObject = {
    let module = ModuleObject("builtins")
    for (name, cls) in classes { module[Symbol(name)] = .type(cls) }
    for cls in Exceptions.builtins { module[Symbol(cls.name)] = .type(cls) }
    module["IOError"] = .type(Exceptions["OSError"])
    module["EnvironmentError"] = .type(Exceptions["OSError"])
    module["Ellipsis"] = .ellipsis
    module["NotImplemented"] = .notImplemented
    module["__debug__"] = .bool(true)
    defineOutput(in: module)
    defineNumeric(in: module)
    defineIteration(in: module)
    defineReflection(in: module)
    return module
  }()

  private static var classes: [(String, Class)] {
    [
      ("object", Types.object), ("type", Types.type), ("int", Types.int), ("bool", Types.bool),
      ("float", Types.float), ("complex", Types.complex), ("str", Types.str),
      ("bytes", Types.bytes), ("tuple", Types.tuple), ("list", Types.list), ("dict", Types.dict),
      ("set", Types.set), ("frozenset", Types.frozenSet), ("slice", Types.slice),
      ("range", Types.range), ("property", Types.property), ("classmethod", Types.classMethod),
      ("staticmethod", Types.staticMethod), ("super", Types.superType),
    ]
  }

  private static func defineOutput(in module: ModuleObject) {
    module.def("print(*values, sep=, end=, file=, flush=, **unknown)") { a in
      // Keyword-only parameters come first, then the tuple of values.
      if case .dict(let unknown)? = a[5], let name = unknown.keys.first {
        throw typeError("\(try repr(name)) is an invalid keyword argument for print()")
      }
      guard case .tuple(let values)? = a[4] else { return .none }
      func text(_ object: Object?, _ standard: String) throws -> String {
        guard let object, !object.isNone else { return standard }
        return try str(object)
      }
      let separator = try text(a[0], " ")
      var line = ""
      for (i, value) in values.items.enumerated() {
        if i > 0 { line += separator }
        line += try str(value)
      }
      line += try text(a[1], "\n")
      let given = a[2].given
      if let file = given ?? Session.loader.redirectedOutput {
        _ = try call(getAttribute(file, "write"), [.str(line)])
      } else {
        Session.output.write(line)
      }
      if try a[3].map(isTrue) ?? false { Session.output.flush() }
      return .none
    }
    module.def("repr(object, /)") { a in .str(try repr(a[0] ?? .none)) }
    module.def("ascii(object, /)") { a in
      if case .str(let text)? = a[0] { return .str(quoted(text.text, ascii: true)) }
      return .str(try repr(a[0] ?? .none))
    }
    module.def("format(value, spec=, /)") { a in
      .str(try format(a[0] ?? .none, a[1].map(str) ?? ""))
    }
    module.def("input(prompt=, /)") { a in
      if let prompt = a[0] { Session.output.write(try str(prompt)) }
      Session.output.flush()
      guard let line = readLine() else {
        throw raised("EOFError", "EOF when reading a line")
      }
      return .str(line)
    }
  }

  private static func isArray(_ object: Object) -> Bool {
    if case .array = object { true } else { false }
  }

  private static func defineNumeric(in module: ModuleObject) {
    module.def("abs(x, /)") { a in try absolute(a[0] ?? .none) }
    module.def("round(number, ndigits=)") { a in try round(a[0] ?? .none, a[1]) }
    module.def("divmod(x, y, /)") { a in
      let (x, y) = (a[0] ?? .none, a[1] ?? .none)
      if let result = try callMethod(x, "__divmod__", [y]) { return result }
      if isArray(x) || isArray(y) { return try call(ArrayLibrary.divmod(), [x, y]) }
      return .tuple([try binary(.floorDivide, x, y), try binary(.modulo, x, y)])
    }
    module.def("pow(base, exp, mod=)") { a in
      guard let modulus = a[2], !modulus.isNone else {
        return try binary(.power, a[0] ?? .none, a[1] ?? .none)
      }
      if a[0]?.instance != nil,
        let result = try callMethod(a[0] ?? .none, "__pow__", [a[1] ?? .none, modulus]),
        !result.isNotImplemented
      {
        return result
      }
      let operands = [a[0] ?? .none, a[1] ?? .none, modulus]
      let numbers = operands.compactMap { Number($0) }
      guard numbers.count == 3 else {
        let names = operands.map { "'\(messageName($0))'" }.joined(separator: ", ")
        throw typeError("unsupported operand type(s) for ** or pow(): \(names)")
      }
      guard numbers.allSatisfy(\.isInteger) else {
        throw typeError("pow() 3rd argument not allowed unless all arguments are integers")
      }
      let (base, exponent, m) = (numbers[0], numbers[1], numbers[2])
      if m.bigValue == 0 { throw valueError("pow() 3rd argument cannot be 0") }
      var value = base.bigValue
      var power = exponent.bigValue
      if power < 0 {
        guard let inverse = value.inverse(m.bigValue) else {
          throw valueError("base is not invertible for the given modulus")
        }
        value = inverse
        power = -power
      }
      let result = value.power(power, modulus: m.bigValue)
      return try binary(.modulo, Object(result), modulus)
    }
    for (name, prefix, code) in [("hex", "0x", "x"), ("bin", "0b", "b"), ("oct", "0o", "o")] {
      module.def("\(name)(number, /)") { a in
        let object: Object
        if let number = Number(a[0] ?? .none) {
          object = Object(number.bigValue)
        } else {
          object = .int(try requireIndex(a[0] ?? .none))
        }
        if case .float? = a[0] {
          throw typeError("'float' object cannot be interpreted as an integer")
        }
        let text = try format(object, code)
        return .str(text.hasPrefix("-") ? "-\(prefix)\(text.dropFirst())" : prefix + text)
      }
    }
    module.def("chr(i, /)") { a in
      guard let code = UInt32(exactly: try requireIndex(a[0] ?? .none)),
        let scalar = Unicode.Scalar(code)
      else {
        throw valueError("chr() arg not in range(0x110000)")
      }
      return .str(String(scalar))
    }
    module.def("ord(c, /)") { a in
      guard case .str(let text)? = a[0] else {
        throw typeError(
          "ord() expected string of length 1, but \(typeOf(a[0] ?? .none).name) found")
      }
      let points = text.points
      guard points.count == 1 else {
        throw typeError("ord() expected a character, but string of length \(points.count) found")
      }
      return .int(Int(points[0].value))
    }
    module.def("hash(object, /)") { a in .int(try hash(a[0] ?? .none)) }
    module.def("id(object, /)") { a in
      if let reference = a[0]?.reference { return .int(ObjectIdentifier(reference).hashValue) }
      return .int(try hash(a[0] ?? .none))
    }
    module.def("sum(iterable, /, start=)") { a in
      var total = a[1] ?? .int(0)
      if case .str = total {
        throw typeError("sum() can't sum strings [use ''.join(seq) instead]")
      }
      let iterator = try iterate(a[0] ?? .none)
      while let item = try iterator.next() { total = try binary(.add, total, item) }
      return total
    }
    for (name, op) in [("min", ComparisonOperator.less), ("max", .greater)] {
      module.def("\(name)(*args, key=, default=)") { a in
        guard case .tuple(let arguments)? = a[2] else { return .none }
        if arguments.items.isEmpty {
          throw typeError("\(name) expected at least 1 argument, got 0")
        }
        let items = arguments.items.count == 1 ? try list(arguments.items[0]) : arguments.items
        guard var best = items.first else {
          if let fallback = a[1] { return fallback }
          throw valueError("\(name)() arg is an empty sequence")
        }
        let key = a[0].given
        var bestKey = try key.map { try call($0, [best]) } ?? best
        for item in items.dropFirst() {
          let itemKey = try key.map { try call($0, [item]) } ?? item
          if try isTrue(compare(op, itemKey, bestKey)) { (best, bestKey) = (item, itemKey) }
        }
        return best
      }
    }
  }

  private static func round(_ number: Object, _ digits: Object?) throws -> Object {
    let count = try digits.given.map(requireIndex)
    switch number {
    case .float(let value):
      guard let count else {
        if value.isNaN { throw valueError("cannot convert float NaN to integer") }
        if value.isInfinite { throw overflowError("cannot convert float infinity to integer") }
        return Object(BigInt(value.rounded(.toNearestOrEven)))
      }
      return .float(roundFloat(value, count))
    case .int, .big, .bool:
      guard let count, count < 0, let value = Number(number)?.bigValue else {
        return Object(Number(number)?.bigValue ?? 0)
      }
      let unit = BigInt(10).power(min(-count, 10_000))
      var (quotient, remainder) = value.magnitude.quotientAndRemainder(dividingBy: unit.magnitude)
      let twice = remainder * 2
      if twice > unit.magnitude || twice == unit.magnitude && quotient % 2 == 1 { quotient += 1 }
      remainder = 0
      let rounded = BigInt(quotient) * unit
      return Object(value < 0 ? -rounded : rounded)
    default:
      if case .array = number {
        return try call(getAttribute(number, Names.round), count.map { [.int($0)] } ?? [])
      }
      if let result = try callMethod(number, Names.round, digits.map { [$0] } ?? []) {
        return result
      }
      if let base = unwrapped(number) { return try round(base, digits) }
      throw typeError("type \(typeOf(number).name) doesn't define __round__ method")
    }
  }

  private static func defineIteration(in module: ModuleObject) {
    module.def("len(object, /)") { a in .int(try count(a[0] ?? .none)) }
    module.def("iter(object, sentinel=, /)") { a in
      guard let sentinel = a[1] else { return try iteratorFor(a[0] ?? .none) }
      let function = a[0] ?? .none
      return .native(
        ClosureIterator("callable_iterator") {
          let value = try call(function)
          return try equals(value, sentinel) ? nil : value
        })
    }
    module.def("next(iterator, default=, /)") { a in
      guard let fallback = a[1] else { return try Host.next(a[0] ?? .none) }
      do { return try Host.next(a[0] ?? .none) } catch let error as Raised
        where error.isKind("StopIteration")
      { return fallback }
    }
    module.def("reversed(sequence, /)") { a in
      let object = a[0] ?? .none
      if let method = try lookupAttribute(object, Names.reversed) { return try call(method) }
      switch object {
      case .set, .native: throw typeError("'\(typeOf(object).name)' object is not reversible")
      default: break
      }
      if case .instance = object {
        let length = try count(object)
        var position = length
        return .native(
          ClosureIterator("reversed") {
            position -= 1
            return position < 0 ? nil : try item(object, .int(position))
          })
      }
      return .native(SequenceIterator("list_reverseiterator", try list(object).reversed()))
    }
    module.def("enumerate(iterable, start=)") { a in
      let iterator = try iterate(a[0] ?? .none)
      var position = try a[1].map(requireIndex) ?? 0
      return .native(
        ClosureIterator("enumerate") {
          guard let value = try iterator.next() else { return nil }
          position += 1
          return .tuple([.int(position - 1), value])
        })
    }
    module.def("zip(*iterables, strict=)") { a in
      guard case .tuple(let iterables)? = a[1] else { return .none }
      let isStrict = try a[0].map(isTrue) ?? false
      let iterators = try iterables.items.map(iterate)
      return .native(
        ClosureIterator("zip") {
          if iterators.isEmpty { return nil }
          var values: [Object] = []
          for (i, iterator) in iterators.enumerated() {
            guard let value = try iterator.next() else {
              if isStrict { try checkStrict(iterators, i) }
              return nil
            }
            values.append(value)
          }
          return .tuple(values)
        })
    }
    module.def("map(function, iterable, /, *iterables)") { a in
      guard case .tuple(let rest)? = a[2] else { return .none }
      let function = a[0] ?? .none
      let iterators = try ([a[1] ?? .none] + rest.items).map(iterate)
      return .native(
        ClosureIterator("map") {
          var values: [Object] = []
          for iterator in iterators {
            guard let value = try iterator.next() else { return nil }
            values.append(value)
          }
          return try call(function, values)
        })
    }
    module.def("filter(function, iterable, /)") { a in
      let function = a[0] ?? .none
      let iterator = try iterate(a[1] ?? .none)
      return .native(
        ClosureIterator("filter") {
          while let value = try iterator.next() {
            if try isTrue(function.isNone ? value : call(function, [value])) { return value }
          }
          return nil
        })
    }
    module.def("all(iterable, /)") { a in
      let iterator = try iterate(a[0] ?? .none)
      while let value = try iterator.next() { if try !isTrue(value) { return .bool(false) } }
      return .bool(true)
    }
    module.def("any(iterable, /)") { a in
      let iterator = try iterate(a[0] ?? .none)
      while let value = try iterator.next() { if try isTrue(value) { return .bool(true) } }
      return .bool(false)
    }
    module.def("sorted(iterable, /, *, key=, reverse=)") { a in
      .list(try sorted(list(a[0] ?? .none), key: a[1], reverse: a[2].map(isTrue) ?? false))
    }
  }

  fileprivate static func checkStrict(_ iterators: [ObjectIterator], _ failed: Int) throws {
    func names(_ count: Int) -> String { count == 1 ? "argument 1" : "arguments 1-\(count)" }
    if failed > 0 {
      throw valueError("zip() argument \(failed + 1) is shorter than \(names(failed))")
    }
    for (i, iterator) in iterators.enumerated().dropFirst() where try iterator.next() != nil {
      throw valueError("zip() argument \(i + 1) is longer than \(names(i))")
    }
  }

  /// `iter(object)`: an instance with `__next__` is its own iterator.
  private static func iteratorFor(_ object: Object) throws -> Object {
    if case .instance(let instance) = object, let method = instance.cls.lookup(Names.iterate) {
      return try call(bindAttribute(method, object, instance.cls))
    }
    return .native(try iterate(object))
  }

  private static func defineReflection(in module: ModuleObject) {
    module.def("isinstance(object, classes, /)") { a in
      .bool(try isInstance(a[0] ?? .none, a[1] ?? .none))
    }
    module.def("issubclass(cls, classes, /)") { a in
      guard case .type(let cls)? = a[0] else {
        throw typeError("issubclass() arg 1 must be a class")
      }
      return .bool(try isSubclass(cls, a[1] ?? .none))
    }
    module.def("callable(object, /)") { a in .bool(isCallable(a[0] ?? .none)) }
    func name(_ object: Object?) throws -> Symbol {
      guard let object, case .str(let text) = object else {
        throw typeError("attribute name must be string, not '\(typeOf(object ?? .none).name)'")
      }
      return Symbol(text.text)
    }
    module.def("getattr(object, name, default=, /)") { a in
      guard let fallback = a[2] else { return try getAttribute(a[0] ?? .none, name(a[1])) }
      do {
        return try lookupAttribute(a[0] ?? .none, name(a[1])) ?? fallback
      } catch {
        guard let raised = Raised(error), raised.isKind("AttributeError") else { throw error }
        return fallback
      }
    }
    module.def("hasattr(object, name, /)") { a in
      do {
        return .bool(try lookupAttribute(a[0] ?? .none, name(a[1])) != nil)
      } catch {
        guard let raised = Raised(error), raised.isKind("AttributeError") else { throw error }
        return .bool(false)
      }
    }
    module.def("setattr(object, name, value, /)") { a in
      try setAttribute(a[0] ?? .none, name(a[1]), a[2] ?? Object.none)
      return .none
    }
    module.def("delattr(object, name, /)") { a in
      try setAttribute(a[0] ?? .none, name(a[1]), nil)
      return .none
    }
    module.def("exec(source, globals=, locals=, /)") { a in
      try execute(str(a[0] ?? .none), a[2] ?? a[1])
      return .none
    }
    module.def("eval(source, globals=, locals=, /)") { a in
      try evaluate(str(a[0] ?? .none), a[2] ?? a[1])
    }
    module.def("vars(object, /)") { a in try vars(a[0] ?? .none) }
    module.def("dir(object=, /)") { a in
      guard let object = a[0] else { return .list([]) }
      var names = Set<String>()
      switch object {
      case .module(let module): names.formUnion(module.members.map(\.text))
      case .type(let cls): for c in cls.mro { names.formUnion(c.namespace.names.map(\.text)) }
      default: for c in typeOf(object).mro { names.formUnion(c.namespace.names.map(\.text)) }
      }
      if let instance = object.instance { names.formUnion(instance.attributes.names.map(\.text)) }
      return .list(names.sorted().map { .str($0) })
    }
  }

  /// The value of an expression whose variables are those of the dict `globals`, or the program's own.
  static func evaluate(_ text: String, _ globals: Object? = nil) throws -> Object {
    let result: Symbol = "__result__"
    let text = text.drop { $0 == " " || $0 == "\t" }
    return try execute("\(result) = (\(text)\n)", globals, result: result) ?? .none
  }

  /// Runs a text as a module whose variables are those of the dict `globals`, or the program's own.
  @discardableResult
  private static func execute(_ text: String, _ globals: Object?, result: Symbol? = nil) throws
    -> Object?
  {
    let program = globals == nil ? try Session.loader.find("__main__") : nil
    let module = program ?? ModuleObject("__main__", path: "<string>")
    var variables: Dict?
    if case .dict(let dict)? = globals { variables = dict }
    for entry in variables?.table.live ?? [] {
      if case .str(let name) = entry.key { module[Symbol(name.text)] = entry.value }
    }
    let source = Array(text.utf8)
    let file = Session.loader.sources.add(name: "<string>", text: source)
    do {
      try Session.loader.execute(source, file: file, range: nil, in: module)
    } catch let errors as ModuleLoader.SyntaxErrors {
      throw raised("SyntaxError", errors.diagnostics.first?.message ?? "invalid syntax")
    }
    if let result {
      defer { module[result] = nil }
      return module[result]
    }
    for name in module.names where !["__name__", "__file__"].contains(name) {
      if let value = module[name] { try variables?.table.set(.str(name.text), value) }
    }
    return nil
  }
}
