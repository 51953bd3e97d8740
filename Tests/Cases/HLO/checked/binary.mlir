module @jit_binary attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main() {
    %x0 = stablehlo.constant dense<"0x69F0B03E9155523F0C2FA93EDBCDA6BF67C5673F358BE43EC47509BF28C4143F3CA9BA3E8998963EC3D5E83C62F50B3F"> : tensor<3x4xf32>
    %x1 = stablehlo.constant dense<"0x41883CBFDED126BE58D8F6BEFC4D193FA6B3223DE4BC95BE272B48BFB4AE83BEC866053CD31B8DBEE2A3A53F58DC803F"> : tensor<3x4xf32>
    %y0 = stablehlo.constant dense<"0x1920C8BE1AA1283F98521BBEBA4D34BFA1F0713FA29C1D3E76D0A8BF9CD9A53E72D4BE3E60CB973C3947A93F09D7C63F"> : tensor<3x4xf32>
    %y1 = stablehlo.constant dense<"0x3B808A3F080A7C3FB203503FD974F3BF2D9A5D3F0C243D3F8CD57A3E829B563F067EB63E2EDA113F8B00A2BF9C86EBBE"> : tensor<3x4xf32>
    %y2 = stablehlo.constant dense<"0xBA4E82BEEA0F09BE2F2223BEB0C747BF904D133DA8AD05BE5AF6D63ECD0B19BEBB89423BC304A6BDD4A6163D50E60C3F"> : tensor<3x4xf32>
    %y3 = stablehlo.constant dense<"0x1742F0BE7063A1C05A752FBF71450BC08356B6418E5DC3BFF8CC2F3F279B10C0631A3342179B88BFEAECB33C10060B3F"> : tensor<3x4xf32>
    %y4 = stablehlo.constant dense<"0x69F0B03E9155523F0C2FA93EFC4D193F67C5673F358BE43EC47509BF28C4143F3CA9BA3E8998963EE2A3A53F58DC803F"> : tensor<3x4xf32>
    %y5 = stablehlo.constant dense<"0x41883CBFDED126BE58D8F6BEDBCDA6BFA6B3223DE4BC95BE272B48BFB4AE83BEC866053CD31B8DBEC3D5E83C62F50B3F"> : tensor<3x4xf32>
    %y6 = stablehlo.constant dense<"0x69F0B03EC09DE73B0C2FA93EF0FDD7BD2CE6003DA29C1D3EC47509BFA0AB883D40FACE3B60CB973CC3D5E83C62F50B3F"> : tensor<3x4xf32>
    %y7 = stablehlo.constant dense<"0x94F60B40D229843F744EDA3F0000C0FFAEFD7E3FA10DA23F0000C0FF422D933FC8E77D3F7457B33F5570233C32640B3F"> : tensor<3x4xf32>
    %y8 = stablehlo.constant dense<"0x60FB2C40E11DE23F8A9B2240E2EC91BF1873C33FCFA60940A58C22C03965FE3F2734C63F38B7144082E5B33C5EB8FE3E"> : tensor<3x4xf32>
    %y9 = stablehlo.constant dense<"0x68F0B03E9055523F0B2FA93EDACDA6BF66C5673F348BE43EC57509BF27C4143F3BA9BA3E8898963EC4D5E83C63F50B3F"> : tensor<3x4xf32>
    %y10 = stablehlo.constant dense<"0x69F0B03E41883CBF9155523FDED126BE0C2FA93E58D8F6BEDBCDA6BFFC4D193F67C5673FA6B3223D358BE43EE4BC95BEC47509BF272B48BF28C4143FB4AE83BE3CA9BA3EC866053C8998963ED31B8DBEC3D5E83CE2A3A53F62F50B3F58DC803F"> : tensor<3x4xcomplex<f32>>
    %r:11 = call @tested(%x0, %x1) : (tensor<3x4xf32>, tensor<3x4xf32>) -> (tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xcomplex<f32>>)
    stablehlo.custom_call @check.expect_almost_eq(%r#0, %y0) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#1, %y1) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#2, %y2) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#3, %y3) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#4, %y4) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#5, %y5) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#6, %y6) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#7, %y7) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#8, %y8) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#9, %y9) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#10, %y10) {has_side_effect = true} : (tensor<3x4xcomplex<f32>>, tensor<3x4xcomplex<f32>>) -> ()
    return
  }
  func.func public @tested(%arg0: tensor<3x4xf32>, %arg1: tensor<3x4xf32>) -> (tensor<3x4xf32> {jax.result_info = "result[0]"}, tensor<3x4xf32> {jax.result_info = "result[1]"}, tensor<3x4xf32> {jax.result_info = "result[2]"}, tensor<3x4xf32> {jax.result_info = "result[3]"}, tensor<3x4xf32> {jax.result_info = "result[4]"}, tensor<3x4xf32> {jax.result_info = "result[5]"}, tensor<3x4xf32> {jax.result_info = "result[6]"}, tensor<3x4xf32> {jax.result_info = "result[7]"}, tensor<3x4xf32> {jax.result_info = "result[8]"}, tensor<3x4xf32> {jax.result_info = "result[9]"}, tensor<3x4xcomplex<f32>> {jax.result_info = "result[10]"}) {
    %0 = stablehlo.add %arg0, %arg1 : tensor<3x4xf32>
    %1 = stablehlo.subtract %arg0, %arg1 : tensor<3x4xf32>
    %2 = stablehlo.multiply %arg0, %arg1 : tensor<3x4xf32>
    %3 = stablehlo.divide %arg0, %arg1 : tensor<3x4xf32>
    %4 = stablehlo.maximum %arg0, %arg1 : tensor<3x4xf32>
    %5 = stablehlo.minimum %arg0, %arg1 : tensor<3x4xf32>
    %6 = stablehlo.remainder %arg0, %arg1 : tensor<3x4xf32>
    %7 = stablehlo.power %arg0, %arg1 : tensor<3x4xf32>
    %8 = stablehlo.atan2 %arg0, %arg1 : tensor<3x4xf32>
    %9 = chlo.next_after %arg0, %arg1 : tensor<3x4xf32>, tensor<3x4xf32> -> tensor<3x4xf32>
    %10 = stablehlo.complex %arg0, %arg1 : tensor<3x4xcomplex<f32>>
    return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10 : tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xcomplex<f32>>
  }
}
