"""`make bench`: what DESIGN section 10 promises, measured on this machine."""

from __future__ import annotations

import subprocess
import sys

#: Each in a process of its own: a Django is set up for one database, and a figure for memory is
#: worth nothing after the work of others.
BENCHES = (
    *("looks", "lifecycles", "in_flight", "big_file"),
    *("accept", "lists", "money", "pages", "staff", "streams", "webhooks"),
)


def main(names: list[str]) -> int:
    """Those that are named, or all of them, one after the other; 1 when a budget is missed."""
    missed = [
        name
        for name in names or BENCHES
        if subprocess.run([sys.executable, "-m", f"bench.{name}"]).returncode
    ]
    print("\nMissed: " + ", ".join(missed) if missed else "\nEvery budget is met.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
