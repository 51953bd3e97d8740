import Support
import Tensor

extension Parser {
  private static let unaryByName = Dictionary(
    uniqueKeysWithValues: UnaryOp.allCases.map { ($0.rawValue, $0) })
  private static let binaryByName = Dictionary(
    uniqueKeysWithValues: BinaryOp.allCases.map { ($0.rawValue, $0) })

  static func unary(named name: String) -> UnaryOp? { unaryByName[name] }
  static func binary(named name: String) -> BinaryOp? { binaryByName[name] }

  /// An operation in the form that its dialect prints, after its name.
  func prettyOperation(_ stated: String, at head: Int) throws(Diagnostic) -> Parsed {
    let name = Parser.currentName(stated)
    if let op = Parser.binaryByName[name] { return try elementwise(.binary(op), at: head) }
    if let op = Parser.unaryByName[name] { return try elementwise(.unary(op), at: head) }
    switch name {
    // What other dialects call a constant.
    case "stablehlo.constant", "chlo.constant", "arith.constant":
      let extra = try optionalDictionary()
      let constant = try dense()
      return Parsed(op: .constant(constant), types: [.tensor(constant.type)], extra: extra)
    case "return", "func.return", "stablehlo.return":
      noteReturn(name)
      let operands = try values()
      let extra = try optionalDictionary()
      if eat(":") { try check(operands, are: typeList(), at: head) }
      return Parsed(op: .return, operands: operands, extra: extra)
    case "call", "func.call":
      let callee = try symbol()
      let operands = try parenthesised()
      return try finish(.call(callee: callee), operands, at: head)
    case "stablehlo.broadcast_in_dim":
      let operands = try [value()]
      return try finish(
        .broadcastInDim(dimensions: labelled("dims")), operands, at: head)
    case "stablehlo.broadcast":
      let operand = try value()
      guard let rank = function.type(of: operand).tensor?.rank else {
        throw error("broadcast takes a tensor", at: head)
      }
      let sizes = try labelled("sizes")
      let op = Op.broadcastInDim(dimensions: Array(sizes.count..<sizes.count + rank))
      let parsed = try finish(op, [operand], at: head)
      try check(broadcastSizes: sizes, parsed.types, at: head)
      return parsed
    case "stablehlo.compare":
      let word = try expectWord("a comparison direction")
      guard let direction = ComparisonDirection(rawValue: word) else {
        throw error("unknown comparison direction '\(word)'", at: head)
      }
      try expect(",")
      let left = try value()
      try expect(",")
      let right = try value()
      var kind: ComparisonType?
      if eat(",") { kind = try named(ComparisonType.self) }
      return try finish(.compare(Comparison(direction, kind)), [left, right], at: head)
    case "stablehlo.select":
      let operands = try values()
      let extra = try optionalDictionary()
      try expect(":")
      if next(is: "(") {
        let (types, results) = try functionType()
        try check(operands, are: types, at: head)
        return Parsed(op: .select, operands: operands, types: results, extra: extra)
      }
      let types = try typeList()
      guard types.count == 2 else { throw error("two types expected", at: head) }
      try check(operands, are: [types[0], types[1], types[1]], at: head)
      return Parsed(op: .select, operands: operands, types: [types[1]], extra: extra)
    case "stablehlo.clamp": return try elementwise(.clamp, at: head)
    case "stablehlo.convert": return try elementwise(.convert, at: head)
    case "stablehlo.bitcast_convert": return try elementwise(.bitcastConvert, at: head)
    case "stablehlo.reshape": return try elementwise(.reshape, at: head)
    case "stablehlo.dynamic_reshape": return try elementwise(.dynamicReshape, at: head)
    case "stablehlo.dynamic_update_slice": return try elementwise(.dynamicUpdateSlice, at: head)
    case "stablehlo.dynamic_pad": return try elementwise(.dynamicPad, at: head)
    case "stablehlo.real_dynamic_slice": return try elementwise(.realDynamicSlice, at: head)
    case "stablehlo.uniform_quantize": return try elementwise(.uniformQuantize, at: head)
    case "stablehlo.uniform_dequantize": return try elementwise(.uniformDequantize, at: head)
    case "stablehlo.reduce_precision":
      let operands = try [value()]
      try label("format")
      let format = try expectWord("a format")
      let parts = format.dropFirst().split(separator: "m", omittingEmptySubsequences: false)
      guard format.hasPrefix("e"), parts.count == 2, let exponent = Int32(parts[0]),
        let mantissa = Int32(parts[1])
      else { throw error("malformed format '\(format)'", at: head) }
      return try finish(
        .reducePrecision(exponentBits: exponent, mantissaBits: mantissa), operands, at: head)
    case "stablehlo.iota":
      try expect("dim")
      try expect("=")
      let op = Op.iota(dimension: try integer())
      return try withResultTypes(op, [])
    case "stablehlo.dynamic_iota":
      let operands = try [value()]
      return try finish(.dynamicIota(dimension: labelledInteger("dim")), operands, at: head)
    case "stablehlo.rng":
      let operands = try valuesBeforeLabel()
      try expect("distribution")
      try expect("=")
      return try finish(.rng(named(RandomDistribution.self)), operands, at: head)
    case "stablehlo.rng_bit_generator":
      let operands = try [value()]
      try label("algorithm")
      return try finish(.rngBitGenerator(named(RandomAlgorithm.self)), operands, at: head)
    case "stablehlo.partition_id": return try withResultTypes(.partitionID, [])
    case "stablehlo.replica_id": return try withResultTypes(.replicaID, [])
    case "stablehlo.create_token": return try withResultTypes(.createToken, [])
    case "stablehlo.after_all": return try withResultTypes(.afterAll, values())
    case "stablehlo.tuple": return try withResultTypes(.tuple, values())
    case "stablehlo.dynamic_broadcast_in_dim":
      let operand = try value()
      try expect(",")
      let operands = [operand, try value()]
      let dimensions = try labelled("dims")
      var parsed = try finish(
        .dynamicBroadcastInDim(dimensions: dimensions, expanding: nil, nonexpanding: nil),
        operands, at: head)
      var attributes = Attributes(parsed.extra)
      parsed.op = .dynamicBroadcastInDim(
        dimensions: dimensions,
        expanding: attributes.takeIntegers("known_expanding_dimensions"),
        nonexpanding: attributes.takeIntegers("known_nonexpanding_dimensions"))
      parsed.extra = attributes.rest
      return parsed
    case "stablehlo.transpose":
      let operands = try [value()]
      let axes = try labelled("dims")
      guard let permutation = Permutation(checking: axes) else {
        throw error("transpose.C2: \(axes) is not a permutation", at: head)
      }
      return try finish(.transpose(permutation), operands, at: head)
    case "stablehlo.reverse":
      let operands = try [value()]
      return try finish(.reverse(dimensions: labelled("dims")), operands, at: head)
    case "stablehlo.concatenate":
      let operands = try valuesBeforeLabel()
      try expect("dim")
      try expect("=")
      return try finish(.concatenate(dimension: integer()), operands, at: head)
    case "stablehlo.slice":
      let operands = try [value()]
      var bounds = SliceBounds(start: [], limit: [], strides: [])
      _ = try list("[", "]") { () throws(Diagnostic) in
        bounds.start.append(try integer())
        try expect(":")
        bounds.limit.append(try integer())
        bounds.strides.append(eat(":") ? try integer() : 1)
      }
      return try finish(.slice(bounds), operands, at: head)
    case "stablehlo.pad":
      let operand = try value()
      try expect(",")
      let operands = [operand, try value()]
      let amounts = PadAmounts(
        low: try labelled("low"), high: try labelled("high"),
        interior: try labelled("interior"))
      return try finish(.pad(amounts), operands, at: head)
    case "stablehlo.dynamic_slice":
      let operands = try valuesBeforeLabel()
      try expect("sizes")
      try expect("=")
      return try finish(.dynamicSlice(sizes: integers()), operands, at: head)
    case "stablehlo.get_dimension_size":
      let operands = try [value()]
      return try finish(.getDimensionSize(dimension: labelledInteger("dim")), operands, at: head)
    case "stablehlo.set_dimension_size":
      let operand = try value()
      try expect(",")
      let operands = [operand, try value()]
      return try finish(.setDimensionSize(dimension: labelledInteger("dim")), operands, at: head)
    case "stablehlo.dot_general": return try dotGeneral(at: head)
    case "stablehlo.dot":
      let lhs = try value()
      try expect(",")
      let operands = [lhs, try value()]
      var precision: [Precision] = []
      if eat(",") {
        try expect("precision")
        try expect("=")
        precision = try list("[", "]") { () throws(Diagnostic) in try named(Precision.self) }
      }
      return try finish(dot(operands, precision, at: head), operands, at: head)
    case "stablehlo.einsum", "stablehlo.unary_einsum":
      let operands = try valuesBeforeLabel()
      try expect("config")
      try expect("=")
      let config = try string()
      guard Einsum.operandCount(config) == operands.count, operands.count <= 2 else {
        throw error("einsum.einsum_config: '\(config)' has other operands", at: head)
      }
      return try finish(.einsum(config: config), operands, at: head)
    case "stablehlo.convolution": return try convolution(at: head)
    case "stablehlo.cholesky":
      let operands = try [value()]
      try label("lower")
      return try finish(.cholesky(lower: bool()), operands, at: head)
    case "stablehlo.fft":
      let operands = try [value()]
      try label("type")
      let kind = try named(FFTKind.self)
      return try finish(.fft(FFTAttributes(kind, length: labelled("length"))), operands, at: head)
    case "stablehlo.reduce": return try reduce(at: head)
    case "stablehlo.while": return try whileLoop(at: head)
    case "stablehlo.optimization_barrier":
      if next(is: "(") {
        _ = try parenthesised()
        return Parsed(op: .optimizationBarrier)
      }
      return try elementwiseList(.optimizationBarrier, at: head)
    case "sdy.sharding_constraint":
      let operands = try [value()]
      guard next(is: "<") else { throw error("expected a sharding") }
      return try finish(.shardingConstraint(sharding: balanced()), operands, at: head)
    case "stablehlo.custom_call":
      let target = try symbol()
      let operands = try parenthesised()
      var parsed = try finish(.return, operands, at: head)
      var attributes = Attributes(parsed.extra)
      parsed.op = try clientOrCustomCall(target, &attributes)
      parsed.extra = attributes.rest
      return parsed
    case "stablehlo.composite":
      let compositeName = try string()
      let operands = try values()
      var parsed = try finish(.return, operands, at: head)
      var attributes = Attributes(parsed.extra)
      parsed.op = try composite(name: compositeName, &attributes, at: head)
      parsed.extra = attributes.rest
      return parsed
    case "stablehlo.get_tuple_element":
      let operands = try [value()]
      try expect("[")
      let index = try integer()
      try expect("]")
      return try finish(.getTupleElement(index: index), operands, at: head)
    case "chlo.top_k":
      try expect("(")
      let operands = try [value()]
      let k = try labelledInteger("k")
      // Ours always puts the first of equal elements first.
      if eat(",") {
        try expect("is_stable")
        try expect("=")
        _ = try bool()
      }
      try expect(")")
      let extra = try optionalDictionary()
      try expect(":")
      try check(operands, are: [type()], at: head)
      try expect("->")
      return Parsed(op: .topK(k: k), operands: operands, types: try resultTypes(), extra: extra)
    case "chlo.scan": return try scan(at: head)
    case "chlo.broadcast_select":
      return try finish(.broadcasting(.select, dimensions: nil), values(), at: head)
    default:
      if name.hasPrefix("chlo.broadcast_") {
        let operands = try values()
        var parsed = try finish(.return, operands, at: head)
        var attributes = Attributes(parsed.extra)
        guard let op = broadcasting(name, &attributes) else {
          throw error("unknown operation '\(stated)', or malformed attributes", at: head)
        }
        parsed.op = op
        parsed.extra = attributes.rest
        return parsed
      }
      if name.hasPrefix("check.") || name.hasPrefix("interpreter.") {
        return try checkOperation(name, at: head)
      }
      if stated.hasPrefix("sdy.") {
        throw unsupported("\(stated): it is for several devices", at: error("", at: head).span)
      }
      throw error("unknown operation '\(stated)'", at: head)
    }
  }

