"""What must come of a fault, as data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

UNKNOWN_WITHOUT_LOOKUP = timedelta(minutes=16)
UNKNOWN_WITH_LOOKUP = timedelta(minutes=61)
SOFT = timedelta(minutes=31)
HARD = timedelta(hours=24)
STORE = timedelta(minutes=16)


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    How one order ends, and what its provider has of it.

    :param submits: paid POSTs that the provider read.
    :param accepted: jobs that it took.
    :param billed: clips that it bills.
    :param rests: the inner states in which the order waits, its money held, for as long as nothing
        more is heard; then the hours of `ages` go by, one after the other.
    :param passed_on: certainly not taken at first, so that another company is asked where the
        customer did not choose this one.
    """

    ends: str = "succeeded"
    code: str = ""
    submits: int = 1
    accepted: int = 1
    billed: int = 1
    rests: tuple[str, ...] = ()
    ages: tuple[timedelta, ...] = ()
    passed_on: bool = False

    @property
    def captured(self) -> bool:
        return self.ends == "succeeded"

    @property
    def movements(self) -> list[str]:
        """What the wallet says in the end."""
        last = {"succeeded": ["capture"], "failed": ["release"]}
        return ["hold", *last.get(self.ends, [])]


#: Nobody notices anything.
FINE = Outcome()


def again(submits: int = 2) -> Outcome:
    """Certainly not accepted at first, accepted in the end."""
    return Outcome(submits=submits, passed_on=True)


#: Perhaps accepted, and found not to be; sent again under the same name, to nobody else.
RESENT = Outcome(submits=2)


def refused(code: str = "content_policy") -> Outcome:
    """They say no, and that is the end."""
    return Outcome("failed", code, accepted=0, billed=0)


def failed(code: str = "provider_error", *, billed: int = 0) -> Outcome:
    """The render fails, billed or not: the customer pays nothing."""
    return Outcome("failed", code, billed=billed)


def lost(*, accepted: int = 0, billed: int | None = None, lookup: bool = False) -> Outcome:
    """
    Sent, and nobody can ever tell what became of it: never sent again, its money held until the
    deadline, then given back.
    """
    return Outcome(
        "failed",
        "outcome_unknown",
        accepted=accepted,
        billed=accepted if billed is None else billed,
        rests=("unknown",),
        ages=(UNKNOWN_WITH_LOOKUP if lookup else UNKNOWN_WITHOUT_LOOKUP,),
    )


def endless(*, billed: int = 0) -> Outcome:
    """With the provider for ever: overdue, then given up."""
    return Outcome("failed", "timeout", billed=billed, rests=("running",), ages=(SOFT, HARD))


#: The file never comes home. What a fresh link hardly cures is tried three times …
UNUSABLE = Outcome("failed", "result_unusable")
#: … what may come back, at least six times and for an hour.
GONE = Outcome("failed", "result_unusable", rests=("running", "storing"), ages=(STORE,) * 9)
