"""Two providers, two SKUs and a table of our own, so that no other app is needed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from billing.models import Rate
from billing.pricing import reports
from billing.pricing.reports import Catalogue
from tests.factories import a_user

SHORT, LONG = "hailuo-2.3/text-to-video/768P/6", "hailuo-2.3/text-to-video/768P/10"
HEADER = "provider,model,mode,resolution,duration,cost"
LAST_YEAR = datetime(2025, 11, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _pages(settings):
    settings.ROOT_URLCONF = "tests.billing.pricing.urls"


@pytest.fixture(autouse=True)
def _catalogue() -> Iterator[None]:
    ours = Catalogue(frozenset({"acme", "beta", "gamma"}), (SHORT, LONG))
    with reports.alone():
        reports.register_catalogue(lambda: ours)
        yield


@pytest.fixture
def table(_price_table, db) -> None:
    """acme sells both, beta the short one, dearer; gamma nothing."""
    Rate.objects.all().delete()
    a_rate("acme", SHORT, 280_000)
    a_rate("acme", LONG, 560_000, markup="1.5")
    a_rate("beta", SHORT, 350_000, fixed_price=400_000)


@pytest.fixture
def staff(client, table) -> Client:
    client.force_login(a_user("staff@example.org", is_staff=True, is_superuser=True))
    return client


def a_rate(provider: str, sku: str, cost: int, **fields: object) -> Rate:
    return Rate.objects.create(
        **{"provider": provider, "sku": sku, "cost": cost, "valid_from": LAST_YEAR, **fields}
    )


def somebody(client: Client, *permissions: str) -> Client:
    """Staff who may do this and nothing else."""
    user = a_user("clerk@example.org", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)
    return client


def line(sku: str, *cells: str, provider: str = "acme") -> str:
    return ",".join([provider, *sku.split("/"), *cells])


def a_file(*lines: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *lines, ""]).encode()


def address(name: str, **kwargs: str) -> str:
    return reverse(f"admin:billing_rate_{name}", kwargs=kwargs)


def uploaded(client: Client, content: bytes, **fields: str):
    file = SimpleUploadedFile("prices.csv", content, "text/csv")
    return client.post(address("prices_import"), {"file": file, **fields})


def proposal(response) -> str:
    found = re.search(r'name="proposal" value="([^"]+)"', response.content.decode())
    return unescape(found[1]) if found else ""


def confirmed(client: Client, response, *ticks: str, **kwargs: object):
    entered = {"proposal": proposal(response), **dict.fromkeys(ticks, "on")}
    return client.post(address("prices_confirm"), entered, **kwargs)


def words(response) -> str:
    """The page as it is read: no tags, single spaces."""
    body = response.content.decode().split("<main", 1)[-1]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def in_days(days: int) -> datetime:
    return (datetime.now(UTC) + timedelta(days=days)).replace(microsecond=0)
