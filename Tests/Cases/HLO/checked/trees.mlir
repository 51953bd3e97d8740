module @jit_trees attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main() {
    %x0 = stablehlo.constant dense<"0x69F0B03E9155523F0C2FA93EDBCDA6BF"> : tensor<4xf32>
    %x1 = stablehlo.constant dense<"0x67C5673F358BE43EC47509BF28C4143F3CA9BA3E8998963EC3D5E83C62F50B3F41883CBFDED126BE58D8F6BEFC4D193F"> : tensor<3x4xf32>
    %x2 = stablehlo.constant dense<"0xA6B3223DE4BC95BE272B48BF"> : tensor<3xf32>
    %x3 = stablehlo.constant dense<"0xB4AE83BE"> : tensor<f32>
    %y0 = stablehlo.constant dense<"0xB4AE83BE"> : tensor<f32>
    %y1 = stablehlo.constant dense<"0xBACB593F2076613F46822D3F1E40F4BF"> : tensor<4xf32>
    %r:2 = call @tested(%x0, %x1, %x2, %x3) : (tensor<4xf32>, tensor<3x4xf32>, tensor<3xf32>, tensor<f32>) -> (tensor<f32>, tensor<4xf32>)
    stablehlo.custom_call @check.expect_almost_eq(%r#0, %y0) {has_side_effect = true} : (tensor<f32>, tensor<f32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#1, %y1) {has_side_effect = true} : (tensor<4xf32>, tensor<4xf32>) -> ()
    return
  }
  func.func public @tested(%arg0: tensor<4xf32>, %arg1: tensor<3x4xf32>, %arg2: tensor<3xf32>, %arg3: tensor<f32>) -> (tensor<f32> {jax.result_info = "result['n'][0]"}, tensor<4xf32> {jax.result_info = "result['y']"}) {
    %0 = stablehlo.dot_general %arg2, %arg1, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<3xf32>, tensor<3x4xf32>) -> tensor<4xf32>
    %1 = stablehlo.add %0, %arg0 : tensor<4xf32>
    return %arg3, %1 : tensor<f32>, tensor<4xf32>
  }
}
