module @jit_transforms attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main() {
    %x0 = stablehlo.constant dense<"0x69F0B03E9155523F0C2FA93EDBCDA6BF67C5673F358BE43EC47509BF28C4143F"> : tensor<8xf32>
    %x1 = stablehlo.constant dense<"0x3CA9BA3EB0832DC08998963E30CBF1BFC3D5E83C75F732BE62F50B3F5729D8BE41883CBF3BC55A3EDED126BEA4895E3E58D8F6BEAC8A0740FC4D193FB2568EBFA6B3223D7255C1BEE4BC95BEC5BC0240272B48BF548E253FB4AE83BE85BE293FC866053CEC9503BFD31B8DBE21F4D2BFE2A3A53FE17B2B3E58DC803FC742DF3D"> : tensor<4x4xcomplex<f32>>
    %y0 = stablehlo.constant dense<"0x7E91CB3F0000000087DB843FB8724C3EED8DBA3F5DB9FEBF5C140AC0A19BF73F8037FF3E00000000"> : tensor<5xcomplex<f32>>
    %y1 = stablehlo.constant dense<"0x6BF0B03E9155523F0C2FA93EDBCDA6BF66C5673F368BE43EC47509BF28C4143F"> : tensor<8xf32>
    %y2 = stablehlo.constant dense<"0x3DAA983F14F22AC0DCB765BFBD1F74C0E8A5DCBF3220B43F1890073E18A707C15123BB403A65ABC0EB68A2C08A35ADC0E8A0E33F9ECD8240BD56D43FE8A0A63E0383A7BF4DFEE2BF8D79424021CD2EC0B6D5E23EF0C3EDC0B8DF164034FD473F38F54BBFFFCE2FC1085BCBBF29B03440907E12C03828BABE8C0B44400B3172C0"> : tensor<4x4xcomplex<f32>>
    %y3 = stablehlo.constant dense<"0x79EE9D3EF54EA6BFD2C7E63E807E32BFB44CE5BD902113BEE2B990BEF22912BFE85A48BE82E8B73EF0B5CABEF69E2ABFF8C6D3BEBF794E3FDC99893E773B92BEDC5AA5BE4D653E3F2FDE0EBE12A087BE842845BD7FF31BBFBCE20C3FF4317DBE0A22023F6F5BF1BEE43CF13DBF5DFBBE9A32123E7BA4983EB0C042BFB6D1193E"> : tensor<4x4xcomplex<f32>>
    %r:4 = call @tested(%x0, %x1) : (tensor<8xf32>, tensor<4x4xcomplex<f32>>) -> (tensor<5xcomplex<f32>>, tensor<8xf32>, tensor<4x4xcomplex<f32>>, tensor<4x4xcomplex<f32>>)
    stablehlo.custom_call @check.expect_almost_eq(%r#0, %y0) {has_side_effect = true} : (tensor<5xcomplex<f32>>, tensor<5xcomplex<f32>>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#1, %y1) {has_side_effect = true} : (tensor<8xf32>, tensor<8xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#2, %y2) {has_side_effect = true} : (tensor<4x4xcomplex<f32>>, tensor<4x4xcomplex<f32>>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#3, %y3) {has_side_effect = true} : (tensor<4x4xcomplex<f32>>, tensor<4x4xcomplex<f32>>) -> ()
    return
  }
  func.func public @tested(%arg0: tensor<8xf32>, %arg1: tensor<4x4xcomplex<f32>>) -> (tensor<5xcomplex<f32>> {jax.result_info = "result[0]"}, tensor<8xf32> {jax.result_info = "result[1]"}, tensor<4x4xcomplex<f32>> {jax.result_info = "result[2]"}, tensor<4x4xcomplex<f32>> {jax.result_info = "result[3]"}) {
    %0 = call @fft(%arg0) : (tensor<8xf32>) -> tensor<5xcomplex<f32>>
    %1 = call @fft(%arg0) : (tensor<8xf32>) -> tensor<5xcomplex<f32>>
    %2 = call @fft_0(%1) : (tensor<5xcomplex<f32>>) -> tensor<8xf32>
    %3 = call @fft_1(%arg1) : (tensor<4x4xcomplex<f32>>) -> tensor<4x4xcomplex<f32>>
    %4 = call @fft_2(%arg1) : (tensor<4x4xcomplex<f32>>) -> tensor<4x4xcomplex<f32>>
    return %0, %2, %3, %4 : tensor<5xcomplex<f32>>, tensor<8xf32>, tensor<4x4xcomplex<f32>>, tensor<4x4xcomplex<f32>>
  }
  func.func private @fft(%arg0: tensor<8xf32>) -> tensor<5xcomplex<f32>> {
    %0 = stablehlo.fft %arg0, type = RFFT, length = [8] : (tensor<8xf32>) -> tensor<5xcomplex<f32>>
    return %0 : tensor<5xcomplex<f32>>
  }
  func.func private @fft_0(%arg0: tensor<5xcomplex<f32>>) -> tensor<8xf32> {
    %0 = stablehlo.fft %arg0, type = IRFFT, length = [8] : (tensor<5xcomplex<f32>>) -> tensor<8xf32>
    return %0 : tensor<8xf32>
  }
  func.func private @fft_1(%arg0: tensor<4x4xcomplex<f32>>) -> tensor<4x4xcomplex<f32>> {
    %0 = stablehlo.fft %arg0, type = FFT, length = [4, 4] : (tensor<4x4xcomplex<f32>>) -> tensor<4x4xcomplex<f32>>
    return %0 : tensor<4x4xcomplex<f32>>
  }
  func.func private @fft_2(%arg0: tensor<4x4xcomplex<f32>>) -> tensor<4x4xcomplex<f32>> {
    %0 = stablehlo.fft %arg0, type = IFFT, length = [4] : (tensor<4x4xcomplex<f32>>) -> tensor<4x4xcomplex<f32>>
    return %0 : tensor<4x4xcomplex<f32>>
  }
}
