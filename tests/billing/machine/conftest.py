"""A stand-in for Stripe of the machine's own."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tests.billing.sandbox.house import KEY, SECRET, House


@pytest.fixture(scope="package")
def _house(tmp_path_factory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("stripe"))
    yield house
    house.stop()


@pytest.fixture
def house(_house, settings, caplog, db) -> House:
    caplog.set_level(logging.CRITICAL, logger="billing")  # it tells of what we lose on purpose
    settings.STRIPE_SECRET_KEY = KEY
    settings.STRIPE_WEBHOOK_SECRET = SECRET
    settings.STRIPE_API_BASE = _house.url
    settings.SITE_URL = "http://127.0.0.1:8000"
    _house.tell("reset")
    return _house
