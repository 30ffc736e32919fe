"""
A program written for OpenAI's client works with nothing changed but its address.

The client runs in a process of its own, so several versions can be tried:
`REELAY_TEST_OPENAI=/folder/of/one:/folder/of/another` names where else `openai` was installed.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image
from standardwebhooks import Webhook

from generations.media.judge import judge_clip
from tests.journeys.test_first_clip import a_picture

pytestmark = pytest.mark.slow

SCRIPT = Path(__file__).with_name("openai_client.py")
HERE = [""] if importlib.util.find_spec("openai") else []
FOLDERS = HERE + [one for one in os.environ.get("REELAY_TEST_OPENAI", "").split(":") if one]
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
EVENT = {
    "id": "evt_019aa5c4b1ef7d2c9a1b3c4d5e6f7081",
    "object": "event",
    "type": "generation.succeeded",
    "created_at": "2026-11-21T09:31:35.000Z",
    "data": {"generation": {"id": "gen_019aa5c4b1ef7d2c9a1b3c4d5e6f7081", "status": "succeeded"}},
}


@pytest.fixture(params=FOLDERS or [pytest.param("", marks=pytest.mark.skip("no openai here"))])
def program(request, site, customer, tmp_path):
    """What the program saw, and the customer it ran for."""
    given = {
        "base_url": f"{site.url}/v1",
        "key": customer.key,
        "poor_key": site.customer("0.10").key,
        "folder": str(tmp_path),
        "picture": str(tmp_path / "frame.jpg"),
        **signed_event(),
    }
    (tmp_path / "frame.jpg").write_bytes(a_picture())
    done = subprocess.run(
        [sys.executable, SCRIPT],
        input=json.dumps(given),
        env=os.environ | ({"PYTHONPATH": request.param} if request.param else {}),
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def signed_event() -> dict[str, object]:
    """An event as a customer's address gets it."""
    body, now = json.dumps(EVENT), datetime.now(tz=UTC)
    headers = {
        "webhook-id": EVENT["id"],
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(SECRET).sign(EVENT["id"], now, body),
    }
    return {"event": body, "event_headers": headers, "event_secret": SECRET}


def test_a_program_for_openai_gets_its_clips_here(program, customer, tmp_path):
    video = program["video"]
    assert (video["status"], video["progress"], video["object"]) == ("completed", 100, "video")
    assert (video["seconds"], video["size"]) == ("6", "1366x768")
    assert video["completed_at"] >= video["created_at"]
    probe = judge_clip(tmp_path / "clip.mp4", expected_format="mp4", expected_duration=6)
    assert (probe.width, probe.height) == (1366, 768)
    with Image.open(tmp_path / "poster.jpg") as poster:
        assert poster.size[0] > 300
    assert program["part"] == "ftyp"

    by_file, by_uri = program["from_pictures"]
    assert (by_file["status"], by_uri["status"]) == ("completed", "completed")
    assert (by_file["model"], by_uri["model"]) == ("hailuo-2.3-fast", "hailuo-2.3")
    ours = customer.look(by_uri["id"])
    assert (ours["metadata"], ours["tags"]) == ({"order": "A-1"}, ["harbour", "dawn"])
    assert customer.look(by_file["id"])["provider_requested"] == "runware"

    remix = program["remix"]
    assert (remix["status"], remix["remixed_from_video_id"]) == ("completed", video["id"])
    all_of_them = program["listed"]
    assert all_of_them[:4] == [remix["id"], video["id"], by_uri["id"], by_file["id"]]
    assert program["oldest_first"] == all_of_them[::-1]
    wanted = {"id": remix["id"], "object": "video.deleted", "deleted": True}
    assert program["deleted"] == wanted
    assert program["after_deletion"] == all_of_them[1:]
    assert program["models"] == ["hailuo-2.3", "hailuo-2.3-fast"]

    assert program["refusals"] == {
        "a model of theirs": ["BadRequestError", 400, "invalid_value", "model"],
        "eight seconds": ["BadRequestError", 400, "invalid_value", "seconds"],
        "a portrait": ["BadRequestError", 400, "invalid_value", "size"],
        "no key": ["AuthenticationError", 401, "unauthorized", None],
        "no money": ["APIStatusError", 402, "insufficient_funds", None],
        "somebody else's": ["NotFoundError", 404, "not_found", None],
        "not there": ["NotFoundError", 404, "not_found", None],
        "not finished": ["ConflictError", 409, "not_finished", None],
        "still wanted": ["ConflictError", 409, "not_finished", None],
        "not offered": ["NotFoundError", 404, "not_found", None],
    }
    assert program["event"] == [EVENT["type"], EVENT["id"], EVENT["data"]]
    assert customer.wallet()["available"] == "23.69"  # 4 × 0.28 and 0.19