  /// Throws unless the result of the older `broadcast` begins with these extents.
  func check(
    broadcastSizes sizes: [Int], _ results: [ValueType], at head: Int
  ) throws(Diagnostic) {
    guard let result = results.first?.tensor, Array(result.dimensions.prefix(sizes.count)) == sizes
    else { throw error("broadcast: the result does not begin with \(sizes)", at: head) }
  }

  // MARK: Parts

  /// `(%a, %b)`
  private func parenthesised() throws(Diagnostic) -> [ValueID] {
    try list("(", ")") { () throws(Diagnostic) in try value() }
  }

  /// `%a, %b,` up to a word.
  private func valuesBeforeLabel() throws(Diagnostic) -> [ValueID] {
    var operands: [ValueID] = []
    while peek() == UInt8(ascii: "%") {
      operands.append(try value())
      try expect(",")
    }
    return operands
  }

  /// `, name =`
  private func label(_ name: StaticString) throws(Diagnostic) {
    try expect(",")
    try expect(name)
    try expect("=")
  }

  private func labelled(_ name: StaticString) throws(Diagnostic) -> [Int] {
    try label(name)
    return try integers()
  }

  private func labelledInteger(_ name: StaticString) throws(Diagnostic) -> Int {
    try label(name)
    return try integer()
  }

