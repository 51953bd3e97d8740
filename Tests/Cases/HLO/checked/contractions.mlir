module @jit_contractions attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main() {
    %x0 = stablehlo.constant dense<"0x69F0B03E9155523F0C2FA93EDBCDA6BF67C5673F358BE43EC47509BF28C4143F3CA9BA3E8998963EC3D5E83C62F50B3F41883CBFDED126BE58D8F6BEFC4D193FA6B3223DE4BC95BE272B48BFB4AE83BEC866053CD31B8DBEE2A3A53F58DC803F"> : tensor<2x3x4xf32>
    %x1 = stablehlo.constant dense<"0xB0832DC030CBF1BF75F732BE5729D8BE3BC55A3EA4895E3EAC8A0740B2568EBF7255C1BEC5BC0240548E253F85BE293FEC9503BF21F4D2BFE17B2B3EC742DF3DDF199DBFF1E72EBFA38B93BD3EDB71BFC441C9BD9B8CC33DE0C2113D559C01BFE0FF173F8423643F3B46A43E897751BF904D3B3F605E00BFAC10613F543089BF861A6A3F1D5CA4BC01D79FBF6EB7A0BE5A9A5D3D4EAB8B3EAE707BBF66BE8DBF"> : tensor<2x4x5xf32>
    %y0 = stablehlo.constant dense<"0xA8CE2FBF38F8394049D181BE582768BF2A7A4240AB0D29C070C5EABFC99046BFB7A6953EF5C2EE3E1BB558BFA3C937BF646847BF55D2B3BE44FE2A3EFE442FBF7663DA3EBD852EBE5D51A6BEEC56D5BE65085FBFE4EC3B3FF9620BBF2F210C3DBD39B73FFD44133F4BC7B5BFCA86D73F213A9CBFA79D25C0"> : tensor<2x3x5xf32>
    %y1 = stablehlo.constant dense<"0xA8CE2FBFAB0D29C01BB558BF38F8394070C5EABFA3C937BF49D181BEC99046BF646847BF582768BFB7A6953E55D2B3BE2A7A4240F5C2EE3E44FE2A3EFE442FBF65085FBFFD44133F7663DA3EE4EC3B3F4BC7B5BFBD852EBEF9620BBFCA86D73F5D51A6BE2F210C3D213A9CBFEC56D5BEBD39B73FA79D25C0"> : tensor<2x5x3xf32>
    %y2 = stablehlo.constant dense<"0xA8CE2FBF38F8394049D181BE582768BF2A7A4240AB0D29C070C5EABFC99046BFB7A6953EF5C2EE3E1BB558BFA3C937BF646847BF55D2B3BE44FE2A3E867CDB3F9A870BBCB819183ED2DA8F3FEE7C91BFA37734BFFBAE65BFD859653F974EB33F9E2BF4BEE2595D3FE8037ABF672286BFF3B106C0D1D7A5BF"> : tensor<2x3x5xf32>
    %y3 = stablehlo.constant dense<"0xC8D74F14D5F9E5BF903592FD063F0740682D3B63293AD0BF9054080AEB04EDBFFF25C13B454F08407406EB56B52105C0C01E6609AE58FDBFD882031019D2E8BF802C7EE5D6B4D23F10C008DE5ED8DD3F3CD2835FA316EBBF3134704534F9E6BFF4108A7E0CEDE8BF1CDA61A64A7AD6BFA4EDF7AAC85FC53F304FDDB89FE8E5BF38567ACD6E4CDB3F406F41A5B7D0C5BFC8F8C0982BCAD4BF00A2B764DDAADABF0621FABE0CE1EBBFB85E9C8D9C7DE73F18448B215F6CE1BFF0CABE422684A13FA0B77E9E37E7F63FAEE714979F68E23FCB959E5EE9B8F6BFD493F549D9F0FA3F34705F0E4487F3BFE094A7E6B4B304C0"> : tensor<2x3x5xf64>
    %y4 = stablehlo.constant dense<"0x58461741"> : tensor<f32>
    %y5 = stablehlo.constant dense<"0xA8CE2FBF38F8394049D181BE582768BF2A7A4240AB0D29C070C5EABFC99046BFB7A6953EF5C2EE3E1BB558BFA3C937BF646847BF55D2B3BE44FE2A3E"> : tensor<3x5xf32>
    %r:6 = call @tested(%x0, %x1) : (tensor<2x3x4xf32>, tensor<2x4x5xf32>) -> (tensor<2x3x5xf32>, tensor<2x5x3xf32>, tensor<2x3x5xf32>, tensor<2x3x5xf64>, tensor<f32>, tensor<3x5xf32>)
    stablehlo.custom_call @check.expect_almost_eq(%r#0, %y0) {has_side_effect = true} : (tensor<2x3x5xf32>, tensor<2x3x5xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#1, %y1) {has_side_effect = true} : (tensor<2x5x3xf32>, tensor<2x5x3xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#2, %y2) {has_side_effect = true} : (tensor<2x3x5xf32>, tensor<2x3x5xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#3, %y3) {has_side_effect = true} : (tensor<2x3x5xf64>, tensor<2x3x5xf64>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#4, %y4) {has_side_effect = true} : (tensor<f32>, tensor<f32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#5, %y5) {has_side_effect = true} : (tensor<3x5xf32>, tensor<3x5xf32>) -> ()
    return
  }
  func.func public @tested(%arg0: tensor<2x3x4xf32>, %arg1: tensor<2x4x5xf32>) -> (tensor<2x3x5xf32> {jax.result_info = "result[0]"}, tensor<2x5x3xf32> {jax.result_info = "result[1]"}, tensor<2x3x5xf32> {jax.result_info = "result[2]"}, tensor<2x3x5xf64> {jax.result_info = "result[3]"}, tensor<f32> {jax.result_info = "result[4]"}, tensor<3x5xf32> {jax.result_info = "result[5]"}) {
    %0 = stablehlo.dot_general %arg0, %arg1, batching_dims = [0] x [0], contracting_dims = [2] x [1], precision = [DEFAULT, DEFAULT] : (tensor<2x3x4xf32>, tensor<2x4x5xf32>) -> tensor<2x3x5xf32>
    %1 = stablehlo.dot_general %arg1, %arg0, batching_dims = [0] x [0], contracting_dims = [1] x [2], precision = [DEFAULT, DEFAULT] : (tensor<2x4x5xf32>, tensor<2x3x4xf32>) -> tensor<2x5x3xf32>
    %2 = stablehlo.slice %arg1 [0:1, 0:4, 0:5] : (tensor<2x4x5xf32>) -> tensor<1x4x5xf32>
    %3 = stablehlo.reshape %2 : (tensor<1x4x5xf32>) -> tensor<4x5xf32>
    %4 = stablehlo.dot_general %arg0, %3, contracting_dims = [2] x [0], precision = [DEFAULT, DEFAULT] : (tensor<2x3x4xf32>, tensor<4x5xf32>) -> tensor<2x3x5xf32>
    %5 = stablehlo.dot_general %arg0, %arg1, batching_dims = [0] x [0], contracting_dims = [2] x [1], precision = [HIGHEST, HIGHEST] : (tensor<2x3x4xf32>, tensor<2x4x5xf32>) -> tensor<2x3x5xf64>
    %6 = stablehlo.reshape %arg0 : (tensor<2x3x4xf32>) -> tensor<24xf32>
    %7 = stablehlo.reshape %arg0 : (tensor<2x3x4xf32>) -> tensor<24xf32>
    %8 = stablehlo.dot_general %6, %7, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<24xf32>, tensor<24xf32>) -> tensor<f32>
    %9 = stablehlo.slice %arg0 [0:1, 0:3, 0:4] : (tensor<2x3x4xf32>) -> tensor<1x3x4xf32>
    %10 = stablehlo.reshape %9 : (tensor<1x3x4xf32>) -> tensor<3x4xf32>
    %11 = stablehlo.slice %arg1 [0:1, 0:4, 0:5] : (tensor<2x4x5xf32>) -> tensor<1x4x5xf32>
    %12 = stablehlo.reshape %11 : (tensor<1x4x5xf32>) -> tensor<4x5xf32>
    %13 = stablehlo.dot_general %10, %12, contracting_dims = [1] x [0], precision = [DEFAULT, DEFAULT], algorithm = <lhs_precision_type = f32, rhs_precision_type = f32, accumulation_type = f32, lhs_component_count = 1, rhs_component_count = 1, num_primitive_operations = 1, allow_imprecise_accumulation = false> : (tensor<3x4xf32>, tensor<4x5xf32>) -> tensor<3x5xf32>
    return %0, %1, %4, %5, %8, %13 : tensor<2x3x5xf32>, tensor<2x5x3xf32>, tensor<2x3x5xf32>, tensor<2x3x5xf64>, tensor<f32>, tensor<3x5xf32>
  }
}
