"""What customers' programs hear of a generation."""

from __future__ import annotations

from accounts import events
from accounts.models import CustomerEvent
from tests.api.tools import WORDS, finished, the_only


def test_a_generation_is_told_as_it_was(api, film):
    assert api.post("/generations", WORDS).status_code == 202
    finished(the_only(), film)

    told = list(CustomerEvent.objects.order_by("position", "id"))
    shown = events.described(told)
    assert [one.type for one in told] == ["generation.running", "generation.succeeded"]
    running, succeeded = (shown[one.id]["data"]["generation"] for one in told)
    assert (running["status"], running["charged"], running["clip"]) == ("running", "0.00", None)
    assert (succeeded["status"], succeeded["charged"]) == ("succeeded", "0.28")
    assert succeeded["clip"]["bytes"] == len(film)
    assert succeeded["clip"]["url"] is None, "signed links end"
    assert "timeline" not in succeeded
