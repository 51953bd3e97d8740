/// Makes something, such as a step function, for a type of integer lanes. The functions below know
/// all types and call tasks with each of them, so that the loops over lanes are compiled for each
/// type alone.
protocol IntegerTask {
  associatedtype Result
  func of<T: LaneInteger>(_: T.Type) -> Result
}

/// Makes something for a type of floating-point lanes, packed ones included.
protocol FloatTask {
  associatedtype Result
  func of<T: FloatLane>(_: T.Type) -> Result
}

/// Makes something for a type of floating-point lanes that are one number.
protocol FloatScalarTask {
  associatedtype Result
  func of<T: FloatScalar>(_: T.Type) -> Result
}

extension ScalarType {
  /// What `task` makes for this type, or `nil` if it is not one of integers or bits that
  /// instructions compute with.
  func integer<Task: IntegerTask>(_ task: Task) -> Task.Result? {
    switch self {
    case .u16, .b16: task.of(UInt16.self)
    case .u32, .b32: task.of(UInt32.self)
    case .u64, .b64: task.of(UInt64.self)
    case .s16: task.of(Int16.self)
    case .s32: task.of(Int32.self)
    case .s64: task.of(Int64.self)
    case .b8, .b128, .u8, .s8, .f16, .f16x2, .bf16, .bf16x2, .f32, .f64, .pred: nil
    }
  }

  /// What `task` makes for this type, or `nil` if it is not a floating-point type.
  func float<Task: FloatTask>(_ task: Task) -> Task.Result? {
    switch self {
    case .f32: task.of(Float.self)
    case .f64: task.of(Double.self)
    case .f16: task.of(Float16.self)
    case .bf16: task.of(BFloat16.self)
    case .f16x2: task.of(Packed<Float16>.self)
    case .bf16x2: task.of(Packed<BFloat16>.self)
    case .b8, .b16, .b32, .b64, .b128, .u8, .u16, .u32, .u64, .s8, .s16, .s32, .s64, .pred: nil
    }
  }

  /// What `task` makes for this type, or `nil` if it is not a floating-point type of one number.
  func floatScalar<Task: FloatScalarTask>(_ task: Task) -> Task.Result? {
    switch self {
    case .f32: task.of(Float.self)
    case .f64: task.of(Double.self)
    case .f16: task.of(Float16.self)
    case .bf16: task.of(BFloat16.self)
    case .f16x2, .bf16x2, .b8, .b16, .b32, .b64, .b128, .u8, .u16, .u32, .u64, .s8, .s16, .s32,
      .s64, .pred:
      nil
    }
  }
}
