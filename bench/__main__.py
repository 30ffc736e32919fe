"""`make bench`: what DESIGN section 10 promises about making clips, measured on this machine."""

from __future__ import annotations

import sys

from bench import accept, big_file, in_flight, lifecycles, lists, looks, money, streams


def main() -> int:
    """All of them, one after the other; 1 when a budget is missed."""
    met = [looks.main() == 0, lifecycles.main(), in_flight.main(), big_file.main()]
    met += [accept.main(), lists.main(), money.main(), streams.main()]
    print("\nEvery budget is met." if all(met) else "\nNot every budget is met: see MISSED above.")
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
