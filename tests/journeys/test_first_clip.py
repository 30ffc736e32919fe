"""Whole paths through the front door: order, follow, receive, pay; or be refused for free."""

from __future__ import annotations

import base64
import io
import json

import pytest
from PIL import Image

from generations.media.judge import judge_clip
from tests.journeys.site import wait_until

pytestmark = pytest.mark.slow


def a_picture(width: int = 640, height: int = 480) -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(file, "JPEG")
    return file.getvalue()


def test_a_clip_is_ordered_made_stored_and_charged_once(customer, tmp_path):
    order = customer.order("A red kite over the sea [Push in]")
    assert (order["status"], order["price"], order["charged"]) == ("queued", "0.28", "0.00")
    assert customer.wallet()["held"] == "0.28"

    [done] = customer.finished(order["id"])

    assert done["status"] == "succeeded", done
    assert done["charged"] == "0.28"
    assert (done["clip"]["width"], done["clip"]["height"]) == (1366, 768)
    assert customer.wallet() | {"object": ""} == {
        "object": "",
        "available": "24.72",
        "held": "0.00",
        "debt": "0.00",
        "currency": "USD",
    }
    assert customer.transactions(order["id"]) == ["hold", "capture"]
    file = tmp_path / "clip.mp4"
    file.write_bytes(customer.api.get(done["clip"]["url"]).raise_for_status().content)
    probe = judge_clip(file, expected_format="mp4", expected_duration=6)
    assert (probe.codec, probe.width, probe.height, probe.fps) == ("h264", 1366, 768, 25)


def test_the_timeline_tells_the_whole_story(customer):
    [done] = customer.finished(customer.order()["id"])

    types = [line["type"] for line in done["timeline"]]

    wanted = ["generation.queued", "attempt.submitting", "attempt.submitted", "attempt.rendered"]
    assert types[:4] == wanted
    assert set(types[4:]) == {"generation.succeeded", "money.captured"}


def test_a_clip_starts_from_an_uploaded_picture(customer):
    upload = customer.api.post("/uploads", files={"file": ("a.jpg", a_picture())}).json()

    order = customer.order(first_frame_image=upload["id"], model="hailuo-2.3-fast")
    [done] = customer.finished(order["id"])

    assert done["status"] == "succeeded", done
    assert (done["mode"], done["charged"]) == ("image-to-video", "0.19")
    assert done["clip"]["width"] / done["clip"]["height"] == pytest.approx(4 / 3, rel=0.02)


def test_a_clip_starts_from_a_picture_in_the_request(customer):
    picture = "data:image/jpeg;base64," + base64.b64encode(a_picture()).decode()

    [done] = customer.finished(customer.order(first_frame_image=picture)["id"])

    assert done["status"] == "succeeded", done


@pytest.mark.parametrize(
    ("resolution", "duration", "price"), [("1080P", 6, "0.49"), ("768P", 10, "0.56")]
)
def test_the_other_sizes_are_what_was_ordered(customer, resolution, duration, price):
    order = customer.order(provider="runware", resolution=resolution, duration=duration)

    [done] = customer.finished(order["id"])

    assert done["status"] == "succeeded", done
    assert done["charged"] == price
    assert done["clip"]["duration"] == pytest.approx(duration, abs=0.1)
    assert done["clip"]["height"] == {"1080P": 1080, "768P": 768}[resolution]


def test_a_failed_render_gives_the_money_back(customer):
    [done] = customer.finished(customer.order("A kite [[fail]]", provider="runware")["id"])

    assert done["status"] == "failed"
    assert done["error"]["code"] == "provider_error"
    assert customer.wallet()["available"] == "25.00"
    assert customer.transactions(done["id"]) == ["hold", "release"]


def test_a_refused_prompt_gives_the_money_back_and_says_why(customer):
    order = customer.order("A kite [[moderation-submit]]", provider="runware")

    [done] = customer.finished(order["id"])

    assert done["error"]["code"] == "content_policy"
    assert done["error"]["provider_message"]
    assert customer.transactions(done["id"]) == ["hold", "release"]


def test_a_picture_behind_a_private_name_ends_failed_and_costs_nothing(customer):
    """Only the fetch can show it: the name is a public one that leads inside."""
    order = customer.order(first_frame_image="https://rebound.example.invalid/a.jpg")

    [done] = customer.finished(order["id"])

    assert done["error"]["code"] == "image_unreachable"
    assert customer.wallet()["available"] == "25.00"


def test_an_order_by_command_is_like_any_other(site, customer):
    address = json.loads(
        site.manage("create_workspace", "--name", "C", "--email", "c@example.org", "--deposit", "1")
    )
    assert address["workspace_id"].startswith("wks_")

    said = site.manage("order", "A lighthouse in the fog", "--email", "c@example.org")

    assert "0.28 USD" in said
    assert said.strip().endswith("succeeded"), said


def test_everything_is_told_by_mail(site, customer):
    """The demo's mail lies in files."""
    [done] = customer.finished(customer.order()["id"])

    def told():
        return [f for f in (site.var / "mail").glob("*") if done["id"] in f.read_text()]

    wait_until(told)
