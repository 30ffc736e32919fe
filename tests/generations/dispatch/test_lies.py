"""Whatever a webhook's body claims, its provider is asked, and only the answer counts."""

from __future__ import annotations

import json

import pytest

from billing import ledger
from generations import connect
from generations.loops import dispatch, look
from generations.models import Generation
from generations.states import State

pytestmark = pytest.mark.django_db(transaction=True)

EVIL = "https://evil.example.org/v.mp4"
TRUE = "https://example.org/v.mp4"

#: The words of all five for "done" and for "failed", in the shapes of their documents.
LIES = [
    {"state": "done", "url": EVIL},
    {"state": "failed"},
    {"state": "canceled"},
    {"data": [{"status": "success", "videoURL": EVIL, "cost": 99}]},
    {"errors": [{"code": "providerError", "message": "no"}]},
    {"status": "COMPLETED", "output": {"media_url": [EVIL]}},
    {"status": "FAILED", "error": "no"},
    {"status": "success", "file_id": "205258526306433", "download_url": EVIL},
    {"status": "failed", "base_resp": {"status_code": 1026, "status_msg": "no"}},
    {"status": "Fail", "base_resp": {"status_code": 1027}},
    {"state": "Completed", "result": {"video": EVIL}},
    {"state": "Failed", "error": {"code": 1033}},
]


@pytest.fixture
def running(companies, place):
    companies(east=28)
    [order] = place()
    dispatch.run()
    return order


@pytest.fixture
def lie(client, running):
    def told(body):
        attempt = running.attempts.get()
        said = json.dumps({**body, "job": attempt.job_id, "id": attempt.job_id})
        address = f"/webhooks/providers/east/{connect.webhook_token(attempt)}"
        return client.post(address, said, "application/json")

    return told


@pytest.mark.parametrize("body", LIES, ids=str)
def test_a_webhooks_word_moves_neither_the_order_nor_its_money(running, lie, wire, body):
    wire.says("east/look", (200, {"state": "working"}))
    asked = wire.count("east/look")

    assert lie(body).status_code == 200
    stood = (running.attempts.get().state, running.attempts.get().result_url)
    look.run()

    row = Generation.objects.get(pk=running.pk)
    assert (row.state, row.error_code, stood) == (State.RUNNING, "", ("open", ""))
    assert ledger.balance(running.workspace.wallet).held == running.quoted
    assert wire.count("east/look") == asked + 1, "it only made us ask"


@pytest.mark.parametrize("body", LIES, ids=str)
def test_what_they_answer_decides_where_the_file_lies(running, lie, wire, body):
    wire.says("east/look", (200, {"state": "done", "url": TRUE}))

    lie(body)
    look.run()

    assert Generation.objects.get(pk=running.pk).state == State.STORING
    assert running.attempts.get().result_url == TRUE
