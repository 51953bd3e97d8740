import Support
import Tensor

/// A dictionary of attributes from which an operation takes those that define it.
struct Attributes {
  private(set) var rest: [NamedAttribute]
  /// The attribute that was asked for last, and whether it was there.
  private var last: (name: String, isStated: Bool)?

  init(_ attributes: [NamedAttribute]) { rest = attributes }

  mutating func take(_ name: String) -> Attribute? {
    let index = rest.firstIndex { $0.name == name }
    last = (name, index != nil)
    return index.map { rest.remove(at: $0).value }
  }

  /// Why there is no operation `name` with these attributes, after it was tried.
  func defect(of name: String) -> String {
    switch last {
    case (let attribute, true)?: "malformed attribute '\(attribute)' of '\(name)'"
    case (let attribute, false)?: "'\(name)' needs the attribute '\(attribute)'"
    case nil: "unknown operation '\(name)'"
    }
  }

  mutating func takeInteger(_ name: String) -> Int? {
    guard case .integer(let value, _) = take(name) else { return nil }
    return value
  }

  mutating func takeBool(_ name: String) -> Bool? {
    switch take(name) {
    case .bool(let value): value
    case .unit: true
    default: nil
    }
  }

  mutating func takeString(_ name: String) -> String? {
    guard case .string(let value) = take(name) else { return nil }
    return value
  }

  /// `array<i64: …>`, or the older `dense<…>`.
  mutating func takeIntegers(_ name: String) -> [Int]? {
    switch take(name) {
    case .integers(let values, _): values
    case .dense(let constant): constant.integers
    default: nil
    }
  }

  func integers(_ name: String) -> [Int]? {
    var copy = self
    return copy.takeIntegers(name)
  }

  /// The rows of `dense<[[…]]>`.
  mutating func takeRows(_ name: String) -> [[Int]]? {
    guard case .dense(let constant) = take(name) else { return nil }
    guard constant.type.rank == 2 else { return nil }
    let (rows, width) = (constant.type.dimensions[0], constant.type.dimensions[1])
    let values = constant.integers
    guard values.count == rows * width else { return nil }
    return (0..<rows).map { row in Array(values[row * width..<(row + 1) * width]) }
  }

  /// `#stablehlo<kind NAME>`
  mutating func takeCase<T: RawRepresentable<String>>(_ name: String, _: T.Type) -> T? {
    switch take(name) {
    case .opaque(let text):
      T(rawValue: String(text.split(whereSeparator: { $0 == " " || $0 == ">" }).last ?? ""))
    case .string(let text): T(rawValue: text)
    default: nil
    }
  }

  mutating func takePrecision(_ parser: Parser) throws(Diagnostic) -> [Precision] {
    guard case .array(let elements) = take("precision_config") else { return [] }
    var precisions: [Precision] = []
    for element in elements {
      var single = Attributes([NamedAttribute("p", element)])
      guard let precision = single.takeCase("p", Precision.self) else {
        throw parser.error("malformed precision_config")
      }
      precisions.append(precision)
    }
    return precisions
  }

  /// The fields of `#stablehlo.name<a = [0], b = 1>`.
  mutating func takeFields(_ name: String) throws(Diagnostic) -> Attributes? {
    guard case .opaque(let text) = take(name), let open = text.utf8.firstIndex(of: 0x3c) else {
      return nil
    }
    var bytes = Array(text.utf8[open...])
    bytes.append(0)
    do {
      return try bytes.withUnsafeBufferPointer { buffer throws(Diagnostic) in
        let parser = Parser(buffer, from: 0, to: buffer.count - 1, file: 0)
        return Attributes(try parser.fields())
      }
    }
  }

  /// `[0, 1]` of a field.
  mutating func takeList(_ name: String) -> [Int] {
    guard case .array(let elements) = take(name) else { return [] }
    return elements.map { if case .integer(let value, _) = $0 { value } else { 0 } }
  }
}

extension Parser {
  /// `<a = [0], b = 1>`; the last may be followed by a comma.
  func fields() throws(Diagnostic) -> [NamedAttribute] {
    var fields: [NamedAttribute] = []
    try expect("<")
    while !eat(">") {
      let name = try expectWord("a field")
      if fields[name] != nil { throw error("the field '\(name)' is there twice") }
      fields.append(NamedAttribute(name, eat("=") ? try attribute() : .unit))
      if !eat(",") {
        try expect(">")
        break
      }
    }
    return fields
  }
}

extension Constant {
  /// The elements as integers.
  public var integers: [Int] { tensor.elements(as: Int64.self).map { Int($0) } }
}

