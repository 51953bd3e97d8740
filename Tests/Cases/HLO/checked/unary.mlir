module @jit_unary attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main() {
    %x0 = stablehlo.constant dense<"0x69F0B03E9155523F0C2FA93EDBCDA6BF67C5673F358BE43EC47509BF28C4143F3CA9BA3E8998963EC3D5E83C62F50B3F"> : tensor<3x4xf32>
    %y0 = stablehlo.constant dense<"0x20D7B43F1D8C11402B1FB23FAF188B3E8C421E407A04C83F87A3153F62DEE43F964EB83F67C5AB3FB4B0833FDB20DD3F"> : tensor<3x4xf32>
    %y1 = stablehlo.constant dense<"0x9F0088BFEF3149BE49BD8DBFFFFFFFFF7BA0CBBD227D4EBFFFFFFFFF06F50ABFE62781BF05A39CBF99E063C0B0941ABF"> : tensor<3x4xf32>
    %y2 = stablehlo.constant dense<"0x2A70AD3EA8743B3F291FA63EC8E276BF9061493F8B07DD3EFFF202BF91880C3FB38DB63E0C6F943EBDCDE83CFF16053F"> : tensor<3x4xf32>
    %y3 = stablehlo.constant dense<"0x5DDD703F75582E3F8B26723FB166873E4C0E1E3FA9EA663F32F95B3F3AFA553FBB2C6F3F7E01753F88E57F3F57AF5A3F"> : tensor<3x4xf32>
    %y4 = stablehlo.constant dense<"0x2856B83E0AA0893F709FAF3E116469C02716A33FF109F53E4B6518BFED21283F4965C33E2F189B3ED1E5E83CAACC1B3F"> : tensor<3x4xf32>
    %y5 = stablehlo.constant dense<"0x5A37AA3E0A0B2D3F9E48A33E03CF5CBF8E09383FF07BD63E2B3AFBBEA102063FF4CEB23EEE65923EB7C5E83CC100FF3E"> : tensor<3x4xf32>
    %y6 = stablehlo.constant dense<"0x437E163FE60B683F7D28133F0000C0FFA195733F6F092B3F0000C0FFD126433F87921A3FC9D60A3F97A22C3E59493D3F"> : tensor<3x4xf32>
    %y7 = stablehlo.constant dense<"0xC7BCD93F8D368D3F08ACDE3F0000C0FF3086863F9E95BF3F0000C0FF14E9A73FC7FDD33FAF03EC3F8ECFBD40FD1CAD3F"> : tensor<3x4xf32>
    %y8 = stablehlo.constant dense<"0x1FA6333F60C56F3F23FC303FB1CF8BBF94A7773FA0A5433F101350BF2EA1553F76E1363F0D402A3F40409C3EDC53513F"> : tensor<3x4xf32>
    %y9 = stablehlo.constant dense<"0x2AA5A23FBE39E23F4BF2A03F697BCF3EADBEEF3F106AAE3F0C71303F327DBF3FCCCCA43F66F29C3FF58B823FFAF9BA3F"> : tensor<3x4xf32>
    %y10 = stablehlo.constant dense<"0x7C5CD33E3A18A33FAC7CC83EA8733ABF1885BC3FF408103FF2B8D4BEC4BC493F543AE13E9B15AF3EE62CEC3CB6413A3F"> : tensor<3x4xf32>
    %y11 = stablehlo.constant dense<"0xE0F9973E9687193F0A2E923EFFFFFFFF0409253F72F5BC3EF21945BF5090EA3E91269F3EAE03843E6A96E53CB24CDF3E"> : tensor<3x4xf32>
    %y12 = stablehlo.constant dense<"0x000000000000000000000000000000C00000000000000000000080BF0000000000000000000000000000000000000000"> : tensor<3x4xf32>
    %y13 = stablehlo.constant dense<"0x0000803F0000803F0000803F000080BF0000803F0000803F000000800000803F0000803F0000803F0000803F0000803F"> : tensor<3x4xf32>
    %y14 = stablehlo.constant dense<"0x000000000000803F00000000000080BF0000803F00000000000080BF0000803F0000000000000000000000000000803F"> : tensor<3x4xf32>
    %y15 = stablehlo.constant dense<"0x0000803F0000803F0000803F000080BF0000803F0000803F000080BF0000803F0000803F0000803F0000803F0000803F"> : tensor<3x4xf32>
    %y16 = stablehlo.constant dense<"0x69F0B03E9155523F0C2FA93EDBCDA63F67C5673F358BE43EC475093F28C4143F3CA9BA3E8998963EC3D5E83C62F50B3F"> : tensor<3x4xf32>
    %y17 = stablehlo.constant dense<"0x69F0B0BE915552BF0C2FA9BEDBCDA63F67C567BF358BE4BEC475093F28C414BF3CA9BABE899896BEC3D5E8BC62F50BBF"> : tensor<3x4xf32>
    %y18 = stablehlo.constant dense<"0x5EE6153FFACF313F27F5143FE9C25A3ED648363F571A1C3F06E0BC3EDA2D243FDD13173F9FB0123FA3D1013FB624223F"> : tensor<3x4xf32>
    %y19 = stablehlo.constant dense<"0x010101010101010101010101"> : tensor<3x4xi1>
    %y20 = stablehlo.constant dense<"0xAEFBBF3EBE36413F552DB83E0B466FBF85B14C3FB8BBF13EE6670DBF24BD163F4BA7C93E4527A53EE453033D03820F3F"> : tensor<3x4xf32>
    %y21 = stablehlo.constant dense<"0x2902203F09257B3E56E9233F06A3F73FEF394D3E2422073FF3B3C63FB985D23E5A2C1B3F5E6C2D3FC2CA773FFAFBE03E"> : tensor<3x4xf32>
    %y22 = stablehlo.constant dense<"0xC70FA23E879B733FD07F9A3EFFFFFF7FF646973FDB72D63ECED604BF4A54123FA0A4AB3E42A3883E6863CE3C3AC1073F"> : tensor<3x4xf32>
    %y23 = stablehlo.constant dense<"0x7AA2723FC0E3063ED0997E3FD1C2983F006E7F3DD86A2F3FB998A23FB020DB3E106A643F82EB8E3F89DE624080B5F83E"> : tensor<3x4xf32>
    %y24 = stablehlo.constant dense<"0x49CA40C02C936ABF20564AC01F9135400FA33EBF325410C0BA7D97BECF38CEBF98D735C02FD864C049DC0EC2A4FADFBF"> : tensor<3x4xf32>
    %y25 = stablehlo.constant dense<"0x3D3CFE3DB407493EEC7CF63D60905EBE47544F3EA1ED153E418F26BE89862D3EF6CC033E97E0E23D5555623CD028283E"> : tensor<3x4xf32>
    %y26 = stablehlo.constant dense<"0x6F0D293DCAFC0D3F99C8133D8BA20DC0C4F93D3F4E26B63D7A871EBED0F3483E3F7A463D4D75D03C949AC037E854273E"> : tensor<3x4xf32>
    %y27 = stablehlo.constant dense<"0x000000000000803F00000000000080BF0000803F00000000000080BF0000803F0000000000000000000000000000803F"> : tensor<3x4xf32>
    %r:28 = call @tested(%x0) : (tensor<3x4xf32>) -> (tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xi1>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>)
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
    stablehlo.custom_call @check.expect_almost_eq(%r#10, %y10) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#11, %y11) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#12, %y12) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#13, %y13) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#14, %y14) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#15, %y15) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#16, %y16) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#17, %y17) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#18, %y18) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_eq(%r#19, %y19) {has_side_effect = true} : (tensor<3x4xi1>, tensor<3x4xi1>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#20, %y20) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#21, %y21) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#22, %y22) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#23, %y23) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#24, %y24) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#25, %y25) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#26, %y26) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#27, %y27) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    return
  }
  func.func public @tested(%arg0: tensor<3x4xf32>) -> (tensor<3x4xf32> {jax.result_info = "result[0]"}, tensor<3x4xf32> {jax.result_info = "result[1]"}, tensor<3x4xf32> {jax.result_info = "result[2]"}, tensor<3x4xf32> {jax.result_info = "result[3]"}, tensor<3x4xf32> {jax.result_info = "result[4]"}, tensor<3x4xf32> {jax.result_info = "result[5]"}, tensor<3x4xf32> {jax.result_info = "result[6]"}, tensor<3x4xf32> {jax.result_info = "result[7]"}, tensor<3x4xf32> {jax.result_info = "result[8]"}, tensor<3x4xf32> {jax.result_info = "result[9]"}, tensor<3x4xf32> {jax.result_info = "result[10]"}, tensor<3x4xf32> {jax.result_info = "result[11]"}, tensor<3x4xf32> {jax.result_info = "result[12]"}, tensor<3x4xf32> {jax.result_info = "result[13]"}, tensor<3x4xf32> {jax.result_info = "result[14]"}, tensor<3x4xf32> {jax.result_info = "result[15]"}, tensor<3x4xf32> {jax.result_info = "result[16]"}, tensor<3x4xf32> {jax.result_info = "result[17]"}, tensor<3x4xf32> {jax.result_info = "result[18]"}, tensor<3x4xi1> {jax.result_info = "result[19]"}, tensor<3x4xf32> {jax.result_info = "result[20]"}, tensor<3x4xf32> {jax.result_info = "result[21]"}, tensor<3x4xf32> {jax.result_info = "result[22]"}, tensor<3x4xf32> {jax.result_info = "result[23]"}, tensor<3x4xf32> {jax.result_info = "result[24]"}, tensor<3x4xf32> {jax.result_info = "result[25]"}, tensor<3x4xf32> {jax.result_info = "result[26]"}, tensor<3x4xf32> {jax.result_info = "result[27]"}) {
    %0 = stablehlo.exponential %arg0 : tensor<3x4xf32>
    %1 = stablehlo.log %arg0 : tensor<3x4xf32>
    %2 = stablehlo.sine %arg0 : tensor<3x4xf32>
    %3 = stablehlo.cosine %arg0 : tensor<3x4xf32>
    %4 = stablehlo.tan %arg0 : tensor<3x4xf32>
    %5 = stablehlo.tanh %arg0 : tensor<3x4xf32>
    %6 = stablehlo.sqrt %arg0 : tensor<3x4xf32>
    %7 = stablehlo.rsqrt %arg0 : tensor<3x4xf32>
    %8 = stablehlo.cbrt %arg0 : tensor<3x4xf32>
    %cst = stablehlo.constant dense<0.693147182> : tensor<f32>
    %9 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
    %10 = stablehlo.multiply %9, %arg0 : tensor<3x4xf32>
    %11 = stablehlo.exponential %10 : tensor<3x4xf32>
    %12 = stablehlo.exponential_minus_one %arg0 : tensor<3x4xf32>
    %13 = stablehlo.log_plus_one %arg0 : tensor<3x4xf32>
    %14 = stablehlo.floor %arg0 : tensor<3x4xf32>
    %15 = stablehlo.ceil %arg0 : tensor<3x4xf32>
    %16 = stablehlo.round_nearest_afz %arg0 : tensor<3x4xf32>
    %17 = stablehlo.sign %arg0 : tensor<3x4xf32>
    %18 = stablehlo.abs %arg0 : tensor<3x4xf32>
    %19 = stablehlo.negate %arg0 : tensor<3x4xf32>
    %20 = stablehlo.negate %arg0 : tensor<3x4xf32>
    %21 = stablehlo.exponential %20 : tensor<3x4xf32>
    %cst_0 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %22 = stablehlo.broadcast_in_dim %cst_0, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
    %23 = stablehlo.add %22, %21 : tensor<3x4xf32>
    %cst_1 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %24 = stablehlo.broadcast_in_dim %cst_1, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
    %25 = stablehlo.divide %24, %23 : tensor<3x4xf32>
    %26 = stablehlo.is_finite %arg0 : (tensor<3x4xf32>) -> tensor<3x4xi1>
    %27 = chlo.erf %arg0 : tensor<3x4xf32> -> tensor<3x4xf32>
    %28 = chlo.erfc %arg0 : tensor<3x4xf32> -> tensor<3x4xf32>
    %29 = chlo.erf_inv %arg0 : tensor<3x4xf32> -> tensor<3x4xf32>
    %30 = chlo.lgamma %arg0 : tensor<3x4xf32> -> tensor<3x4xf32>
    %31 = chlo.digamma %arg0 : tensor<3x4xf32> -> tensor<3x4xf32>
    %32 = chlo.bessel_i1e %arg0 : tensor<3x4xf32> -> tensor<3x4xf32>
    %33 = stablehlo.multiply %arg0, %arg0 : tensor<3x4xf32>
    %34 = stablehlo.multiply %33, %arg0 : tensor<3x4xf32>
    %35 = stablehlo.round_nearest_even %arg0 : tensor<3x4xf32>
    return %0, %1, %2, %3, %4, %5, %6, %7, %8, %11, %12, %13, %14, %15, %16, %17, %18, %19, %25, %26, %27, %28, %29, %30, %31, %32, %34, %35 : tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xi1>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>
  }
}
