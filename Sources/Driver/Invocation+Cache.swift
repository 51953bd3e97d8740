import Execution
import Support

extension Invocation {
  /// `jxc cache path`: prints the folder of the cache.
  public func printCachePath() throws(Failure) {
    try reporting { writeOutput(try cache().directory + "\n") }
  }

  /// `jxc cache stats`: prints how much is in the cache.
  public func printCacheStatistics() throws(Failure) {
    try reporting {
      let cache = try cache()
      let statistics = cache.statistics()
      writeOutput(
        """
        path     \(cache.directory)
        entries  \(statistics.entryCount)
        bytes    \(statistics.byteCount) of at most \(cache.byteLimit)

        """)
    }
  }

  /// `jxc cache clear`: empties the cache.
  public func clearCache() throws(Failure) {
    try reporting {
      let count = try cache().clear()
      writeOutput("removed \(count) \(count == 1 ? "entry" : "entries")\n")
    }
  }

  private func cache() throws -> CompileCache {
    guard let cache = CompileCache.fromEnvironment() else {
      throw Diagnostic(
        .error, "there is no cache: JXC_CACHE is 'off', or neither XDG_CACHE_HOME nor HOME is set")
    }
    return cache
  }
}