// Modules and functions as operations like any other.
extension Parser {
  /// `"builtin.module"() <{sym_name = "m"}> ({ functions }) {attributes} : () -> ()`
  func genericModule() throws(Diagnostic) -> Module {
    var module = Module()
    try expect("\"builtin.module\"")
    var properties = try genericHead()
    module.name = properties.takeString("sym_name")
    try expect("({")
    if eat("^") { try blockLabel() }
    while !eat("}") { try definition(into: &module) }
    try expect(")")
    module.attributes = try properties.rest + genericTail()
    return module
  }

  /// `"sdy.mesh"() <{mesh = #sdy.mesh<…>, sym_name = "m"}> {…} : () -> ()`
  func genericMesh() throws(Diagnostic) -> Mesh {
    let start = at
    try expect("\"sdy.mesh\"")
    var properties = try genericHead()
    guard let name = properties.takeString("sym_name"),
      case .opaque(let text)? = properties.take("mesh"), text.hasPrefix("#sdy.mesh<")
    else { throw error("a mesh has a name and axes", at: start) }
    return Mesh(
      name: name, axes: String(text.dropFirst("#sdy.mesh".count)),
      attributes: try properties.rest + genericTail())
  }

  /// `"func.func"() <{function_type = …, sym_name = "f"}> ({ ^bb0(…): operations }) : () -> ()`
  func genericFunction() throws(Diagnostic) -> Function {
    let start = at
    try expect("\"func.func\"")
    var properties = try genericHead()
    guard let name = properties.takeString("sym_name"),
      case .opaque(let text)? = properties.take("function_type")
    else { throw error("a function has a name and a type", at: start) }
    let type = try reading(text) { parser throws(Diagnostic) in try parser.functionType() }
    func dictionaries(_ name: String, count: Int) -> [[NamedAttribute]] {
      guard case .array(let entries)? = properties.take(name), entries.count == count else {
        return [[NamedAttribute]](repeating: [], count: count)
      }
      return entries.map { if case .dictionary(let attributes) = $0 { attributes } else { [] } }
    }
    function = Function(
      name: name, visibility: properties.takeString("sym_visibility").flatMap(Visibility.init),
      arguments: type.operands, results: type.results)
    function.argumentAttributes = dictionaries("arg_attrs", count: type.operands.count)
    function.resultAttributes = dictionaries("res_attrs", count: type.results.count)
    try expect("({")
    function.isDeclaration = eat("}")
    if !function.isDeclaration {
      var names: [(name: String, number: Int)?] = []
      if eat("^") {
        _ = word()
        if next(is: "(") {
          let arguments = try blockArguments()
          guard arguments.map(\.type) == type.operands else {
            throw error("the arguments of @\(name) are not those of its type", at: start)
          }
          names = arguments.map { ($0.name, $0.number) }
        }
        try expect(":")
      }
      guard names.count == type.operands.count else {
        throw error("@\(name) has \(type.operands.count) arguments", at: start)
      }
      try functionBody(names)
    }
    try expect(")")
    function.attributes = try properties.rest + genericTail()
    function.locations.function.span = error("", at: start).span
    return function
  }

  /// `() <{properties}>`, where properties may also stand in the attributes.
  private func genericHead() throws(Diagnostic) -> Attributes {
    try expect("(")
    try expect(")")
    guard next(is: "<{") else { return Attributes([]) }
    at += 1
    let properties = Attributes(try dictionary())
    try expect(">")
    return properties
  }

  /// `{attributes} : () -> () loc(…)`
  private func genericTail() throws(Diagnostic) -> [NamedAttribute] {
    let attributes = try optionalDictionary()
    try expect(":")
    _ = try functionType()
    try skipLocation()
    return attributes
  }

  /// `bb0:` after `^`
  private func blockLabel() throws(Diagnostic) {
    _ = word()
    try expect(":")
  }

  /// What `body` reads from `text`, which stood in this one; it knows the same aliases.
  func reading<Result>(
    _ text: String, _ body: (Parser) throws(Diagnostic) -> Result
  ) throws(Diagnostic) -> Result {
    var bytes = Array(text.utf8)
    bytes.append(0)
    return try bytes.withUnsafeBufferPointer { buffer throws(Diagnostic) in
      let parser = Parser(buffer, from: 0, to: buffer.count - 1, file: file)
      parser.typeAliases = typeAliases
      parser.attributeAliases = attributeAliases
      return try body(parser)
    }
  }
}

extension Parser {
  /// The name that StableHLO, or chlo, has for an operation of the dialect that they come from.
  static func currentName(_ name: String) -> String {
    guard name.hasPrefix("mhlo.") else { return name }
    let rest = name.dropFirst("mhlo.".count)
    if rest == "topk" { return "chlo.top_k" }
    return unary(named: "chlo.\(rest)") == nil ? "stablehlo.\(rest)" : "chlo.\(rest)"
  }

