"""Examples for OpenAPI; a test compares their names with what is really answered."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample

from generations import catalog
from generations.api import examples
from generations.openai import shapes

VIDEO: dict[str, Any] = {
    "id": examples.GENERATION_ID,
    "object": "video",
    "model": "hailuo-2.3",
    "status": "queued",
    "progress": 0,
    "created_at": 1795253400,
    "completed_at": None,
    "expires_at": None,
    "seconds": "6",
    "size": "1366x768",
    "prompt": "A red kite over a harbour at dawn.",
    "remixed_from_video_id": None,
    "error": None,
}
FINISHED = VIDEO | {"status": "completed", "progress": 100, "completed_at": 1795253495}
REMIXED = VIDEO | {
    "id": "gen_019aa5c8d3a07e4f8a2b4c6d8e0f1a3b",
    "prompt": "The same at night.",
    "remixed_from_video_id": examples.GENERATION_ID,
}
VIDEOS = {
    "object": "list",
    "data": [FINISHED],
    "first_id": VIDEO["id"],
    "last_id": VIDEO["id"],
    "has_more": False,
}
DELETED = {"id": VIDEO["id"], "object": "video.deleted", "deleted": True}
MODEL = shapes.model(catalog.MODELS["hailuo-2.3"])
MODELS = {"object": "list", "data": [shapes.model(one) for one in catalog.MODELS.values()]}

_WORDS = {"model": "hailuo-2.3", "prompt": VIDEO["prompt"], "seconds": "6", "size": "1366x768"}

ORDERS = [
    OpenApiExample("From words", _WORDS, request_only=True),
    OpenApiExample(
        "From an uploaded first frame",
        {
            "model": "hailuo-2.3-fast",
            "prompt": "The boat leaves the harbour.",
            "input_reference": {"file_id": examples.UPLOAD_ID},
        },
        request_only=True,
    ),
]
FORMS = [OpenApiExample("From words", _WORDS | {"tags[]": ["harbour"]}, request_only=True)]
REMIX = [OpenApiExample("Other words", {"prompt": REMIXED["prompt"]}, request_only=True)]
