"""Whatever comes to a provider's door, it is answered, and nothing but a look comes of it."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator

import pytest

from billing import audit, ledger
from config.providers import ProviderSettings
from generations import connect
from generations.models import Attempt, Generation, Knock
from tests.generations.providers.test_mutations import mutated
from tests.generations.providers.wire import every_recorded
from tests.site import lives

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

#: Those who knock.
PROVIDERS = ("runware", "pixazo", "minimax")
NOISE = [
    *[
        b"",
        b" ",
        b"null",
        b"true",
        b"0",
        b'""',
        b"[]",
        b"{}",
        b"[[]]",
        b"[{}]",
        b"{",
        b"\x00",
        b"\xff",
    ],
    *[b"NaN", b"1e999", b"-", b"9" * 60_000, b"[" * 60_000, b'{"a":' * 12_000, b"\xef\xbb\xbf{}"],
    *[
        b'{"challenge": null}',
        b'{"challenge": "<script>"}',
        b'{"challenge": "\\u0000"}',
        b"a=b&c=d",
    ],
    *[
        b'{"taskUUID": "\\ud800"}',
        b'{"request_id": ["x"]}',
        b'{"task_id": 1e400}',
        '{"ä": 1}'.encode("utf-16"),
    ],
    b'{"data": [{"taskUUID": "../../x", "videoURL": "http://127.0.0.1/"}]}',
    b'{"status": "COMPLETED", "output": {"media_url": ["https://evil.example/clip.mp4"]}}',
]


@pytest.fixture(autouse=True)
def _adapters_anew():
    connect.provider.cache_clear()
    yield
    connect.provider.cache_clear()


@pytest.fixture
def attempt(alice) -> Attempt:
    return lives.running(lives.ordered(alice))


@pytest.mark.parametrize("count", [100, pytest.param(3_400, marks=pytest.mark.long)])
@pytest.mark.parametrize("name", PROVIDERS)
def test_a_knock_of_any_kind_changes_neither_state_nor_money(
    client, settings, attempt, wallet, name, count
):
    settings.PROVIDERS[name] = ProviderSettings("http://127.0.0.1:9", "a-key", sandbox=True)
    Attempt.objects.filter(pk=attempt.pk).update(provider=name)
    attempt.refresh_from_db()
    address = f"/webhooks/providers/{name}/{connect.webhook_token(attempt)}"
    before, statuses = kept(attempt), set()

    for body in bodies(name, count):
        statuses.add(client.post(address, body, "application/json").status_code)

    assert statuses == {200}
    assert kept(attempt) == before
    assert Knock.objects.count() <= 20
    assert ledger.balance(wallet).held == 280_000
    assert audit.faults() == []


def bodies(name: str, count: int) -> Iterator[bytes]:
    """What they really send with something wrong with it, and what nobody sends."""
    chance = random.Random(f"{name} 2026")
    documents = [json.loads(reply.body) for reply in every_recorded(name)]
    yield from NOISE
    for _ in range(count):
        yield mutated(chance.choice(documents), chance.randrange)
        yield chance.randbytes(chance.randrange(200))


def kept(attempt: Attempt) -> tuple[object, ...]:
    """All that an attempt and its order say of how it goes."""
    one = Generation.objects.get(pk=attempt.generation_id)
    fresh = Attempt.objects.get(pk=attempt.pk)
    return (one.state, one.provider, one.charged, one.error_code, fresh.state, fresh.job_id)