  /// A region that combines two scalars, and its operation.
  func combining(
    _ op: BinaryOp, _ element: ElementType, at head: Int
  ) -> (region: RegionID, operation: OperationID) {
    let scalar = ValueType.tensor(.scalar(element))
    let region = function.createRegion(arguments: [scalar, scalar])
    let body = function.create(
      .binary(op), Operands(function.regions[region].arguments), resultTypes: [scalar])
    let end = function.create(
      .return, Operands(function.operations[body].results), resultTypes: [])
    function.regions[region].operations = [body, end]
    function.locations[body].span = error("", at: head).span
    return (region, body)
  }

  /// `(%a) <{properties}> ({regions}) {attributes} : (types) -> types` after the quoted name.
  func genericOperation(_ stated: String, at head: Int) throws(Diagnostic) -> Parsed {
    let name = Parser.currentName(stated)
    let operands = try list("(", ")") { () throws(Diagnostic) in try value() }
    var attributes: [NamedAttribute] = []
    if next(is: "<{") {
      at += 1
      attributes = try dictionary()
      try expect(">")
    }
    var regions: [RegionID] = []
    if next(is: "(") {
      regions = try list("(", ")") { () throws(Diagnostic) in try bracedRegion() }
    }
    skipSpace()
    let start = at
    for attribute in try optionalDictionary() {
      guard !attributes.contains(where: { $0.name == attribute.name }) else {
        throw error("the attribute '\(attribute.name)' occurs more than once", at: start)
      }
      attributes.append(attribute)
    }
    try expect(":")
    let (types, results) = try functionType()
    try check(operands, are: types, at: head)
    var taken = Attributes(attributes)
    if name == "stablehlo.cross-replica-sum" {
      guard let type = results.first?.tensor,
        let attributes = try collective("replica_groups", "all_reduce.I2", &taken)
      else { throw error("malformed attributes of '\(name)'", at: head) }
      return Parsed(
        op: .allReduce(attributes), operands: operands, types: results,
        regions: [combining(.add, type.element, at: head).region], extra: taken.rest)
    }
    if name == "stablehlo.broadcast", let sizes = Attributes(attributes).integers("broadcast_sizes")
    {
      try check(broadcastSizes: sizes, results, at: head)
    }
    guard let op = try makeOp(name, operands, &taken, at: head) else {
      throw error(taken.defect(of: stated), at: head)
    }
    return Parsed(
      op: op, operands: operands, types: results, regions: regions, extra: taken.rest)
  }

  /// `3.2 : f32` as a scalar.
  private func scalar(_ value: Attribute?) -> Constant? {
    switch value {
    case .float(let number, let type):
      ElementType(stablehlo: type).map { Constant(number, .scalar($0)) }
    case .integer(let number, let type):
      ElementType(stablehlo: type).map { Constant(number, .scalar($0)) }
    case .bool(let flag): Constant(flag ? 1 : 0, .scalar(.bool))
    default: nil
    }
  }

  /// Functions end with `func.return`, or with StableHLO's own.
  func noteReturn(_ name: String) {
    guard isInFunctionBody else { return }
    function.endsAsRegion = name == "stablehlo.return"
  }

