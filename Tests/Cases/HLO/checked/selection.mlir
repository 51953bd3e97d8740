module @jit_selection attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main() {
    %x0 = stablehlo.constant dense<"0x69F0B03E9155523F0C2FA93EDBCDA6BF67C5673F358BE43EC47509BF28C4143F3CA9BA3E8998963EC3D5E83C62F50B3F"> : tensor<3x4xf32>
    %x1 = stablehlo.constant dense<"0x010001010101010100010100"> : tensor<3x4xi1>
    %y0 = stablehlo.constant dense<"0x69F0B03E0000803F0C2FA93EDBCDA6BF67C5673F358BE43EC47509BF28C4143F0000803F8998963EC3D5E83C0000803F"> : tensor<3x4xf32>
    %y1 = stablehlo.constant dense<"0x69F0B03E9155523F0C2FA93E0000000067C5673F358BE43E0000000028C4143F3CA9BA3E8998963EC3D5E83C62F50B3F"> : tensor<3x4xf32>
    %y2 = stablehlo.constant dense<"0x69F0B03E9155523F0C2FA93EDBCDA6BF67C5673F358BE43EC47509BF28C4143F3CA9BA3E8998963EC3D5E83C62F50B3F"> : tensor<3x4xf32>
    %y3 = stablehlo.constant dense<"0x000100000000000001000001"> : tensor<3x4xi1>
    %y4 = stablehlo.constant dense<"0x010101000101000101010101"> : tensor<3x4xi1>
    %y5 = stablehlo.constant dense<"0x010101010101010101010101"> : tensor<3x4xi1>
    %y6 = stablehlo.constant dense<"0x010101010101010101010101"> : tensor<3x4xi1>
    %y7 = stablehlo.constant dense<"0x010101010101010101010101"> : tensor<3x4xi1>
    %r:8 = call @tested(%x0, %x1) : (tensor<3x4xf32>, tensor<3x4xi1>) -> (tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xi1>, tensor<3x4xi1>, tensor<3x4xi1>, tensor<3x4xi1>, tensor<3x4xi1>)
    stablehlo.custom_call @check.expect_almost_eq(%r#0, %y0) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#1, %y1) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#2, %y2) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_eq(%r#3, %y3) {has_side_effect = true} : (tensor<3x4xi1>, tensor<3x4xi1>) -> ()
    stablehlo.custom_call @check.expect_eq(%r#4, %y4) {has_side_effect = true} : (tensor<3x4xi1>, tensor<3x4xi1>) -> ()
    stablehlo.custom_call @check.expect_eq(%r#5, %y5) {has_side_effect = true} : (tensor<3x4xi1>, tensor<3x4xi1>) -> ()
    stablehlo.custom_call @check.expect_eq(%r#6, %y6) {has_side_effect = true} : (tensor<3x4xi1>, tensor<3x4xi1>) -> ()
    stablehlo.custom_call @check.expect_eq(%r#7, %y7) {has_side_effect = true} : (tensor<3x4xi1>, tensor<3x4xi1>) -> ()
    return
  }
  func.func public @tested(%arg0: tensor<3x4xf32>, %arg1: tensor<3x4xi1>) -> (tensor<3x4xf32> {jax.result_info = "result[0]"}, tensor<3x4xf32> {jax.result_info = "result[1]"}, tensor<3x4xf32> {jax.result_info = "result[2]"}, tensor<3x4xi1> {jax.result_info = "result[3]"}, tensor<3x4xi1> {jax.result_info = "result[4]"}, tensor<3x4xi1> {jax.result_info = "result[5]"}, tensor<3x4xi1> {jax.result_info = "result[6]"}, tensor<3x4xi1> {jax.result_info = "result[7]"}) {
    %c = stablehlo.constant dense<1> : tensor<i64>
    %0 = call @_where(%arg1, %arg0, %c) : (tensor<3x4xi1>, tensor<3x4xf32>, tensor<i64>) -> tensor<3x4xf32>
    %cst = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %cst_0 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %1 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
    %2 = stablehlo.broadcast_in_dim %cst_0, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
    %3 = stablehlo.clamp %1, %arg0, %2 : tensor<3x4xf32>
    %4 = stablehlo.select %arg1, %arg0, %arg0 : tensor<3x4xi1>, tensor<3x4xf32>
    %5 = stablehlo.not %arg1 : tensor<3x4xi1>
    %cst_1 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %6 = stablehlo.broadcast_in_dim %cst_1, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
    %7 = stablehlo.compare GT, %arg0, %6, FLOAT : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xi1>
    %8 = stablehlo.compare EQ, %arg0, %arg0, FLOAT : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xi1>
    %cst_2 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %9 = stablehlo.broadcast_in_dim %cst_2, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
    %10 = stablehlo.compare LE, %arg0, %9, FLOAT : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xi1>
    %cst_3 = stablehlo.constant dense<3.000000e+00> : tensor<f32>
    %11 = stablehlo.broadcast_in_dim %cst_3, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
    %12 = stablehlo.compare NE, %arg0, %11, FLOAT : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xi1>
    return %0, %3, %4, %5, %7, %8, %10, %12 : tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xi1>, tensor<3x4xi1>, tensor<3x4xi1>, tensor<3x4xi1>, tensor<3x4xi1>
  }
  func.func private @_where(%arg0: tensor<3x4xi1>, %arg1: tensor<3x4xf32>, %arg2: tensor<i64>) -> tensor<3x4xf32> {
    %0 = stablehlo.convert %arg2 : (tensor<i64>) -> tensor<f32>
    %1 = stablehlo.broadcast_in_dim %0, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
    %2 = stablehlo.select %arg0, %arg1, %1 : tensor<3x4xi1>, tensor<3x4xf32>
    return %2 : tensor<3x4xf32>
  }
}
