module @jit_conversions attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<3x4xf32>) -> (tensor<3x4xi8> {jax.result_info = "result[0]"}, tensor<3x4xui16> {jax.result_info = "result[1]"}, tensor<3x4xi64> {jax.result_info = "result[2]"}, tensor<3x4xf16> {jax.result_info = "result[3]"}, tensor<3x4xbf16> {jax.result_info = "result[4]"}, tensor<3x4xf64> {jax.result_info = "result[5]"}, tensor<3x4xi1> {jax.result_info = "result[6]"}, tensor<3x4xcomplex<f64>> {jax.result_info = "result[7]"}, tensor<3x4xf8E4M3FN> {jax.result_info = "result[8]"}, tensor<3x4xi4> {jax.result_info = "result[9]"}, tensor<3x4xi32> {jax.result_info = "result[10]"}, tensor<3x4x4xi8> {jax.result_info = "result[11]"}, tensor<3x4xf32> {jax.result_info = "result[12]"}) {
    %0 = stablehlo.convert %arg0 : (tensor<3x4xf32>) -> tensor<3x4xi8>
    %1 = stablehlo.convert %arg0 : (tensor<3x4xf32>) -> tensor<3x4xui16>
    %2 = stablehlo.convert %arg0 : (tensor<3x4xf32>) -> tensor<3x4xi64>
    %3 = stablehlo.convert %arg0 : (tensor<3x4xf32>) -> tensor<3x4xf16>
    %4 = stablehlo.convert %arg0 : (tensor<3x4xf32>) -> tensor<3x4xbf16>
    %5 = stablehlo.convert %arg0 : (tensor<3x4xf32>) -> tensor<3x4xf64>
    %cst = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %6 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
    %7 = stablehlo.compare NE, %arg0, %6, FLOAT : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xi1>
    %8 = stablehlo.convert %7 : tensor<3x4xi1>
    %9 = stablehlo.convert %arg0 : (tensor<3x4xf32>) -> tensor<3x4xcomplex<f64>>
    %10 = stablehlo.convert %arg0 : (tensor<3x4xf32>) -> tensor<3x4xf8E4M3FN>
    %11 = stablehlo.convert %arg0 : (tensor<3x4xf32>) -> tensor<3x4xi4>
    %12 = stablehlo.bitcast_convert %arg0 : (tensor<3x4xf32>) -> tensor<3x4xi32>
    %13 = stablehlo.bitcast_convert %arg0 : (tensor<3x4xf32>) -> tensor<3x4x4xi8>
    %14 = stablehlo.reduce_precision %arg0, format = e5m10 : tensor<3x4xf32>
    return %0, %1, %2, %3, %4, %5, %8, %9, %10, %11, %12, %13, %14 : tensor<3x4xi8>, tensor<3x4xui16>, tensor<3x4xi64>, tensor<3x4xf16>, tensor<3x4xbf16>, tensor<3x4xf64>, tensor<3x4xi1>, tensor<3x4xcomplex<f64>>, tensor<3x4xf8E4M3FN>, tensor<3x4xi4>, tensor<3x4xi32>, tensor<3x4x4xi8>, tensor<3x4xf32>
  }
}