  /// The operation called `name`, from its attributes; `nil` where they do not fit.
  private func makeOp(
    _ name: String, _ operands: [ValueID], _ a: inout Attributes,
    at head: Int
  ) throws(Diagnostic) -> Op? {
    if let op = Parser.binary(named: name) { return .binary(op) }
    if let op = Parser.unary(named: name) { return .unary(op) }
    switch name {
    case "stablehlo.compare":
      guard let direction = a.takeCase("comparison_direction", ComparisonDirection.self) else {
        return nil
      }
      return .compare(Comparison(direction, a.takeCase("compare_type", ComparisonType.self)))
    case "stablehlo.select": return .select
    case "stablehlo.clamp": return .clamp
    case "stablehlo.convert": return .convert
    case "stablehlo.bitcast_convert": return .bitcastConvert
    case "stablehlo.uniform_quantize": return .uniformQuantize
    case "stablehlo.uniform_dequantize": return .uniformDequantize
    case "stablehlo.reduce_precision":
      guard let exponent = a.takeInteger("exponent_bits").flatMap(Int32.init(exactly:)),
        let mantissa = a.takeInteger("mantissa_bits").flatMap(Int32.init(exactly:))
      else { return nil }
      return .reducePrecision(exponentBits: exponent, mantissaBits: mantissa)
    case "stablehlo.map": return a.takeIntegers("dimensions").map { .map(dimensions: $0) }
    case "stablehlo.constant", "chlo.constant", "arith.constant":
      guard case .dense(let constant) = a.take("value") else { return nil }
      return .constant(constant)
    case "stablehlo.iota": return a.takeInteger("iota_dimension").map { .iota(dimension: $0) }
    case "stablehlo.dynamic_iota":
      return a.takeInteger("iota_dimension").map { .dynamicIota(dimension: $0) }
    case "stablehlo.rng":
      return a.takeCase("rng_distribution", RandomDistribution.self).map { .rng($0) }
    case "stablehlo.rng_bit_generator":
      return a.takeCase("rng_algorithm", RandomAlgorithm.self).map { .rngBitGenerator($0) }
    case "stablehlo.partition_id": return .partitionID
    case "stablehlo.replica_id": return .replicaID
    case "stablehlo.broadcast_in_dim":
      return a.takeIntegers("broadcast_dimensions").map { .broadcastInDim(dimensions: $0) }
    case "stablehlo.broadcast":
      // The older form: new dimensions in front.
      guard let count = a.takeIntegers("broadcast_sizes")?.count,
        let rank = operands.first.flatMap({ function.type(of: $0).tensor?.rank })
      else { return nil }
      return .broadcastInDim(dimensions: Array(count..<count + rank))
    case "stablehlo.dynamic_broadcast_in_dim":
      guard let dimensions = a.takeIntegers("broadcast_dimensions") else { return nil }
      return .dynamicBroadcastInDim(
        dimensions: dimensions, expanding: a.takeIntegers("known_expanding_dimensions"),
        nonexpanding: a.takeIntegers("known_nonexpanding_dimensions"))
    case "stablehlo.reshape": return .reshape
    case "stablehlo.dynamic_reshape": return .dynamicReshape
    case "stablehlo.transpose":
      return a.takeIntegers("permutation").flatMap(Permutation.init(checking:)).map {
        .transpose($0)
      }
    case "stablehlo.reverse": return a.takeIntegers("dimensions").map { .reverse(dimensions: $0) }
    case "stablehlo.concatenate":
      return a.takeInteger("dimension").map { .concatenate(dimension: $0) }
    case "stablehlo.slice":
      guard let start = a.takeIntegers("start_indices"),
        let limit = a.takeIntegers("limit_indices"), let strides = a.takeIntegers("strides")
      else { return nil }
      return .slice(SliceBounds(start: start, limit: limit, strides: strides))
    case "stablehlo.real_dynamic_slice": return .realDynamicSlice
    case "stablehlo.pad":
      guard let low = a.takeIntegers("edge_padding_low"),
        let high = a.takeIntegers("edge_padding_high"),
        let interior = a.takeIntegers("interior_padding")
      else { return nil }
      return .pad(PadAmounts(low: low, high: high, interior: interior))
    case "stablehlo.dynamic_pad": return .dynamicPad
    case "stablehlo.dynamic_slice":
      return a.takeIntegers("slice_sizes").map { .dynamicSlice(sizes: $0) }
    case "stablehlo.dynamic_update_slice": return .dynamicUpdateSlice
    case "stablehlo.gather", "stablehlo.dynamic_gather":
      guard var fields = try a.takeFields("dimension_numbers") else { return nil }
      let numbers = GatherDimensionNumbers(
        offsetDims: fields.takeList("offset_dims"),
        collapsedSliceDims: fields.takeList("collapsed_slice_dims"),
        operandBatchingDims: fields.takeList("operand_batching_dims"),
        startIndicesBatchingDims: fields.takeList("start_indices_batching_dims"),
        startIndexMap: fields.takeList("start_index_map"),
        indexVectorDim: fields.takeInteger("index_vector_dim") ?? 0)
      let flag = a.takeBool("indices_are_sorted")
      if name == "stablehlo.dynamic_gather" {
        var attributes = GatherAttributes(numbers, sliceSizes: [], indicesAreSorted: flag == true)
        attributes.statesFlags = flag == false
        return .dynamicGather(attributes)
      }
      guard let sizes = a.takeIntegers("slice_sizes") else { return nil }
      var attributes = GatherAttributes(numbers, sliceSizes: sizes, indicesAreSorted: flag == true)
      attributes.statesFlags = flag == false
      return .gather(attributes)
    case "stablehlo.scatter":
      guard var fields = try a.takeFields("scatter_dimension_numbers") else { return nil }
      let numbers = ScatterDimensionNumbers(
        updateWindowDims: fields.takeList("update_window_dims"),
        insertedWindowDims: fields.takeList("inserted_window_dims"),
        inputBatchingDims: fields.takeList("input_batching_dims"),
        scatterIndicesBatchingDims: fields.takeList("scatter_indices_batching_dims"),
        scatterDimsToOperandDims: fields.takeList("scatter_dims_to_operand_dims"),
        indexVectorDim: fields.takeInteger("index_vector_dim") ?? 0)
      let (isSorted, isUnique) = (a.takeBool("indices_are_sorted"), a.takeBool("unique_indices"))
      var attributes = ScatterAttributes(
        numbers, indicesAreSorted: isSorted == true, uniqueIndices: isUnique == true)
      attributes.statesFlags = isSorted == false || isUnique == false
      return .scatter(attributes)
    case "stablehlo.get_dimension_size":
      return a.takeInteger("dimension").map { .getDimensionSize(dimension: $0) }
    case "stablehlo.set_dimension_size":
      return a.takeInteger("dimension").map { .setDimensionSize(dimension: $0) }
    case "stablehlo.dot": return try dot(operands, a.takePrecision(self), at: head)
    case "stablehlo.dot_general":
      guard var fields = try a.takeFields("dot_dimension_numbers") else { return nil }
      var attributes = DotAttributes(
        dotNumbers(&fields), precision: try a.takePrecision(self))
      if case .opaque(let text) = a.rest["algorithm"], let open = text.utf8.firstIndex(of: 0x3c) {
        _ = a.take("algorithm")
        var bytes = Array(text.utf8[open...])
        bytes.append(0)
        attributes.algorithm = try bytes.withUnsafeBufferPointer { buffer throws(Diagnostic) in
          try Parser(buffer, from: 0, to: buffer.count - 1, file: 0).dotAlgorithm()
        }
      }
      return .dotGeneral(attributes)
    case "stablehlo.convolution", "stablehlo.dynamic_conv":
      guard case .opaque(let text) = a.take("dimension_numbers"),
        let open = text.utf8.firstIndex(of: 0x3c)
      else { return nil }
      var bytes = Array(text.utf8[text.utf8.index(after: open)...])
      bytes.append(0)
      let numbers = try bytes.withUnsafeBufferPointer { buffer throws(Diagnostic) in
        try Parser(buffer, from: 0, to: buffer.count - 1, file: 0).convolutionNumbers()
      }
      var attributes = ConvolutionAttributes(numbers)
      attributes.stated = []
      if let strides = a.takeIntegers("window_strides") {
        attributes.strides = strides
        attributes.stated.insert(.strides)
      }
      if let padding = try padding(&a, "convolution.C4", at: head) {
        attributes.padding = padding
        attributes.stated.insert(.padding)
      }
      if let dilation = a.takeIntegers("lhs_dilation") {
        attributes.lhsDilation = dilation
        attributes.stated.insert(.baseDilations)
      }
      if let dilation = a.takeIntegers("rhs_dilation") {
        attributes.rhsDilation = dilation
        attributes.stated.insert(.windowDilations)
      }
      if let reversal = a.takeIntegers("window_reversal") {
        attributes.windowReversal = reversal.map { $0 != 0 }
        attributes.stated.insert(.reversal)
      }
      attributes.featureGroupCount = a.takeInteger("feature_group_count") ?? 1
      attributes.batchGroupCount = a.takeInteger("batch_group_count") ?? 1
      attributes.precision = try a.takePrecision(self)
      return name == "stablehlo.dynamic_conv" ? .dynamicConv(attributes) : .convolution(attributes)
    case "stablehlo.reduce": return a.takeIntegers("dimensions").map { .reduce(dimensions: $0) }
    case "stablehlo.reduce_window":
      let padding = try padding(&a, "reduce_window.C12", at: head)
      return .reduceWindow(window(&a, padding))
    case "stablehlo.select_and_scatter":
      let padding = try padding(&a, "select_and_scatter.C8", at: head)
      return .selectAndScatter(window(&a, padding))
    case "stablehlo.sort":
      return .sort(
        dimension: a.takeInteger("dimension") ?? -1, isStable: a.takeBool("is_stable") ?? false)
    case "stablehlo.cholesky": return .cholesky(lower: a.takeBool("lower") ?? false)
    case "stablehlo.triangular_solve":
      guard let left = a.takeBool("left_side"), let lower = a.takeBool("lower"),
        let unit = a.takeBool("unit_diagonal"),
        let transpose = a.takeCase("transpose_a", MatrixTranspose.self)
      else { return nil }
      return .triangularSolve(
        TriangularSolveAttributes(
          leftSide: left, lower: lower, unitDiagonal: unit, transposeA: transpose))
    case "stablehlo.fft":
      guard let kind = a.takeCase("fft_type", FFTKind.self),
        let length = a.takeIntegers("fft_length")
      else { return nil }
      return .fft(FFTAttributes(kind, length: length))
    case "stablehlo.batch_norm_inference": return batchNorm(&a).map { .batchNormInference($0) }
    case "stablehlo.batch_norm_training": return batchNorm(&a).map { .batchNormTraining($0) }
    case "stablehlo.batch_norm_grad": return batchNorm(&a).map { .batchNormGrad($0) }
    case "stablehlo.while": return .while
    case "stablehlo.if": return .if
    case "stablehlo.case": return .case
    case "func.call":
      guard case .symbol(let callee) = a.take("callee") else { return nil }
      return .call(callee: callee)
    case "func.return", "stablehlo.return":
      noteReturn(name)
      return .return
    case "stablehlo.optimization_barrier": return .optimizationBarrier
    case "sdy.sharding_constraint":
      guard case .opaque(let text)? = a.take("sharding"), text.hasPrefix("#sdy.sharding<") else {
        return nil
      }
      return .shardingConstraint(sharding: String(text.dropFirst("#sdy.sharding".count)))
    case "stablehlo.custom_call":
      guard let target = a.takeString("call_target_name") else { return nil }
      return try clientOrCustomCall(target, &a)
    case "stablehlo.composite":
      guard let name = a.takeString("name") else { return nil }
      return try composite(name: name, &a, at: head)
    case "stablehlo.tuple": return .tuple
    case "stablehlo.get_tuple_element":
      return a.takeInteger("index").map { .getTupleElement(index: $0) }
    case "stablehlo.after_all": return .afterAll
    case "stablehlo.create_token": return .createToken
    case "stablehlo.infeed":
      return .infeed(config: a.takeString("infeed_config") ?? "", layout: a.take("layout"))
    case "stablehlo.outfeed": return .outfeed(config: a.takeString("outfeed_config") ?? "")
    case "stablehlo.send", "stablehlo.recv":
      guard let channel = try channel(&a) else { return nil }
      let attributes = ChannelAttributes(
        channel: channel, isHostTransfer: a.takeBool("is_host_transfer") ?? false,
        sourceTargetPairs: a.takeRows("source_target_pairs") ?? [])
      return name == "stablehlo.send" ? .send(attributes) : .recv(attributes)
    case "stablehlo.all_gather":
      guard let dimension = a.takeInteger("all_gather_dim"),
        let attributes = try collective("replica_groups", "all_gather.I3", &a)
      else { return nil }
      return .allGather(dimension: dimension, attributes)
    case "stablehlo.all_reduce":
      return try collective("replica_groups", "all_reduce.I2", &a).map { .allReduce($0) }
    case "stablehlo.collective_reduce":
      return try collective("replica_groups", "collective_reduce.I2", &a).map {
        .collectiveReduce($0)
      }
    case "stablehlo.reduce_scatter":
      guard let dimension = a.takeInteger("scatter_dimension"),
        let attributes = try collective("replica_groups", "reduce_scatter.I3", &a)
      else { return nil }
      return .reduceScatter(dimension: dimension, attributes)
    case "stablehlo.all_to_all":
      guard let split = a.takeInteger("split_dimension"),
        let concat = a.takeInteger("concat_dimension"),
        let count = a.takeInteger("split_count"),
        let attributes = try collective("replica_groups", "all_to_all.I5", &a)
      else { return nil }
      return .allToAll(
        AllToAllAttributes(
          splitDimension: split, concatDimension: concat, splitCount: count,
          collective: attributes))
    case "stablehlo.collective_broadcast":
      return try collective("replica_groups", "collective_broadcast.I2", &a).map {
        .collectiveBroadcast($0)
      }
    case "stablehlo.collective_permute":
      return try collective("source_target_pairs", "collective_permute.I2", &a).map {
        .collectivePermute($0)
      }
    case "stablehlo.async_start": return .asyncStart
    case "stablehlo.async_done": return .asyncDone
    case "stablehlo.einsum", "stablehlo.unary_einsum":
      guard let config = a.takeString("einsum_config"),
        Einsum.operandCount(config) == (name == "stablehlo.einsum" ? 2 : 1)
      else { return nil }
      return .einsum(config: config)
    case "stablehlo.torch_index_select":
      guard let dimension = a.takeInteger("dim"), let batches = a.takeInteger("batch_dims") else {
        return nil
      }
      return .torchIndexSelect(dimension: dimension, batchDimensions: batches)
    case "chlo.constant_like": return scalar(a.take("value")).map { .constantLike($0) }
    case "chlo.top_k":
      _ = a.take("is_stable")
      return a.takeInteger("k").map { .topK(k: $0) }
    case "chlo.scan":
      guard let segments = a.takeIntegers("operandSegmentSizes"), segments.count == 2,
        let dimension = a.takeInteger("dimension")
      else { return nil }
      _ = a.take("resultSegmentSizes")
      return .scan(scanAttributes(segments[0], dimension, &a))
    case "chlo.ragged_dot":
      guard var fields = try a.takeFields("ragged_dot_dimension_numbers") else { return nil }
      let numbers = dotNumbers(&fields)
      return .raggedDot(
        RaggedDotAttributes(
          numbers, lhsRagged: fields.takeList("lhs_ragged_dimensions"),
          rhsGroup: fields.takeList("rhs_group_dimensions"), precision: try a.takePrecision(self)))
    case "jxc.fusion":
      return a.takeCase("kind", FusionKind.self).map { .fusion($0) }
    default:
      if name.hasPrefix("chlo.broadcast_") { return broadcasting(name, &a) }
      guard name.hasPrefix("check.") || name.hasPrefix("interpreter.") else { return nil }
      let attributes = a.rest
      a = Attributes([])
      return .check(CheckAttributes(name: name, attributes: attributes))
    }
  }

