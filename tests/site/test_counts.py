"""Pages and lists ask as much for many rows as for few."""

from __future__ import annotations

import pytest

from accounts import keys
from generations import timing
from tests.api.tools import API, queries
from tests.site import lives

pytestmark = pytest.mark.django_db

LISTS = ["/generations?limit=100", "/wallet/transactions?limit=100", "/usage?by=day,member,model"]
PAGES = ["/library", "/studio", "/wallet", "/keys", "/wallet/limits"]


def more(alice, count: int) -> None:
    for _ in range(count):
        lives.delivered(lives.ordered(alice, prompt="A kite"))
        lives.ordered(alice)
        keys.create(maker=alice, name="another")


def test_every_list_and_page_asks_a_constant_number_of_questions(browser, alice):
    api = API(alice)
    doors = {path: (lambda path=path: api.get(path)) for path in LISTS}
    doors |= {path: (lambda path=path: browser.get(path)) for path in PAGES}

    def asked(ask) -> int:
        """The past is asked anew every half minute, so the least of three counts."""
        counts = []
        for _ in range(3):
            with queries() as statements:
                assert ask().status_code == 200
            counts.append(len(statements))
        return min(counts)

    more(alice, 2)
    timing.forget()
    few = {path: asked(ask) for path, ask in doors.items()}
    more(alice, 12)

    assert {path: asked(ask) for path, ask in doors.items()} == few
