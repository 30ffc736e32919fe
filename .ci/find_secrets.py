"""
Looks for secrets in the files that git keeps, and fails on each that nobody has looked at.

`find_secrets.py --accept` writes down those that are there: examples, made-up keys of tests.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from detect_secrets.core.scan import scan_file
from detect_secrets.settings import default_settings

#: file -> digests of what was found there and is no secret
LOOKED_AT = Path(__file__).with_name("looked_at.json")
#: Pictures, and lists of digests.
NOT_THESE = (".webp", ".svg", ".png", ".mp4", ".ttf", ".min.js", "requirements.txt", LOOKED_AT.name)
Found = tuple[str, int, str, str]


def main() -> int:
    found = sorted(_found())
    if "--accept" in sys.argv[1:]:
        _write_down(found)
        return 0
    known = json.loads(LOOKED_AT.read_text()) if LOOKED_AT.exists() else {}
    new = [one for one in found if one[3] not in known.get(one[0], ())]
    for file, line, kind, _ in new:
        print(f"{file}:{line}: {kind}")
    if new:
        print("Take it out and replace the secret; if it is none: .ci/find_secrets.py --accept")
    return 1 if new else 0


def _found() -> Iterator[Found]:
    """In every file of git's, also in those not committed yet."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, capture_output=True, text=True, check=True).stdout.splitlines()
    files = [name for name in names if not name.endswith(NOT_THESE) and Path(name).is_file()]
    with ProcessPoolExecutor() as several:
        for some in several.map(_in_files, [files[start::20] for start in range(20)]):
            yield from some


def _in_files(names: list[str]) -> list[Found]:
    with default_settings():
        return [
            (name, one.line_number, one.type, one.secret_hash)
            for name in names
            for one in scan_file(name)
        ]


def _write_down(found: list[Found]) -> None:
    by_file: dict[str, list[str]] = {}
    for file, _, _, digest in found:
        by_file.setdefault(file, []).append(digest)
    kept = {file: sorted(set(digests)) for file, digests in by_file.items()}
    LOOKED_AT.write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