  /// `chlo.broadcast_add` and its like.
  func broadcasting(_ name: String, _ a: inout Attributes) -> Op? {
    let name = name.dropFirst("chlo.broadcast_".count)
    let dimensions = a.takeIntegers("broadcast_dimensions")
    switch name {
    case "select": return .broadcasting(.select, dimensions: dimensions)
    case "compare":
      guard let direction = a.takeCase("comparison_direction", ComparisonDirection.self) else {
        return nil
      }
      let type = a.takeCase("compare_type", ComparisonType.self)
      return .broadcasting(.compare(Comparison(direction, type)), dimensions: dimensions)
    default:
      let op = Parser.binary(named: "stablehlo.\(name)") ?? Parser.binary(named: "chlo.\(name)")
      return op.map { .broadcasting(.binary($0), dimensions: dimensions) }
    }
  }

  func scanAttributes(_ inputCount: Int, _ dimension: Int, _ a: inout Attributes) -> ScanAttributes
  {
    ScanAttributes(
      inputCount: inputCount, dimension: dimension, size: a.takeInteger("scan_dim_size"),
      isReverse: a.takeBool("is_reverse") ?? false, isAssociative: a.takeBool("is_associative"))
  }

  private func dotNumbers(_ fields: inout Attributes) -> DotDimensionNumbers {
    DotDimensionNumbers(
      lhsBatching: fields.takeList("lhs_batching_dimensions"),
      rhsBatching: fields.takeList("rhs_batching_dimensions"),
      lhsContracting: fields.takeList("lhs_contracting_dimensions"),
      rhsContracting: fields.takeList("rhs_contracting_dimensions"))
  }

