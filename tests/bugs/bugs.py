"""The dearest mistakes, as edits of our own code, and the suites that must see each."""

from __future__ import annotations

from dataclasses import dataclass

SEEDS = "tests.sim --first 1 --count 150 --stop"


@dataclass(frozen=True, slots=True)
class Bug:
    """`old` stands exactly once in the file at `path`; each of `suites` fails with `new` there."""

    name: str
    path: str
    old: str
    new: str
    suites: tuple[str, ...]


BUGS = [
    Bug(
        "two settle keys",
        "billing/ledger.py",
        '    key = f"settle:{reference}"\n    limits.recount(reference=reference, amount=0)\n',
        '    key = f"release:{reference}"\n    limits.recount(reference=reference, amount=0)\n',
        ("pytest tests/billing/test_settled_once.py tests/billing/test_races.py",),
    ),
    Bug(
        "resubmit on read timeout",
        "generations/loops/dispatch.py",
        "    elif isinstance(error, Busy | Misconfigured):\n",
        "    elif isinstance(error, Busy | Misconfigured | Unclear):\n",
        ("pytest tests/generations/dispatch", SEEDS),
    ),
    Bug(
        "trust in a callback's body",
        "generations/knocks.py",
        "    if new:\n        look_now(attempt)\n",
        "    if new:\n        look_now(attempt)\n"
        '        if link := re.search(r"https?://[^\\"\\\\s]+", text):\n'
        "            believed = Attempt.objects.filter(pk=attempt.pk)\n"
        "            believed.update(result_url=link[0], rendered_at=Now())\n"
        "            rows = Generation.objects.filter(pk=attempt.generation_id)\n"
        '            rows.filter(state__in=UNDER_WAY).update(state="storing", due_at=Now())\n',
        ("pytest tests/generations/dispatch", SEEDS),
    ),
    Bug(
        "no fencing",
        "generations/moves.py",
        "        rows = rows.filter(lease_token=token)\n",
        "        pass\n",
        ("pytest tests/generations/test_fencing.py", SEEDS),
    ),
    Bug(
        "refund on poll timeout",
        "generations/loops/look.py",
        "        await in_database(health.look_failed, provider, error)\n",
        "        await in_database(health.look_failed, provider, error)\n"
        "        for claim, _ in batch:\n"
        '            await in_database(lifecycle.failed, claim, code="provider_error")\n',
        ("pytest tests/generations/dispatch", SEEDS),
    ),
]