  /// A word that is the raw value of an enumeration.
  private func named<T: RawRepresentable<String>>(_: T.Type) throws(Diagnostic) -> T {
    skipSpace()
    let start = at
    let word = try expectWord("a name")
    guard let value = T(rawValue: word) else { throw error("unknown '\(word)'", at: start) }
    return value
  }

  /// Attributes, a colon and the function type.
  private func finish(
    _ op: @autoclosure () throws(Diagnostic) -> Op, _ operands: [ValueID], at head: Int
  ) throws(Diagnostic) -> Parsed {
    let op = try op()
    let extra = try optionalDictionary()
    try expect(":")
    if next(is: "(") {
      let (types, results) = try functionType()
      try check(operands, are: types, at: head)
      return Parsed(op: op, operands: operands, types: results, extra: extra)
    }
    // One type of all.
    let type = try type()
    try check(operands, are: operands.map { _ in type }, at: head)
    return Parsed(op: op, operands: operands, types: [type], extra: extra)
  }

  /// Attributes, a colon and the result types; operand types follow from the operands.
  private func withResultTypes(_ op: Op, _ operands: [ValueID]) throws(Diagnostic) -> Parsed {
    let extra = try optionalDictionary()
    try expect(":")
    return Parsed(op: op, operands: operands, types: [try type()], extra: extra)
  }

