"""Orders whose answer never comes, from companies that read them and hang up."""

from __future__ import annotations

import socketserver
import threading

import pytest
from django.utils import timezone

from billing import ledger
from config.providers import ProviderSettings
from generations import connect
from generations.loops import dispatch, look
from generations.models import Generation
from generations.states import State
from tests.generations.dispatch.test_health import later

pytestmark = pytest.mark.django_db(transaction=True)


class Deaf(socketserver.StreamRequestHandler):
    """Reads an order whole, and hangs up."""

    def handle(self) -> None:
        length = 0
        while line := self.rfile.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        self.server.read.append(self.rfile.read(length))


@pytest.fixture
def deaf():
    """A company's address, and the orders it read."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Deaf) as server:
        server.read = []
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_an_order_whose_answer_never_came_is_sent_to_nobody_again(
    companies, place, wire, deaf, settings
):
    companies(cheap=28, dear=35)
    address = f"http://127.0.0.1:{deaf.server_address[1]}"
    settings.PROVIDERS["cheap"] = ProviderSettings(address, "a-key-of-tests", sandbox=True)
    connect.provider.cache_clear()
    [order] = place()

    for _ in range(3):
        dispatch.run()
        look.run()
        later(minutes=1)

    row = Generation.objects.get(pk=order.pk)
    assert (row.state, row.provider) == (State.UNKNOWN, "cheap")
    assert ledger.balance(order.workspace.wallet).held == order.quoted
    assert (len(deaf.read), wire.count("dear/submit")) == (1, 0)


#: What a look may meet that is no news of any job; None hangs up on the question.
NO_NEWS = [
    (500, {"error": "oops"}),
    (502, {}),
    (429, {}),
    (401, {"error": "your key"}),
    (404, {"error": "no such page"}),
    (400, {"state": "failed"}),
    (200, "no object"),
    (200, {"state": "gone fishing"}),
    None,
]


@pytest.mark.parametrize("answer", NO_NEWS, ids=str)
def test_a_look_without_news_ends_nothing_and_gives_no_money_back(
    companies, place, wire, deaf, settings, answer
):
    companies(east=28)
    [order] = place()
    dispatch.run()
    if answer is None:
        address = f"http://127.0.0.1:{deaf.server_address[1]}"
        settings.PROVIDERS["east"] = ProviderSettings(address, "a-key-of-tests", sandbox=True)
        connect.provider.cache_clear()
    else:
        wire.says("east/look", answer)

    for _ in range(3):
        Generation.objects.update(due_at=timezone.now())
        look.run()

    assert (wire.count("east/look"), len(deaf.read)) == ((3, 0) if answer else (0, 3))
    row = Generation.objects.get(pk=order.pk)
    assert (row.state, row.error_code) == (State.RUNNING, "")
    assert order.attempts.get().state == "open"
    assert ledger.balance(order.workspace.wallet).held == order.quoted
