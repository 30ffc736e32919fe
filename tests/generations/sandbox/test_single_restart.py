"""ToAPIs and Pixazo forget nothing that they have accepted; neither does the sandbox."""

from __future__ import annotations

import signal

import pytest

from tests.generations.sandbox.house_single import Pixazo, ToAPIs
from tests.generations.sandbox.pictures import an_image

pytestmark = pytest.mark.slow


def test_killed_it_keeps_requests_uploads_money_and_owed_webhooks(own_house, listener):
    toapis, pixazo = ToAPIs(own_house), Pixazo(own_house)
    url = toapis.upload(an_image()).json()["data"]["url"]
    done = toapis.submit("Waves [[stock]]")
    before = toapis.ended(done)
    hooked = {"X-Webhook-URL": listener.url}
    under_way = pixazo.id_of(
        pixazo.post(pixazo.an_order(prompt="Waves [[stock, slow=1]]"), **hooked)
    )

    own_house.stop(signal.SIGKILL)
    own_house.start()

    assert toapis.look(done).json() == before
    assert own_house.client.get(url).status_code == 200
    assert listener.wait_for(1)[0].body == pixazo.ended(under_way)
    assert own_house.job(under_way)["billed"] == 350_000
    assert toapis.counter("billed_micro") == 280_000
