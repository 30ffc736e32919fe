"""
`python -m tests.bugs [WORD …]`: put known bugs into a copy of the code, one at a time, and see that
every suite that should catch each does. A word chooses the bugs whose names hold it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bugs.bugs import BUGS, Bug

CHECKOUT = Path(__file__).parent.parent.parent
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "var", "screenshots", "__pycache__")


def main(words: list[str]) -> int:
    chosen = [bug for bug in BUGS if not words or any(word in bug.name for word in words)]
    missed = 0
    with tempfile.TemporaryDirectory(prefix="bugs-") as folder:
        copy = Path(folder, "reelay")
        shutil.copytree(CHECKOUT, copy, ignore=LEFT_OUT)
        for bug in chosen:
            with_it = _put(bug, copy)
            for suite in bug.suites:
                caught = _said(suite, copy)
                missed += not caught
                print(f"{bug.name:<28} {suite:<64} {caught or 'MISSED'}", flush=True)
            with_it.write_text((CHECKOUT / bug.path).read_text())
    return bool(missed)


def _put(bug: Bug, copy: Path) -> Path:
    path = copy / bug.path
    text = path.read_text()
    if text.count(bug.old) != 1:
        raise SystemExit(f"{bug.path} no longer holds what '{bug.name}' changes: see tests/bugs.")
    path.write_text(text.replace(bug.old, bug.new))
    return path


def _said(suite: str, copy: Path) -> str:
    """The first complaint of a suite; nothing where it finds no fault."""
    module, *arguments = suite.split()
    brief = ["-q", "-x", "-p", "no:cacheprovider"] if module == "pytest" else []
    ended = subprocess.run(
        [sys.executable, "-m", module, *brief, *arguments],
        cwd=copy, capture_output=True, text=True,
    )  # fmt: skip
    if ended.returncode == 0:
        return ""
    lines = (ended.stdout + ended.stderr).splitlines()
    told = [line for line in lines if line.startswith(("FAILED", "ERROR", "python -m tests.sim"))]
    return told[0][:200] if told else f"broke: {lines[-1:]}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
