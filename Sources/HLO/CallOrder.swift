import Support

extension Op {
  /// The functions that this operation names: those that it calls, and those that a custom call does.
  var callees: [String] {
    if case .customCall(let call) = self { return call.calledComputations }
    return callee.map { [$0] } ?? []
  }
}

extension Module {
  /// The functions, each behind all those that it calls. Chains of calls may be as long as a module.
  ///
  /// - Throws: at a call that closes a circle, for StableHLO has no recursion.
  public func callOrder() throws(Diagnostic) -> [Function] {
    typealias Call = (name: String, span: Span?)
    let known = Dictionary(functions.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    func calls(_ function: Function) -> [Call] {
      function.operationsInOrder().flatMap { id in
        function.operations[id].op.callees.map { ($0, function.locations[id].span) }
      }
    }
    var order: [Function] = []
    var finished: Set<String> = []
    for function in functions where !finished.contains(function.name) {
      // The functions that wait for those that they call, and what they still have to call.
      var waiting: Set<String> = [function.name]
      var stack = [(function: function, rest: calls(function)[...])]
      while let (function, rest) = stack.popLast() {
        guard let call = rest.first else {
          waiting.remove(function.name)
          finished.insert(function.name)
          order.append(function)
          continue
        }
        stack.append((function, rest.dropFirst()))
        if waiting.contains(call.name) {
          throw Diagnostic(.error, "call: @\(call.name) calls itself", at: call.span)
        }
        guard !finished.contains(call.name), let callee = known[call.name] else { continue }
        waiting.insert(call.name)
        stack.append((callee, calls(callee)[...]))
      }
    }
    return order
  }
}
