import Testing

@testable import HLO

/// Violated constraints cite StableHLO's label.
@Suite struct TypingTests {
  @Test(arguments: [
    (
      "%0 = \"stablehlo.add\"(%x, %v) : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>",
      "add.C1"
    ),
    ("%0 = stablehlo.not %x : tensor<2x3xf32>", "not.I1"),
    ("%0 = stablehlo.reshape %x : (tensor<2x3xf32>) -> tensor<7xf32>", "reshape.C2"),
    (
      "%0 = stablehlo.transpose %x, dims = [0] : (tensor<2x3xf32>) -> tensor<2xf32>", "transpose.C2"
    ),
    (
      "%0 = stablehlo.broadcast_in_dim %v, dims = [0] : (tensor<3xf32>) -> tensor<2x3xf32>",
      "broadcast_in_dim.C5"
    ),
    ("%0 = stablehlo.slice %v [0:4] : (tensor<3xf32>) -> tensor<4xf32>", "slice.C3"),
    ("%0 = stablehlo.slice %v [0:2] : (tensor<3xf32>) -> tensor<3xf32>", "slice.C5"),
    (
      "%0 = stablehlo.concatenate %x, %v, dim = 0 : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<5x3xf32>",
      "concatenate.C2"
    ),
    (
      "%0 = stablehlo.dot_general %x, %x, contracting_dims = [1] x [0] : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>",
      "dot_general.C10"
    ),
    ("%0 = stablehlo.iota dim = 1 : tensor<3xf32>", "iota.C1"),
    ("%0 = stablehlo.reverse %x, dims = [0, 0] : tensor<2x3xf32>", "reverse.C2"),
    ("%0 = stablehlo.cholesky %x, lower = true : tensor<2x3xf32>", "cholesky.C3"),
    (
      "%0 = stablehlo.compare LT, %x, %v : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xi1>",
      "compare.C2"
    ),
    (
      "%0 = stablehlo.fft %x, type = FFT, length = [3] : (tensor<2x3xf32>) -> tensor<2x3xf32>",
      "fft.C2"
    ),
    (
      "%0 = stablehlo.pad %v, %s, low = [-4], high = [0], interior = [0] : (tensor<3xf32>, tensor<f32>) -> tensor<0xf32>",
      "pad.C4"
    ),
    (
      "%0 = stablehlo.reduce(%x init: %s) applies stablehlo.add across dimensions = [2] : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>",
      "reduce.C4"
    ),
    (
      "%0 = stablehlo.clamp %v, %x, %s : (tensor<3xf32>, tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>",
      "clamp.C1"
    ),
  ]) func citesConstraint(_ body: String, _ label: String) {
    let message = defect("%x: tensor<2x3xf32>, %v: tensor<3xf32>, %s: tensor<f32>", body)
    #expect(message?.hasPrefix(label + ":") == true, "\(message ?? "no defect")")
  }