  private func elementwise(_ op: Op, at head: Int) throws(Diagnostic) -> Parsed {
    let operands = try values()
    let extra = try optionalDictionary()
    try expect(":")
    if next(is: "(") {
      let (types, results) = try functionType()
      try check(operands, are: types, at: head)
      return Parsed(op: op, operands: operands, types: results, extra: extra)
    }
    let type = try type()
    if case .binary(.complex) = op {
      return Parsed(op: op, operands: operands, types: [type], extra: extra)
    }
    // chlo: `types -> type`
    if next(is: "->") || next(is: ",") {
      var types = [type]
      while eat(",") { types.append(try self.type()) }
      try check(operands, are: types, at: head)
      try expect("->")
      return Parsed(op: op, operands: operands, types: [try self.type()], extra: extra)
    }
    try check(operands, are: operands.map { _ in type }, at: head)
    return Parsed(op: op, operands: operands, types: [type], extra: extra)
  }

  /// As many results as operands, of the same types.
  private func elementwiseList(_ op: Op, at head: Int) throws(Diagnostic) -> Parsed {
    let operands = try values()
    let extra = try optionalDictionary()
    try expect(":")
    let types = try typeList()
    try check(operands, are: types, at: head)
    return Parsed(op: op, operands: operands, types: types, extra: extra)
  }

  // MARK: Operations with a syntax of their own