  /// `dense<[[0, 1]]>`: low and high for each dimension.
  private func padding(
    _ a: inout Attributes, _ label: String, at head: Int
  ) throws(Diagnostic) -> [Padding]? {
    guard a.rest["padding"] != nil else { return nil }
    guard let rows = a.takeRows("padding"), rows.allSatisfy({ $0.count == 2 }) else {
      throw error("\(label): the padding does not have two numbers per dimension", at: head)
    }
    return rows.map { Padding($0[0], $0[1]) }
  }

  private func window(_ a: inout Attributes, _ padding: [Padding]?) -> WindowAttributes {
    var window = WindowAttributes(dimensions: a.takeIntegers("window_dimensions") ?? [])
    window.stated = []
    if let strides = a.takeIntegers("window_strides") {
      window.strides = strides
      window.stated.insert(.strides)
    }
    if let dilations = a.takeIntegers("base_dilations") {
      window.baseDilations = dilations
      window.stated.insert(.baseDilations)
    }
    if let dilations = a.takeIntegers("window_dilations") {
      window.windowDilations = dilations
      window.stated.insert(.windowDilations)
    }
    if let padding {
      window.padding = padding
      window.stated.insert(.padding)
    }
    return window
  }

  private func batchNorm(_ a: inout Attributes) -> BatchNormAttributes? {
    guard case .float(let epsilon, _) = a.take("epsilon"),
      let index = a.takeInteger("feature_index")
    else { return nil }
    return BatchNormAttributes(epsilon: Float(epsilon), featureIndex: index)
  }

