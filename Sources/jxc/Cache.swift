import ArgumentParser
import Driver

/// `jxc cache`: looks at the cache of compiled functions, or empties it.
struct Cache: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show or empty the cache of compiled functions.",
    discussion: """
      What `jxc run` compiles is kept, so that the next run need not compile it again. \
      JXC_CACHE is the folder, or off; JXC_CACHE_SIZE is the most that it may take, such as 200M.
      """,
    subcommands: [Path.self, Stats.self, Clear.self])

  struct Path: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print the folder of the cache.")
    func run() throws { try Invocation().printCachePath() }
  }

  struct Stats: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print how much is in the cache.")
    func run() throws { try Invocation().printCacheStatistics() }
  }

  struct Clear: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Empty the cache.")
    func run() throws { try Invocation().clearCache() }
  }
}
