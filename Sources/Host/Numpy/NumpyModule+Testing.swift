extension NumpyModule {
  /// The module `numpy.testing`.
  static func makeTesting() -> ModuleObject {
    let module = ModuleObject("numpy.testing")
    module.def("assert_allclose(actual, desired, rtol=, atol=, equal_nan=, err_msg=, verbose=)") {
      a in
      let arguments: [Object?] = [
        a[0], a[1], a[2] ?? .float(1e-7), a[3] ?? .float(0), a[4] ?? .bool(true),
      ]
      try check(closeness(arguments), a, "Not equal to tolerance")
      return .none
    }
    for name in ["assert_array_equal", "assert_equal"] {
      module.def("\(name)(actual, desired, err_msg=)") { a in
        let arguments: [Object?] = [a[0], a[1], .float(0), .float(0), .bool(true)]
        try check(closeness(arguments), a, "Arrays are not equal")
        return .none
      }
    }
    for name in ["assert_array_almost_equal", "assert_almost_equal"] {
      module.def("\(name)(actual, desired, decimal=)") { a in
        let decimal = try a[2].map(double) ?? (name == "assert_almost_equal" ? 7 : 6)
        let tolerance = 1.5 * (0..<Int(decimal)).reduce(1.0) { value, _ in value / 10 }
        let arguments: [Object?] = [a[0], a[1], .float(0), .float(tolerance), .bool(true)]
        try check(closeness(arguments), a, "Arrays are not almost equal")
        return .none
      }
    }
    return module
  }
}

private func check(_ close: [Bool], _ a: [Object?], _ what: String) throws {
  let wrong = close.count { !$0 }
  if wrong == 0 { return }
  let percentage = Double(wrong) * 100 / Double(close.count)
  throw raised(
    "AssertionError",
    """

    \(what)

    Mismatched elements: \(wrong) / \(close.count) (\(try formatFloat(percentage, ".3g"))%)
     ACTUAL: \(try numpy(a[0]).repr())
     DESIRED: \(try numpy(a[1]).repr())
    """)
}
