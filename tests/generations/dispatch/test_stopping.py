"""A customer cancels what is under way, at a provider that can stop it and at others."""

from __future__ import annotations

import pytest

from accounts import keys
from billing import ledger
from generations.loops import dispatch
from generations.models import Generation
from generations.states import State
from tests.generations.dispatch.conftest import able

pytestmark = pytest.mark.django_db(transaction=True)

STOPS = able(cancel=True)


@pytest.fixture
def canceled(client, place, alice):
    """Orders one as Alice, lets it be taken, asks to cancel it; the answer and the order."""

    def asked():
        [order] = place(workspace=alice.workspace)
        dispatch.run()
        secret = keys.create(maker=alice, name="test").text
        headers = {"Authorization": f"Bearer {secret}"}
        path = f"/api/v1/generations/{order.public_id}/cancel"
        answer = client.post(path, b"", "application/json", headers=headers)
        return answer, Generation.objects.get(pk=order.pk)

    return asked


def test_what_its_provider_stops_for_free_is_canceled_and_its_money_back(
    companies, wire, canceled, alice
):
    companies(able=STOPS, east=28)
    wire.says("east/cancel", (200, {"stopped": True}))

    answer, order = canceled()

    assert (answer.status_code, answer.json()["status"]) == (200, "canceled")
    assert (order.state, order.attempts.get().error_code) == (State.CANCELED, "canceled")
    assert ledger.balance(alice.workspace.wallet).held == 0


@pytest.mark.parametrize("said", [(200, {"stopped": False}), (500, {}), (404, {})])
def test_without_their_confirmation_the_job_goes_on(companies, wire, canceled, alice, said):
    companies(able=STOPS, east=28)
    wire.says("east/cancel", said)

    answer, order = canceled()

    assert (answer.status_code, answer.json()["code"]) == (409, "not_cancelable")
    assert order.state == State.RUNNING
    assert ledger.balance(alice.workspace.wallet).held == order.quoted


def test_a_provider_that_cannot_stop_a_job_is_not_asked(companies, wire, canceled):
    companies(east=28)

    answer, _ = canceled()

    assert answer.status_code == 409
    assert wire.count("east/cancel") == 0
