import Support
import Tensor

extension Interpreter {
  /// Does what compiled code leaves to its host: checks, probes, and functions that run in parallel,
  /// which are interpreted.
  ///
  /// `tensors` are those among the operands of the operation, which is one of `function`'s.
  public func perform(
    _ id: OperationID, of function: Function, _ tensors: [HostTensor]
  ) throws -> [HostTensor] {
    let operation = function.operations[id]
    let results: [RuntimeValue]
    switch operation.op {
    case .check(let attributes):
      var rest = tensors[...]
      let operands = operation.operands.map { operand -> RuntimeValue in
        guard case .tensor = function.type(of: operand) else { return .token }
        return rest.popFirst().map { .tensor($0) } ?? .token
      }
      results = try check(attributes, operands)
    case .customCall(let attributes) where attributes.target.hasPrefix("check."):
      results = try answers(attributes.target, tensors, count: operation.results.count)
    case .customCall(let attributes) where attributes.target == "shape_assertion":
      try assertShape(function.operationAttributes[id] ?? [], tensors)
      results = []
    case .rng(let distribution):
      let element = function.type(of: operation.result).tensor?.element ?? tensors[0].type
      results = [.tensor(random(distribution, tensors, element))]
    case .customCall(let attributes): throw unsupported("the custom call '\(attributes.target)'")
    default: throw unsupported("\(operation.op.mnemonic) on the host")
    }
    return results.compactMap { if case .tensor(let tensor) = $0 { tensor } else { nil } }
  }

  /// What a custom call that checks gives: nothing, or, `check.eq`, that its operands are equal.
  func answers(
    _ target: String, _ operands: [HostTensor], count: Int
  ) throws -> [RuntimeValue] {
    try expect(target, operands, attributes: [])
    return (0..<count).map { _ in .tensor(HostTensor(scalar: true)) }
  }

  /// What JAX asserts of the shapes that a program was exported for: a condition, and numbers for
  /// `{0}`, `{1}` in the message.
  func assertShape(_ attributes: [NamedAttribute], _ operands: [HostTensor]) throws {
    guard let condition = operands.first, !condition[0].isTrue else { return }
    var message = "a shape is not what the program was exported for"
    if case .string(let text)? = attributes["error_message"] { message = text }
    for (index, operand) in operands.dropFirst().enumerated() {
      message = message.replacing("{\(index)}", with: "\(operand[0].int)")
    }
    throw FailedCheck(message: message)
  }

  /// An operation of the tests' dialects.
  func check(_ check: CheckAttributes, _ operands: [RuntimeValue]) throws -> [RuntimeValue] {
    var tensors: [HostTensor] = []
    for case .tensor(let tensor) in operands { tensors.append(tensor) }
    switch check.name {
    case "interpreter.print": return []
    case "interpreter.probe":
      if case .string(let name) = check.attributes["probe_id"] {
        probes[name, default: []] += tensors
      }
      return operands
    case "check.expect_serialized_eq":
      var iteration = 0
      if case .integer(let value, _) = check.attributes["iter"] { iteration = value }
      guard case .string(let name) = check.attributes["probe_id"], let seen = probes[name],
        seen.indices.contains(iteration)
      else { throw Diagnostic(.error, "nothing was probed under this name") }
      try expect(check.name, tensors + [seen[iteration]], attributes: check.attributes)
      return []
    case "interpreter.run_parallel": return try runParallel(check, operands)
    default:
      if case .dense(let constant) = check.attributes["value"] { tensors.append(constant.tensor) }
      try expect(check.name, tensors, attributes: check.attributes)
      return []
    }
  }

  /// Compares two tensors as a check says. Throws a `FailedCheck` where they differ.
  func expect(
    _ name: String, _ operands: [HostTensor], attributes: [NamedAttribute]
  ) throws {
    guard operands.count >= 2 else { throw Diagnostic(.error, "\(name) compares two values") }
    let (actual, expected) = (operands[0], operands[1])
    guard actual.type == expected.type, actual.shape == expected.shape else {
      throw FailedCheck(
        message: "\(name): \(TensorType(actual.shape, actual.type)) is compared with "
          + "\(TensorType(expected.shape, expected.type))")
    }
    let agrees: (Double, Double, Int) -> Bool
    switch name {
    case "check.expect_eq", "check.expect_eq_const", "check.expect_serialized_eq":
      agrees = { a, b, _ in a == b }
    case "check.expect_ne": agrees = { a, b, _ in a != b }
    // Integers are compared exactly all the same.
    case "check.expect_almost_eq", "check.expect_almost_eq_const", "check.eq":
      var tolerance = name == "check.expect_almost_eq" ? 1e-3 : 1e-4
      if case .float(let value, _) = attributes["tolerance"] { tolerance = value }
      agrees = { a, b, _ in
        a.isNaN && b.isNaN || a == b || (a - b).magnitude <= tolerance
      }
    case "check.expect_close":
      var (least, most) = (0, attributes.isEmpty ? 3 : 1)
      if case .integer(let value, _) = attributes["max_ulp_difference"] { most = value }
      if case .integer(let value, _) = attributes["min_ulp_difference"] { least = value }
      let part = actual.type.realPart
      agrees = { a, b, _ in
        if a.isNaN || b.isNaN { return a.isNaN && b.isNaN }
        if a.isInfinite || b.isInfinite { return a == b }
        let difference = ulps(a, b, part)
        return difference >= least && difference <= most
      }
    default: throw unsupported("the check '\(name)'")
    }
    if !actual.type.isInexact {
      if name.hasPrefix("check.expect_eq") || name == "check.expect_serialized_eq" {
        if actual.bytes.elementsEqual(expected.bytes) { return }
      }
    }
    for position in 0..<actual.count {
      let (a, b) = (actual[position], expected[position])
      let isRight: Bool
      switch (a, b) {
      case (.complex(let a), .complex(let b)):
        isRight =
          name == "check.expect_ne"
          ? a != b : agrees(a.real, b.real, position) && agrees(a.imaginary, b.imaginary, position)
      case (.float(let a), .float(let b)): isRight = agrees(a, b, position)
      default:
        isRight =
          name == "check.expect_ne"
          ? a != b : a == b || agrees(a.double, b.double, position) && name.contains("almost")
      }
      if !isRight {
        let place = index(of: position, in: actual.shape)
        throw FailedCheck(
          message: "\(name): element \(place) is \(actual.elementText(position)), "
            + "expected \(expected.elementText(position))",
          notes: ["actual: \(actual.text())", "expected: \(expected.text())"])
      }
    }
  }

  private func index(of position: Int, in shape: Shape) -> [Int] {
    shape.strides.enumerated().map { position / $1 % max(1, shape[$0]) }
  }
}

/// The number of values of a type between two finite ones.
private func ulps(_ a: Double, _ b: Double, _ type: ElementType) -> Int {
  guard let format = type.floatFormat else { return a == b ? 0 : Int.max }
  func order(_ value: Double) -> Int {
    if type == .f64 {
      let bits = Int(bitPattern: UInt(value.bitPattern))
      return bits < 0 ? Int.min &- bits : bits
    }
    let bits = Int(format.encode(value.magnitude))
    return value.sign == .minus ? -bits : bits
  }
  let (difference, overflow) = order(a).subtractingReportingOverflow(order(b))
  return overflow ? Int.max : abs(difference)
}
