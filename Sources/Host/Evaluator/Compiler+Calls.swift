import Core
import Support
import Syntax

extension Compiler {
  func call(_ e: CallExpr) -> Code {
    let site = site(e.span)
    if case .name(let name) = e.function, name.symbol == Names.superName, e.arguments.isEmpty,
      e.keywords.isEmpty, case .global = scope.storage(Names.superName)
    {
      return implicitSuper(e.span)
    }
    let arguments = elements(e.arguments)
    if e.keywords.isEmpty {
      if case .attribute(let attribute) = e.function {
        return methodCall(attribute, arguments, site)
      }
      let function = expression(e.function)
      return { frame in
        let function = try function(frame)
        let arguments = try arguments(frame)
        do {
          Trace.note(site)
          return try Host.call(function, Arguments(arguments))
        } catch { throw frame.locate(error, site) }
      }
    }
    let function = expression(e.function)
    let keywords = keywords(e.keywords)
    return { frame in
      let function = try function(frame)
      let positional = try arguments(frame)
      let named = try keywords(frame)
      do {
        Trace.note(site)
        return try Host.call(function, Arguments(positional, named))
      } catch { throw frame.locate(error, site) }
    }
  }

  func keywords(_ list: [KeywordArgument]) -> (Frame) throws -> [(name: Symbol, value: Object)] {
    let parts = list.map {
      (name: $0.name?.symbol, code: expression($0.value), site: site($0.span))
    }
    return { frame in
      var result: [(name: Symbol, value: Object)] = []
      result.reserveCapacity(parts.count)
      for (name, code, site) in parts {
        let value = try code(frame)
        if let name {
          result.append((name, value))
          continue
        }
        do {
          for (key, value) in try mappingItems(value) {
            guard case .str(let text) = key else { throw typeError("keywords must be strings") }
            let name = Symbol(text.text)
            if result.contains(where: { $0.name == name }) {
              throw typeError("got multiple values for keyword argument '\(name)'")
            }
            result.append((name, value))
          }
        } catch { throw frame.locate(error, site) }
      }
      return result
    }
  }

  /// `object.name(arguments)` without a bound method in between, where that makes no difference.
  private func methodCall(
    _ attribute: AttributeExpr, _ arguments: @escaping (Frame) throws -> [Object], _ site: Site
  ) -> Code {
    let value = expression(attribute.value)
    let name = scope.mangled(attribute.symbol)
    let attributeSite = self.site(attribute.span)
    return { frame in
      let object = try value(frame)
      var method: Object?
      switch object {
      case .instance(let instance) where instance.attributes[name] == nil:
        method = instance.cls.lookup(name)
      case .list(let list) where list.extra == nil: method = Types.list.lookup(name)
      case .dict(let dict) where dict.extra == nil: method = Types.dict.lookup(name)
      case .str: method = Types.str.lookup(name)
      default: break
      }
      if let method {
        var isPlain = false
        switch method {
        case .function: isPlain = true
        case .builtin(let builtin): isPlain = builtin.isMethod
        default: break
        }
        if isPlain {
          let positional = [object] + (try arguments(frame))
          do {
            Trace.note(site)
            return try Host.call(method, Arguments(positional))
          } catch { throw frame.locate(error, site) }
        }
      }
      let function: Object
      do {
        function = try getAttribute(object, name)
      } catch { throw frame.locate(error, attributeSite) }
      let positional = try arguments(frame)
      do {
        Trace.note(site)
        return try Host.call(function, Arguments(positional))
      } catch { throw frame.locate(error, site) }
    }
  }

  /// `super()`: the class whose body the method is in, and the method's first parameter.
  private func implicitSuper(_ span: Span) -> Code {
    let cls = load(Names.classCell, span)
    return located(span) { frame in
      guard case .type(let cls) = try cls(frame) else {
        throw raised("RuntimeError", "super(): __class__ cell not found")
      }
      guard let receiver = frame.receiver else {
        throw raised("RuntimeError", "super(): no arguments")
      }
      return .native(Super(cls, receiver))
    }
  }
}
