module @jit_unary attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<3x4xf32>) -> (tensor<3x4xf32> {jax.result_info = "result[0]"}, tensor<3x4xf32> {jax.result_info = "result[1]"}, tensor<3x4xf32> {jax.result_info = "result[2]"}, tensor<3x4xf32> {jax.result_info = "result[3]"}, tensor<3x4xf32> {jax.result_info = "result[4]"}, tensor<3x4xf32> {jax.result_info = "result[5]"}, tensor<3x4xf32> {jax.result_info = "result[6]"}, tensor<3x4xf32> {jax.result_info = "result[7]"}, tensor<3x4xf32> {jax.result_info = "result[8]"}, tensor<3x4xf32> {jax.result_info = "result[9]"}, tensor<3x4xf32> {jax.result_info = "result[10]"}, tensor<3x4xf32> {jax.result_info = "result[11]"}, tensor<3x4xf32> {jax.result_info = "result[12]"}, tensor<3x4xf32> {jax.result_info = "result[13]"}, tensor<3x4xf32> {jax.result_info = "result[14]"}, tensor<3x4xf32> {jax.result_info = "result[15]"}, tensor<3x4xf32> {jax.result_info = "result[16]"}, tensor<3x4xf32> {jax.result_info = "result[17]"}, tensor<3x4xf32> {jax.result_info = "result[18]"}, tensor<3x4xi1> {jax.result_info = "result[19]"}, tensor<3x4xf32> {jax.result_info = "result[20]"}, tensor<3x4xf32> {jax.result_info = "result[21]"}, tensor<3x4xf32> {jax.result_info = "result[22]"}, tensor<3x4xf32> {jax.result_info = "result[23]"}, tensor<3x4xf32> {jax.result_info = "result[24]"}, tensor<3x4xf32> {jax.result_info = "result[25]"}, tensor<3x4xf32> {jax.result_info = "result[26]"}, tensor<3x4xf32> {jax.result_info = "result[27]"}) {
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
