module @jit_integers attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main() {
    %x0 = stablehlo.constant dense<"0x02000000020000000300000004000000"> : tensor<4xi32>
    %x1 = stablehlo.constant dense<"0x00000000000000000400000004000000"> : tensor<4xi32>
    %y0 = stablehlo.constant dense<"0x00000000000000000000000004000000"> : tensor<4xi32>
    %y1 = stablehlo.constant dense<"0x02000000020000000700000004000000"> : tensor<4xi32>
    %y2 = stablehlo.constant dense<"0x02000000020000000700000000000000"> : tensor<4xi32>
    %y3 = stablehlo.constant dense<"0xFDFFFFFFFDFFFFFFFCFFFFFFFBFFFFFF"> : tensor<4xi32>
    %y4 = stablehlo.constant dense<"0x02000000020000003000000040000000"> : tensor<4xi32>
    %y5 = stablehlo.constant dense<"0x02000000020000000000000000000000"> : tensor<4xi32>
    %y6 = stablehlo.constant dense<"0x02000000020000000000000000000000"> : tensor<4xi32>
    %y7 = stablehlo.constant dense<"0x01000000010000000200000001000000"> : tensor<4xi32>
    %y8 = stablehlo.constant dense<"0x1E0000001E0000001E0000001D000000"> : tensor<4xi32>
    %y9 = stablehlo.constant dense<"0x01000000010000000100000001000000"> : tensor<4xi32>
    %y10 = stablehlo.constant dense<"0x02000000020000000300000004000000"> : tensor<4xi32>
    %y11 = stablehlo.constant dense<"0xFEFFFFFFFEFFFFFFFDFFFFFFFCFFFFFF"> : tensor<4xi32>
    %y12 = stablehlo.constant dense<"0xFFFFFFFFFFFFFFFF0000000001000000"> : tensor<4xi32>
    %y13 = stablehlo.constant dense<"0x02000000020000000300000000000000"> : tensor<4xi32>
    %r:14 = call @tested(%x0, %x1) : (tensor<4xi32>, tensor<4xi32>) -> (tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>)
    stablehlo.custom_call @check.expect_eq(%r#0, %y0) {has_side_effect = true} : (tensor<4xi32>, tensor<4xi32>) -> ()
    stablehlo.custom_call @check.expect_eq(%r#1, %y1) {has_side_effect = true} : (tensor<4xi32>, tensor<4xi32>) -> ()
    stablehlo.custom_call @check.expect_eq(%r#2, %y2) {has_side_effect = true} : (tensor<4xi32>, tensor<4xi32>) -> ()
    stablehlo.custom_call @check.expect_eq(%r#3, %y3) {has_side_effect = true} : (tensor<4xi32>, tensor<4xi32>) -> ()
    stablehlo.custom_call @check.expect_eq(%r#4, %y4) {has_side_effect = true} : (tensor<4xi32>, tensor<4xi32>) -> ()
    stablehlo.custom_call @check.expect_eq(%r#5, %y5) {has_side_effect = true} : (tensor<4xi32>, tensor<4xi32>) -> ()
    stablehlo.custom_call @check.expect_eq(%r#6, %y6) {has_side_effect = true} : (tensor<4xi32>, tensor<4xi32>) -> ()
    stablehlo.custom_call @check.expect_eq(%r#7, %y7) {has_side_effect = true} : (tensor<4xi32>, tensor<4xi32>) -> ()
    stablehlo.custom_call @check.expect_eq(%r#8, %y8) {has_side_effect = true} : (tensor<4xi32>, tensor<4xi32>) -> ()
    stablehlo.custom_call @check.expect_eq(%r#9, %y9) {has_side_effect = true} : (tensor<4xi32>, tensor<4xi32>) -> ()
    stablehlo.custom_call @check.expect_eq(%r#10, %y10) {has_side_effect = true} : (tensor<4xi32>, tensor<4xi32>) -> ()
    stablehlo.custom_call @check.expect_eq(%r#11, %y11) {has_side_effect = true} : (tensor<4xi32>, tensor<4xi32>) -> ()
    stablehlo.custom_call @check.expect_eq(%r#12, %y12) {has_side_effect = true} : (tensor<4xi32>, tensor<4xi32>) -> ()
    stablehlo.custom_call @check.expect_eq(%r#13, %y13) {has_side_effect = true} : (tensor<4xi32>, tensor<4xi32>) -> ()
    return
  }
  func.func public @tested(%arg0: tensor<4xi32>, %arg1: tensor<4xi32>) -> (tensor<4xi32> {jax.result_info = "result[0]"}, tensor<4xi32> {jax.result_info = "result[1]"}, tensor<4xi32> {jax.result_info = "result[2]"}, tensor<4xi32> {jax.result_info = "result[3]"}, tensor<4xi32> {jax.result_info = "result[4]"}, tensor<4xi32> {jax.result_info = "result[5]"}, tensor<4xi32> {jax.result_info = "result[6]"}, tensor<4xi32> {jax.result_info = "result[7]"}, tensor<4xi32> {jax.result_info = "result[8]"}, tensor<4xi32> {jax.result_info = "result[9]"}, tensor<4xi32> {jax.result_info = "result[10]"}, tensor<4xi32> {jax.result_info = "result[11]"}, tensor<4xi32> {jax.result_info = "result[12]"}, tensor<4xi32> {jax.result_info = "result[13]"}) {
    %0 = stablehlo.and %arg0, %arg1 : tensor<4xi32>
    %1 = stablehlo.or %arg0, %arg1 : tensor<4xi32>
    %2 = stablehlo.xor %arg0, %arg1 : tensor<4xi32>
    %3 = stablehlo.not %arg0 : tensor<4xi32>
    %4 = stablehlo.shift_left %arg0, %arg1 : tensor<4xi32>
    %5 = stablehlo.shift_right_arithmetic %arg0, %arg1 : tensor<4xi32>
    %6 = stablehlo.shift_right_logical %arg0, %arg1 : tensor<4xi32>
    %7 = stablehlo.popcnt %arg0 : tensor<4xi32>
    %8 = stablehlo.count_leading_zeros %arg0 : tensor<4xi32>
    %9 = stablehlo.sign %arg0 : tensor<4xi32>
    %10 = stablehlo.abs %arg0 : tensor<4xi32>
    %11 = stablehlo.negate %arg0 : tensor<4xi32>
    %12 = stablehlo.divide %arg0, %arg1 : tensor<4xi32>
    %13 = stablehlo.remainder %arg0, %arg1 : tensor<4xi32>
    return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13 : tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>
  }
}
