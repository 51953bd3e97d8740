import Core

/// Transposes a linear jaxpr: from cotangents of its results to cotangents of its operands.
///
/// Every equation of it is linear in the variables that depend on the operands; constants are
/// known. Walks the equations backwards, adding up cotangents with `add_any`.
public func backwardPass(_ jaxpr: ClosedJaxpr, _ cotangents: [Tangent]) throws -> [Tangent] {
  var known = [Value?](repeating: nil, count: jaxpr.types.count)
  for (variable, value) in zip(jaxpr.constvars, jaxpr.consts) {
    known[Int(variable.index)] = value
  }
  return try backwardPass(jaxpr, known, cotangents, linear: jaxpr.invars)
}

/// Transposes `jaxpr` with respect to the parameters in `linear`, where `known` holds the values
/// of the other parameters and constants. Equations that depend on no linear parameter are
/// evaluated first. The cotangents of the first linear parameters start from `initial`.
public func backwardPass(
  _ jaxpr: ClosedJaxpr, _ values: [Value?], _ cotangents: [Tangent], linear: [Var],
  initial: [Value] = []
) throws -> [Tangent] {
  var known = values
  var isLinear = [Bool](repeating: false, count: jaxpr.types.count)
  for variable in linear { isLinear[Int(variable.index)] = true }

  func value(_ atom: Atom) -> Value {
    switch atom {
    case .variable(let variable): known[Int(variable.index)]!
    case .literal(let array): .array(array)
    }
  }
  func isLinearAtom(_ atom: Atom) -> Bool {
    atom.variable.map { isLinear[Int($0.index)] } ?? false
  }

  let outer = Trace.source
  defer { Trace.source = outer }
  var linearEquations: [Equation] = []
  for equation in jaxpr.equations {
    if equation.inputs.contains(where: isLinearAtom) {
      for output in equation.outputs { isLinear[Int(output.index)] = true }
      linearEquations.append(equation)
    } else {
      Trace.enter(equation.source, from: outer)
      let results = try bind(equation.primitive, equation.inputs.map(value))
      for (output, result) in zip(equation.outputs, results) { known[Int(output.index)] = result }
    }
  }

  var accumulated = [Value?](repeating: nil, count: jaxpr.types.count)
  func accumulate(_ atom: Atom, _ cotangent: Value) throws {
    guard let variable = atom.variable, isLinear[Int(variable.index)] else { return }
    let index = Int(variable.index)
    if let sum = accumulated[index] {
      accumulated[index] = try bind1(AddAny(), sum, cotangent)
    } else {
      accumulated[index] = cotangent
    }
  }
  for (variable, value) in zip(linear, initial) { accumulated[Int(variable.index)] = value }
  for (atom, cotangent) in zip(jaxpr.outvars, cotangents) {
    if let cotangent = cotangent.value { try accumulate(atom, cotangent) }
  }

  for equation in linearEquations.reversed() {
    let outCotangents: [Tangent] = equation.outputs.map {
      accumulated[Int($0.index)].map { .value($0) } ?? .zero(jaxpr.aval($0).tangent)
    }
    if outCotangents.allSatisfy(\.isZero) { continue }
    for output in equation.outputs { accumulated[Int(output.index)] = nil }
    let operands: [LinearOperand] = equation.inputs.map {
      isLinearAtom($0) ? .linear(jaxpr.aval($0)) : .known(value($0))
    }
    Trace.enter(equation.source, from: outer)
    let results = try equation.primitive.transpose(outCotangents, operands)
    for (input, result) in zip(equation.inputs, results) {
      if let result { try accumulate(input, result) }
    }
  }
  return linear.map {
    accumulated[Int($0.index)].map { .value($0) } ?? .zero(jaxpr.aval($0).tangent)
  }
}

/// A memo key of `transposeJaxpr`: the types of the known operands and of the nonzero cotangents.
private struct TransposeKey: Hashable {
  var known: [ShapedArray?]
  var cotangents: [ShapedArray?]
}

/// The jaxpr of the transpose of `jaxpr`, which is linear in the linear ones of `operands`: from the
/// others followed by the nonzero ones of `cotangents` to the nonzero cotangents of the linear
/// operands.
public func transposeJaxpr(
  _ jaxpr: ClosedJaxpr, _ cotangents: [Tangent], _ operands: some Sequence<LinearOperand>
) throws -> (jaxpr: ClosedJaxpr, nonzero: [Bool]) {
  let key = TransposeKey(
    known: operands.map { $0.isLinear ? nil : $0.aval },
    cotangents: cotangents.map { $0.value?.aval })
  return try jaxpr.memoized(key) {
    var outNonzero: [Bool] = []
    let result = try stage((key.known + key.cotangents).compactMap { $0 }) { inputs in
      var known = [Value?](repeating: nil, count: jaxpr.types.count)
      for (variable, value) in zip(jaxpr.constvars, jaxpr.consts) {
        known[Int(variable.index)] = value
      }
      var rest = inputs[...]
      for (variable, aval) in zip(jaxpr.invars, key.known) where aval != nil {
        known[Int(variable.index)] = rest.removeFirst()
      }
      let cotangents: [Tangent] = cotangents.map {
        $0.isZero ? .zero($0.aval) : .value(rest.removeFirst())
      }
      let variables = zip(jaxpr.invars, key.known).filter { $0.1 == nil }.map(\.0)
      let results = try backwardPass(jaxpr, known, cotangents, linear: variables)
      outNonzero = results.map { !$0.isZero }
      return results.compactMap(\.value)
    }
    return (result, outNonzero)
  }
}
