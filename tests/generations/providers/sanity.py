"""What holds of everything an adapter says, whatever it was answered."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import httpx

from generations.providers.base import Busy, JobState, ProviderError, Snapshot
from tests.generations.providers.examples import KEY

FAILURE_CODES = {
    "canceled",
    "content_policy",
    "expired",
    "invalid_request",
    "provider_error",
    "timeout",
}


def unlike_a_float(value: object) -> None:
    """Every number of an answer stays exact, and all of it can be kept by a database."""
    assert not isinstance(value, float)
    if isinstance(value, str):
        value.encode()
        assert "\x00" not in value
    if isinstance(value, dict):
        for key, member in value.items():
            assert isinstance(key, str)
            unlike_a_float(key)
            unlike_a_float(member)
    if isinstance(value, list):
        for member in value:
            unlike_a_float(member)


def keepable(raw: Any) -> None:
    unlike_a_float(raw)
    text = json.dumps(raw)
    assert len(text) < 100_000
    assert KEY not in text
    assert ";base64," not in text


def sane(snapshot: Snapshot) -> None:
    keepable(dict(snapshot.raw))
    assert (snapshot.state is JobState.DONE) == bool(snapshot.video_url)
    if snapshot.video_url:
        assert httpx.URL(snapshot.video_url).scheme in ("http", "https")
        assert httpx.URL(snapshot.video_url).host
    if snapshot.progress is not None:
        assert type(snapshot.progress) is int
        assert 0 <= snapshot.progress <= 100
    if snapshot.seed is not None:
        assert type(snapshot.seed) is int
        assert -(2**63) <= snapshot.seed < 2**63
    if snapshot.cost is not None:
        assert type(snapshot.cost) is Decimal
        assert snapshot.cost.is_finite()
        assert snapshot.cost > 0
        assert snapshot.cost == round(snapshot.cost, 6)
    assert (snapshot.failure is not None) == (snapshot.state is JobState.FAILED)
    if snapshot.failure:
        assert snapshot.failure.code in FAILURE_CODES
        assert KEY not in snapshot.failure.message
        assert len(snapshot.failure.message) <= 500


def sane_error(error: Exception | None) -> None:
    assert isinstance(error, ProviderError)
    keepable(dict(error.raw))
    assert KEY not in repr(error)
    assert KEY not in error.message
    assert len(error.code) <= 40
    if isinstance(error, Busy) and error.retry_after is not None:
        assert 0 <= error.retry_after <= 3600
