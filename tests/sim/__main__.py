"""`python -m tests.sim SEED …` plays seeds and prints every step; see `--help`."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
import warnings
from collections import Counter

REPLAY = "python -m tests.sim {seed}"


def main() -> int:
    options = _options()
    if os.environ.get("PYTHONHASHSEED") != "0":  # sets are walked in the same order each time
        os.environ["PYTHONHASHSEED"] = "0"
        os.execv(sys.executable, [sys.executable, "-m", "tests.sim", *sys.argv[1:]])
    seeds = options.seeds or range(options.first, options.first + options.count)
    if options.jobs > 1:
        return _share_out(options)
    started = time.monotonic()
    seen: Counter[str] = Counter()
    told = list(_played(seeds, seen, aloud=bool(options.seeds), stop=options.stop))
    found = {
        "seeds": len(told),
        "steps": sum(one.steps for one in told),
        "seconds": round(time.monotonic() - started, 1),
        "failed": [{"seed": one.seed, "fault": one.fault} for one in told if one.fault],
        "seen": dict(sorted(seen.items())),
    }
    print(json.dumps(found, indent=None if options.json else 2))
    return bool(found["failed"])


def _played(seeds, seen, *, aloud, stop):
    warnings.simplefilter("ignore")  # what the dead leave behind
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.sim.settings"
    import django

    django.setup()
    from tests.sim import database, story
    from tests.sim.world import World

    with database.made() as watcher:
        world = World(watcher, seen=seen)
        world.tell = print if aloud else lambda _: None
        for seed in seeds:
            told = story.play(world, seed)
            yield told
            if told.fault and not aloud:
                print(f"{REPLAY.format(seed=seed)}: {told.fault}", file=sys.stderr)
            if told.fault and stop:
                return


def _share_out(options) -> int:
    """Several processes side by side, each with a share of the seeds."""
    whole = [*range(options.first, options.first + options.count)]
    size = -(-len(whole) // options.jobs)
    shares = [whole[at : at + size] for at in range(0, len(whole), size)]
    command = [sys.executable, "-m", "tests.sim", "--json"]
    players = [
        subprocess.Popen(
            [*command, "--first", str(share[0]), "--count", str(len(share))],
            stdout=subprocess.PIPE,
            text=True,
        )
        for share in shares
    ]
    said = [json.loads(player.communicate()[0]) for player in players]
    found = {
        "seeds": sum(one["seeds"] for one in said),
        "steps": sum(one["steps"] for one in said),
        "seconds": max(one["seconds"] for one in said),
        "failed": [failed for one in said for failed in one["failed"]],
        "seen": dict(sum((Counter(one["seen"]) for one in said), Counter())),
    }
    print(json.dumps(found, indent=None if options.json else 2))
    return bool(found["failed"])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.sim", description=__doc__)
    parser.add_argument("seeds", nargs="*", type=int, help="play these and print every step")
    parser.add_argument("--first", type=int, default=1, help="the first of many, played in silence")
    parser.add_argument("--count", type=int, default=300, help="how many")
    parser.add_argument("--jobs", type=int, default=1, help="processes side by side")
    parser.add_argument("--stop", action="store_true", help="at the first that fails")
    parser.add_argument("--json", action="store_true", help="one line for programs")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
