/// What `--version` prints.
public let compilerVersion = "0.1.0"