  private func channel(_ a: inout Attributes) throws(Diagnostic) -> ChannelHandle? {
    guard var fields = try a.takeFields("channel_handle") else { return nil }
    return ChannelHandle(
      handle: fields.takeInteger("handle") ?? 0, type: fields.takeInteger("type") ?? 0)
  }

  private func collective(
    _ groups: String, _ label: String, _ a: inout Attributes
  ) throws(Diagnostic) -> CollectiveAttributes? {
    guard a.rest[groups] != nil else {
      _ = a.take(groups)
      return nil
    }
    guard let rows = a.takeRows(groups) else { throw error("\(label): \(groups) is no matrix") }
    var attributes = CollectiveAttributes(
      groups: rows, channel: try channel(&a),
      useGlobalDeviceIDs: a.takeBool("use_global_device_ids") ?? false)
    attributes.hasDynamicRoot = a.takeBool("has_dynamic_root") ?? false
    return attributes
  }

  /// The operation of chlo that a custom call stands for: `@mhlo.erf`, `@mhlo.topk`, as HLO's
  /// translators write them.
  func clientOrCustomCall(_ target: String, _ a: inout Attributes) throws(Diagnostic) -> Op {
    let call = CustomCallAttributes(target: target)
    guard target.hasPrefix("mhlo.") else {
      return .customCall(try customCall(call, &a))
    }
    let name = target.dropFirst("mhlo.".count)
    var details: [NamedAttribute] = []
    if case .dictionary(let entries)? = a.rest["mhlo.attributes"] { details = entries }
    let op: Op
    if name == "topk", case .integer(let k, _)? = details["k"], details["largest"] != .bool(false) {
      op = .topK(k: k)
    } else if let unary = Parser.unary(named: "chlo.\(name)") {
      op = .unary(unary)
    } else {
      return .customCall(try customCall(call, &a))
    }
    for used in ["mhlo.attributes", "mhlo.version"] { _ = a.take(used) }
    // What is left says only how the call is made.
    _ = try customCall(call, &a)
    return op
  }

