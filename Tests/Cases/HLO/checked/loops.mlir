module @jit_loops attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main() {
    %x0 = stablehlo.constant dense<"0x69F0B03E"> : tensor<f32>
    %y0 = stablehlo.constant dense<"0x0300000000000000"> : tensor<i64>
    %y1 = stablehlo.constant dense<"0x69F03040"> : tensor<f32>
    %y2 = stablehlo.constant dense<"0x83872541"> : tensor<f32>
    %y3 = stablehlo.constant dense<"0x0D1E5640"> : tensor<f32>
    %y4 = stablehlo.constant dense<"0x69F0B03E69F0B03E1A3CAC3F"> : tensor<3xf32>
    %r:5 = call @tested(%x0) : (tensor<f32>) -> (tensor<i64>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<3xf32>)
    stablehlo.custom_call @check.expect_eq(%r#0, %y0) {has_side_effect = true} : (tensor<i64>, tensor<i64>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#1, %y1) {has_side_effect = true} : (tensor<f32>, tensor<f32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#2, %y2) {has_side_effect = true} : (tensor<f32>, tensor<f32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#3, %y3) {has_side_effect = true} : (tensor<f32>, tensor<f32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#4, %y4) {has_side_effect = true} : (tensor<3xf32>, tensor<3xf32>) -> ()
    return
  }
  func.func public @tested(%arg0: tensor<f32>) -> (tensor<i64> {jax.result_info = "result[0][0]"}, tensor<f32> {jax.result_info = "result[0][1]"}, tensor<f32> {jax.result_info = "result[1]"}, tensor<f32> {jax.result_info = "result[2][0]"}, tensor<3xf32> {jax.result_info = "result[2][1]"}) {
    %c = stablehlo.constant dense<0> : tensor<i64>
    %0:2 = stablehlo.while(%iterArg = %c, %iterArg_3 = %arg0) : tensor<i64>, tensor<f32>
    cond {
      %c_4 = stablehlo.constant dense<3> : tensor<i64>
      %5 = stablehlo.compare LT, %iterArg, %c_4, SIGNED : (tensor<i64>, tensor<i64>) -> tensor<i1>
      stablehlo.return %5 : tensor<i1>
    } do {
      %c_4 = stablehlo.constant dense<1> : tensor<i64>
      %5 = stablehlo.add %iterArg, %c_4 : tensor<i64>
      %cst_5 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
      %6 = stablehlo.multiply %iterArg_3, %cst_5 : tensor<f32>
      stablehlo.return %5, %6 : tensor<i64>, tensor<f32>
    }
    %c_0 = stablehlo.constant dense<0> : tensor<i64>
    %c_1 = stablehlo.constant dense<0> : tensor<i64>
    %1:3 = stablehlo.while(%iterArg = %c_1, %iterArg_3 = %c_0, %iterArg_4 = %arg0) : tensor<i64>, tensor<i64>, tensor<f32>
    cond {
      %c_5 = stablehlo.constant dense<5> : tensor<i64>
      %5 = stablehlo.compare LT, %iterArg, %c_5, SIGNED : (tensor<i64>, tensor<i64>) -> tensor<i1>
      stablehlo.return %5 : tensor<i1>
    } do {
      %5:2 = func.call @closed_call(%iterArg_3, %iterArg_4) : (tensor<i64>, tensor<f32>) -> (tensor<i64>, tensor<f32>)
      %c_5 = stablehlo.constant dense<1> : tensor<i64>
      %6 = stablehlo.add %iterArg, %c_5 : tensor<i64>
      stablehlo.return %6, %5#0, %5#1 : tensor<i64>, tensor<i64>, tensor<f32>
    }
    %2 = stablehlo.iota dim = 0 : tensor<3xf32>
    %cst = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %3 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<f32>) -> tensor<3xf32>
    %c_2 = stablehlo.constant dense<0> : tensor<i64>
    %4:4 = stablehlo.while(%iterArg = %2, %iterArg_3 = %c_2, %iterArg_4 = %arg0, %iterArg_5 = %3) : tensor<3xf32>, tensor<i64>, tensor<f32>, tensor<3xf32>
    cond {
      %c_6 = stablehlo.constant dense<3> : tensor<i64>
      %5 = stablehlo.compare LT, %iterArg_3, %c_6, SIGNED : (tensor<i64>, tensor<i64>) -> tensor<i1>
      stablehlo.return %5 : tensor<i1>
    } do {
      %5 = func.call @dynamic_index_in_dim(%iterArg, %iterArg_3) : (tensor<3xf32>, tensor<i64>) -> tensor<f32>
      %6:2 = func.call @closed_call_0(%iterArg_4, %5) : (tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
      %7 = func.call @dynamic_update_index_in_dim(%iterArg_5, %6#1, %iterArg_3) : (tensor<3xf32>, tensor<f32>, tensor<i64>) -> tensor<3xf32>
      %c_6 = stablehlo.constant dense<1> : tensor<i64>
      %8 = stablehlo.add %iterArg_3, %c_6 : tensor<i64>
      stablehlo.return %iterArg, %8, %6#0, %7 : tensor<3xf32>, tensor<i64>, tensor<f32>, tensor<3xf32>
    }
    return %0#0, %0#1, %1#2, %4#2, %4#3 : tensor<i64>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<3xf32>
  }
  func.func private @closed_call(%arg0: tensor<i64>, %arg1: tensor<f32>) -> (tensor<i64>, tensor<f32>) {
    %c = stablehlo.constant dense<1> : tensor<i64>
    %0 = stablehlo.add %arg0, %c : tensor<i64>
    %1 = stablehlo.convert %arg0 : (tensor<i64>) -> tensor<f32>
    %2 = stablehlo.add %arg1, %1 : tensor<f32>
    return %0, %2 : tensor<i64>, tensor<f32>
  }
  func.func private @dynamic_index_in_dim(%arg0: tensor<3xf32>, %arg1: tensor<i64>) -> tensor<f32> {
    %0 = stablehlo.dynamic_slice %arg0, %arg1, sizes = [1] : (tensor<3xf32>, tensor<i64>) -> tensor<1xf32>
    %1 = stablehlo.reshape %0 : (tensor<1xf32>) -> tensor<f32>
    return %1 : tensor<f32>
  }
  func.func private @closed_call_0(%arg0: tensor<f32>, %arg1: tensor<f32>) -> (tensor<f32>, tensor<f32>) {
    %0 = stablehlo.add %arg0, %arg1 : tensor<f32>
    return %0, %arg0 : tensor<f32>, tensor<f32>
  }
  func.func private @dynamic_update_index_in_dim(%arg0: tensor<3xf32>, %arg1: tensor<f32>, %arg2: tensor<i64>) -> tensor<3xf32> {
    %0 = stablehlo.broadcast_in_dim %arg1, dims = [] : (tensor<f32>) -> tensor<1xf32>
    %1 = stablehlo.dynamic_update_slice %arg0, %0, %arg2 : (tensor<3xf32>, tensor<1xf32>, tensor<i64>) -> tensor<3xf32>
    return %1 : tensor<3xf32>
  }
}
