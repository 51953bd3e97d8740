import Glibc
import Support

/// Makes crashes of the compiler say where they happened, and end with the code of an internal error.
func reportCrashes() {
  // The handler touches what exists by then.
  _ = RunningPass.name
  // A stack of its own: the crash may be that the other one is full.
  var stack = stack_t()
  stack.ss_size = 1 << 16
  stack.ss_sp = malloc(stack.ss_size)
  sigaltstack(&stack, nil)
  var action = sigaction()
  action.__sigaction_handler.sa_handler = { signal in
    say("internal error: ")
    if RunningPass.name[0] != 0 {
      say("pass '")
      say(RunningPass.name)
      say("' crashed\nhint: 'jxc reduce FILE.mlir' shrinks a module that shows it; ")
      say("'--dump-dir FOLDER' writes the modules between the passes\n")
    } else {
      say("jxc crashed\n")
    }
    _exit(ExitStatus.internalError.rawValue)
  }
  action.sa_flags = SA_ONSTACK | Int32(bitPattern: SA_RESETHAND)
  for signal in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT] {
    sigaction(signal, &action, nil)
  }
}

private func say(_ text: StaticString) {
  _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
}

private func say(_ text: UnsafePointer<CChar>) { _ = write(STDERR_FILENO, text, strlen(text)) }
