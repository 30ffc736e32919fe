"""
What a program does that was written for OpenAI: run with `openai` on its path, it reads what it
needs from standard input and says on standard output what it saw, both as JSON.
"""

from __future__ import annotations

import base64
import io
import json
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

warnings.simplefilter("ignore", DeprecationWarning)  # OpenAI has announced an end of its own

import openai  # noqa: E402

CLIP = {"model": "hailuo-2.3", "seconds": "6", "size": "1366x768"}
seen: dict[str, Any] = {"version": openai.__version__}


def main(given: dict[str, Any]) -> None:
    client = openai.OpenAI(base_url=given["base_url"], api_key=given["key"])
    slow = {"prompt": "A kite [[slow=60]]", "extra_body": {"provider": "runware"}}
    waiting = client.videos.create(**CLIP, **slow)
    seen["refusals"] = _refusals(client, given, waiting.id)
    from_pictures = _from_a_picture(client, given["picture"])
    video = client.videos.create_and_poll(prompt="A red kite over the sea [Push in]", **CLIP)
    seen["video"] = video.model_dump()
    seen["from_pictures"] = [client.videos.poll(id).model_dump() for id in from_pictures]
    _downloads(client, video.id, Path(given["folder"]))
    _remix_and_delete(client, video.id)
    seen["event"] = _event(client, given)


def _downloads(client: openai.OpenAI, id: str, folder: Path) -> None:
    client.videos.download_content(id).write_to_file(folder / "clip.mp4")
    poster = client.videos.download_content(id, variant="thumbnail")
    poster.write_to_file(folder / "poster.jpg")
    part = client.videos.download_content(id, extra_headers={"Range": "bytes=4-7"})
    seen["part"] = part.read().decode()


def _from_a_picture(client: openai.OpenAI, picture: str) -> list[str]:
    """As a file, and as a data URI in the text; with fields that OpenAI does not know."""
    content = Path(picture).read_bytes()
    ours = {"provider": "runware", "max_price": "0.40", "prompt_optimizer": True}
    more = {"metadata": {"order": "A-1"}, "tags": ["harbour", "dawn"]}
    by_file = client.videos.create(
        prompt="The boat leaves",
        model="hailuo-2.3-fast",
        input_reference=io.BytesIO(content),
        extra_body=ours,
    )
    uri = "data:image/jpeg;base64," + base64.b64encode(content).decode()
    by_uri = client.videos.create(
        prompt="A boat", extra_body=more | {"input_reference": {"image_url": uri}}
    )
    return [by_file.id, by_uri.id]


def _remix_and_delete(client: openai.OpenAI, id: str) -> None:
    remix = client.videos.remix(id, prompt="The same kite at night")
    seen["remix"] = client.videos.poll(remix.id).model_dump()
    seen["listed"] = [one.id for one in client.videos.list(limit=1)]
    seen["oldest_first"] = [one.id for one in client.videos.list(order="asc").data]
    seen["deleted"] = client.videos.delete(remix.id).model_dump()
    seen["after_deletion"] = [one.id for one in client.videos.list()]
    seen["models"] = [one.id for one in client.models.list()]


def _refusals(client: openai.OpenAI, given: dict[str, Any], waiting: str) -> dict[str, Any]:
    stranger = openai.OpenAI(base_url=given["base_url"], api_key="sk-nobody")
    poor = openai.OpenAI(base_url=given["base_url"], api_key=given["poor_key"])
    wish = CLIP | {"prompt": "A kite"}
    return {
        "a model of theirs": _refused(
            lambda: client.videos.create(prompt="A kite", model="sora-2")
        ),
        "eight seconds": _refused(lambda: client.videos.create(**wish | {"seconds": "8"})),
        "a portrait": _refused(lambda: client.videos.create(**wish | {"size": "720x1280"})),
        "no key": _refused(lambda: stranger.videos.retrieve(waiting)),
        "no money": _refused(lambda: poor.videos.create(**wish)),
        "somebody else's": _refused(lambda: poor.videos.retrieve(waiting)),
        "not there": _refused(lambda: client.videos.retrieve("video_123")),
        "not finished": _refused(lambda: client.videos.download_content(waiting)),
        "still wanted": _refused(lambda: client.videos.delete(waiting)),
        "not offered": _refused(lambda: client.images.generate(prompt="A kite")),
    }


def _refused(call: Callable[[], Any]) -> list[Any]:
    """How often it was tried does not show here: a final refusal is not repeated."""
    try:
        call()
    except openai.APIStatusError as error:
        return [type(error).__name__, error.status_code, error.code, error.param]
    return ["nothing"]


def _event(client: openai.OpenAI, given: dict[str, Any]) -> list[Any]:
    event: Any = client.webhooks.unwrap(
        given["event"], given["event_headers"], secret=given["event_secret"]
    )
    try:
        client.webhooks.unwrap(
            given["event"] + " ", given["event_headers"], secret=given["event_secret"]
        )
    except openai.InvalidWebhookSignatureError:
        return [event.type, event.id, {"generation": event.data.generation}]
    return ["a forged event was taken"]


main(json.load(sys.stdin))
json.dump(seen, sys.stdout, default=str)
