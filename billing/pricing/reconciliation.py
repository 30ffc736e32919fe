"""
A provider's bill against the jobs we gave them. It only compares: nothing is changed by it.

What the provider bills twice is added up first, so that it differs from what we expect once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import TextChoices

from billing import money
from billing.pricing import months, reports
from billing.pricing.bills import Charge
from billing.pricing.reports import Job
from billing.pricing.sheets import written

#: Bills round where we do not: a hundredth of a cent is no difference.
ROUNDING = 100

HEADER = ["what", "job", "sku", "date", "expected", "billed", "difference", "remark"]


class Verdict(TextChoices):
    DIFFERS = "differs", "amounts differ"
    UNKNOWN = "unknown", "they bill it, we do not know it"
    NOT_BILLED = "not_billed", "we have it, they do not bill it"
    AGREED = "agreed", "agreed"


@dataclass(frozen=True, slots=True)
class Entry:
    """One job: what we expect and what they bill, in micro-dollars."""

    verdict: Verdict
    job: str
    sku: str
    day: str
    expected: int
    billed: int
    remark: str = ""

    @property
    def difference(self) -> int:
        """What they take beyond what we expect."""
        return self.billed - self.expected


@dataclass(frozen=True, slots=True)
class Sum:
    label: str
    count: int
    expected: int
    billed: int

    @property
    def difference(self) -> int:
        return self.billed - self.expected


@dataclass(frozen=True, slots=True)
class Reconciliation:
    entries: list[Entry]

    @property
    def differing(self) -> list[Entry]:
        """Everything that did not agree, the dearest first."""
        found = [one for one in self.entries if one.verdict != Verdict.AGREED]
        return sorted(found, key=lambda one: (-abs(one.difference), one.job))

    @property
    def sums(self) -> list[Sum]:
        """Each verdict's, and everything's."""
        each = [
            _sum(verdict.label, (one for one in self.entries if one.verdict == verdict))
            for verdict in Verdict
        ]
        return [*each, _sum("everything", self.entries)]


def reconcile(*, provider: str, month: date, charges: Iterable[Charge]) -> Reconciliation:
    """The bill of that month, job by job."""
    billed: dict[str, list[Charge]] = defaultdict(list)
    for charge in charges:
        billed[charge.job].append(charge)
    jobs = _jobs(provider, month, billed)
    return Reconciliation([*_ours(jobs, billed), *_theirs(billed)])


def as_csv(entries: Iterable[Entry]) -> str:
    return written(HEADER, (_cells(entry) for entry in entries))


def _jobs(provider: str, month: date, billed: Iterable[str]) -> list[Job]:
    """Each once, by its first name."""
    start, end = months.begins(month), months.begins(months.moved(month, 1))
    named = frozenset(name for name in billed if name)
    found = reports.jobs(provider=provider, start=start, end=end, named=named)
    return list({job.names: job for job in found}.values())


def _ours(jobs: Iterable[Job], billed: dict[str, list[Charge]]) -> Iterable[Entry]:
    """Takes what it finds out of `billed`."""
    for job in jobs:
        names = dict.fromkeys(name.lower() for name in job.names if name)
        charges = [charge for name in names for charge in billed.pop(name, [])]
        if charges or job.expected:
            yield _compared(job, charges)


def _compared(job: Job, charges: list[Charge]) -> Entry:
    amount = sum(charge.amount for charge in charges)
    is_same = abs(amount - job.expected) < ROUNDING
    verdict = Verdict.AGREED if is_same else Verdict.DIFFERS
    times = f", billed {len(charges)} times" if len(charges) > 1 else ""
    return Entry(
        verdict=verdict if charges else Verdict.NOT_BILLED,
        job=next(iter(job.names), ""),
        sku=job.sku,
        day=f"{job.at:%Y-%m-%d}",
        expected=job.expected,
        billed=amount,
        remark=f"{job.outcome}{times}",
    )


def _theirs(billed: dict[str, list[Charge]]) -> Iterable[Entry]:
    for name, charges in billed.items():
        lines = ", ".join(str(charge.line) for charge in charges[:5])
        yield Entry(
            verdict=Verdict.UNKNOWN,
            job=name or "(no job id)",
            sku="",
            day=charges[0].day,
            expected=0,
            billed=sum(charge.amount for charge in charges),
            remark=f"line {lines}" + (" …" if len(charges) > 5 else ""),
        )


def _sum(label: str, entries: Iterable[Entry]) -> Sum:
    entries = list(entries)
    expected = sum(one.expected for one in entries)
    return Sum(label, len(entries), expected, sum(one.billed for one in entries))


def _cells(entry: Entry) -> list[str]:
    amounts = [entry.expected, entry.billed, entry.difference]
    return [
        entry.verdict.label, entry.job, entry.sku, entry.day, *map(money.usd, amounts),
        entry.remark,
    ]  # fmt: skip
