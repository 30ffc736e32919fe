"""/v1/webhook_endpoints"""

from __future__ import annotations

from billing.sandbox.calls import Call, Route
from billing.sandbox.kinds import Thing
from billing.sandbox.lists import listed
from billing.sandbox.loopback import is_here
from billing.sandbox.refusals import invalid
from billing.sandbox.shapes import endpoint as endpoints

MOST = 16


def create(call: Call) -> Thing:
    """With its signing secret, which is shown this once."""
    fields, bank = call.fields, call.bank
    fields.accept("api_version", "connect")
    url, events = fields.address("url"), fields.strings("enabled_events")
    if url is None:
        raise fields.absent("url")
    if not events:
        raise fields.absent("enabled_events")
    if not is_here(url):
        raise invalid("The sandbox calls only addresses on this machine.", "url", "url_invalid")
    if len(bank.shelf.all("webhook_endpoint")) >= MOST:
        raise invalid(f"You have reached the maximum of {MOST} test webhook endpoints.", "url")
    values = {"description": fields.text("description"), "metadata": fields.metadata()}
    made, secret = endpoints.new(bank.now(), url, events, values), endpoints.new_secret()
    bank.shelf.put(made, secret=secret)
    return {**made, "secret": secret}


def retrieve(call: Call) -> Thing:
    return call.bank.shelf.need("webhook_endpoint", call.id)


def delete(call: Call) -> Thing:
    found = retrieve(call)
    call.bank.shelf.remove(found["id"])
    return {"id": found["id"], "object": "webhook_endpoint", "deleted": True}


def index(call: Call) -> Thing:
    return listed(call, "webhook_endpoint", "/v1/webhook_endpoints")


ROUTES = (
    Route("POST", "/v1/webhook_endpoints", create),
    Route("GET", "/v1/webhook_endpoints", index),
    Route("GET", "/v1/webhook_endpoints/{id}", retrieve),
    Route("DELETE", "/v1/webhook_endpoints/{id}", delete),
)