  /// `dot` as the `dot_general` that it stands for.
  func dot(
    _ operands: [ValueID], _ precision: [Precision], at head: Int
  ) throws(Diagnostic) -> Op {
    guard operands.count == 2, let lhs = function.type(of: operands[0]).tensor,
      function.type(of: operands[1]).tensor != nil, lhs.rank >= 1
    else { throw error("dot takes two tensors", at: head) }
    return .dotGeneral(
      DotAttributes(
        DotDimensionNumbers(lhsContracting: [lhs.rank - 1], rhsContracting: [0]),
        precision: precision))
  }

  private func dotGeneral(at head: Int) throws(Diagnostic) -> Parsed {
    let lhs = try value()
    try expect(",")
    let operands = [lhs, try value()]
    var attributes = DotAttributes(
      DotDimensionNumbers(lhsContracting: [], rhsContracting: []), precision: [])
    while eat(",") {
      let word = try expectWord("a part of dot_general")
      try expect("=")
      switch word {
      case "batching_dims":
        attributes.dimensionNumbers.lhsBatching = try integers()
        try expect("x")
        attributes.dimensionNumbers.rhsBatching = try integers()
      case "contracting_dims":
        attributes.dimensionNumbers.lhsContracting = try integers()
        try expect("x")
        attributes.dimensionNumbers.rhsContracting = try integers()
      case "precision":
        attributes.precision = try list("[", "]") { () throws(Diagnostic) in
          try named(Precision.self)
        }
      case "algorithm": attributes.algorithm = try dotAlgorithm()
      default: throw error("unknown '\(word)'")
      }
    }
    return try finish(.dotGeneral(attributes), operands, at: head)
  }

  /// `<lhs_precision_type = f32, …>`
  func dotAlgorithm() throws(Diagnostic) -> DotAlgorithm {
    var algorithm = DotAlgorithm(
      lhsPrecision: "f32", rhsPrecision: "f32", accumulation: "f32", lhsComponents: 1,
      rhsComponents: 1, primitiveOperations: 1, allowImpreciseAccumulation: false)
    _ = try list("<", ">") { () throws(Diagnostic) in
      let word = try expectWord("a part of the algorithm")
      try expect("=")
      switch word {
      case "lhs_precision_type": algorithm.lhsPrecision = try expectWord("a type")
      case "rhs_precision_type": algorithm.rhsPrecision = try expectWord("a type")
      case "accumulation_type": algorithm.accumulation = try expectWord("a type")
      case "lhs_component_count": algorithm.lhsComponents = try integer()
      case "rhs_component_count": algorithm.rhsComponents = try integer()
      case "num_primitive_operations": algorithm.primitiveOperations = try integer()
      case "allow_imprecise_accumulation":
        algorithm.allowImpreciseAccumulation = try bool()
      default: throw error("unknown '\(word)'")
      }
    }
    return algorithm
  }

  private func convolution(at head: Int) throws(Diagnostic) -> Parsed {
    let operands = try parenthesised()
    try expect("dim_numbers")
    try expect("=")
    var attributes = ConvolutionAttributes(try convolutionNumbers())
    attributes.stated = []
    attributes.precision = []
    try expect(",")
    try expect("window")
    try expect("=")
    _ = try list("{", "}") { () throws(Diagnostic) in
      let word = try expectWord("a part of the window")
      try expect("=")
      switch word {
      case "stride":
        attributes.strides = try integers()
        attributes.stated.insert(.strides)
      case "pad":
        attributes.padding = try list("[", "]") { () throws(Diagnostic) in
          let pair = try integers()
          guard pair.count == 2 else { throw error("convolution.C4: a pair expected") }
          return Padding(pair[0], pair[1])
        }
        attributes.stated.insert(.padding)
      case "lhs_dilate":
        attributes.lhsDilation = try integers()
        attributes.stated.insert(.baseDilations)
      case "rhs_dilate":
        attributes.rhsDilation = try integers()
        attributes.stated.insert(.windowDilations)
      case "reverse":
        attributes.windowReversal = try list("[", "]") { () throws(Diagnostic) in
          if eat("1") { return true }
          if eat("0") { return false }
          return try bool()
        }
        attributes.stated.insert(.reversal)
      default: throw error("unknown '\(word)'")
      }
    }
    var parsed = try finish(.return, operands, at: head)
    var rest = Attributes(parsed.extra)
    attributes.batchGroupCount = rest.takeInteger("batch_group_count") ?? 1
    attributes.featureGroupCount = rest.takeInteger("feature_group_count") ?? 1
    attributes.precision = try rest.takePrecision(self)
    parsed.op = .convolution(attributes)
    parsed.extra = rest.rest
    return parsed
  }

