module @jit_conversions attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main() {
    %x0 = stablehlo.constant dense<"0x69F0B03E9155523F0C2FA93EDBCDA6BF67C5673F358BE43EC47509BF28C4143F3CA9BA3E8998963EC3D5E83C62F50B3F"> : tensor<3x4xf32>
    %y0 = stablehlo.constant dense<"0x000000FF0000000000000000"> : tensor<3x4xi8>
    %y1 = stablehlo.constant dense<"0x000000000000000000000000000000000000000000000000"> : tensor<3x4xui16>
    %y2 = stablehlo.constant dense<"0x000000000000000000000000000000000000000000000000FFFFFFFFFFFFFFFF00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"> : tensor<3x4xi64>
    %y3 = stablehlo.constant dense<"0x8835933A493536BD3E3B24374CB8A638D535B53447276038"> : tensor<3x4xf16>
    %y4 = stablehlo.constant dense<"0xB13E523FA93EA7BF683FE53E09BF153FBB3E973EE93C0C3F"> : tensor<3x4xbf16>
    %y5 = stablehlo.constant dense<"0x000000200D1ED63F00000020B24AEA3F00000080E125D53F00000060BBD9F4BF000000E0ACF8EC3F000000A06691DC3F00000080B82EE1BF000000008598E23F000000802755D73F0000002011D3D23F00000060B81A9D3F00000040AC7EE13F"> : tensor<3x4xf64>
    %y6 = stablehlo.constant dense<"0x010101010101010101010101"> : tensor<3x4xi1>
    %y7 = stablehlo.constant dense<"0x000000200D1ED63F000000000000000000000020B24AEA3F000000000000000000000080E125D53F000000000000000000000060BBD9F4BF0000000000000000000000E0ACF8EC3F0000000000000000000000A06691DC3F000000000000000000000080B82EE1BF0000000000000000000000008598E23F0000000000000000000000802755D73F00000000000000000000002011D3D23F000000000000000000000060B81A9D3F000000000000000000000040AC7EE13F0000000000000000"> : tensor<3x4xcomplex<f64>>
    %y8 = stablehlo.constant dense<"0x2B352BBA362EB1312C290F31"> : tensor<3x4xf8E4M3FN>
    %y9 = stablehlo.constant dense<[[0, 0, 0, -1], [0, 0, 0, 0], [0, 0, 0, 0]]> : tensor<3x4xi4>
    %y10 = stablehlo.constant dense<"0x69F0B03E9155523F0C2FA93EDBCDA6BF67C5673F358BE43EC47509BF28C4143F3CA9BA3E8998963EC3D5E83C62F50B3F"> : tensor<3x4xi32>
    %y11 = stablehlo.constant dense<"0x69F0B03E9155523F0C2FA93EDBCDA6BF67C5673F358BE43EC47509BF28C4143F3CA9BA3E8998963EC3D5E83C62F50B3F"> : tensor<3x4x4xi8>
    %y12 = stablehlo.constant dense<"0x0000B13E0060523F0020A93E00C0A6BF00C0673F0080E43E008009BF00C0143F00A0BA3E00A0963E00E0E83C00000C3F"> : tensor<3x4xf32>
    %r:13 = call @tested(%x0) : (tensor<3x4xf32>) -> (tensor<3x4xi8>, tensor<3x4xui16>, tensor<3x4xi64>, tensor<3x4xf16>, tensor<3x4xbf16>, tensor<3x4xf64>, tensor<3x4xi1>, tensor<3x4xcomplex<f64>>, tensor<3x4xf8E4M3FN>, tensor<3x4xi4>, tensor<3x4xi32>, tensor<3x4x4xi8>, tensor<3x4xf32>)
    stablehlo.custom_call @check.expect_eq(%r#0, %y0) {has_side_effect = true} : (tensor<3x4xi8>, tensor<3x4xi8>) -> ()
    stablehlo.custom_call @check.expect_eq(%r#1, %y1) {has_side_effect = true} : (tensor<3x4xui16>, tensor<3x4xui16>) -> ()
    stablehlo.custom_call @check.expect_eq(%r#2, %y2) {has_side_effect = true} : (tensor<3x4xi64>, tensor<3x4xi64>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#3, %y3) {has_side_effect = true} : (tensor<3x4xf16>, tensor<3x4xf16>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#4, %y4) {has_side_effect = true} : (tensor<3x4xbf16>, tensor<3x4xbf16>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#5, %y5) {has_side_effect = true} : (tensor<3x4xf64>, tensor<3x4xf64>) -> ()
    stablehlo.custom_call @check.expect_eq(%r#6, %y6) {has_side_effect = true} : (tensor<3x4xi1>, tensor<3x4xi1>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#7, %y7) {has_side_effect = true} : (tensor<3x4xcomplex<f64>>, tensor<3x4xcomplex<f64>>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#8, %y8) {has_side_effect = true} : (tensor<3x4xf8E4M3FN>, tensor<3x4xf8E4M3FN>) -> ()
    stablehlo.custom_call @check.expect_eq(%r#9, %y9) {has_side_effect = true} : (tensor<3x4xi4>, tensor<3x4xi4>) -> ()
    stablehlo.custom_call @check.expect_eq(%r#10, %y10) {has_side_effect = true} : (tensor<3x4xi32>, tensor<3x4xi32>) -> ()
    stablehlo.custom_call @check.expect_eq(%r#11, %y11) {has_side_effect = true} : (tensor<3x4x4xi8>, tensor<3x4x4xi8>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#12, %y12) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    return
  }
  func.func public @tested(%arg0: tensor<3x4xf32>) -> (tensor<3x4xi8> {jax.result_info = "result[0]"}, tensor<3x4xui16> {jax.result_info = "result[1]"}, tensor<3x4xi64> {jax.result_info = "result[2]"}, tensor<3x4xf16> {jax.result_info = "result[3]"}, tensor<3x4xbf16> {jax.result_info = "result[4]"}, tensor<3x4xf64> {jax.result_info = "result[5]"}, tensor<3x4xi1> {jax.result_info = "result[6]"}, tensor<3x4xcomplex<f64>> {jax.result_info = "result[7]"}, tensor<3x4xf8E4M3FN> {jax.result_info = "result[8]"}, tensor<3x4xi4> {jax.result_info = "result[9]"}, tensor<3x4xi32> {jax.result_info = "result[10]"}, tensor<3x4x4xi8> {jax.result_info = "result[11]"}, tensor<3x4xf32> {jax.result_info = "result[12]"}) {
    %0 = stablehlo.convert %arg0 : (tensor<3x4xf32>) -> tensor<3x4xi8>
    %1 = stablehlo.convert %arg0 : (tensor<3x4xf32>) -> tensor<3x4xui16>
    %2 = stablehlo.convert %arg0 : (tensor<3x4xf32>) -> tensor<3x4xi64>
    %3 = stablehlo.convert %arg0 : (tensor<3x4xf32>) -> tensor<3x4xf16>
    %4 = stablehlo.convert %arg0 : (tensor<3x4xf32>) -> tensor<3x4xbf16>
    %5 = stablehlo.convert %arg0 : (tensor<3x4xf32>) -> tensor<3x4xf64>
    %cst = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %6 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
    %7 = stablehlo.compare NE, %arg0, %6, FLOAT : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xi1>
    %8 = stablehlo.convert %7 : tensor<3x4xi1>
    %9 = stablehlo.convert %arg0 : (tensor<3x4xf32>) -> tensor<3x4xcomplex<f64>>
    %10 = stablehlo.convert %arg0 : (tensor<3x4xf32>) -> tensor<3x4xf8E4M3FN>
    %11 = stablehlo.convert %arg0 : (tensor<3x4xf32>) -> tensor<3x4xi4>
    %12 = stablehlo.bitcast_convert %arg0 : (tensor<3x4xf32>) -> tensor<3x4xi32>
    %13 = stablehlo.bitcast_convert %arg0 : (tensor<3x4xf32>) -> tensor<3x4x4xi8>
    %14 = stablehlo.reduce_precision %arg0, format = e5m10 : tensor<3x4xf32>
    return %0, %1, %2, %3, %4, %5, %8, %9, %10, %11, %12, %13, %14 : tensor<3x4xi8>, tensor<3x4xui16>, tensor<3x4xi64>, tensor<3x4xf16>, tensor<3x4xbf16>, tensor<3x4xf64>, tensor<3x4xi1>, tensor<3x4xcomplex<f64>>, tensor<3x4xf8E4M3FN>, tensor<3x4xi4>, tensor<3x4xi32>, tensor<3x4x4xi8>, tensor<3x4xf32>
  }
}
