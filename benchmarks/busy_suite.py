"""Does the suite pass on a machine whose cores are busy with other work?

    python benchmarks/busy_suite.py            # two processes that only count, beside the suite
    python benchmarks/busy_suite.py --load 10  # ten of them
    python benchmarks/busy_suite.py tests/e2e  # what comes after the options is pytest's

A test whose outcome hangs on speed passes alone and fails here. The exit code is pytest's: 0 where
all passed.
"""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]
# Looks for its parent now and then, so that it ends even where this script was killed.
COUNTING = """
import os
parent = os.getppid()
while os.getppid() == parent:
    for _ in range(1_000_000):
        pass
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--load", type=int, default=2, help="processes that only count")
    options, chosen = parser.parse_known_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, busy(options.load):
        report = Path(folder) / "suite.xml"
        command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *chosen]
        code = subprocess.run(command, cwd=ROOT, check=False).returncode
        counts = counted(report) if report.exists() else "no report"
    seconds = time.monotonic() - began
    print(f"beside {options.load} busy processes: {counts}; {seconds:.0f} s, exit code {code}")
    sys.exit(code)


@contextlib.contextmanager
def busy(count: int) -> Iterator[None]:
    """Keeps `count` processes counting, a core each as far as there are so many."""
    command = [sys.executable, "-c", COUNTING]
    with contextlib.ExitStack() as ends:
        for _ in range(count):
            ends.callback(ends.enter_context(subprocess.Popen(command)).kill)
        yield


def counted(report: Path) -> str:
    """How many tests passed, failed, erred and were skipped, by pytest's JUnit report."""
    told = ElementTree.parse(report).getroot().find("testsuite").attrib
    tests, failed, erred, skipped = (
        int(told[key]) for key in ("tests", "failures", "errors", "skipped")
    )
    passed = tests - failed - erred - skipped
    return f"{passed} passed, {failed} failed, {erred} erred, {skipped} skipped"


if __name__ == "__main__":
    main()
