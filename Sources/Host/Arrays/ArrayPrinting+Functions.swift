import Tensor

/// The functions of `numpy` and of `jax.numpy` that choose how arrays print: both have the same.
extension ArrayPrinting {
  static func define(in module: ModuleObject) {
    let parameters = """
      precision=, threshold=, edgeitems=, linewidth=, suppress=, nanstr=, infstr=, formatter=, \
      sign=, floatmode=
      """
    module.def("set_printoptions(\(parameters))") { a in
      options = try changed(options, a)
      return .none
    }
    module.def("get_printoptions()") { _ in .dict(Dict(named: named(options))) }
    module.def("printoptions(\(parameters))") { a in
      .native(
        ContextManager {
          let outside = options
          options = try changed(outside, a)
          return { options = outside }
        })
    }
    module.def("array_repr(a, max_line_width=, precision=, suppress_small=)") { a in
      try withOptions(a) { _ in .str(try repr(array(a[0]))) }
    }
    module.def("array_str(a, max_line_width=, precision=, suppress_small=)") { a in
      try withOptions(a) { _ in .str(try str(array(a[0]))) }
    }
  }

  /// An array of JAX as it is; of everything else NumPy's array.
  private static func array(_ object: Object?) throws -> Object {
    if let object, case .array = object { return object }
    return .native(try numpy(object))
  }

  /// Runs `body` with the options that the arguments after the first say: the width of lines, the
  /// precision, and whether small numbers are zeros.
  static func withOptions(
    _ a: [Object?], _ body: (PrintOptions) throws -> Object
  ) throws -> Object {
    let outside = options
    defer { options = outside }
    let parameters: [Object?] = [a[2], nil, nil, a[1], a[3]]
    options = try changed(options, parameters + [Object?](repeating: nil, count: 5))
    return try body(options)
  }

  private static func named(_ options: PrintOptions) -> [(name: String, value: Object)] {
    [
      ("edgeitems", .int(options.edgeItems)), ("threshold", .int(options.threshold)),
      ("floatmode", .str(options.floatMode.rawValue)),
      ("precision", options.precision.map { .int($0) } ?? .none),
      ("suppress", .bool(options.suppress)), ("linewidth", .int(options.lineWidth)),
      ("nanstr", .str(options.nan)), ("infstr", .str(options.infinity)),
      ("sign", .str(options.sign.rawValue)), ("formatter", .none),
      ("legacy", .bool(false)), ("override_repr", .none),
    ]
  }

  /// The options with those changed that the arguments of `set_printoptions` give.
  private static func changed(_ options: PrintOptions, _ a: [Object?]) throws -> PrintOptions {
    var options = options
    if let value = a[0].given {
      let precision = try requireIndex(value)
      guard precision >= 0 else { throw valueError("precision must be >= 0") }
      options.precision = precision
    }
    if let value = a[1].given { options.threshold = try limit(value) }
    if let value = a[2].given { options.edgeItems = try edge(value) }
    if let value = a[3].given { options.lineWidth = try limit(value) }
    if let value = a[4].given { options.suppress = try isTrue(value) }
    if let value = a[5].given { options.nan = try str(value) }
    if let value = a[6].given { options.infinity = try str(value) }
    if a[7].given != nil { throw unsupportedNumpy("the print option formatter") }
    if let value = a[8].given {
      guard let sign = PrintOptions.Sign(rawValue: try str(value)) else {
        throw valueError("sign option must be one of ' ', '+', or '-'")
      }
      options.sign = sign
    }
    if let value = a[9].given {
      guard let mode = PrintOptions.FloatMode(rawValue: try str(value)) else {
        throw valueError(
          "floatmode option must be one of \"fixed\", \"unique\", \"maxprec\", \"maxprec_equal\"")
      }
      options.floatMode = mode
    }
    return options
  }

  /// How many items are shown at an edge: none for a negative number, as NumPy has it.
  private static func edge(_ object: Object) throws -> Int {
    let count =
      if case .big(let big) = object { Int(clamping: big.value) } else {
        try requireIndex(object)
      }
    return min(max(count, 0), .max / 2)
  }

  /// A count that may be infinite.
  private static func limit(_ object: Object) throws -> Int {
    let limit = try double(plainNumber(object))
    return limit < 0x1p62 ? Int(max(limit, 0)) : .max
  }
}
