import Execution
import Host
import Support

extension Invocation {
  /// `jxc build`: writes an executable at `output` that does what `jxc run` does with the program in
  /// `path`.
  ///
  /// The program runs once, with `arguments`: what it compiles then, and the files in its folder
  /// that it reads, go into the executable, behind a copy of the compiler. The copy evaluates the
  /// host part of the program, and compiles what did not come up before.
  public func build(_ path: String, arguments: [String], output: String, isQuiet: Bool)
    throws(Failure)
  {
    try reporting {
      let source = try readFile(path)
      memory.startRecording()
      ProgramFiles.recorded = [:]
      try evaluate(path, arguments: arguments, output: 2)
      let own = ProgramFiles.absolute(path)
      let folder = own.lastIndex(of: "/").map { String(own[...$0]) } ?? "/"
      let files = (ProgramFiles.recorded ?? [:]).filter { $0.key.hasPrefix(folder) }
      let bundle = Bundle(
        path: own, source: source, files: files, compiler: ProgramMemory.compilerIdentity,
        programs: memory.recorded)
      var outputs = OutputFiles()
      defer { outputs.discard() }
      try outputs.add(output, try Bundle.compilerBytes() + bundle.encoded, isExecutable: true)
      try outputs.commit()
      if !isQuiet {
        writeError(
          "\(output): \(memory.recorded.count) compiled functions, \(files.count) files\n")
      }
    }
  }

  /// Runs the program that this executable carries.
  public func run(_ bundle: Bundle, arguments: [String]) throws(Failure) {
    try reporting {
      ProgramFiles.carried = bundle.files
      memory.use(bundle.programs)
      ProgramMemory.compilerIdentity = bundle.compiler
      try evaluate(source: bundle.source, bundle.path, arguments: arguments, output: 1)
    }
  }
}