  private func customCall(
    _ call: CustomCallAttributes, _ a: inout Attributes
  ) throws(Diagnostic) -> CustomCallAttributes {
    var attributes = call
    attributes.hasSideEffect = a.takeBool("has_side_effect") ?? false
    attributes.backendConfig = a.take("backend_config")
    attributes.apiVersion = a.takeInteger("api_version")
    if let version = attributes.apiVersion, !(0...4).contains(version) {
      throw error("api_version is 0 to 4, not \(version)")
    }
    if case .array(let symbols) = a.take("called_computations") {
      attributes.calledComputations = symbols.compactMap {
        if case .symbol(let name) = $0 { name } else { nil }
      }
    }
    attributes.operandLayouts = try layouts(a.take("operand_layouts"))
    attributes.resultLayouts = try layouts(a.take("result_layouts"))
    attributes.outputOperandAliases = try aliases(a.take("output_operand_aliases"))
    return attributes
  }

  /// `[#stablehlo.output_operand_alias<output_tuple_indices = [], operand_index = 0, …>]`
  private func aliases(_ attribute: Attribute?) throws(Diagnostic) -> [OutputOperandAlias]? {
    guard case .array(let elements) = attribute else { return nil }
    var aliases: [OutputOperandAlias] = []
    for element in elements {
      var single = Attributes([NamedAttribute("alias", element)])
      guard var fields = try single.takeFields("alias"),
        let index = fields.takeInteger("operand_index")
      else { throw error("malformed output_operand_aliases") }
      aliases.append(
        OutputOperandAlias(
          output: fields.takeList("output_tuple_indices"), operandIndex: index,
          operand: fields.takeList("operand_tuple_indices")))
    }
    return aliases
  }

  /// `[dense<[1, 0]> : tensor<2xindex>]`
  private func layouts(_ attribute: Attribute?) throws(Diagnostic) -> [[Int]]? {
    guard case .array(let elements) = attribute else { return nil }
    var layouts: [[Int]] = []
    for element in elements {
      guard case .opaque(let text) = element, text.hasSuffix("index>") else {
        throw error("malformed layout")
      }
      var bytes = Array((text.dropLast("index>".utf8.count) + "i64>").utf8)
      bytes.append(0)
      let constant = try bytes.withUnsafeBufferPointer { buffer throws(Diagnostic) in
        try Parser(buffer, from: 0, to: buffer.count - 1, file: 0).dense()
      }
      layouts.append(constant.integers)
    }
    return layouts
  }

  func composite(
    name: String, _ a: inout Attributes, at head: Int
  ) throws(Diagnostic) -> Op {
    guard case .symbol(let decomposition) = a.take("decomposition") else {
      throw error("composite names no decomposition", at: head)
    }
    var attributes: [NamedAttribute] = []
    if case .dictionary(let entries) = a.take("composite_attributes") { attributes = entries }
    return .composite(
      CompositeAttributes(
        name: name, attributes: attributes, decomposition: decomposition,
        version: a.takeInteger("version") ?? 0))
  }
}
