"""
Things that are really there, for requests that somebody made up: most of them would otherwise be
about nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random

from django.utils import timezone

from accounts import keys
from accounts.models import APIKey, Membership, WebhookEndpoint
from accounts.webhooks import deliveries, endpoints
from billing import ledger
from billing.payments import top_ups
from generations import frames, orders
from generations.models import Generation
from generations.spec import ClipSpec
from tests.api.tools import a_picture
from tests.site import lives

#: What is done to a thing can often be done once only, so there is another one after so many.
TURNS = 6
#: A workspace has twenty at the most, and requests make some, too.
MOST_ENDPOINTS = 10


class Stock:
    """
    Of one workspace. `some("quote")` is the id of one that is there, or was a moment ago;
    `key_text` opens it, and made the keys in it.
    """

    def __init__(self, owner: Membership, *, film: bytes, chance: Random) -> None:
        self.owner, self.workspace, self.film, self.chance = owner, owner.workspace, film, chance
        self.made: dict[str, list[str]] = {}
        self.turns: dict[str, int] = {}
        new = keys.create(maker=owner, name="Stock")
        self.maker, self.key_text = new.key, new.text
        ledger.deposit(wallet=self.workspace.wallet, amount=10**12, key="stock")

    def some(self, kind: str) -> str:
        if not self.turns.get(kind):
            makers = self._makers[kind]
            self.made[kind] = [str(make(self)) for make in makers]
            self.turns[kind] = TURNS * len(makers)
        self.turns[kind] -= 1
        return self.chance.choice(self.made[kind])

    def _ordered(self) -> Generation:
        return lives.ordered(self.owner, prompt="A paper boat on a stormy sea")

    def queued(self) -> str:
        return self._ordered().public_id

    def running(self) -> str:
        one = self._ordered()
        lives.running(one, progress=40)
        return one.public_id

    def succeeded(self) -> str:
        return lives.delivered(self._ordered(), self.film).public_id

    def failed(self) -> str:
        return lives.failed(self._ordered(), said="Not this.").public_id

    def canceled(self) -> str:
        return orders.cancel(generation=self._ordered()).public_id

    def quote(self) -> str:
        spec, now = ClipSpec(model="hailuo-2.3", prompt=""), timezone.now()
        return orders.quote(workspace=self.workspace, spec=spec, count=1, now=now).public_id

    def used_quote(self) -> str:
        spec, now = ClipSpec(model="hailuo-2.3", prompt="A paper boat"), timezone.now()
        quote = orders.quote(workspace=self.workspace, spec=spec, count=1, now=now)
        customer = orders.Customer(workspace=self.workspace, user=self.owner.user)
        orders.place(customer=customer, spec=spec, now=now, quote_id=quote.id)
        return quote.public_id

    def upload(self) -> str:
        return frames.accept(workspace=self.workspace, content=a_picture()).public_id

    def batch(self) -> str:
        spec, now = ClipSpec(model="hailuo-2.3", prompt="A paper boat"), timezone.now()
        customer = orders.Customer(workspace=self.workspace, user=self.owner.user)
        first, *_ = orders.place(customer=customer, spec=spec, now=now, count=2)
        return f"bat_{first.batch.hex}"

    def top_up(self) -> str:
        now = timezone.now()
        return top_ups.begin(self.workspace, amount=5_000_000, actor="stock", now=now).public_id

    def key(self) -> str:
        return self._key().public_id

    def revoked_key(self) -> str:
        key = self._key()
        keys.revoke(key=key, now=timezone.now())
        return key.public_id

    def _key(self) -> APIKey:
        return keys.create(maker=self.owner, name="Stock", parent=self.maker).key

    def endpoint(self) -> str:
        return self._endpoint().public_id

    def _endpoint(self) -> WebhookEndpoint:
        """An old one goes where there are too many."""
        rows = WebhookEndpoint.objects.for_workspace(self.workspace).order_by("-id")
        for row in rows[MOST_ENDPOINTS:]:
            endpoints.remove(row)
        return endpoints.create(self.workspace, url="https://hooks.example/stock").endpoint

    def delivery(self) -> str:
        return deliveries.ping(self._endpoint()).public_id

    def event(self) -> str:
        return deliveries.ping(self._endpoint()).event.public_id

    def moment(self) -> str:
        return (timezone.now() + timedelta(days=30)).isoformat(timespec="seconds")

    _makers: dict[str, list[Callable[[Stock], str]]] = {
        "generation": [queued, running, succeeded, succeeded, failed, canceled],
        "quote": [quote, quote, used_quote],
        "upload": [upload],
        "batch": [batch],
        "top-up": [top_up],
        "key": [key, revoked_key],
        "endpoint": [endpoint],
        "delivery": [delivery],
        "event": [event],
        "moment": [moment],
    }
