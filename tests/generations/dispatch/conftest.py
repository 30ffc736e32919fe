from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.utils import timezone

from billing import audit, rates
from config.providers import ProviderSettings
from generations import catalog, connect, orders
from generations.providers import REGISTRY
from generations.spec import ClipSpec
from tests.factories import a_workspace
from tests.generations.dispatch.scripted import ABLE, Wire, company, serve


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = Wire()
    server = serve(wire)
    yield wire
    wire.answering.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def companies(settings, wire, monkeypatch):
    """`companies(east=28, west=35)` opens companies that make everything at so many cents."""
    settings.PROVIDERS = {}

    def open_them(*, able=ABLE, **cents):
        for name, price in cents.items():
            monkeypatch.setitem(REGISTRY, name, company(name, able))
            settings.PROVIDERS[name] = ProviderSettings(wire.url, "a-key-of-tests", sandbox=True)
            table = [(name, sku, price * 10_000) for sku in catalog.skus()]
            rates.enter(table, at=timezone.now(), note="test")
        connect.provider.cache_clear()

    connect.provider.cache_clear()
    yield open_them
    connect.provider.cache_clear()


@pytest.fixture(autouse=True)
def _books_are_right(db):
    yield
    assert audit.faults() == []


@pytest.fixture
def place():
    """`place(3, workspace)` orders clips there; each call in a workspace of its own otherwise."""

    def ordered(count=1, workspace=None, **wishes):
        workspace = workspace or a_workspace(deposit="900.00")
        customer = orders.Customer(workspace=workspace)
        spec = ClipSpec(model="hailuo-2.3", prompt="A red kite", **wishes)
        return [
            one
            for _ in range(count)
            for one in orders.place(customer=customer, spec=spec, now=timezone.now())
        ]

    return ordered


def able(**changes):
    return replace(ABLE, **changes)
