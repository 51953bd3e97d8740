extension Op {
  /// The full name in the text: `stablehlo.add`.
  public var mnemonic: String {
    switch self {
    case .unary(let op): op.rawValue
    case .binary(let op): op.rawValue
    case .compare: "stablehlo.compare"
    case .select: "stablehlo.select"
    case .clamp: "stablehlo.clamp"
    case .convert: "stablehlo.convert"
    case .bitcastConvert: "stablehlo.bitcast_convert"
    case .reducePrecision: "stablehlo.reduce_precision"
    case .map: "stablehlo.map"
    case .constant: "stablehlo.constant"
    case .iota: "stablehlo.iota"
    case .rng: "stablehlo.rng"
    case .rngBitGenerator: "stablehlo.rng_bit_generator"
    case .partitionID: "stablehlo.partition_id"
    case .replicaID: "stablehlo.replica_id"
    case .broadcastInDim: "stablehlo.broadcast_in_dim"
    case .reshape: "stablehlo.reshape"
    case .transpose: "stablehlo.transpose"
    case .reverse: "stablehlo.reverse"
    case .concatenate: "stablehlo.concatenate"
    case .slice: "stablehlo.slice"
    case .pad: "stablehlo.pad"
    case .dynamicSlice: "stablehlo.dynamic_slice"
    case .dynamicUpdateSlice: "stablehlo.dynamic_update_slice"
    case .gather: "stablehlo.gather"
    case .scatter: "stablehlo.scatter"
    case .getDimensionSize: "stablehlo.get_dimension_size"
    case .setDimensionSize: "stablehlo.set_dimension_size"
    case .dotGeneral: "stablehlo.dot_general"
    case .convolution: "stablehlo.convolution"
    case .reduce: "stablehlo.reduce"
    case .reduceWindow: "stablehlo.reduce_window"
    case .selectAndScatter: "stablehlo.select_and_scatter"
    case .sort: "stablehlo.sort"
    case .cholesky: "stablehlo.cholesky"
    case .triangularSolve: "stablehlo.triangular_solve"
    case .fft: "stablehlo.fft"
    case .batchNormInference: "stablehlo.batch_norm_inference"
    case .batchNormTraining: "stablehlo.batch_norm_training"
    case .batchNormGrad: "stablehlo.batch_norm_grad"
    case .while: "stablehlo.while"
    case .if: "stablehlo.if"
    case .case: "stablehlo.case"
    case .call: "func.call"
    case .return: "stablehlo.return"
    case .optimizationBarrier: "stablehlo.optimization_barrier"
    case .shardingConstraint: "sdy.sharding_constraint"
    case .customCall: "stablehlo.custom_call"
    case .composite: "stablehlo.composite"
    case .tuple: "stablehlo.tuple"
    case .getTupleElement: "stablehlo.get_tuple_element"
    case .afterAll: "stablehlo.after_all"
    case .createToken: "stablehlo.create_token"
    case .infeed: "stablehlo.infeed"
    case .outfeed: "stablehlo.outfeed"
    case .send: "stablehlo.send"
    case .recv: "stablehlo.recv"
    case .asyncStart: "stablehlo.async_start"
    case .asyncDone: "stablehlo.async_done"
    case .allGather: "stablehlo.all_gather"
    case .allReduce: "stablehlo.all_reduce"
    case .reduceScatter: "stablehlo.reduce_scatter"
    case .allToAll: "stablehlo.all_to_all"
    case .collectiveBroadcast: "stablehlo.collective_broadcast"
    case .collectivePermute: "stablehlo.collective_permute"
    case .collectiveReduce: "stablehlo.collective_reduce"
    case .dynamicIota: "stablehlo.dynamic_iota"
    case .dynamicReshape: "stablehlo.dynamic_reshape"
    case .dynamicBroadcastInDim: "stablehlo.dynamic_broadcast_in_dim"
    case .dynamicPad: "stablehlo.dynamic_pad"
    case .dynamicGather: "stablehlo.dynamic_gather"
    case .dynamicConv: "stablehlo.dynamic_conv"
    case .realDynamicSlice: "stablehlo.real_dynamic_slice"
    case .uniformQuantize: "stablehlo.uniform_quantize"
    case .uniformDequantize: "stablehlo.uniform_dequantize"
    case .einsum(let config):
      Einsum.operandCount(config) == 1 ? "stablehlo.unary_einsum" : "stablehlo.einsum"
    case .torchIndexSelect: "stablehlo.torch_index_select"
    case .constantLike: "chlo.constant_like"
    case .topK: "chlo.top_k"
    case .broadcasting(let op, _):
      "chlo.broadcast_" + (op.mnemonic.split(separator: ".").last ?? "")
    case .scan: "chlo.scan"
    case .raggedDot: "chlo.ragged_dot"
    case .check(let attributes): attributes.name
    case .fusion: "jxc.fusion"
    }
  }

  /// `true` for what `async_start` may start.
  var mayBeAsynchronous: Bool {
    switch self {
    case .allReduce, .allGather, .allToAll, .collectivePermute, .reduceScatter,
      .collectiveBroadcast, .slice, .dynamicSlice, .dynamicUpdateSlice:
      true
    default: false
    }
  }
}