  /// `[b, f, 0, 1]x[o, i, 0, 1]->[b, f, 0, 1]`, or `raw` and each number by its name.
  func convolutionNumbers() throws(Diagnostic) -> ConvDimensionNumbers {
    if eatWord("raw") { return try rawConvolutionNumbers() }
    func labels(_ first: String, _ second: String) throws(Diagnostic) -> (Int, Int, [Int]) {
      let start = at
      let labels = try list("[", "]") { () throws(Diagnostic) in
        if let word = word() { return word }
        return String(try integer())
      }
      let known = [first, second] + (0..<max(0, labels.count - 2)).map { String($0) }
      for (index, label) in labels.enumerated() {
        if !known.contains(label) { throw error("unexpected dimension \(label)", at: start) }
        if labels[..<index].contains(label) {
          throw error("dimension \(label) is there twice", at: start)
        }
      }
      var spatial: [Int] = []
      for dimension in 0..<max(0, labels.count - 2) {
        guard let axis = labels.firstIndex(of: String(dimension)) else {
          throw error("spatial dimension \(dimension) is missing", at: start)
        }
        spatial.append(axis)
      }
      guard let a = labels.firstIndex(of: first), let b = labels.firstIndex(of: second) else {
        throw error("dimension \(first) or \(second) is missing", at: start)
      }
      return (a, b, spatial)
    }
    let input = try labels("b", "f")
    try expect("x")
    let kernel = try labels("i", "o")
    try expect("->")
    let output = try labels("b", "f")
    return ConvDimensionNumbers(
      inputBatch: input.0, inputFeature: input.1, inputSpatial: input.2,
      kernelInputFeature: kernel.0, kernelOutputFeature: kernel.1, kernelSpatial: kernel.2,
      outputBatch: output.0, outputFeature: output.1, outputSpatial: output.2)
  }

  private func rawConvolutionNumbers() throws(Diagnostic) -> ConvDimensionNumbers {
    var fields: [String: [Int]] = [:]
    repeat {
      let name = try expectWord("a field")
      try expect("=")
      fields[name] = peek() == UInt8(ascii: "[") ? try integers() : [try integer()]
    } while eat(",")
    func axis(_ name: String) -> Int { fields[name]?.first ?? 0 }
    func axes(_ name: String) -> [Int] { fields[name] ?? [] }
    return ConvDimensionNumbers(
      inputBatch: axis("input_batch_dimension"), inputFeature: axis("input_feature_dimension"),
      inputSpatial: axes("input_spatial_dimensions"),
      kernelInputFeature: axis("kernel_input_feature_dimension"),
      kernelOutputFeature: axis("kernel_output_feature_dimension"),
      kernelSpatial: axes("kernel_spatial_dimensions"),
      outputBatch: axis("output_batch_dimension"), outputFeature: axis("output_feature_dimension"),
      outputSpatial: axes("output_spatial_dimensions"))
  }