  /// What the specification says of transfers, composites, algorithms, hints and quantised sums.
  @Test(arguments: [
    (
      "%0:2 = \"stablehlo.recv\"(%t) <{channel_handle = #stablehlo.channel_handle<handle = 1, type = 1>, is_host_transfer = true}> : (!stablehlo.token) -> (tensor<f32>, !stablehlo.token)",
      "recv.C1"
    ),
    (
      "%0 = \"stablehlo.recv\"(%t) <{channel_handle = #stablehlo.channel_handle<handle = 1, type = 3>, is_host_transfer = true}> : (!stablehlo.token) -> tensor<f32>",
      "recv.C4"
    ),
    (
      "%0:2 = \"stablehlo.recv\"(%t) <{channel_handle = #stablehlo.channel_handle<handle = 1, type = 3>, is_host_transfer = true}> : (!stablehlo.token) -> (!stablehlo.token, !stablehlo.token)",
      "recv.C3"
    ),
    (
      "%0 = \"stablehlo.send\"(%x, %t) <{channel_handle = #stablehlo.channel_handle<handle = 1, type = 2>}> : (tensor<2x3xf32>, !stablehlo.token) -> !stablehlo.token",
      "send.C1"
    ),
    (
      "%0:2 = \"stablehlo.infeed\"(%t) <{infeed_config = \"\"}> : (!stablehlo.token) -> (!stablehlo.token, tensor<f32>)",
      "infeed.C2"
    ),
    (
      "%0 = \"stablehlo.infeed\"(%t) <{infeed_config = \"\"}> : (!stablehlo.token) -> tensor<f32>",
      "infeed.C3"
    ),
    (
      "%0 = stablehlo.composite \"name\" %x {decomposition = @main} : (tensor<2x3xf32>) -> tensor<2x3xf32>",
      "composite.C1"
    ),
    (
      "%0 = stablehlo.composite \"1.x\" %x {decomposition = @main} : (tensor<2x3xf32>) -> tensor<2x3xf32>",
      "composite.C1"
    ),
    (
      "%0 = stablehlo.dot_general %x, %x, contracting_dims = [1] x [1], precision = [HIGHEST, DEFAULT], algorithm = <lhs_precision_type = f32, rhs_precision_type = f32, accumulation_type = f32, lhs_component_count = 1, rhs_component_count = 1, num_primitive_operations = 1, allow_imprecise_accumulation = false> : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x2xf32>",
      "dot_general.C21"
    ),
    (
      "%0 = stablehlo.dot_general %x, %x, contracting_dims = [1] x [1], algorithm = <lhs_precision_type = tf32, rhs_precision_type = tf32, accumulation_type = f32, lhs_component_count = 0, rhs_component_count = 1, num_primitive_operations = 1, allow_imprecise_accumulation = false> : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x2xf32>",
      "dot_general.C22"
    ),
    (
      "%0 = stablehlo.dot_general %x, %x, contracting_dims = [1] x [1], algorithm = <lhs_precision_type = tf32, rhs_precision_type = tf32, accumulation_type = f32, lhs_component_count = 1, rhs_component_count = 1, num_primitive_operations = 9, allow_imprecise_accumulation = false> : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x2xf32>",
      "dot_general.C25"
    ),
    (
      "%0 = \"stablehlo.dynamic_broadcast_in_dim\"(%x, %d) <{broadcast_dimensions = array<i64: 0, 1>, known_expanding_dimensions = array<i64: 0>, known_nonexpanding_dimensions = array<i64: 0>}> : (tensor<2x3xf32>, tensor<2xi32>) -> tensor<2x3xf32>",
      "dynamic_broadcast_in_dim.C8"
    ),
    (
      "%0 = \"stablehlo.dynamic_broadcast_in_dim\"(%x, %d) <{broadcast_dimensions = array<i64: 0, 1>, known_nonexpanding_dimensions = array<i64: 2>}> : (tensor<2x3xf32>, tensor<2xi32>) -> tensor<2x3xf32>",
      "dynamic_broadcast_in_dim.C10"
    ),
    (
      "%0 = stablehlo.add %q, %q : (tensor<2x!quant.uniform<i8:f32, 0.5>>, tensor<2x!quant.uniform<i8:f32, 0.5>>) -> tensor<2x!quant.uniform<i16:f32, 0.5>>",
      "add.C3"
    ),
    (
      "%0 = stablehlo.add %q, %q : (tensor<2x!quant.uniform<i8:f32, 0.5>>, tensor<2x!quant.uniform<i8:f32, 0.5>>) -> tensor<2x!quant.uniform<i8:f32:0, {0.5, 0.5}>>",
      "add.C5"
    ),
    (
      "%0 = stablehlo.add %q, %q : (tensor<2x!quant.uniform<i8:f32, 0.5>>, tensor<2x!quant.uniform<i8:f32, 0.5>>) -> tensor<2xf32>",
      "add.C2"
    ),
  ]) func citesSpecification(_ body: String, _ label: String) {
    let message = defect(
      "%x: tensor<2x3xf32>, %d: tensor<2xi32>, %t: !stablehlo.token, "
        + "%q: tensor<2x!quant.uniform<i8:f32, 0.5>>", body)
    #expect(message?.hasPrefix(label + ":") == true, "\(message ?? "no defect")")
  }
}
