module @jit_branches attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main() {
    %x0 = stablehlo.constant dense<"0x69F0B03E"> : tensor<f32>
    %x1 = stablehlo.constant dense<"0x03000000"> : tensor<i32>
    %y0 = stablehlo.constant dense<"0x1A3CAC3F"> : tensor<f32>
    %y1 = stablehlo.constant dense<"0xE496F43D"> : tensor<f32>
    %r:2 = call @tested(%x0, %x1) : (tensor<f32>, tensor<i32>) -> (tensor<f32>, tensor<f32>)
    stablehlo.custom_call @check.expect_almost_eq(%r#0, %y0) {has_side_effect = true} : (tensor<f32>, tensor<f32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#1, %y1) {has_side_effect = true} : (tensor<f32>, tensor<f32>) -> ()
    return
  }
  func.func public @tested(%arg0: tensor<f32>, %arg1: tensor<i32>) -> (tensor<f32> {jax.result_info = "result[0]"}, tensor<f32> {jax.result_info = "result[1]"}) {
    %cst = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %0 = stablehlo.compare GT, %arg0, %cst, FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1>
    %1 = stablehlo.convert %0 : (tensor<i1>) -> tensor<i32>
    %2 = "stablehlo.case"(%1) ({
      %cst_1 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
      %5 = stablehlo.multiply %arg0, %cst_1 : tensor<f32>
      stablehlo.return %5 : tensor<f32>
    }, {
      %cst_1 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
      %5 = stablehlo.add %arg0, %cst_1 : tensor<f32>
      stablehlo.return %5 : tensor<f32>
    }) : (tensor<i32>) -> tensor<f32>
    %c = stablehlo.constant dense<0> : tensor<i32>
    %c_0 = stablehlo.constant dense<2> : tensor<i32>
    %3 = stablehlo.clamp %c, %arg1, %c_0 : tensor<i32>
    %4 = "stablehlo.case"(%3) ({
      stablehlo.return %arg0 : tensor<f32>
    }, {
      %5 = stablehlo.negate %arg0 : tensor<f32>
      stablehlo.return %5 : tensor<f32>
    }, {
      %5 = stablehlo.multiply %arg0, %arg0 : tensor<f32>
      stablehlo.return %5 : tensor<f32>
    }) : (tensor<i32>) -> tensor<f32>
    return %2, %4 : tensor<f32>, tensor<f32>
  }
}