  private func reduce(at head: Int) throws(Diagnostic) -> Parsed {
    var inputs: [ValueID] = []
    var initial: [ValueID] = []
    repeat {
      try expect("(")
      inputs.append(try value())
      try expect("init")
      try expect(":")
      initial.append(try value())
      try expect(")")
    } while eat(",")
    var applied: String?
    if eatWord("applies") { applied = try expectWord("an operation") }
    try expect("across")
    try expect("dimensions")
    try expect("=")
    let dimensions = try integers()
    let operands = inputs + initial
    var parsed = try finish(.reduce(dimensions: dimensions), operands, at: head)
    if let applied {
      guard let op = Parser.binary(named: Parser.currentName(applied)), op.isCommutative,
        inputs.count == 1, let result = parsed.types.first?.tensor
      else { throw error("cannot reduce by '\(applied)'", at: head) }
      let combined = combining(op, result.element, at: head)
      parsed.regions = [combined.region]
      parsed.implied = combined.operation
      return parsed
    }
    try skipLocation()
    try expect("reducer")
    var arguments: [BlockArgument] = []
    var seconds: [BlockArgument] = []
    for _ in inputs {
      let pair = try blockArguments()
      guard pair.count == 2 else { throw error("a pair of arguments expected") }
      arguments.append(pair[0])
      seconds.append(pair[1])
    }
    try skipLocation()
    try expect("{")
    parsed.regions = [try regionBody(arguments + seconds)]
    return parsed
  }

  /// `(%a) inits (%b) dimension = 0 attributes {…} { ^bb0(…): … } : (types) -> types`
  private func scan(at head: Int) throws(Diagnostic) -> Parsed {
    let inputs = try parenthesised()
    try expect("inits")
    let operands = inputs + (try parenthesised())
    try expect("dimension")
    try expect("=")
    let dimension = try integer()
    var extra = Attributes(eatWord("attributes") ? try dictionary() : [])
    let attributes = scanAttributes(inputs.count, dimension, &extra)
    let region = try bracedRegion()
    try expect(":")
    let (types, results) = try functionType()
    try check(operands, are: types, at: head)
    return Parsed(
      op: .scan(attributes), operands: operands, types: results, regions: [region],
      extra: extra.rest)
  }

  private func whileLoop(at head: Int) throws(Diagnostic) -> Parsed {
    var names: [(name: String, number: Int)] = []
    let operands = try list("(", ")") { () throws(Diagnostic) in
      names.append(try definedName())
      try expect("=")
      return try value()
    }
    var types: [ValueType] = []
    if eat(":") { types = try typeList() }
    try check(operands, are: types, at: head)
    let extra = eatWord("attributes") ? try dictionary() : []
    let arguments = zip(names, types).map {
      BlockArgument(name: $0.name, number: $0.number, type: $1)
    }
    try expect("cond")
    try expect("{")
    let condition = try regionBody(arguments)
    try expect("do")
    try expect("{")
    let body = try regionBody(arguments)
    return Parsed(
      op: .while, operands: operands, types: types, regions: [condition, body], extra: extra)
  }

  /// `check.expect_eq_const %a, dense<…> : type`, `interpreter.probe %a, probe_id = "x" : type`
  private func checkOperation(_ name: String, at head: Int) throws(Diagnostic) -> Parsed {
    var operands: [ValueID] = []
    var attributes: [NamedAttribute] = []
    repeat {
      if peek() == UInt8(ascii: "%") {
        operands.append(try value())
      } else if next(is: "dense<") {
        attributes.append(NamedAttribute("value", try denseAttribute()))
      } else {
        let key = try expectWord("an attribute's name")
        try expect("=")
        // The colon after it belongs to the operation.
        skipSpace()
        if peek() == 0x22 {
          attributes.append(NamedAttribute(key, .string(try string())))
        } else {
          let start = at
          let (isFloat, _) = scanNumber()
          let text = String(decoding: bytes[start..<at], as: UTF8.self)
          if !isFloat, let value = Int(text) {
            attributes.append(NamedAttribute(key, .integer(value, type: "i64")))
          } else if let value = Double(text) {
            attributes.append(NamedAttribute(key, .float(value, type: "f64")))
          } else {
            throw error("malformed number", at: start)
          }
        }
      }
    } while eat(",")
    attributes += try optionalDictionary()
    var types: [ValueType] = []
    if eat(":") { types = try typeList() }
    attributes += try optionalDictionary()
    if let first = types.first {
      try check(operands, are: operands.map { _ in first }, at: head)
    }
    let results = name == "interpreter.probe" ? Array(types.prefix(1)) : []
    return Parsed(
      op: .check(CheckAttributes(name: name, attributes: attributes)), operands: operands,
      types: results)
  }
}
