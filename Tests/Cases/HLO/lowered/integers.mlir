module @jit_integers attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<4xi32>, %arg1: tensor<4xi32>) -> (tensor<4xi32> {jax.result_info = "result[0]"}, tensor<4xi32> {jax.result_info = "result[1]"}, tensor<4xi32> {jax.result_info = "result[2]"}, tensor<4xi32> {jax.result_info = "result[3]"}, tensor<4xi32> {jax.result_info = "result[4]"}, tensor<4xi32> {jax.result_info = "result[5]"}, tensor<4xi32> {jax.result_info = "result[6]"}, tensor<4xi32> {jax.result_info = "result[7]"}, tensor<4xi32> {jax.result_info = "result[8]"}, tensor<4xi32> {jax.result_info = "result[9]"}, tensor<4xi32> {jax.result_info = "result[10]"}, tensor<4xi32> {jax.result_info = "result[11]"}, tensor<4xi32> {jax.result_info = "result[12]"}, tensor<4xi32> {jax.result_info = "result[13]"}) {
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
