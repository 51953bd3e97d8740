module @jit_movement attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main() {
    %x0 = stablehlo.constant dense<"0x69F0B03E9155523F0C2FA93EDBCDA6BF67C5673F358BE43EC47509BF28C4143F3CA9BA3E8998963EC3D5E83C62F50B3F"> : tensor<3x4xf32>
    %y0 = stablehlo.constant dense<"0x69F0B03E67C5673F3CA9BA3E9155523F358BE43E8998963E0C2FA93EC47509BFC3D5E83CDBCDA6BF28C4143F62F50B3F"> : tensor<4x3xf32>
    %y1 = stablehlo.constant dense<"0x69F0B03E9155523F0C2FA93EDBCDA6BF67C5673F358BE43EC47509BF28C4143F3CA9BA3E8998963EC3D5E83C62F50B3F"> : tensor<2x6xf32>
    %y2 = stablehlo.constant dense<"0x67C5673FC47509BF3CA9BA3EC3D5E83C"> : tensor<2x2xf32>
    %y3 = stablehlo.constant dense<"0x3CA9BA3E8998963EC3D5E83C62F50B3F67C5673F358BE43EC47509BF28C4143F69F0B03E9155523F0C2FA93EDBCDA6BF"> : tensor<3x4xf32>
    %y4 = stablehlo.constant dense<"0x69F0B03E9155523F0C2FA93EDBCDA6BF69F0B03E9155523F0C2FA93EDBCDA6BF67C5673F358BE43EC47509BF28C4143F67C5673F358BE43EC47509BF28C4143F3CA9BA3E8998963EC3D5E83C62F50B3F3CA9BA3E8998963EC3D5E83C62F50B3F"> : tensor<3x8xf32>
    %y5 = stablehlo.constant dense<"0x0000000000000000000000000000000069F0B03E9155523F0C2FA93EDBCDA6BF000000000000000000000000000000000000000000000000000000000000000067C5673F358BE43EC47509BF28C4143F0000000000000000000000000000000000000000000000000000000000000000"> : tensor<7x4xf32>
    %y6 = stablehlo.constant dense<"0x69F0B03E9155523F0C2FA93EDBCDA6BF67C5673F358BE43EC47509BF28C4143F3CA9BA3E8998963EC3D5E83C62F50B3F69F0B03E9155523F0C2FA93EDBCDA6BF67C5673F358BE43EC47509BF28C4143F3CA9BA3E8998963EC3D5E83C62F50B3F"> : tensor<2x3x4xf32>
    %y7 = stablehlo.constant dense<"0x0000000001000000020000000300000004000000"> : tensor<5xi32>
    %y8 = stablehlo.constant dense<"0x000000000000803F00000040000000000000803F00000040"> : tensor<2x3xf32>
    %y9 = stablehlo.constant dense<> : tensor<0x3xf64>
    %y10 = stablehlo.constant dense<"0x69F0B03E9155523F0C2FA93EDBCDA6BF"> : tensor<4xf32>
    %y11 = stablehlo.constant dense<"0x69F0B03E9155523F0C2FA93EDBCDA6BF67C5673F358BE43EC47509BF28C4143F3CA9BA3E8998963EC3D5E83C62F50B3F"> : tensor<3x1x4xf32>
    %y12 = stablehlo.constant dense<"0x69F0B03E9155523F0C2FA93EDBCDA6BF67C5673F358BE43EC47509BF28C4143F3CA9BA3E8998963EC3D5E83C62F50B3F69F0B03E9155523F0C2FA93EDBCDA6BF67C5673F358BE43EC47509BF28C4143F3CA9BA3E8998963EC3D5E83C62F50B3F"> : tensor<2x3x4xf32>
    %y13 = stablehlo.constant dense<"0x69F0B03E9155523F0C2FA93EDBCDA6BF67C5673F358BE43EC47509BF28C4143F3CA9BA3E8998963EC3D5E83C62F50B3F"> : tensor<1x3x4xf32>
    %r:14 = call @tested(%x0) : (tensor<3x4xf32>) -> (tensor<4x3xf32>, tensor<2x6xf32>, tensor<2x2xf32>, tensor<3x4xf32>, tensor<3x8xf32>, tensor<7x4xf32>, tensor<2x3x4xf32>, tensor<5xi32>, tensor<2x3xf32>, tensor<0x3xf64>, tensor<4xf32>, tensor<3x1x4xf32>, tensor<2x3x4xf32>, tensor<1x3x4xf32>)
    stablehlo.custom_call @check.expect_almost_eq(%r#0, %y0) {has_side_effect = true} : (tensor<4x3xf32>, tensor<4x3xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#1, %y1) {has_side_effect = true} : (tensor<2x6xf32>, tensor<2x6xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#2, %y2) {has_side_effect = true} : (tensor<2x2xf32>, tensor<2x2xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#3, %y3) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#4, %y4) {has_side_effect = true} : (tensor<3x8xf32>, tensor<3x8xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#5, %y5) {has_side_effect = true} : (tensor<7x4xf32>, tensor<7x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#6, %y6) {has_side_effect = true} : (tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_eq(%r#7, %y7) {has_side_effect = true} : (tensor<5xi32>, tensor<5xi32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#8, %y8) {has_side_effect = true} : (tensor<2x3xf32>, tensor<2x3xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#9, %y9) {has_side_effect = true} : (tensor<0x3xf64>, tensor<0x3xf64>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#10, %y10) {has_side_effect = true} : (tensor<4xf32>, tensor<4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#11, %y11) {has_side_effect = true} : (tensor<3x1x4xf32>, tensor<3x1x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#12, %y12) {has_side_effect = true} : (tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#13, %y13) {has_side_effect = true} : (tensor<1x3x4xf32>, tensor<1x3x4xf32>) -> ()
    return
  }
  func.func public @tested(%arg0: tensor<3x4xf32>) -> (tensor<4x3xf32> {jax.result_info = "result[0]"}, tensor<2x6xf32> {jax.result_info = "result[1]"}, tensor<2x2xf32> {jax.result_info = "result[2]"}, tensor<3x4xf32> {jax.result_info = "result[3]"}, tensor<3x8xf32> {jax.result_info = "result[4]"}, tensor<7x4xf32> {jax.result_info = "result[5]"}, tensor<2x3x4xf32> {jax.result_info = "result[6]"}, tensor<5xi32> {jax.result_info = "result[7]"}, tensor<2x3xf32> {jax.result_info = "result[8]"}, tensor<0x3xf64> {jax.result_info = "result[9]"}, tensor<4xf32> {jax.result_info = "result[10]"}, tensor<3x1x4xf32> {jax.result_info = "result[11]"}, tensor<2x3x4xf32> {jax.result_info = "result[12]"}, tensor<1x3x4xf32> {jax.result_info = "result[13]"}) {
    %0 = stablehlo.transpose %arg0, dims = [1, 0] : (tensor<3x4xf32>) -> tensor<4x3xf32>
    %1 = stablehlo.reshape %arg0 : (tensor<3x4xf32>) -> tensor<2x6xf32>
    %2 = stablehlo.slice %arg0 [1:3, 0:4:2] : (tensor<3x4xf32>) -> tensor<2x2xf32>
    %3 = stablehlo.reverse %arg0, dims = [0] : tensor<3x4xf32>
    %4 = stablehlo.concatenate %arg0, %arg0, dim = 1 : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x8xf32>
    %cst = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %5 = stablehlo.pad %arg0, %cst, low = [1, 0], high = [-1, 0], interior = [2, 0] : (tensor<3x4xf32>, tensor<f32>) -> tensor<7x4xf32>
    %6 = stablehlo.broadcast_in_dim %arg0, dims = [1, 2] : (tensor<3x4xf32>) -> tensor<2x3x4xf32>
    %7 = stablehlo.iota dim = 0 : tensor<5xi32>
    %8 = stablehlo.iota dim = 1 : tensor<2x3xf32>
    %cst_0 = stablehlo.constant dense<0.000000e+00> : tensor<f64>
    %9 = stablehlo.broadcast_in_dim %cst_0, dims = [] : (tensor<f64>) -> tensor<0x3xf64>
    %10 = stablehlo.slice %arg0 [0:1, 0:4] : (tensor<3x4xf32>) -> tensor<1x4xf32>
    %11 = stablehlo.reshape %10 : (tensor<1x4xf32>) -> tensor<4xf32>
    %12 = stablehlo.broadcast_in_dim %arg0, dims = [0, 2] : (tensor<3x4xf32>) -> tensor<3x1x4xf32>
    %13 = stablehlo.broadcast_in_dim %arg0, dims = [1, 2] : (tensor<3x4xf32>) -> tensor<1x3x4xf32>
    %14 = stablehlo.broadcast_in_dim %arg0, dims = [1, 2] : (tensor<3x4xf32>) -> tensor<1x3x4xf32>
    %15 = stablehlo.concatenate %13, %14, dim = 0 : (tensor<1x3x4xf32>, tensor<1x3x4xf32>) -> tensor<2x3x4xf32>
    %16 = stablehlo.broadcast_in_dim %arg0, dims = [1, 2] : (tensor<3x4xf32>) -> tensor<1x3x4xf32>
    return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %11, %12, %15, %16 : tensor<4x3xf32>, tensor<2x6xf32>, tensor<2x2xf32>, tensor<3x4xf32>, tensor<3x8xf32>, tensor<7x4xf32>, tensor<2x3x4xf32>, tensor<5xi32>, tensor<2x3xf32>, tensor<0x3xf64>, tensor<4xf32>, tensor<3x1x4xf32>, tensor<2x3x4xf32>, tensor<1x3x4xf32>
  }
}
