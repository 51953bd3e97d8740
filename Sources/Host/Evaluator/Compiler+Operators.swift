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
        noteArrays(a, b, site)
        return try Host.binary(op, a, b)
      } catch { throw frame.locate(error, site) }
    }
    // Numbers of the host are computed on the spot.
    @inline(__always)
    func arithmetic(
      _ integers: @escaping (Int, Int) -> (partialValue: Int, overflow: Bool),
      _ floats: @escaping (Double, Double) -> Double
    ) -> Code {
      { frame in
        let a = try left(frame)
        let b = try right(frame)
        if case .int(let x) = a, case .int(let y) = b {
          let (result, overflow) = integers(x, y)
          if !overflow { return .int(result) }
        } else if case .float(let x) = a, case .float(let y) = b {
          return .float(floats(x, y))
        }
        return try general(frame, a, b)
      }
    }
    switch op {
    case .add: return arithmetic({ $0.addingReportingOverflow($1) }, { $0 + $1 })
    case .subtract: return arithmetic({ $0.subtractingReportingOverflow($1) }, { $0 - $1 })
    case .multiply: return arithmetic({ $0.multipliedReportingOverflow(by: $1) }, { $0 * $1 })
    case .matrixMultiply, .divide, .floorDivide, .modulo, .power, .leftShift, .rightShift, .bitAnd,
      .bitOr, .bitXor:
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
          noteArrays(a, b, site)
          return try Host.compare(op, a, b)
        } catch { throw frame.locate(error, site) }
      }
    }
    return located(e.span) { frame in
      var a = try first(frame)
      var result = Object.bool(true)
      for (i, (op, code)) in rest.enumerated() {
        let b = try code(frame)
        noteArrays(a, b, site)
        result = try Host.compare(op, a, b)
        if i < rest.count - 1, try !isTrue(result) { return result }
        a = b
      }
      return result
    }
  }
}

/// Remembers where an operation on arrays stands.
@inline(__always)
private func noteArrays(_ a: Object, _ b: Object, _ site: Site) {
  switch (a, b) {
  case (.array, _), (_, .array): Trace.note(site)
  default: break
  }
}
