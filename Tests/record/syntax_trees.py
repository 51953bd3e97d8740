"""Records CPython's syntax trees of Tests/Cases/Syntax/*.jx, one statement per line, in *.ast.

Run with CPython 3.11. Cases that need a later Python are left out; for them only the round trip
is tested.
"""

import ast
import pathlib
import warnings

warnings.simplefilter("ignore")
cases = pathlib.Path(__file__).parent.parent / "Cases" / "Syntax"
for path in sorted(cases.glob("*.jx")):
    try:
        tree = ast.parse(path.read_bytes())
    except SyntaxError as error:
        print(f"{path.name}: not recorded: {error}")
        continue
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            node.kind = None
    lines = [ast.dump(statement) + "\n" for statement in tree.body]
    path.with_suffix(".ast").write_text("".join(lines), encoding="utf8")
