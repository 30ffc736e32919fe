"""Examples for OpenAPI; a test compares their names with what is really answered."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample

from generations import catalog

GENERATION_ID = "gen_019aa5c4b1ef7d2c9a1b3c4d5e6f7081"
QUOTE_ID = "quo_019aa5c3f0a97b1d8c2e4f6a8b0c1d2e"
UPLOAD_ID = "upl_019aa5c2e1b87a3f9d5c7e9fa1b3c5d7"

GENERATION: dict[str, Any] = {
    "id": GENERATION_ID,
    "object": "generation",
    "status": "queued",
    "stage": "waiting",
    "progress": None,
    "queue_position": None,
    "eta": "2026-11-21T09:31:35.000Z",
    "model": "hailuo-2.3",
    "mode": "text-to-video",
    "prompt": "A red kite over a harbour at dawn. [Pan left, Pedestal up]",
    "resolution": "768P",
    "duration": 6,
    "first_frame_image": None,
    "prompt_optimizer": True,
    "fast_pretreatment": False,
    "watermark": False,
    "output_format": "mp4",
    "output_quality": None,
    "policy": "cheapest",
    "provider_requested": "auto",
    "provider": None,
    "quote": None,
    "quoted": "0.28",
    "price": "0.28",
    "charged": "0.00",
    "refunded": "0.00",
    "currency": "USD",
    "batch": None,
    "retry_of": None,
    "metadata": {"order": "A-1017"},
    "tags": ["harbour"],
    "created_at": "2026-11-21T09:30:00.000Z",
    "started_at": None,
    "finished_at": None,
    "clip": None,
    "error": None,
    "timeline": [
        {
            "at": "2026-11-21T09:30:00.000Z",
            "type": "generation.queued",
            "message": "Order taken.",
            "data": {"price": "0.28"},
        }
    ],
}
CANCELED = GENERATION | {
    "status": "canceled",
    "stage": "canceled",
    "eta": None,
    "finished_at": "2026-11-21T09:30:04.000Z",
}
GENERATIONS = {
    "object": "list",
    "data": [{name: value for name, value in GENERATION.items() if name != "timeline"}],
    "next_cursor": None,
}
QUOTE: dict[str, Any] = {
    "id": QUOTE_ID,
    "object": "quote",
    "unit_price": "0.28",
    "count": 1,
    "price": "0.28",
    "currency": "USD",
    "expires_at": "2026-11-21T09:45:00.000Z",
    "provider": "runware",
    "routes": [{"provider": "runware", "price": "0.28", "typical_seconds": 95, "available": True}],
    "spec": {
        "model": "hailuo-2.3",
        "mode": "text-to-video",
        "resolution": "768P",
        "duration": 6,
        "prompt_optimizer": True,
        "fast_pretreatment": False,
        "watermark": False,
        "output_format": "mp4",
        "output_quality": None,
        "policy": "cheapest",
        "provider": "auto",
        "max_price": None,
    },
}
DRY_RUN = QUOTE | {"id": None, "expires_at": None}
UPLOAD = {
    "id": UPLOAD_ID,
    "object": "upload",
    "width": 1366,
    "height": 768,
    "bytes": 812034,
    "content_type": "image/jpeg",
    "sha256": "3f0c9b7d2e5a8416c1d0f9e8b7a6958473625140f1e2d3c4b5a6978877665544",
    "created_at": "2026-11-21T09:29:00.000Z",
}
MODELS: dict[str, Any] = {
    "object": "list",
    "data": [
        {
            "id": "hailuo-2.3",
            "object": "model",
            "name": "Hailuo 2.3",
            "summary": "From words or from a first frame.",
            "modes": ["text-to-video", "image-to-video"],
            "sizes": [{"resolution": "768P", "duration": 6, "width": 1366, "height": 768}],
            "prompt": {"min_length": 2, "max_length": catalog.PROMPT_LENGTH},
            "max_count": catalog.MAX_COUNT,
            "output_formats": list(catalog.OUTPUT_FORMATS),
            "policies": list(catalog.POLICIES),
            "camera_directives": list(catalog.CAMERA_DIRECTIVES)[:3],
            "routes": [
                {
                    "provider": "runware",
                    "mode": "text-to-video",
                    "resolution": "768P",
                    "duration": 6,
                    "price": "0.28",
                    "currency": "USD",
                    "typical_seconds": 95,
                    "available": True,
                    "options": {
                        "output_formats": ["mp4"],
                        "output_quality": True,
                        "prompt_optimizer_off": True,
                        "fast_pretreatment": False,
                        "watermark": False,
                        "free_cancel_while_running": False,
                    },
                }
            ],
        }
    ],
    "next_cursor": None,
}

_WORDS = {"model": "hailuo-2.3", "prompt": GENERATION["prompt"]}

ORDERS = [
    OpenApiExample("From words", _WORDS, request_only=True),
    OpenApiExample(
        "From a first frame",
        {
            "model": "hailuo-2.3-fast",
            "prompt": "The boat leaves the harbour. [Tracking shot]",
            "first_frame_image": UPLOAD_ID,
        },
        request_only=True,
    ),
    OpenApiExample(
        "At a quoted price",
        _WORDS | {"quote": QUOTE_ID, "tags": ["harbour"], "metadata": {"order": "A-1017"}},
        request_only=True,
    ),
]
QUOTE_REQUESTS = [
    OpenApiExample("A clip of 6 s", {"model": "hailuo-2.3"}, request_only=True),
    OpenApiExample(
        "Four in 1080P",
        {"model": "hailuo-2.3", "resolution": "1080P", "count": 4},
        request_only=True,
    ),
]
