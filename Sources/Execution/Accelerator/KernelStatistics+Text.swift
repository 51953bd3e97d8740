extension [KernelStatistics] {
  /// A table for people, a line for each kernel. Columns are separated by two spaces or more.
  public var table: String {
    let heading = [
      "kernel", "launches", "blocks", "threads", "lanes", "read", "each", "used", "written", "each",
      "used", "shared", "conflicts", "barriers", "divergent",
    ]
    let rows = [heading] + map(\.row)
    let widths = heading.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = row.indices.map { column in
        let padding = String(repeating: " ", count: widths[column] - row[column].count)
        return column == 0 ? row[column] + padding : padding + row[column]
      }
      return cells.joined(separator: "  ") + "\n"
    }.joined()
  }
}

extension KernelStatistics {
  fileprivate var row: [String] {
    /// Bytes, those of one access of a thread, and how much of what was transferred was needed.
    func traffic(_ bytes: Int, _ accesses: Int, _ sectors: Int, _ least: Int) -> [String] {
      if accesses == 0 { return ["0", "-", "-"] }
      return ["\(bytes)", "\(bytes / accesses)", percentage(least, sectors)]
    }
    return [name, "\(launches)", "\(blocks)", "\(threads)"]
      + [percentage(work.threadInstructions, 32 * work.warpInstructions)]
      + traffic(
        work.globalLoadBytes, work.globalLoadThreads, work.globalLoadSectors,
        work.globalLoadSectorsMinimum)
      + traffic(
        work.globalStoreBytes, work.globalStoreThreads, work.globalStoreSectors,
        work.globalStoreSectorsMinimum)
      + [
        "\(work.sharedAccesses)", "\(work.sharedBankConflicts)", "\(work.barriers)",
        "\(work.divergentBranches)",
      ]
  }

  private func percentage(_ part: Int, _ whole: Int) -> String {
    whole == 0 ? "-" : "\((200 * part + whole) / (2 * whole))%"
  }
}
