"""Rate limits as the API tells them: 429 with the limit that fired, and how long to wait."""

from __future__ import annotations

from accounts import rates
from accounts.api.problems import COME_BACK, Problem
from accounts.models import APIKey
from accounts.rates import Limit, Verdict


def admitted(key: APIKey, *, paid: bool) -> Verdict:
    """What the answer's headers tell. Raises a Problem where the request does not pass."""
    try:
        verdict = rates.admit(key, paid=paid)
    except rates.Away:
        said = "Orders are not counted at the moment, so none is taken."
        raise Problem("unavailable", said, retry_after=COME_BACK) from None
    if verdict.refused_by:
        raise _too_many(verdict, verdict.refused_by)
    return verdict


def not_let_in(problem: Problem, *, address: str | None, counts: bool) -> Problem:
    """
    What somebody hears without a key that opens: this problem, unless they try too often.

    A key that opens is let in all the same. It has 256 bits of secret, which nobody guesses; and
    one forgotten program behind a shared address must not lock out everybody there.
    """
    verdict = rates.failed(address, counts=counts)
    if verdict.refused_by:
        return _too_many(verdict, verdict.refused_by)
    problem.headers |= verdict.headers
    return problem


def _too_many(verdict: Verdict, limit: Limit) -> Problem:
    wait = verdict.retry_after
    return Problem(
        "rate_limited",
        f"The limit “{limit.name}” is {limit.per_minute} a minute. Come back in {wait} s.",
        retry_after=wait,
        headers=verdict.headers,
        limit=limit.name,
    )
