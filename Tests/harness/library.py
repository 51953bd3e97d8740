"""stdlib/: all of it is in the binary."""
from .result import Outcome, Test, execute


def tests(context):
    return [Test("stdlib is embedded", lambda: embedded(context))]


def embedded(context):
    table = context.root / "Sources" / "CStdlib" / "CStdlib.c"
    before = table.read_text()
    _, error, code = execute([str(context.root / "stdlib" / "embed.sh")], context.root)
    if code != 0:
        return Outcome(error)
    after = table.read_text()
    if after == before:
        return Outcome()
    if not context.update:
        table.write_text(before)
    return Outcome("Sources/CStdlib/CStdlib.c does not list the files of stdlib/: run stdlib/embed.sh")
