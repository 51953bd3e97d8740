"""The tests in Swift, Tests/*Tests: `swift test` compiles and runs them, without optimisation."""
import re
import shutil

from .result import Outcome, Test, execute

FINISHED = re.compile(r"^. Test (\S+?)(?: with \d+ test cases?)? (passed|failed) after", re.M)
BUILD_TIMEOUT = 3000  # seconds


def tests(context):
    if not shutil.which("swift"):
        return [Test("swift test", lambda: Outcome("there is no swift here", skipped=True))]
    output, error, code = execute(["swift", "test"], context.root, timeout=BUILD_TIMEOUT)
    text = output + error
    finished = FINISHED.findall(text)
    results = [
        Test(f"swift test: {name}", lambda name=name, result=result: Outcome(
            "" if result == "passed" else issues(text, name)))
        for name, result in finished]
    if code != 0 and all(result == "passed" for _, result in finished):
        results.append(Test("swift test", lambda: Outcome(text[-3000:])))
    return results


def issues(text, name):
    """What the test called `name` found."""
    found = [line for line in text.splitlines() if f"Test {name} recorded an issue" in line]
    return "\n".join(found[:20]) or "failed"
