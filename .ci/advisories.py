"""
Are the locked packages safe, as far as anybody knows? `python advisories.py REQUIREMENTS`

First against floors of our own, which takes no network; then by the database of advisories of
osv.dev (`OSV_URL` names another). Where that does not answer, the skip is said loudly.
"""

from __future__ import annotations

import json
import os
import re
import sys
import urllib.request
from pathlib import Path

#: Below these something is broken that we rely on; why stands in requirements.in.
FLOORS = {"celery": "5.7", "django": "5.2.19", "kombu": "5.7", "pillow": "13", "stripe": "16.1"}
OSV = "https://api.osv.dev/v1/querybatch"
SECONDS = 20


def main(requirements: Path) -> int:
    locked = dict(re.findall(r"^([\w.-]+)==([\w.]+)", requirements.read_text(), re.M))
    faults = [*below_floors(locked), *(advisories(locked) or [])]
    for fault in faults:
        print(fault)
    return 1 if faults else 0


def below_floors(locked: dict[str, str]) -> list[str]:
    return [
        f"{name} {locked.get(name, 'is missing')}: it takes {floor} or newer"
        for name, floor in FLOORS.items()
        if name not in locked or _numbers(locked[name]) < _numbers(floor)
    ]


def advisories(locked: dict[str, str]) -> list[str] | None:
    """What is known of them; None where nobody could be asked."""
    try:
        answers = _asked(locked)
    except (OSError, ValueError) as error:
        print(f"SKIPPED: no advisory was looked up, as the database did not answer ({error})")
        return None
    return [
        f"{name} {locked[name]}: {known['id']}"
        for name, answer in zip(locked, answers, strict=True)
        for known in answer.get("vulns", [])
    ]


def _asked(locked: dict[str, str]) -> list[dict[str, list[dict[str, str]]]]:
    questions = [
        {"package": {"name": name, "ecosystem": "PyPI"}, "version": version}
        for name, version in locked.items()
    ]
    request = urllib.request.Request(
        os.environ.get("OSV_URL", OSV),
        json.dumps({"queries": questions}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:
        return list(json.load(answer)["results"])


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(digits) for digits in re.findall(r"\d+", version))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
