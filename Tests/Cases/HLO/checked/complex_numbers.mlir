module @jit_complex_numbers attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main() {
    %x0 = stablehlo.constant dense<"0x69F0B03EDBCDA6BF9155523F67C5673F0C2FA93E358BE43E"> : tensor<3xcomplex<f32>>
    %y0 = stablehlo.constant dense<"0x69F0B03E9155523F0C2FA93E"> : tensor<3xf32>
    %y1 = stablehlo.constant dense<"0xDBCDA6BF67C5673F358BE43E"> : tensor<3xf32>
    %y2 = stablehlo.constant dense<"0x69F0B03EDBCDA63F9155523F67C567BF0C2FA93E358BE4BE"> : tensor<3xcomplex<f32>>
    %y3 = stablehlo.constant dense<"0xDD91AC3FD27D9C3FE92C0E3F"> : tensor<3xf32>
    %y4 = stablehlo.constant dense<"0xF94BBF3EEC66AEBF36B9B33FF5FCE43F47ABA03F28CA193F"> : tensor<3xcomplex<f32>>
    %y5 = stablehlo.constant dense<"0xE8EB3C404DAB1CBF3D357DBF221C2340AFF30FBF53BA8D3F"> : tensor<3xcomplex<f32>>
    %r:6 = call @tested(%x0) : (tensor<3xcomplex<f32>>) -> (tensor<3xf32>, tensor<3xf32>, tensor<3xcomplex<f32>>, tensor<3xf32>, tensor<3xcomplex<f32>>, tensor<3xcomplex<f32>>)
    stablehlo.custom_call @check.expect_almost_eq(%r#0, %y0) {has_side_effect = true} : (tensor<3xf32>, tensor<3xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#1, %y1) {has_side_effect = true} : (tensor<3xf32>, tensor<3xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#2, %y2) {has_side_effect = true} : (tensor<3xcomplex<f32>>, tensor<3xcomplex<f32>>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#3, %y3) {has_side_effect = true} : (tensor<3xf32>, tensor<3xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#4, %y4) {has_side_effect = true} : (tensor<3xcomplex<f32>>, tensor<3xcomplex<f32>>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#5, %y5) {has_side_effect = true} : (tensor<3xcomplex<f32>>, tensor<3xcomplex<f32>>) -> ()
    return
  }
  func.func public @tested(%arg0: tensor<3xcomplex<f32>>) -> (tensor<3xf32> {jax.result_info = "result[0]"}, tensor<3xf32> {jax.result_info = "result[1]"}, tensor<3xcomplex<f32>> {jax.result_info = "result[2]"}, tensor<3xf32> {jax.result_info = "result[3]"}, tensor<3xcomplex<f32>> {jax.result_info = "result[4]"}, tensor<3xcomplex<f32>> {jax.result_info = "result[5]"}) {
    %0 = stablehlo.real %arg0 : (tensor<3xcomplex<f32>>) -> tensor<3xf32>
    %1 = stablehlo.imag %arg0 : (tensor<3xcomplex<f32>>) -> tensor<3xf32>
    %2 = stablehlo.real %arg0 : (tensor<3xcomplex<f32>>) -> tensor<3xf32>
    %3 = stablehlo.imag %arg0 : (tensor<3xcomplex<f32>>) -> tensor<3xf32>
    %4 = stablehlo.negate %3 : tensor<3xf32>
    %5 = stablehlo.complex %2, %4 : tensor<3xcomplex<f32>>
    %6 = stablehlo.abs %arg0 : (tensor<3xcomplex<f32>>) -> tensor<3xf32>
    %7 = stablehlo.exponential %arg0 : tensor<3xcomplex<f32>>
    %cst = stablehlo.constant dense<(1.000000e+00,2.000000e+00)> : tensor<complex<f32>>
    %8 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<complex<f32>>) -> tensor<3xcomplex<f32>>
    %9 = stablehlo.multiply %arg0, %8 : tensor<3xcomplex<f32>>
    return %0, %1, %5, %6, %7, %9 : tensor<3xf32>, tensor<3xf32>, tensor<3xcomplex<f32>>, tensor<3xf32>, tensor<3xcomplex<f32>>, tensor<3xcomplex<f32>>
  }
}
