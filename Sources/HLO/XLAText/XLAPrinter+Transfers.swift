import Support
import Tensor

// What goes in and out of a program, and between devices.
extension XLAPrinter {
  /// HLO exchanges parts along one axis: where they are joined along another, what came from each
  /// device is moved there.
  mutating func emitAllToAll(
    _ attributes: AllToAllAttributes, _ operation: Operation, _ operands: [String],
    _ location: Location, _ body: inout XLAComputation
  ) throws {
    let (split, join) = (attributes.splitDimension, attributes.concatDimension)
    for (operand, (name, result)) in zip(operation.operands, zip(operands, operation.results)) {
      guard let from = body.function.type(of: operand).tensor,
        let to = body.function.type(of: result).tensor
      else { throw Diagnostic(.error, "all_to_all takes and gives tensors") }
      let count = attributes.splitCount
      func add(_ text: String, _ opcode: String, _ type: TensorType) -> String {
        self.add(text, as: opcode, ValueType.tensor(type).xlaShape, at: location, to: &body)
      }
      let exchanged = add(
        "all-to-all(\(name)), \(collectiveText(attributes.collective)), dimensions={\(split)}",
        "all-to-all", from)
      if split == join {
        body.define(result, as: exchanged)
        continue
      }
      var parts = from.dimensions
      parts[split] /= max(count, 1)
      parts.insert(count, at: split)
      let parted = add("reshape(\(exchanged))", "reshape", from.with(parts))
      var order = parts.indices.filter { $0 != split }
      order.insert(split, at: join)
      let moved = add(
        "transpose(\(parted)), dimensions=\(braces(order))", "transpose",
        from.with(order.map { parts[$0] }))
      body.define(result, as: add("reshape(\(moved))", "reshape", to))
    }
  }

  /// `infeed` and `outfeed`; `send` and `recv`, which HLO starts and finishes.
  mutating func emitTransfer(
    _ operation: Operation, _ operands: [String], _ location: Location,
    _ body: inout XLAComputation
  ) throws {
    guard let token = operands.last else {
      throw Diagnostic(.error, "\(operation.op.mnemonic) takes a token")
    }
    let types = operation.results.map(body.function.type(of:))
    func add(_ text: String, _ opcode: String, _ shape: String) -> String {
      self.add(text, as: opcode, shape, at: location, to: &body)
    }
    /// Several values travel as one.
    func packed() -> (name: String, shape: String) {
      let values = operands.dropLast()
      let types = operation.operands.dropLast().map(body.function.type(of:))
      if values.count == 1 { return (operands[0], types[0].xlaShape) }
      let shape = xlaTuple(types)
      return (add("tuple(\(values.joined(separator: ", ")))", "tuple", shape), shape)
    }
    /// The results of `whole`: a value, or a tuple of values, and a token.
    func unpackReceived(_ whole: String) {
      let values = Array(types.dropLast())
      let data = add(
        "get-tuple-element(\(whole)), index=0", "get-tuple-element", received(values))
      if values.count == 1 {
        body.define(operation.results[0], as: data)
      } else {
        unpack(data, into: operation.results.dropLast(), &body)
      }
      body.define(
        operation.results[values.count],
        as: add("get-tuple-element(\(whole)), index=1", "get-tuple-element", "token[]"))
    }
    func received(_ values: [ValueType]) -> String {
      values.count == 1 ? values[0].xlaShape : xlaTuple(values)
    }
    switch operation.op {
    case .infeed(let config, _):
      let values = Array(types.dropLast())
      unpackReceived(
        add(
          "infeed(\(token)), infeed_config=\(quoted(config))", "infeed",
          "(\(received(values)), token[])"))
    case .outfeed(let config):
      let (name, shape) = packed()
      body.define(
        operation.results[0],
        as: add(
          "outfeed(\(name), \(token)), outfeed_shape=\(shape), outfeed_config=\(quoted(config))",
          "outfeed", "token[]"))
    case .send(let attributes):
      let (name, shape) = packed()
      let start = add(
        "send(\(name), \(token)), \(channelText(attributes))", "send",
        "(\(shape), u32[], token[])")
      body.define(
        operation.results[0],
        as: add("send-done(\(start)), \(channelText(attributes))", "send-done", "token[]"))
    case .recv(let attributes):
      let shape = received(Array(types.dropLast()))
      let start = add(
        "recv(\(token)), \(channelText(attributes))", "recv", "(\(shape), u32[], token[])")
      unpackReceived(
        add(
          "recv-done(\(start)), \(channelText(attributes))", "recv-done",
          "(\(shape), token[])"))
    default: throw unsupported("\(operation.op.mnemonic) in HLO")
    }
  }

  private func channelText(_ attributes: ChannelAttributes) -> String {
    var text = "channel_id=\(attributes.channel.handle)"
    if attributes.isHostTransfer { text += ", is_host_transfer=true" }
    if !attributes.sourceTargetPairs.isEmpty {
      text +=
        ", frontend_attributes={_xla_send_recv_source_target_pairs="
        + groupsText(attributes.sourceTargetPairs) + "}"
    }
    return text
  }

  /// What a composite operation is, beside its decomposition.
  func compositeText(_ attributes: CompositeAttributes) -> String {
    let values = Printer().dictionary(attributes.attributes)
    return "frontend_attributes={composite.attributes=\(values),"
      + "composite.name=\(quoted(attributes.name)),composite.version=\"\(attributes.version)\"}"
  }
}
