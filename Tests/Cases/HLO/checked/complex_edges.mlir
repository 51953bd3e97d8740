module @jit_complex_edges attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main() {
    %x0 = stablehlo.constant dense<"0x000020C10000803F00002041000000C06F12833A000080BF0000A0C200247449"> : tensor<4xcomplex<f32>>
    %x1 = stablehlo.constant dense<"0x00000000000000000000000000000080000000000000803F00000000000080FF00000080000000000000008000000080000000800000803F00000080000080FF000000C000000000000000C000000080000000C00000803F000000C0000080FF0000807F000000000000807F000000800000807F0000803F0000807F000080FF000080FF00000000000080FF00000080000080FF0000803F000080FF000080FF"> : tensor<20xcomplex<f32>>
    %y0 = stablehlo.constant dense<"0x9E0CB038A6CBCEB8109D56B9138D9F39DFAF25341975F6B8"> : tensor<3xcomplex<f32>>
    %y1 = stablehlo.constant dense<"0xD0C307B9FF1386B83381A5B9B1E44EB9BCCD21395D5FFC33"> : tensor<3xcomplex<f32>>
    %y2 = stablehlo.constant dense<"0x035518BF403E6D3FDFA7EABEDB2E80BF621068332678B0B8"> : tensor<3xcomplex<f32>>
    %y3 = stablehlo.constant dense<"0x0355183F403E6DBFDFA7EABEDB2E80BF8C9E6238DCB5B4B3"> : tensor<3xcomplex<f32>>
    %y4 = stablehlo.constant dense<"0x02D48E03C0C5A7837D1D2E84777181040000000035F3C7830000C0FF0000C0FF"> : tensor<4xcomplex<f32>>
    %y5 = stablehlo.constant dense<"0x894ADC83DF8D5983FB45868411DA27844E450304000000000000C0FF0000C0FF"> : tensor<4xcomplex<f32>>
    %y6 = stablehlo.constant dense<"0x452CF7897B79400A1860BE8926FD4F8A00000000402B8F832A97D4BCA7DB1EBC"> : tensor<4xcomplex<f32>>
    %y7 = stablehlo.constant dense<"0x452CF7097B79408A1860BE8926FD4F8AFEDA3703000000002A97D43CA7DB1E3C"> : tensor<4xcomplex<f32>>
    %y8 = stablehlo.constant dense<"0x0000000000000000000000000000008000000000FE6C963F00000000000080FF0000000000000000000000000000008000000000FE6C963F00000000000080FFB7C768BF00000080B7C768BF000000006999B3BF9565FABE000080FF0000807F0000C0FF0000C0FF0000C0FF0000C0FF0000C0FF0000C0FF0000C0FF0000C0FF0000C0FF0000C0FF0000C0FF0000C0FF0000C0FF0000C0FF0000C0FF0000C0FF"> : tensor<20xcomplex<f32>>
    %y9 = stablehlo.constant dense<"0x0000803F000000000000803F00000000AA83C53F000000000000807F000000000000803F000000000000803F00000000AA83C53F000000000000807F000000003311D5BE000000003311D5BE00000080D26324BF20C8883F000080FF000080FF0000C0FF0000C07F0000C0FF0000C07F0000C0FF0000C07F0000C0FF0000C07F0000C0FF0000C07F0000C0FF0000C07F0000C0FF0000C07F0000C0FF0000C07F"> : tensor<20xcomplex<f32>>
    %y10 = stablehlo.constant dense<"0x0000000000000000000000000000000000000000A46A573F0000C0FF0000C0FF0000000000000000000000000000000000000000A46A573F0000C0FF0000C0FF7B1E68C0000000007B1E68C00000000034D4FABF1D9C4A400000C0FF0000C0FF0000807F000000000000807F000000000000807F0000807F0000C0FF0000C0FF000080FF00000000000080FF00000000000080FF0000807F0000C0FF0000C0FF"> : tensor<20xcomplex<f32>>
    %y11 = stablehlo.constant dense<"0x0000803F000000000000803F0000000040510A3F000000000000C0FF0000C0FF0000803F000000000000803F0000000040510A3F000000000000C0FF0000C0FFD1C7704000000000D1C7704000000000221802404B5243C00000C0FF0000C0FF0000807F000000000000807F000000000000807F0000807F0000C0FF0000C0FF0000807F000000000000807F000000000000807F000080FF0000C0FF0000C0FF"> : tensor<20xcomplex<f32>>
    %y12 = stablehlo.constant dense<"0x0000000000000000000000000000008000000000D6F7423F00000000000080BF0000000000000000000000000000008000000000D6F7423F00000000000080BFB1D70B4000000000B1D70B40000000801B4D793E9D57953F00000000000080BF0000C0FF0000C07F0000C0FF0000C07F0000C0FF0000C07F00000000000080BF0000C0FF0000C07F0000C0FF0000C07F0000C0FF0000C07F00000000000080BF"> : tensor<20xcomplex<f32>>
    %y13 = stablehlo.constant dense<"0x00000000000000000000000000000000000000002359C73F0000C07F0000C0FF00000080000000000000008000000000000000802359C73F0000C07F0000C0FF84CA76BF0000000084CA76BF00000000C2E481BF517F0A3D0000C07F0000C0FF0000803F000000000000803F000000000000803F000000000000803F00000000000080BF00000000000080BF00000000000080BF00000000000080BF00000000"> : tensor<20xcomplex<f32>>
    %y14 = stablehlo.constant dense<"0x0000000000000000000000000000000000000000B4A1613F00000000000080FF0000008000000000000000800000000000000080B4A1613F00000080000080FFDB0FC9BF1492A83FDB0FC9BF1492A83FCD1E88BFB713BC3F00000080000080FFDB0FC93F0000807FDB0FC93F0000807FDB0FC93F0000807FDB0F493F000080FFDB0FC9BF0000807FDB0FC9BF0000807FDB0FC9BF0000807FDB0F49BF000080FF"> : tensor<20xcomplex<f32>>
    %y15 = stablehlo.constant dense<"0xDB0FC93F00000080DB0FC93F00000080DB0FC93FB4A161BFDB0FC93F0000807FDB0FC93F00000080DB0FC93F00000080DB0FC93FB4A161BFDB0FC93F0000807FDB0F49401492A8BFDB0F49401492A8BF54972840B713BCBFDB0FC93F0000807F00000000000080FF00000000000080FF00000000000080FFDB0F493F0000807FDB0F4940000080FFDB0F4940000080FFDB0F4940000080FFE4CB16400000807F"> : tensor<20xcomplex<f32>>
    %y16 = stablehlo.constant dense<"0x00000000000000800000000000000080000000000000807FDB0FC93F0000008000000080000000800000008000000080000000800000807FDB0FC93F000000800DB78DBF000000800DB78DBF00000080E4CB96BF1872313EDB0FC9BF00000080DB0FC93F00000080DB0FC93F00000080DB0FC93F00000000DB0FC93F00000080DB0FC9BF00000080DB0FC9BF00000080DB0FC9BF00000000DB0FC9BF00000080"> : tensor<20xcomplex<f32>>
    %y17 = stablehlo.constant dense<"0x0000000000000000000000000000008000000000DB0FC93F0000807FDB0FC9BF0000000000000000000000000000008000000000DB0FC93F0000807FDB0FC9BF0CC9B8BF000000000CC9B8BF0000008036A8C3BF0BAADA3E000080FFDB0FC9BF0000807F000000000000807F000000800000807F000000000000807FDB0F49BF000080FF00000000000080FF00000080000080FF00000000000080FFDB0F49BF"> : tensor<20xcomplex<f32>>
    %y18 = stablehlo.constant dense<"0x00000000DB0FC93F00000000DB0FC93FB4A1613FDB0FC93F0000807FDB0FC9BF00000000DB0FC93F00000000DB0FC93FB4A1613FDB0FC93F0000807FDB0FC9BF1492A83FDB0F49401492A83FDB0F4940B713BC3F549728400000807FDB0FC9BF0000807F000000000000807F000000000000807F000000000000807FDB0F49BF0000807FDB0F49400000807FDB0F49400000807FDB0F49400000807FE4CB16C0"> : tensor<20xcomplex<f32>>
    %y19 = stablehlo.constant dense<"0x0000000000000000000000000000008000000000DB0F493F00000000DB0FC9BF0000000000000000000000000000008000000000DB0F493F00000000DB0FC9BF549F0CBFDB0FC93F549F0CBFDB0FC9BF1002CEBE7463AB3F00000080DB0FC9BF00000000DB0FC93F00000000DB0FC93F00000000DB0FC93F00000000DB0FC9BF00000080DB0FC93F00000080DB0FC93F00000080DB0FC93F00000080DB0FC9BF"> : tensor<20xcomplex<f32>>
    %y20 = stablehlo.constant dense<"0x0000803F000000000000803F0000000040510A3FA46A573F0000C0FF0000C0FF0000803F000000000000803F0000000040510A3FA46A573F0000C0FF0000C0FF55950A3E0000000055950A3E00000000F7C0953D4A3AE93D0000C0FF0000C0FF0000807F000000000000807F000000000000807F0000807F0000C0FF0000C0FF0000000000000000000000000000000000000000000000000000C0FF0000C0FF"> : tensor<20xcomplex<f32>>
    %y21 = stablehlo.constant dense<"0x000080FF00000000000080FF0000008000000000DB0FC93F0000807FDB0FC9BF000080FFDB0F4940000080FFDB0F49C000000000DB0FC93F0000807FDB0FC9BF1872313FDB0F49401872313FDB0F49C010024E3F74632B400000807FDB0FC9BF0000807F000000000000807F000000800000807F000000000000807FDB0F49BF0000807FDB0F49400000807FDB0F49C00000807FDB0F49400000807FE4CB16C0"> : tensor<20xcomplex<f32>>
    %y22 = stablehlo.constant dense<"0x00000000000000000000000000000000F304353FF304353F0000807F000080FF00000000000000000000000000000000F304353FF304353F0000807F000080FF00000000F304B53F00000000F304B53F32E7AF3ECD48BA3F0000807F000080FF0000807F000000000000807F000000000000807F000000000000807F000080FF000000000000807F000000000000807F000000000000807F0000807F000080FF"> : tensor<20xcomplex<f32>>
    %y23 = stablehlo.constant dense<"0x00000000000000000000000000000080000080BF00000000000080FF0000C0FF00000000000000800000000000000000000080BF00000080000080FF0000C0FF0000804000000080000080400000000000004040000080C0000080FF0000807F0000807F0000C0FF0000807F0000C0FF0000807F0000807F0000C0FF000080FF0000807F0000C0FF0000807F0000C0FF0000807F000080FF0000C0FF0000807F"> : tensor<20xcomplex<f32>>
    %y24 = stablehlo.constant dense<"0x0000003F000000000000003F000000000000003F7BDA8B3E0000C0FF0000C0FF0000003F000000000000003F000000000000003F7BDA8B3E0000C0FF0000C0FFA920F43D00000000A920F43D0000000077CDA03D6B45C83D0000C0FF0000C0FF0000803F000000000000803F000000000000803F000000000000C0FF0000C0FF0000000000000000000000000000000000000000000000000000C0FF0000C0FF"> : tensor<20xcomplex<f32>>
    %y25 = stablehlo.constant dense<"0x00000000000000000000803F0000807F00000000000000000000803F0000807F0000004000000040BD1B0F400000807F0000807F0000807F0000807F0000807F0000807F0000807F0000807F0000807F"> : tensor<20xf32>
    %r:26 = call @tested(%x0, %x1) : (tensor<4xcomplex<f32>>, tensor<20xcomplex<f32>>) -> (tensor<3xcomplex<f32>>, tensor<3xcomplex<f32>>, tensor<3xcomplex<f32>>, tensor<3xcomplex<f32>>, tensor<4xcomplex<f32>>, tensor<4xcomplex<f32>>, tensor<4xcomplex<f32>>, tensor<4xcomplex<f32>>, tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>, tensor<20xf32>)
    stablehlo.custom_call @check.expect_almost_eq(%r#0, %y0) {has_side_effect = true} : (tensor<3xcomplex<f32>>, tensor<3xcomplex<f32>>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#1, %y1) {has_side_effect = true} : (tensor<3xcomplex<f32>>, tensor<3xcomplex<f32>>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#2, %y2) {has_side_effect = true} : (tensor<3xcomplex<f32>>, tensor<3xcomplex<f32>>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#3, %y3) {has_side_effect = true} : (tensor<3xcomplex<f32>>, tensor<3xcomplex<f32>>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#4, %y4) {has_side_effect = true} : (tensor<4xcomplex<f32>>, tensor<4xcomplex<f32>>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#5, %y5) {has_side_effect = true} : (tensor<4xcomplex<f32>>, tensor<4xcomplex<f32>>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#6, %y6) {has_side_effect = true} : (tensor<4xcomplex<f32>>, tensor<4xcomplex<f32>>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#7, %y7) {has_side_effect = true} : (tensor<4xcomplex<f32>>, tensor<4xcomplex<f32>>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#8, %y8) {has_side_effect = true} : (tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#9, %y9) {has_side_effect = true} : (tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#10, %y10) {has_side_effect = true} : (tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#11, %y11) {has_side_effect = true} : (tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#12, %y12) {has_side_effect = true} : (tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#13, %y13) {has_side_effect = true} : (tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#14, %y14) {has_side_effect = true} : (tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#15, %y15) {has_side_effect = true} : (tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#16, %y16) {has_side_effect = true} : (tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#17, %y17) {has_side_effect = true} : (tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#18, %y18) {has_side_effect = true} : (tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#19, %y19) {has_side_effect = true} : (tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#20, %y20) {has_side_effect = true} : (tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#21, %y21) {has_side_effect = true} : (tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#22, %y22) {has_side_effect = true} : (tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#23, %y23) {has_side_effect = true} : (tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#24, %y24) {has_side_effect = true} : (tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#25, %y25) {has_side_effect = true} : (tensor<20xf32>, tensor<20xf32>) -> ()
    return
  }
  func.func public @tested(%arg0: tensor<4xcomplex<f32>>, %arg1: tensor<20xcomplex<f32>>) -> (tensor<3xcomplex<f32>> {jax.result_info = "result[0]"}, tensor<3xcomplex<f32>> {jax.result_info = "result[1]"}, tensor<3xcomplex<f32>> {jax.result_info = "result[2]"}, tensor<3xcomplex<f32>> {jax.result_info = "result[3]"}, tensor<4xcomplex<f32>> {jax.result_info = "result[4]"}, tensor<4xcomplex<f32>> {jax.result_info = "result[5]"}, tensor<4xcomplex<f32>> {jax.result_info = "result[6]"}, tensor<4xcomplex<f32>> {jax.result_info = "result[7]"}, tensor<20xcomplex<f32>> {jax.result_info = "result[8]"}, tensor<20xcomplex<f32>> {jax.result_info = "result[9]"}, tensor<20xcomplex<f32>> {jax.result_info = "result[10]"}, tensor<20xcomplex<f32>> {jax.result_info = "result[11]"}, tensor<20xcomplex<f32>> {jax.result_info = "result[12]"}, tensor<20xcomplex<f32>> {jax.result_info = "result[13]"}, tensor<20xcomplex<f32>> {jax.result_info = "result[14]"}, tensor<20xcomplex<f32>> {jax.result_info = "result[15]"}, tensor<20xcomplex<f32>> {jax.result_info = "result[16]"}, tensor<20xcomplex<f32>> {jax.result_info = "result[17]"}, tensor<20xcomplex<f32>> {jax.result_info = "result[18]"}, tensor<20xcomplex<f32>> {jax.result_info = "result[19]"}, tensor<20xcomplex<f32>> {jax.result_info = "result[20]"}, tensor<20xcomplex<f32>> {jax.result_info = "result[21]"}, tensor<20xcomplex<f32>> {jax.result_info = "result[22]"}, tensor<20xcomplex<f32>> {jax.result_info = "result[23]"}, tensor<20xcomplex<f32>> {jax.result_info = "result[24]"}, tensor<20xf32> {jax.result_info = "result[25]"}) {
    %0 = stablehlo.slice %arg0 [0:3] : (tensor<4xcomplex<f32>>) -> tensor<3xcomplex<f32>>
    %1 = stablehlo.real %0 : (tensor<3xcomplex<f32>>) -> tensor<3xf32>
    %2 = stablehlo.imag %0 : (tensor<3xcomplex<f32>>) -> tensor<3xf32>
    %cst = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %3 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<f32>) -> tensor<3xf32>
    %4 = stablehlo.compare EQ, %1, %3, FLOAT : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xi1>
    %5 = stablehlo.sine %1 : tensor<3xf32>
    %6 = stablehlo.cosine %1 : tensor<3xf32>
    %7 = stablehlo.exponential_minus_one %2 : tensor<3xf32>
    %8 = stablehlo.negate %2 : tensor<3xf32>
    %9 = stablehlo.exponential_minus_one %8 : tensor<3xf32>
    %10 = stablehlo.subtract %7, %9 : tensor<3xf32>
    %cst_0 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %11 = stablehlo.broadcast_in_dim %cst_0, dims = [] : (tensor<f32>) -> tensor<3xf32>
    %12 = stablehlo.divide %10, %11 : tensor<3xf32>
    %13 = stablehlo.add %7, %9 : tensor<3xf32>
    %cst_1 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %14 = stablehlo.broadcast_in_dim %cst_1, dims = [] : (tensor<f32>) -> tensor<3xf32>
    %15 = stablehlo.add %13, %14 : tensor<3xf32>
    %cst_2 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %16 = stablehlo.broadcast_in_dim %cst_2, dims = [] : (tensor<f32>) -> tensor<3xf32>
    %17 = stablehlo.divide %15, %16 : tensor<3xf32>
    %18 = stablehlo.multiply %5, %17 : tensor<3xf32>
    %19 = stablehlo.multiply %6, %12 : tensor<3xf32>
    %cst_3 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %20 = stablehlo.broadcast_in_dim %cst_3, dims = [] : (tensor<f32>) -> tensor<3xf32>
    %21 = stablehlo.complex %20, %19 : tensor<3xcomplex<f32>>
    %22 = stablehlo.complex %18, %19 : tensor<3xcomplex<f32>>
    %23 = stablehlo.select %4, %21, %22 : tensor<3xi1>, tensor<3xcomplex<f32>>
    %cst_4 = stablehlo.constant dense<(9.99999974E-5,0.000000e+00)> : tensor<complex<f32>>
    %24 = stablehlo.broadcast_in_dim %cst_4, dims = [] : (tensor<complex<f32>>) -> tensor<3xcomplex<f32>>
    %25 = stablehlo.multiply %23, %24 : tensor<3xcomplex<f32>>
    %26 = stablehlo.slice %arg0 [0:3] : (tensor<4xcomplex<f32>>) -> tensor<3xcomplex<f32>>
    %27 = stablehlo.real %26 : (tensor<3xcomplex<f32>>) -> tensor<3xf32>
    %28 = stablehlo.imag %26 : (tensor<3xcomplex<f32>>) -> tensor<3xf32>
    %cst_5 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %29 = stablehlo.broadcast_in_dim %cst_5, dims = [] : (tensor<f32>) -> tensor<3xf32>
    %30 = stablehlo.compare EQ, %27, %29, FLOAT : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xi1>
    %31 = stablehlo.sine %27 : tensor<3xf32>
    %32 = stablehlo.cosine %27 : tensor<3xf32>
    %33 = stablehlo.exponential_minus_one %28 : tensor<3xf32>
    %34 = stablehlo.negate %28 : tensor<3xf32>
    %35 = stablehlo.exponential_minus_one %34 : tensor<3xf32>
    %36 = stablehlo.subtract %33, %35 : tensor<3xf32>
    %cst_6 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %37 = stablehlo.broadcast_in_dim %cst_6, dims = [] : (tensor<f32>) -> tensor<3xf32>
    %38 = stablehlo.divide %36, %37 : tensor<3xf32>
    %39 = stablehlo.add %33, %35 : tensor<3xf32>
    %cst_7 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %40 = stablehlo.broadcast_in_dim %cst_7, dims = [] : (tensor<f32>) -> tensor<3xf32>
    %41 = stablehlo.add %39, %40 : tensor<3xf32>
    %cst_8 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %42 = stablehlo.broadcast_in_dim %cst_8, dims = [] : (tensor<f32>) -> tensor<3xf32>
    %43 = stablehlo.divide %41, %42 : tensor<3xf32>
    %44 = stablehlo.multiply %32, %43 : tensor<3xf32>
    %45 = stablehlo.negate %31 : tensor<3xf32>
    %46 = stablehlo.multiply %45, %38 : tensor<3xf32>
    %cst_9 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %47 = stablehlo.broadcast_in_dim %cst_9, dims = [] : (tensor<f32>) -> tensor<3xf32>
    %48 = stablehlo.complex %44, %47 : tensor<3xcomplex<f32>>
    %49 = stablehlo.complex %44, %46 : tensor<3xcomplex<f32>>
    %50 = stablehlo.select %30, %48, %49 : tensor<3xi1>, tensor<3xcomplex<f32>>
    %cst_10 = stablehlo.constant dense<(9.99999974E-5,0.000000e+00)> : tensor<complex<f32>>
    %51 = stablehlo.broadcast_in_dim %cst_10, dims = [] : (tensor<complex<f32>>) -> tensor<3xcomplex<f32>>
    %52 = stablehlo.multiply %50, %51 : tensor<3xcomplex<f32>>
    %53 = stablehlo.slice %arg0 [0:3] : (tensor<4xcomplex<f32>>) -> tensor<3xcomplex<f32>>
    %54 = chlo.sinh %53 : tensor<3xcomplex<f32>> -> tensor<3xcomplex<f32>>
    %cst_11 = stablehlo.constant dense<(9.99999974E-5,0.000000e+00)> : tensor<complex<f32>>
    %55 = stablehlo.broadcast_in_dim %cst_11, dims = [] : (tensor<complex<f32>>) -> tensor<3xcomplex<f32>>
    %56 = stablehlo.multiply %54, %55 : tensor<3xcomplex<f32>>
    %57 = stablehlo.slice %arg0 [0:3] : (tensor<4xcomplex<f32>>) -> tensor<3xcomplex<f32>>
    %58 = chlo.cosh %57 : tensor<3xcomplex<f32>> -> tensor<3xcomplex<f32>>
    %cst_12 = stablehlo.constant dense<(9.99999974E-5,0.000000e+00)> : tensor<complex<f32>>
    %59 = stablehlo.broadcast_in_dim %cst_12, dims = [] : (tensor<complex<f32>>) -> tensor<3xcomplex<f32>>
    %60 = stablehlo.multiply %58, %59 : tensor<3xcomplex<f32>>
    %61 = stablehlo.real %arg0 : (tensor<4xcomplex<f32>>) -> tensor<4xf32>
    %62 = stablehlo.imag %arg0 : (tensor<4xcomplex<f32>>) -> tensor<4xf32>
    %cst_13 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %63 = stablehlo.broadcast_in_dim %cst_13, dims = [] : (tensor<f32>) -> tensor<4xf32>
    %64 = stablehlo.compare EQ, %61, %63, FLOAT : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
    %65 = stablehlo.sine %61 : tensor<4xf32>
    %66 = stablehlo.cosine %61 : tensor<4xf32>
    %67 = stablehlo.exponential_minus_one %62 : tensor<4xf32>
    %68 = stablehlo.negate %62 : tensor<4xf32>
    %69 = stablehlo.exponential_minus_one %68 : tensor<4xf32>
    %70 = stablehlo.subtract %67, %69 : tensor<4xf32>
    %cst_14 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %71 = stablehlo.broadcast_in_dim %cst_14, dims = [] : (tensor<f32>) -> tensor<4xf32>
    %72 = stablehlo.divide %70, %71 : tensor<4xf32>
    %73 = stablehlo.add %67, %69 : tensor<4xf32>
    %cst_15 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %74 = stablehlo.broadcast_in_dim %cst_15, dims = [] : (tensor<f32>) -> tensor<4xf32>
    %75 = stablehlo.add %73, %74 : tensor<4xf32>
    %cst_16 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %76 = stablehlo.broadcast_in_dim %cst_16, dims = [] : (tensor<f32>) -> tensor<4xf32>
    %77 = stablehlo.divide %75, %76 : tensor<4xf32>
    %78 = stablehlo.multiply %65, %77 : tensor<4xf32>
    %79 = stablehlo.multiply %66, %72 : tensor<4xf32>
    %cst_17 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %80 = stablehlo.broadcast_in_dim %cst_17, dims = [] : (tensor<f32>) -> tensor<4xf32>
    %81 = stablehlo.complex %80, %79 : tensor<4xcomplex<f32>>
    %82 = stablehlo.complex %78, %79 : tensor<4xcomplex<f32>>
    %83 = stablehlo.select %64, %81, %82 : tensor<4xi1>, tensor<4xcomplex<f32>>
    %cst_18 = stablehlo.constant dense<(1.000000e-36,0.000000e+00)> : tensor<complex<f32>>
    %84 = stablehlo.broadcast_in_dim %cst_18, dims = [] : (tensor<complex<f32>>) -> tensor<4xcomplex<f32>>
    %85 = stablehlo.multiply %83, %84 : tensor<4xcomplex<f32>>
    %86 = stablehlo.real %arg0 : (tensor<4xcomplex<f32>>) -> tensor<4xf32>
    %87 = stablehlo.imag %arg0 : (tensor<4xcomplex<f32>>) -> tensor<4xf32>
    %cst_19 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %88 = stablehlo.broadcast_in_dim %cst_19, dims = [] : (tensor<f32>) -> tensor<4xf32>
    %89 = stablehlo.compare EQ, %86, %88, FLOAT : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
    %90 = stablehlo.sine %86 : tensor<4xf32>
    %91 = stablehlo.cosine %86 : tensor<4xf32>
    %92 = stablehlo.exponential_minus_one %87 : tensor<4xf32>
    %93 = stablehlo.negate %87 : tensor<4xf32>
    %94 = stablehlo.exponential_minus_one %93 : tensor<4xf32>
    %95 = stablehlo.subtract %92, %94 : tensor<4xf32>
    %cst_20 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %96 = stablehlo.broadcast_in_dim %cst_20, dims = [] : (tensor<f32>) -> tensor<4xf32>
    %97 = stablehlo.divide %95, %96 : tensor<4xf32>
    %98 = stablehlo.add %92, %94 : tensor<4xf32>
    %cst_21 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %99 = stablehlo.broadcast_in_dim %cst_21, dims = [] : (tensor<f32>) -> tensor<4xf32>
    %100 = stablehlo.add %98, %99 : tensor<4xf32>
    %cst_22 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %101 = stablehlo.broadcast_in_dim %cst_22, dims = [] : (tensor<f32>) -> tensor<4xf32>
    %102 = stablehlo.divide %100, %101 : tensor<4xf32>
    %103 = stablehlo.multiply %91, %102 : tensor<4xf32>
    %104 = stablehlo.negate %90 : tensor<4xf32>
    %105 = stablehlo.multiply %104, %97 : tensor<4xf32>
    %cst_23 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %106 = stablehlo.broadcast_in_dim %cst_23, dims = [] : (tensor<f32>) -> tensor<4xf32>
    %107 = stablehlo.complex %103, %106 : tensor<4xcomplex<f32>>
    %108 = stablehlo.complex %103, %105 : tensor<4xcomplex<f32>>
    %109 = stablehlo.select %89, %107, %108 : tensor<4xi1>, tensor<4xcomplex<f32>>
    %cst_24 = stablehlo.constant dense<(1.000000e-36,0.000000e+00)> : tensor<complex<f32>>
    %110 = stablehlo.broadcast_in_dim %cst_24, dims = [] : (tensor<complex<f32>>) -> tensor<4xcomplex<f32>>
    %111 = stablehlo.multiply %109, %110 : tensor<4xcomplex<f32>>
    %112 = chlo.sinh %arg0 : tensor<4xcomplex<f32>> -> tensor<4xcomplex<f32>>
    %cst_25 = stablehlo.constant dense<(1.000000e-36,0.000000e+00)> : tensor<complex<f32>>
    %113 = stablehlo.broadcast_in_dim %cst_25, dims = [] : (tensor<complex<f32>>) -> tensor<4xcomplex<f32>>
    %114 = stablehlo.multiply %112, %113 : tensor<4xcomplex<f32>>
    %115 = chlo.cosh %arg0 : tensor<4xcomplex<f32>> -> tensor<4xcomplex<f32>>
    %cst_26 = stablehlo.constant dense<(1.000000e-36,0.000000e+00)> : tensor<complex<f32>>
    %116 = stablehlo.broadcast_in_dim %cst_26, dims = [] : (tensor<complex<f32>>) -> tensor<4xcomplex<f32>>
    %117 = stablehlo.multiply %115, %116 : tensor<4xcomplex<f32>>
    %118 = stablehlo.real %arg1 : (tensor<20xcomplex<f32>>) -> tensor<20xf32>
    %119 = stablehlo.imag %arg1 : (tensor<20xcomplex<f32>>) -> tensor<20xf32>
    %cst_27 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %120 = stablehlo.broadcast_in_dim %cst_27, dims = [] : (tensor<f32>) -> tensor<20xf32>
    %121 = stablehlo.compare EQ, %118, %120, FLOAT : (tensor<20xf32>, tensor<20xf32>) -> tensor<20xi1>
    %122 = stablehlo.sine %118 : tensor<20xf32>
    %123 = stablehlo.cosine %118 : tensor<20xf32>
    %124 = stablehlo.exponential_minus_one %119 : tensor<20xf32>
    %125 = stablehlo.negate %119 : tensor<20xf32>
    %126 = stablehlo.exponential_minus_one %125 : tensor<20xf32>
    %127 = stablehlo.subtract %124, %126 : tensor<20xf32>
    %cst_28 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %128 = stablehlo.broadcast_in_dim %cst_28, dims = [] : (tensor<f32>) -> tensor<20xf32>
    %129 = stablehlo.divide %127, %128 : tensor<20xf32>
    %130 = stablehlo.add %124, %126 : tensor<20xf32>
    %cst_29 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %131 = stablehlo.broadcast_in_dim %cst_29, dims = [] : (tensor<f32>) -> tensor<20xf32>
    %132 = stablehlo.add %130, %131 : tensor<20xf32>
    %cst_30 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %133 = stablehlo.broadcast_in_dim %cst_30, dims = [] : (tensor<f32>) -> tensor<20xf32>
    %134 = stablehlo.divide %132, %133 : tensor<20xf32>
    %135 = stablehlo.multiply %122, %134 : tensor<20xf32>
    %136 = stablehlo.multiply %123, %129 : tensor<20xf32>
    %cst_31 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %137 = stablehlo.broadcast_in_dim %cst_31, dims = [] : (tensor<f32>) -> tensor<20xf32>
    %138 = stablehlo.complex %137, %136 : tensor<20xcomplex<f32>>
    %139 = stablehlo.complex %135, %136 : tensor<20xcomplex<f32>>
    %140 = stablehlo.select %121, %138, %139 : tensor<20xi1>, tensor<20xcomplex<f32>>
    %141 = stablehlo.real %arg1 : (tensor<20xcomplex<f32>>) -> tensor<20xf32>
    %142 = stablehlo.imag %arg1 : (tensor<20xcomplex<f32>>) -> tensor<20xf32>
    %cst_32 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %143 = stablehlo.broadcast_in_dim %cst_32, dims = [] : (tensor<f32>) -> tensor<20xf32>
    %144 = stablehlo.compare EQ, %141, %143, FLOAT : (tensor<20xf32>, tensor<20xf32>) -> tensor<20xi1>
    %145 = stablehlo.sine %141 : tensor<20xf32>
    %146 = stablehlo.cosine %141 : tensor<20xf32>
    %147 = stablehlo.exponential_minus_one %142 : tensor<20xf32>
    %148 = stablehlo.negate %142 : tensor<20xf32>
    %149 = stablehlo.exponential_minus_one %148 : tensor<20xf32>
    %150 = stablehlo.subtract %147, %149 : tensor<20xf32>
    %cst_33 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %151 = stablehlo.broadcast_in_dim %cst_33, dims = [] : (tensor<f32>) -> tensor<20xf32>
    %152 = stablehlo.divide %150, %151 : tensor<20xf32>
    %153 = stablehlo.add %147, %149 : tensor<20xf32>
    %cst_34 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %154 = stablehlo.broadcast_in_dim %cst_34, dims = [] : (tensor<f32>) -> tensor<20xf32>
    %155 = stablehlo.add %153, %154 : tensor<20xf32>
    %cst_35 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %156 = stablehlo.broadcast_in_dim %cst_35, dims = [] : (tensor<f32>) -> tensor<20xf32>
    %157 = stablehlo.divide %155, %156 : tensor<20xf32>
    %158 = stablehlo.multiply %146, %157 : tensor<20xf32>
    %159 = stablehlo.negate %145 : tensor<20xf32>
    %160 = stablehlo.multiply %159, %152 : tensor<20xf32>
    %cst_36 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %161 = stablehlo.broadcast_in_dim %cst_36, dims = [] : (tensor<f32>) -> tensor<20xf32>
    %162 = stablehlo.complex %158, %161 : tensor<20xcomplex<f32>>
    %163 = stablehlo.complex %158, %160 : tensor<20xcomplex<f32>>
    %164 = stablehlo.select %144, %162, %163 : tensor<20xi1>, tensor<20xcomplex<f32>>
    %165 = chlo.sinh %arg1 : tensor<20xcomplex<f32>> -> tensor<20xcomplex<f32>>
    %166 = chlo.cosh %arg1 : tensor<20xcomplex<f32>> -> tensor<20xcomplex<f32>>
    %167 = stablehlo.tan %arg1 : tensor<20xcomplex<f32>>
    %168 = stablehlo.tanh %arg1 : tensor<20xcomplex<f32>>
    %169 = chlo.asin %arg1 : tensor<20xcomplex<f32>> -> tensor<20xcomplex<f32>>
    %170 = chlo.acos %arg1 : tensor<20xcomplex<f32>> -> tensor<20xcomplex<f32>>
    %171 = chlo.atan %arg1 : tensor<20xcomplex<f32>> -> tensor<20xcomplex<f32>>
    %172 = chlo.asinh %arg1 : tensor<20xcomplex<f32>> -> tensor<20xcomplex<f32>>
    %173 = chlo.acosh %arg1 : tensor<20xcomplex<f32>> -> tensor<20xcomplex<f32>>
    %174 = chlo.atanh %arg1 : tensor<20xcomplex<f32>> -> tensor<20xcomplex<f32>>
    %175 = stablehlo.exponential %arg1 : tensor<20xcomplex<f32>>
    %176 = stablehlo.log %arg1 : tensor<20xcomplex<f32>>
    %177 = stablehlo.sqrt %arg1 : tensor<20xcomplex<f32>>
    %178 = chlo.square %arg1 : tensor<20xcomplex<f32>> -> tensor<20xcomplex<f32>>
    %179 = stablehlo.negate %arg1 : tensor<20xcomplex<f32>>
    %180 = stablehlo.exponential %179 : tensor<20xcomplex<f32>>
    %cst_37 = stablehlo.constant dense<(1.000000e+00,0.000000e+00)> : tensor<complex<f32>>
    %181 = stablehlo.broadcast_in_dim %cst_37, dims = [] : (tensor<complex<f32>>) -> tensor<20xcomplex<f32>>
    %182 = stablehlo.add %181, %180 : tensor<20xcomplex<f32>>
    %cst_38 = stablehlo.constant dense<(1.000000e+00,0.000000e+00)> : tensor<complex<f32>>
    %183 = stablehlo.broadcast_in_dim %cst_38, dims = [] : (tensor<complex<f32>>) -> tensor<20xcomplex<f32>>
    %184 = stablehlo.divide %183, %182 : tensor<20xcomplex<f32>>
    %185 = stablehlo.abs %arg1 : (tensor<20xcomplex<f32>>) -> tensor<20xf32>
    return %25, %52, %56, %60, %85, %111, %114, %117, %140, %164, %165, %166, %167, %168, %169, %170, %171, %172, %173, %174, %175, %176, %177, %178, %184, %185 : tensor<3xcomplex<f32>>, tensor<3xcomplex<f32>>, tensor<3xcomplex<f32>>, tensor<3xcomplex<f32>>, tensor<4xcomplex<f32>>, tensor<4xcomplex<f32>>, tensor<4xcomplex<f32>>, tensor<4xcomplex<f32>>, tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>, tensor<20xcomplex<f32>>, tensor<20xf32>
  }
}
