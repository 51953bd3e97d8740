module @jit_special attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main() {
    %x0 = stablehlo.constant dense<"0x69F0B03E9155523F0C2FA93EDBCDA6BF67C5673F358BE43EC47509BF28C4143F3CA9BA3E8998963EC3D5E83C62F50B3F"> : tensor<3x4xf32>
    %y0 = stablehlo.constant dense<"0x69F0B03E9155523F0C2FA93EDBCDA6BF67C5673F358BE43EC47509BF28C4143F3CA9BA3E8998963EC3D5E83C62F50B3F"> : tensor<3x4xf32>
    %y1 = stablehlo.constant dense<"0x69F0B03E9155523F0C2FA93EDBCDA6BF67C5673F358BE43EC47509BF28C4143F3CA9BA3E8998963EC3D5E83C62F50B3F"> : tensor<3x4xf32>
    %y2 = stablehlo.constant dense<"0x69F0B03E9155523F0C2FA93EDBCDA6BF67C5673F358BE43EC47509BF28C4143F3CA9BA3E8998963EC3D5E83C62F50B3F"> : tensor<3x4xf32>
    %y3 = stablehlo.constant dense<"0x16D9363F8B2A253FF6DE373F0000C07F527B233FFE2C313F0000C07FC5B12B3F3BA3353F898F3A3FACD96A3FFCEC2C3F"> : tensor<3x4xf32>
    %y4 = stablehlo.constant dense<"0x0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F"> : tensor<3x4xf32>
    %y5 = stablehlo.constant dense<"0x0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F"> : tensor<3x4xf32>
    %r:6 = call @tested(%x0) : (tensor<3x4xf32>) -> (tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>)
    stablehlo.custom_call @check.expect_almost_eq(%r#0, %y0) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#1, %y1) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#2, %y2) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#3, %y3) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#4, %y4) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    stablehlo.custom_call @check.expect_almost_eq(%r#5, %y5) {has_side_effect = true} : (tensor<3x4xf32>, tensor<3x4xf32>) -> ()
    return
  }
  func.func public @tested(%arg0: tensor<3x4xf32>) -> (tensor<3x4xf32> {jax.result_info = "result[0][0]"}, tensor<3x4xf32> {jax.result_info = "result[0][1]"}, tensor<3x4xf32> {jax.result_info = "result[1]"}, tensor<3x4xf32> {jax.result_info = "result[2]"}, tensor<3x4xf32> {jax.result_info = "result[3]"}, tensor<3x4xf32> {jax.result_info = "result[4]"}) {
    %0:2 = stablehlo.optimization_barrier %arg0, %arg0 : tensor<3x4xf32>, tensor<3x4xf32>
    %1 = stablehlo.compare NE, %arg0, %arg0, FLOAT : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xi1>
    %2 = stablehlo.compare NE, %arg0, %arg0, FLOAT : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xi1>
    %3 = stablehlo.or %1, %2 : tensor<3x4xi1>
    %cst = stablehlo.constant dense<0x7F800000> : tensor<f32>
    %4 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
    %5 = stablehlo.compare EQ, %arg0, %4, FLOAT : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xi1>
    %cst_0 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %6 = stablehlo.broadcast_in_dim %cst_0, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
    %7 = stablehlo.compare EQ, %arg0, %6, FLOAT : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xi1>
    %cst_1 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %8 = stablehlo.broadcast_in_dim %cst_1, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
    %9 = stablehlo.compare EQ, %arg0, %8, FLOAT : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xi1>
    %cst_2 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %10 = stablehlo.broadcast_in_dim %cst_2, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
    %11 = stablehlo.compare LT, %arg0, %10, FLOAT : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xi1>
    %cst_3 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %12 = stablehlo.broadcast_in_dim %cst_3, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
    %13 = stablehlo.compare LT, %arg0, %12, FLOAT : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xi1>
    %14 = stablehlo.and %7, %9 : tensor<3x4xi1>
    %15 = stablehlo.or %11, %13 : tensor<3x4xi1>
    %16 = stablehlo.or %15, %14 : tensor<3x4xi1>
    %17 = stablehlo.or %16, %3 : tensor<3x4xi1>
    %cst_4 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %18 = stablehlo.broadcast_in_dim %cst_4, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
    %19 = stablehlo.compare GE, %arg0, %18, FLOAT : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xi1>
    %20 = stablehlo.compare GT, %arg0, %arg0, FLOAT : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xi1>
    %21 = stablehlo.and %19, %20 : tensor<3x4xi1>
    %22 = stablehlo.log %arg0 : tensor<3x4xf32>
    %23 = stablehlo.multiply %arg0, %22 : tensor<3x4xf32>
    %24 = stablehlo.subtract %23, %arg0 : tensor<3x4xf32>
    %25 = chlo.lgamma %arg0 : tensor<3x4xf32> -> tensor<3x4xf32>
    %26 = stablehlo.subtract %24, %25 : tensor<3x4xf32>
    %cst_5 = stablehlo.constant dense<3.40282347E+38> : tensor<f32>
    %27 = stablehlo.log %cst_5 : tensor<f32>
    %28 = stablehlo.negate %27 : tensor<f32>
    %29 = stablehlo.broadcast_in_dim %28, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
    %30 = stablehlo.compare LT, %26, %29, FLOAT : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xi1>
    %31 = stablehlo.exponential %26 : tensor<3x4xf32>
    %32 = stablehlo.or %9, %17 : tensor<3x4xi1>
    %33 = stablehlo.or %32, %30 : tensor<3x4xi1>
    %34 = stablehlo.or %33, %5 : tensor<3x4xi1>
    %35 = stablehlo.not %34 : tensor<3x4xi1>
    %36 = stablehlo.and %35, %21 : tensor<3x4xi1>
    %cst_6 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %37 = stablehlo.broadcast_in_dim %cst_6, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
    %38 = stablehlo.subtract %37, %arg0 : tensor<3x4xf32>
    %39 = stablehlo.add %arg0, %38 : tensor<3x4xf32>
    %cst_7 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %40 = stablehlo.broadcast_in_dim %cst_7, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
    %41 = stablehlo.add %39, %40 : tensor<3x4xf32>
    %cst_8 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %42 = stablehlo.broadcast_in_dim %cst_8, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
    %cst_9 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %43 = stablehlo.broadcast_in_dim %cst_9, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
    %44 = stablehlo.add %arg0, %43 : tensor<3x4xf32>
    %45 = stablehlo.multiply %41, %arg0 : tensor<3x4xf32>
    %46 = stablehlo.divide %44, %45 : tensor<3x4xf32>
    %cst_10 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %47 = stablehlo.broadcast_in_dim %cst_10, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
    %cst_11 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %48 = stablehlo.broadcast_in_dim %cst_11, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
    %cst_12 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %49 = stablehlo.broadcast_in_dim %cst_12, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
    %cst_13 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %50 = stablehlo.broadcast_in_dim %cst_13, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
    %51 = stablehlo.negate %arg0 : tensor<3x4xf32>
    %52 = stablehlo.multiply %46, %51 : tensor<3x4xf32>
    %53 = stablehlo.subtract %50, %52 : tensor<3x4xf32>
    %54 = stablehlo.divide %53, %45 : tensor<3x4xf32>
    %cst_14 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %55:15 = stablehlo.while(%iterArg = %36, %iterArg_23 = %46, %iterArg_24 = %47, %iterArg_25 = %38, %iterArg_26 = %41, %iterArg_27 = %cst_14, %iterArg_28 = %44, %iterArg_29 = %45, %iterArg_30 = %42, %iterArg_31 = %arg0, %iterArg_32 = %48, %iterArg_33 = %49, %iterArg_34 = %50, %iterArg_35 = %51, %iterArg_36 = %54) : tensor<3x4xi1>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<f32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>
    cond {
      %cst_37 = stablehlo.constant dense<2.000000e+03> : tensor<f32>
      %77 = stablehlo.compare LT, %iterArg_27, %cst_37, FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %c = stablehlo.constant dense<false> : tensor<i1>
      %78 = stablehlo.reduce(%iterArg init: %c) applies stablehlo.or across dimensions = [0, 1] : (tensor<3x4xi1>, tensor<i1>) -> tensor<i1>
      %79 = stablehlo.and %77, %78 : tensor<i1>
      stablehlo.return %79 : tensor<i1>
    } do {
      %cst_37 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
      %77 = stablehlo.add %iterArg_27, %cst_37 : tensor<f32>
      %cst_38 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
      %78 = stablehlo.broadcast_in_dim %cst_38, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
      %79 = stablehlo.add %iterArg_25, %78 : tensor<3x4xf32>
      %cst_39 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
      %80 = stablehlo.broadcast_in_dim %cst_39, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
      %81 = stablehlo.add %iterArg_26, %80 : tensor<3x4xf32>
      %82 = stablehlo.broadcast_in_dim %77, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
      %83 = stablehlo.multiply %79, %82 : tensor<3x4xf32>
      %84 = stablehlo.multiply %iterArg_28, %81 : tensor<3x4xf32>
      %85 = stablehlo.multiply %iterArg_30, %83 : tensor<3x4xf32>
      %86 = stablehlo.subtract %84, %85 : tensor<3x4xf32>
      %87 = stablehlo.multiply %iterArg_29, %81 : tensor<3x4xf32>
      %88 = stablehlo.multiply %iterArg_31, %83 : tensor<3x4xf32>
      %89 = stablehlo.subtract %87, %88 : tensor<3x4xf32>
      %cst_40 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
      %90 = stablehlo.broadcast_in_dim %cst_40, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
      %91 = stablehlo.compare NE, %89, %90, FLOAT : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xi1>
      %92 = stablehlo.divide %86, %89 : tensor<3x4xf32>
      %93 = stablehlo.subtract %iterArg_23, %92 : tensor<3x4xf32>
      %94 = stablehlo.divide %93, %92 : tensor<3x4xf32>
      %95 = stablehlo.abs %94 : tensor<3x4xf32>
      %cst_41 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
      %96 = stablehlo.broadcast_in_dim %cst_41, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
      %97 = stablehlo.select %91, %95, %96 : tensor<3x4xi1>, tensor<3x4xf32>
      %98 = stablehlo.select %91, %92, %iterArg_23 : tensor<3x4xi1>, tensor<3x4xf32>
      %99 = stablehlo.multiply %iterArg_34, %81 : tensor<3x4xf32>
      %100 = stablehlo.subtract %99, %iterArg_28 : tensor<3x4xf32>
      %101 = stablehlo.multiply %iterArg_32, %83 : tensor<3x4xf32>
      %102 = stablehlo.subtract %100, %101 : tensor<3x4xf32>
      %103 = stablehlo.broadcast_in_dim %77, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
      %104 = stablehlo.multiply %iterArg_30, %103 : tensor<3x4xf32>
      %105 = stablehlo.add %102, %104 : tensor<3x4xf32>
      %106 = stablehlo.multiply %iterArg_35, %81 : tensor<3x4xf32>
      %107 = stablehlo.subtract %106, %iterArg_29 : tensor<3x4xf32>
      %108 = stablehlo.multiply %iterArg_33, %83 : tensor<3x4xf32>
      %109 = stablehlo.subtract %107, %108 : tensor<3x4xf32>
      %110 = stablehlo.broadcast_in_dim %77, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
      %111 = stablehlo.multiply %iterArg_31, %110 : tensor<3x4xf32>
      %112 = stablehlo.add %109, %111 : tensor<3x4xf32>
      %113 = stablehlo.multiply %98, %112 : tensor<3x4xf32>
      %114 = stablehlo.subtract %105, %113 : tensor<3x4xf32>
      %115 = stablehlo.divide %114, %89 : tensor<3x4xf32>
      %116 = stablehlo.select %91, %115, %iterArg_36 : tensor<3x4xi1>, tensor<3x4xf32>
      %117 = stablehlo.subtract %116, %iterArg_36 : tensor<3x4xf32>
      %118 = stablehlo.abs %117 : tensor<3x4xf32>
      %cst_42 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
      %119 = stablehlo.broadcast_in_dim %cst_42, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
      %120 = stablehlo.select %91, %118, %119 : tensor<3x4xi1>, tensor<3x4xf32>
      %121 = stablehlo.abs %86 : tensor<3x4xf32>
      %cst_43 = stablehlo.constant dense<1.1920929E-7> : tensor<f32>
      %cst_44 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
      %122 = stablehlo.broadcast_in_dim %cst_44, dims = [] : (tensor<f32>) -> tensor<f32>
      %123 = stablehlo.divide %122, %cst_43 : tensor<f32>
      %124 = stablehlo.broadcast_in_dim %123, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
      %125 = stablehlo.compare GT, %121, %124, FLOAT : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xi1>
      %cst_45 = stablehlo.constant dense<1.1920929E-7> : tensor<f32>
      %126 = stablehlo.broadcast_in_dim %cst_45, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
      %127 = stablehlo.multiply %iterArg_28, %126 : tensor<3x4xf32>
      %128 = stablehlo.select %125, %127, %iterArg_28 : tensor<3x4xi1>, tensor<3x4xf32>
      %cst_46 = stablehlo.constant dense<1.1920929E-7> : tensor<f32>
      %129 = stablehlo.broadcast_in_dim %cst_46, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
      %130 = stablehlo.multiply %86, %129 : tensor<3x4xf32>
      %131 = stablehlo.select %125, %130, %86 : tensor<3x4xi1>, tensor<3x4xf32>
      %cst_47 = stablehlo.constant dense<1.1920929E-7> : tensor<f32>
      %132 = stablehlo.broadcast_in_dim %cst_47, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
      %133 = stablehlo.multiply %iterArg_29, %132 : tensor<3x4xf32>
      %134 = stablehlo.select %125, %133, %iterArg_29 : tensor<3x4xi1>, tensor<3x4xf32>
      %cst_48 = stablehlo.constant dense<1.1920929E-7> : tensor<f32>
      %135 = stablehlo.broadcast_in_dim %cst_48, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
      %136 = stablehlo.multiply %89, %135 : tensor<3x4xf32>
      %137 = stablehlo.select %125, %136, %89 : tensor<3x4xi1>, tensor<3x4xf32>
      %cst_49 = stablehlo.constant dense<1.1920929E-7> : tensor<f32>
      %138 = stablehlo.broadcast_in_dim %cst_49, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
      %139 = stablehlo.multiply %iterArg_34, %138 : tensor<3x4xf32>
      %140 = stablehlo.select %125, %139, %iterArg_34 : tensor<3x4xi1>, tensor<3x4xf32>
      %cst_50 = stablehlo.constant dense<1.1920929E-7> : tensor<f32>
      %141 = stablehlo.broadcast_in_dim %cst_50, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
      %142 = stablehlo.multiply %iterArg_35, %141 : tensor<3x4xf32>
      %143 = stablehlo.select %125, %142, %iterArg_35 : tensor<3x4xi1>, tensor<3x4xf32>
      %cst_51 = stablehlo.constant dense<1.1920929E-7> : tensor<f32>
      %144 = stablehlo.broadcast_in_dim %cst_51, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
      %145 = stablehlo.multiply %105, %144 : tensor<3x4xf32>
      %146 = stablehlo.select %125, %145, %105 : tensor<3x4xi1>, tensor<3x4xf32>
      %cst_52 = stablehlo.constant dense<1.1920929E-7> : tensor<f32>
      %147 = stablehlo.broadcast_in_dim %cst_52, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
      %148 = stablehlo.multiply %112, %147 : tensor<3x4xf32>
      %149 = stablehlo.select %125, %148, %112 : tensor<3x4xi1>, tensor<3x4xf32>
      %cst_53 = stablehlo.constant dense<1.1920929E-7> : tensor<f32>
      %150 = stablehlo.broadcast_in_dim %cst_53, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
      %151 = stablehlo.compare GT, %97, %150, FLOAT : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xi1>
      %152 = stablehlo.and %iterArg, %151 : tensor<3x4xi1>
      %153 = stablehlo.select %iterArg, %98, %iterArg_23 : tensor<3x4xi1>, tensor<3x4xf32>
      %154 = stablehlo.select %iterArg, %97, %iterArg_24 : tensor<3x4xi1>, tensor<3x4xf32>
      %155 = stablehlo.select %iterArg, %79, %iterArg_25 : tensor<3x4xi1>, tensor<3x4xf32>
      %156 = stablehlo.select %iterArg, %81, %iterArg_26 : tensor<3x4xi1>, tensor<3x4xf32>
      %157 = stablehlo.select %iterArg, %131, %iterArg_28 : tensor<3x4xi1>, tensor<3x4xf32>
      %158 = stablehlo.select %iterArg, %137, %iterArg_29 : tensor<3x4xi1>, tensor<3x4xf32>
      %159 = stablehlo.select %iterArg, %128, %iterArg_30 : tensor<3x4xi1>, tensor<3x4xf32>
      %160 = stablehlo.select %iterArg, %134, %iterArg_31 : tensor<3x4xi1>, tensor<3x4xf32>
      %161 = stablehlo.select %iterArg, %140, %iterArg_32 : tensor<3x4xi1>, tensor<3x4xf32>
      %162 = stablehlo.select %iterArg, %143, %iterArg_33 : tensor<3x4xi1>, tensor<3x4xf32>
      %163 = stablehlo.select %iterArg, %146, %iterArg_34 : tensor<3x4xi1>, tensor<3x4xf32>
      %164 = stablehlo.select %iterArg, %149, %iterArg_35 : tensor<3x4xi1>, tensor<3x4xf32>
      %165 = stablehlo.select %iterArg, %116, %iterArg_36 : tensor<3x4xi1>, tensor<3x4xf32>
      stablehlo.return %152, %153, %154, %155, %156, %77, %157, %158, %159, %160, %161, %162, %163, %164, %165 : tensor<3x4xi1>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<f32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>
    }
    %56 = stablehlo.multiply %55#1, %31 : tensor<3x4xf32>
    %cst_15 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %57 = stablehlo.broadcast_in_dim %cst_15, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
    %58 = stablehlo.subtract %57, %56 : tensor<3x4xf32>
    %59 = stablehlo.not %21 : tensor<3x4xi1>
    %60 = stablehlo.and %35, %59 : tensor<3x4xi1>
    %cst_16 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %61 = stablehlo.broadcast_in_dim %cst_16, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
    %cst_17 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %62 = stablehlo.broadcast_in_dim %cst_17, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
    %cst_18 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %63 = stablehlo.broadcast_in_dim %cst_18, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
    %cst_19 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %64 = stablehlo.broadcast_in_dim %cst_19, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
    %65:7 = stablehlo.while(%iterArg = %60, %iterArg_23 = %arg0, %iterArg_24 = %61, %iterArg_25 = %62, %iterArg_26 = %arg0, %iterArg_27 = %63, %iterArg_28 = %64) : tensor<3x4xi1>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>
    cond {
      %c = stablehlo.constant dense<false> : tensor<i1>
      %77 = stablehlo.reduce(%iterArg init: %c) applies stablehlo.or across dimensions = [0, 1] : (tensor<3x4xi1>, tensor<i1>) -> tensor<i1>
      stablehlo.return %77 : tensor<i1>
    } do {
      %cst_29 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
      %77 = stablehlo.broadcast_in_dim %cst_29, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
      %78 = stablehlo.add %iterArg_23, %77 : tensor<3x4xf32>
      %79 = stablehlo.divide %iterArg_26, %78 : tensor<3x4xf32>
      %80 = stablehlo.multiply %iterArg_27, %79 : tensor<3x4xf32>
      %81 = stablehlo.multiply %iterArg_24, %iterArg_26 : tensor<3x4xf32>
      %82 = stablehlo.multiply %78, %78 : tensor<3x4xf32>
      %83 = stablehlo.divide %81, %82 : tensor<3x4xf32>
      %84 = stablehlo.subtract %80, %83 : tensor<3x4xf32>
      %85 = stablehlo.add %iterArg_28, %84 : tensor<3x4xf32>
      %86 = stablehlo.divide %iterArg_26, %78 : tensor<3x4xf32>
      %87 = stablehlo.multiply %iterArg_24, %86 : tensor<3x4xf32>
      %88 = stablehlo.add %iterArg_25, %87 : tensor<3x4xf32>
      %89 = stablehlo.divide %87, %88 : tensor<3x4xf32>
      %cst_30 = stablehlo.constant dense<1.1920929E-7> : tensor<f32>
      %90 = stablehlo.broadcast_in_dim %cst_30, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
      %91 = stablehlo.compare GT, %89, %90, FLOAT : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xi1>
      %92 = stablehlo.and %iterArg, %91 : tensor<3x4xi1>
      %93 = stablehlo.select %iterArg, %78, %iterArg_23 : tensor<3x4xi1>, tensor<3x4xf32>
      %94 = stablehlo.select %iterArg, %87, %iterArg_24 : tensor<3x4xi1>, tensor<3x4xf32>
      %95 = stablehlo.select %iterArg, %88, %iterArg_25 : tensor<3x4xi1>, tensor<3x4xf32>
      %96 = stablehlo.select %iterArg, %iterArg_26, %iterArg_26 : tensor<3x4xi1>, tensor<3x4xf32>
      %97 = stablehlo.select %iterArg, %84, %iterArg_27 : tensor<3x4xi1>, tensor<3x4xf32>
      %98 = stablehlo.select %iterArg, %85, %iterArg_28 : tensor<3x4xi1>, tensor<3x4xf32>
      stablehlo.return %92, %93, %94, %95, %96, %97, %98 : tensor<3x4xi1>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>
    }
    %66 = stablehlo.multiply %65#3, %31 : tensor<3x4xf32>
    %67 = stablehlo.divide %66, %arg0 : tensor<3x4xf32>
    %68 = stablehlo.select %21, %58, %67 : tensor<3x4xi1>, tensor<3x4xf32>
    %cst_20 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %69 = stablehlo.broadcast_in_dim %cst_20, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
    %70 = stablehlo.select %9, %69, %68 : tensor<3x4xi1>, tensor<3x4xf32>
    %cst_21 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %71 = stablehlo.broadcast_in_dim %cst_21, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
    %72 = stablehlo.select %5, %71, %70 : tensor<3x4xi1>, tensor<3x4xf32>
    %cst_22 = stablehlo.constant dense<0x7FC00000> : tensor<f32>
    %73 = stablehlo.broadcast_in_dim %cst_22, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
    %74 = stablehlo.select %17, %73, %72 : tensor<3x4xi1>, tensor<3x4xf32>
    %75 = chlo.zeta %arg0, %arg0 : tensor<3x4xf32>, tensor<3x4xf32> -> tensor<3x4xf32>
    %76 = chlo.polygamma %arg0, %arg0 : tensor<3x4xf32>, tensor<3x4xf32> -> tensor<3x4xf32>
    return %0#0, %0#1, %arg0, %74, %75, %76 : tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>
  }
}
