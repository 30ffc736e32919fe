"""The spend of a span, split every way."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.models import Workspace
from billing.charts.spans import Span
from billing.statements import daily, usage
from billing.statements.usage import Spend

SPLITS = ("day", "member", "key", "model")

#: amount and charges by what a split says
Sums = dict[str, tuple[int, int]]


def read(workspace: Workspace, span: Span) -> list[Spend]:
    """Every combination, sorted by day."""
    return usage.spend(workspace=workspace, first=span.first, last=span.last, by=SPLITS)


def each(workspace: Workspace, span: Span, splits: Sequence[str] = SPLITS) -> dict[str, Sums]:
    """The sums by one split at a time."""
    found: dict[str, Sums] = {split: {} for split in splits}
    sets = [(split,) for split in splits]
    rows = daily.read(workspace, first=span.first, last=span.last, sets=sets)
    for (split,), said, amount, charges in rows:
        found[split][said[split]] = amount, charges
    return found
