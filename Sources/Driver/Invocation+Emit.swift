import Support

extension Invocation {
  /// `jxc --emit-STAGE`: runs the program in `path`, and shows what the functions that it compiles
  /// look like at `stage`.
  public func emit(_ stage: Stage, _ path: String) throws(Failure) {
    try reporting {
      let program = try parse(path)
      if stage == .ast { return writeOutput(program.indentedDump()) }
      throw unsupported("--emit-\(stage.rawValue)")
    }
  }

  /// Shows the function called `entry`, for arguments of the given types.
  public func emit(
    _ stage: Stage, _ path: String, entry: String, arguments: [ArgumentType],
    statics: [StaticArgument]
  ) throws(Failure) {
    try reporting {
      _ = try parse(path)
      throw unsupported("--emit-\(stage.rawValue)")
    }
  }
}
