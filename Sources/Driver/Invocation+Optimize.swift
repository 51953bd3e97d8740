import Support

extension Invocation {
  /// `jxc opt`: runs `passes`, or all of them, on the module in `path`, and prints it.
  public func optimize(_ path: String, passes: [String]?) throws(Failure) {
    try reporting {
      throw unsupported("jxc opt")
    }
  }
}
