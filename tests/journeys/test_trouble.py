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
def customer(site) -> Customer:
    return site.customer()


@pytest.fixture(scope="module")
def troubled(customer) -> dict[str, str]:
    """knob → the order that meets it"""
    return {trouble.knob: customer.order(told(trouble))["id"] for trouble in TROUBLES}


def told(trouble: Trouble) -> str:
    return f"A kite in trouble [[{trouble.knob}]]"


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.knob)
def test_a_provider_in_trouble_costs_nobody_too_much(site, customer, troubled, trouble):
    order = troubled[trouble.knob]

    [end] = customer.finished(order, within=150)

    assert end["status"] == trouble.ends, end["error"]
    assert (end["error"] or {"code": ""})["code"] == trouble.code
    paid = trouble.ends == "succeeded"
    assert customer.transactions(order) == ["hold", "capture" if paid else "release"]
    assert end["charged"] == ("0.28" if paid else "0.00")
    accepted = [
        job
        for job in site.sandbox("GET", "/control/jobs")["jobs"]
        if job["prompt"] == told(trouble) and job["state"] != "refused"
    ]
    assert len(accepted) <= 1, "two paid jobs for one order"
    assert sum(1 for job in accepted if job["billed"]) == trouble.billed


def test_the_books_are_right_after_all_of_it(site, customer, troubled):
    ends = customer.finished(*troubled.values(), within=150)

    charged = sum(1 for end in ends if end["status"] == "succeeded")
    assert customer.wallet()["available"] == f"{25 - 0.28 * charged:.2f}"
    assert "The books are right" in site.audit()
