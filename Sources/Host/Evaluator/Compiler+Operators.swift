import Core
import Syntax

extension Compiler {
  func unary(_ e: UnaryExpr) -> Code {
    if e.op == .not {
      let operand = condition(e.operand)
      return { frame in .bool(!(try operand(frame))) }
    }
    if e.op == .negate, case .constant(let constant) = e.operand {
      switch constant.value {
      case .integer(let value):
        return { _ in .int(-value) }
      case .float(let value): return { _ in .float(-value) }
      default: break
      }
    }
    let operand = expression(e.operand)
    let op = e.op
    let site = site(e.span)
    return { frame in
      let value = try operand(frame)
      do {
        if case .array = value { Trace.note(site) }
        return try Host.unary(op, value)
      } catch { throw frame.locate(error, site) }
    }
  }

  func binary(_ e: BinaryExpr) -> Code {
    let left = expression(e.left)
    let right = expression(e.right)
    let op = e.op
    let site = site(e.span)
    func general(_ frame: Frame, _ a: Object, _ b: Object) throws -> Object {
      do {
        switch (a, b) {
        case (.array, _), (_, .array): Trace.note(site)
        default: break
        }
        return try Host.binary(op, a, b)
      } catch { throw frame.locate(error, site) }
    }
    switch op {
    case .add:
      return { frame in
        let a = try left(frame)
        let b = try right(frame)
        if case .int(let x) = a, case .int(let y) = b {
          let (sum, overflow) = x.addingReportingOverflow(y)
          if !overflow { return .int(sum) }
        } else if case .float(let x) = a, case .float(let y) = b {
          return .float(x + y)
        }
        return try general(frame, a, b)
      }
    case .subtract:
      return { frame in
        let a = try left(frame)
        let b = try right(frame)
        if case .int(let x) = a, case .int(let y) = b {
          let (difference, overflow) = x.subtractingReportingOverflow(y)
          if !overflow { return .int(difference) }
        } else if case .float(let x) = a, case .float(let y) = b {
          return .float(x - y)
        }
        return try general(frame, a, b)
      }
    case .multiply:
      return { frame in
        let a = try left(frame)
        let b = try right(frame)
        if case .int(let x) = a, case .int(let y) = b {
          let (product, overflow) = x.multipliedReportingOverflow(by: y)
          if !overflow { return .int(product) }
        } else if case .float(let x) = a, case .float(let y) = b {
          return .float(x * y)
        }
        return try general(frame, a, b)
      }
    default:
      return { frame in
        let a = try left(frame)
        return try general(frame, a, right(frame))
      }
    }
  }

  func boolean(_ e: BooleanExpr) -> Code {
    let codes = e.operands.map(expression)
    let sites = e.operands.map { site($0.span) }
    let stopsAt = e.op == .or
    return { frame in
      for i in 0..<codes.count - 1 {
        let value = try codes[i](frame)
        do {
          if try isTrue(value) == stopsAt { return value }
        } catch { throw frame.locate(error, sites[i]) }
      }
      return try codes[codes.count - 1](frame)
    }
  }

  func compare(_ e: CompareExpr) -> Code {
    let first = expression(e.first)
    let rest = e.rest.map { (op: $0.op, code: expression($0.operand)) }
    let site = site(e.span)
    if rest.count == 1 {
      let (op, second) = rest[0]
      return { frame in
        let a = try first(frame)
        let b = try second(frame)
        if case .int(let x) = a, case .int(let y) = b {
          switch op {
          case .equal: return .bool(x == y)
          case .notEqual: return .bool(x != y)
          case .less: return .bool(x < y)
          case .lessOrEqual: return .bool(x <= y)
          case .greater: return .bool(x > y)
          case .greaterOrEqual: return .bool(x >= y)
          case .is, .isNot, .in, .notIn: break
          }
        }
        do {
          switch (a, b) {
          case (.array, _), (_, .array): Trace.note(site)
          default: break
          }
          return try Host.compare(op, a, b)
        } catch { throw frame.locate(error, site) }
      }
    }
    return located(e.span) { frame in
      var a = try first(frame)
      var result = Object.bool(true)
      for (i, (op, code)) in rest.enumerated() {
        let b = try code(frame)
        result = try Host.compare(op, a, b)
        if i < rest.count - 1, try !isTrue(result) { return result }
        a = b
      }
      return result
    }
  }
}
