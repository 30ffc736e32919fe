"""
Everything a provider does wrong, over real HTTP with the real workers: how the order ends, what the
customer pays, what the provider was asked and what it billed must all agree.

All orders are placed at once; each test follows its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.journeys.site import Customer

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Trouble:
    """A knob of the sandbox, and what must come of it."""

    knob: str
    ends: str = "succeeded"
    code: str = ""
    billed: int = 1


TROUBLES = [
    Trouble("429"),
    Trouble("429-retry-after=1"),
    Trouble("cut-before-accept"),
    Trouble("cut-after-accept"),
    Trouble("error-before=500"),
    Trouble("error-before=504"),
    Trouble("error-after=500"),
    Trouble("error-after=502"),
    Trouble("empty-body"),
    Trouble("html-body"),
    Trouble("model-unavailable"),
    Trouble("submit-latency=2"),
    Trouble("fail", "failed", "provider_error", 0),
    Trouble("fail, item-error", "failed", "provider_error", 0),
    Trouble("fail, stream-error", "failed", "provider_error", 0),
    Trouble("moderation-submit", "failed", "content_policy", 0),
    Trouble("moderation-render", "failed", "content_policy", 0),
    Trouble("cost-zero"),
    Trouble("missing-status"),
    Trouble("pending-word"),
    Trouble("poll-lag=2"),
    Trouble("poll-cut"),
    Trouble("poll-empty"),
    Trouble("poll-html"),
    Trouble("poll-error=401"),
    Trouble("poll-error=429"),
    Trouble("poll-error=500"),
    Trouble("webhook-early"),
    Trouble("webhook-forged"),
    Trouble("webhook-never"),
    Trouble("webhook-late=2"),
    Trouble("webhook-twice=5"),
    Trouble("webhook-reordered"),
    Trouble("result-redirect=2"),
    Trouble("result-slow=400000"),
    Trouble("result-not-video=html", "failed", "result_unusable"),
    Trouble("result-not-video=jpeg", "failed", "result_unusable"),
    Trouble("result-truncated=50", "failed", "result_unusable"),
    Trouble("result-duration=3", "failed", "result_unusable"),
    Trouble("result-private", "failed", "result_unusable"),
]


@pytest.fixture(scope="module")
def troubled(site) -> dict[str, tuple[Customer, str]]:
    """One customer for each, so that each wallet tells one story."""
    orders = {}
    for trouble in TROUBLES:
        customer = site.customer(deposit="1.00")
        order = customer.order(f"A kite in trouble [[{trouble.knob}]]")
        orders[trouble.knob] = (customer, order["id"])
    return orders


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.knob)
def test_a_provider_in_trouble_costs_nobody_too_much(site, troubled, trouble):
    customer, order = troubled[trouble.knob]

    [end] = customer.finished(order, within=150)

    assert end["status"] == trouble.ends, end["error"]
    assert (end["error"] or {"code": ""})["code"] == trouble.code
    paid = trouble.ends == "succeeded"
    assert customer.transactions(order) == ["hold", "capture" if paid else "release"]
    assert customer.wallet()["available"] == ("0.72" if paid else "1.00")
    jobs = [
        job
        for job in site.sandbox("GET", "/control/jobs")["jobs"]
        if job["prompt"].endswith(f"[[{trouble.knob}]]")
    ]
    assert sum(1 for job in jobs if job["billed"]) == trouble.billed
    assert len(jobs) <= 1, "it was sent twice under two names"


def test_the_books_are_right_after_all_of_it(site, troubled):
    for customer, order in troubled.values():
        customer.finished(order, within=150)

    assert "The books are right" in site.audit()
