module @jit_inverse attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main() {
    %x0 = stablehlo.constant dense<"0x69F0B03E9155523F0C2FA93EDBCDA6BF67C5673F358BE43EC47509BF28C4143F3CA9BA3E8998963EC3D5E83C62F50B3F"> : tensor<3x4xf32>
    %y0 = stablehlo.constant dense<"0x3BAAB43EB0D8763FAD6CAC3E0000C0FF7DEC903F4BE8EC3E351B11BF00BF1E3F9C10BF3E40DB983ECADDE83C3814143F"> : tensor<3x4xf32>
    %y1 = stablehlo.constant dense<"0x4CE59B3F05471B3FB0F49D3F0000C0FF788DE03EC8D58D3FBACE0840B560733FB44B993F0AD9A23F636CC53F7C0B7E3F"> : tensor<3x4xf32>
    %y2 = stablehlo.constant dense<"0x4E5CAA3EA412303F8966A33ED8906ABF2E5B3C3F9AF4D63E854CFCBE77C3063F70FEB23E2077923EB8C5E83CB714003F"> : tensor<3x4xf32>
    %y3 = stablehlo.constant dense<"0x6B7BB43E7FCF6A3F8A47AC3EC630DABFE460843F9435EC3E4A2910BF23481D3FD6D2BE3ED6C6983EC6DDE83C1E09133F"> : tensor<3x4xf32>
    %y4 = stablehlo.constant dense<"0x45B8873F7BB0AD3F480D873FF2F6FC3F3424B83F15F78C3F68E6923F513A963FE099883FB293853F3D0D803F4C9C933F"> : tensor<3x4xf32>
    %y5 = stablehlo.constant dense<"0x1198AD3EA2DC3F3F403FA63EB6498ABF7416503F4590DD3EA29603BF00750D3F68C1B63E3C81943EBECDE83C00C9053F"> : tensor<3x4xf32>
    %y6 = stablehlo.constant dense<"0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"> : tensor<3x4xf32>
    %y7 = stablehlo.constant dense<"0x0289B83E1CB5943F7CC7AF3E0000C07FB025C03FFDD7F53EBA9019BFB0052A3F0CA9C33ED82D9B3ED2E5E83C311A1D3F"> : tensor<3x4xf32>
    %r:8 = call @tested(%x0) : (tensor<3x4xf32>) -> (tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>)
    stablehlo.custom_call @check.expect_almost_eq(%r#0, %y0) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#1, %y1) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#2, %y2) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#3, %y3) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#4, %y4) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#5, %y5) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#6, %y6) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#7, %y7) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    return
  }
  func.func public @tested(%arg0: tensor<3x4xf32>) -> (tensor<3x4xf32> {jax.result_info = "result[0]"}, tensor<3x4xf32> {jax.result_info = "result[1]"}, tensor<3x4xf32> {jax.result_info = "result[2]"}, tensor<3x4xf32> {jax.result_info = "result[3]"}, tensor<3x4xf32> {jax.result_info = "result[4]"}, tensor<3x4xf32> {jax.result_info = "result[5]"}, tensor<3x4xf32> {jax.result_info = "result[6]"}, tensor<3x4xf32> {jax.result_info = "result[7]"}) {
    %0 = chlo.asin %arg0 : tensor<3x4xf32> -> tensor<3x4xf32>
    %1 = chlo.acos %arg0 : tensor<3x4xf32> -> tensor<3x4xf32>
    %2 = chlo.atan %arg0 : tensor<3x4xf32> -> tensor<3x4xf32>
    %3 = chlo.sinh %arg0 : tensor<3x4xf32> -> tensor<3x4xf32>
    %4 = chlo.cosh %arg0 : tensor<3x4xf32> -> tensor<3x4xf32>
    %5 = chlo.asinh %arg0 : tensor<3x4xf32> -> tensor<3x4xf32>
    %6 = chlo.acosh %arg0 : tensor<3x4xf32> -> tensor<3x4xf32>
    %7 = chlo.atanh %arg0 : tensor<3x4xf32> -> tensor<3x4xf32>
    return %0, %1, %2, %3, %4, %5, %6, %7 : tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>
  }
}
