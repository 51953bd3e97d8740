import Core

/// What JAX says and does when `jax_debug_nans` finds an invalid number in what a compiled function
/// gave: it calls the function again, not compiled, to find the operation.
enum InvalidValueNotice {
  private static func print() {
    Session.output.write(
      "Invalid nan value encountered in the output of a jax.jit function. Calling the "
        + "de-optimized version.\n")
  }

  /// Prints the notice where `exception`, on its way, first reaches the program. The operators and
  /// the functions of `jax.numpy` are compiled functions; those of `jax.lax` are not.
  static func print(for exception: ExceptionObject) {
    guard let invalid = exception.invalidValue, exception.traceback.allSatisfy(\.isLibrary),
      !["scan", "while", "cond"].contains(invalid.primitive)
    else { return }
    if let place = exception.traceback.last,
      Session.loader.sources.file(of: place.span)?.name.hasPrefix("<stdlib>/jax/lax/") ?? false
    {
      return
    }
    print()
  }

  /// Calls `function`, which gave an invalid number when it was compiled.
  ///
  /// - Throws: what the call raises; `FloatingPointError` if it raises nothing.
  static func search(
    _ function: Object, _ arguments: Arguments, named name: String, _ number: String
  ) throws -> Never {
    print()
    _ = try Host.call(function, arguments)
    throw RaisedError(
      .floatingPointError,
      """
      ('jit(\(name))', '\(number)'). Because jax_config.debug_nans.value and/or \
      config.jax_debug_infs is set, the de-optimized function (i.e., the function as if the `jit` \
      decorator were removed) was called in an attempt to get a more precise error message. \
      However, the de-optimized function did not produce invalid values during its execution. This \
      behavior can result from `jit` optimizations causing the invalid value to be produced. It \
      may also arise from having nan/inf literals as inputs or outputs, like \
      `jax.jit(lambda ...: jax.numpy.nan)(...)`. \n
      It may be possible to avoid the invalid value by removing the `jit` decorator, at the cost \
      of losing optimizations. \n
      If you see this error, consider opening a bug report at https://github.com/jax-ml/jax.
      """)
  }
}
