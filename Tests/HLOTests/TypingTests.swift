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
    ("%0 = stablehlo.slice %v [0:2] : (tensor<3xf32>) -> tensor<3xf32>", "slice.results"),
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
}
