"""What was spent in a span: read once, added up by whatever a chart shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from accounts.models import Workspace
from billing.charts.names import NAMED_BY
from billing.charts.reading import Sums, each, read
from billing.charts.spans import Span
from billing.statements.usage import Spend

#: Of more than these the rest is one line: the file has all of them.
MOST_SHARES = 12


@dataclass(frozen=True, slots=True)
class Step:
    """A day, or a week of a long span, with its charges less refunds in micro-dollars."""

    span: Span
    amount: int
    charges: int


@dataclass(frozen=True, slots=True)
class Share:
    """What one member, key or model cost; `most` is the largest share beside it."""

    name: str
    note: str
    amount: int
    charges: int
    most: int


@dataclass(frozen=True, slots=True)
class Figures:
    amount: int
    charges: int
    steps: Sequence[Step]
    members: Sequence[Share]
    keys: Sequence[Share]
    models: Sequence[Share]


def figures(workspace: Workspace, span: Span) -> Figures:
    sums = each(workspace, span)
    return Figures(
        amount=sum(amount for amount, _ in sums["day"].values()),
        charges=sum(charges for _, charges in sums["day"].values()),
        steps=[_step(part, sums["day"]) for part in span.steps()],
        members=_shares(workspace, sums["member"], "member"),
        keys=_shares(workspace, sums["key"], "key"),
        models=_shares(workspace, sums["model"], "model"),
    )


def named(workspace: Workspace, span: Span) -> Iterator[tuple[Spend, list[str]]]:
    """Every row with what people call its member, key and model."""
    rows = read(workspace, span)
    names = {
        split: name_them(workspace, {row.split[split] for row in rows})
        for split, name_them in NAMED_BY.items()
    }
    for row in rows:
        yield row, [of[row.split[split]].name for split, of in names.items()]


def _step(part: Span, days: Sums) -> Step:
    """One for each step of the span, also where nothing was spent."""
    found = [days.get(str(part.first + timedelta(days=n)), (0, 0)) for n in range(part.days)]
    return Step(part, sum(amount for amount, _ in found), sum(charges for _, charges in found))


def _shares(workspace: Workspace, found_by: Sums, split: str) -> list[Share]:
    """The largest first."""
    sums = sorted(found_by.items(), key=lambda one: (-one[1][0], one[0]))
    names = NAMED_BY[split](workspace, [id for id, _ in sums])
    most = max((amount for _, (amount, _) in sums), default=0)
    found = []
    for id, (amount, charges) in sums[:MOST_SHARES]:
        found.append(Share(names[id].name, names[id].note, amount, charges, most))
    return found + _rest([of for _, of in sums[MOST_SHARES:]], most)


def _rest(sums: Sequence[tuple[int, int]], most: int) -> list[Share]:
    if not sums:
        return []
    amount, charges = (sum(of) for of in zip(*sums, strict=True))
    return [Share(f"{len(sums)} more", "all of them are in the file", amount, charges, most)]
