"""
What the OpenAPI document says beyond the single endpoints: events for webhooks, what to ask next,
and the headers that every answer has. New endpoints and event types get theirs by themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from accounts import events
from billing.api import events as money_events
from generations.api import examples

Document = dict[str, Any]

METHODS = ("get", "post", "put", "patch", "delete")

FOLLOW = ["generation", "cancel", "content", "poster", "deleteGeneration"]
FOLLOW_VIDEO = ["video", "videoContent", "remixVideo", "deleteVideo"]
#: operation → status of its answer → what can be asked with the id in it
LINKS: dict[str, tuple[str, list[str]]] = {
    "order": ("202", FOLLOW),
    "cancel": ("200", ["generation", "deleteGeneration"]),
    "quote": ("201", ["getQuote"]),
    "topUp": ("201", ["topUpById"]),
    "makeApiKey": ("201", ["rotateApiKey", "revokeApiKey"]),
    "makeWebhookEndpoint": (
        "201",
        [
            "webhookEndpoint",
            "changeWebhookEndpoint",
            "rotateWebhookSecret",
            "pingWebhookEndpoint",
            "replayMissingWebhooks",
            "deleteWebhookEndpoint",
        ],
    ),
    "pingWebhookEndpoint": ("202", ["replayWebhookDelivery"]),
    "createVideo": ("200", FOLLOW_VIDEO),
    "remixVideo": ("200", ["video", "videoContent", "deleteVideo"]),
}
#: list → what can be asked with the id of the first of it
FIRST: dict[str, list[str]] = {
    "generations": FOLLOW,
    "apiKeys": ["rotateApiKey", "revokeApiKey"],
    "webhookEndpoints": ["webhookEndpoint"],
    "webhookDeliveries": ["replayWebhookDelivery"],
    "videos": FOLLOW_VIDEO,
}
HEADERS: dict[str, Document] = {
    "X-Request-Id": {
        "description": "Yours if you sent one, else ours. Quote it when you ask us.",
        "schema": {"type": "string"},
    },
    "RateLimit": {
        "description": "What is left of the limit that is nearest, and when there is more.",
        "schema": {"type": "string"},
    },
    "RateLimit-Policy": {
        "description": "The limits that count for this request.",
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "description": "Seconds until it is worth asking again.",
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    },
}
ALWAYS = ("X-Request-Id", "RateLimit", "RateLimit-Policy")
#: Where an answer may say when to come back.
LATER = ("409", "429", "503")
EVENT: Document = {
    "type": "object",
    "description": "Something that happened, for webhooks and streams. Its id never changes.",
    "required": ["id", "object", "type", "created_at", "data"],
    "properties": {
        "id": {"type": "string", "pattern": "^evt_[0-9a-f]{32}$"},
        "object": {"type": "string", "const": "event"},
        "type": {"type": "string", "enum": [*events.TYPES, events.PING]},
        "created_at": {"type": "string", "format": "date-time"},
        "data": {
            "type": "object",
            "description": "About a clip: `generation`, as GET shows it, without timeline and "
            "links. About the wallet: as the examples of the webhooks show.",
            "additionalProperties": True,
        },
    },
}
SIGNATURE = {
    "webhook-id": "The event's id: the same on every try.",
    "webhook-timestamp": "Seconds since 1970. Refuse what is older than five minutes.",
    "webhook-signature": "`v1,` and the base64 HMAC-SHA256 of `id.timestamp.body`; one for each "
    "secret in force, with spaces between them.",
}


def complete(result: Document, **about: Any) -> Document:
    """A hook of drf-spectacular, called with the finished document."""
    components = result["components"]
    components["schemas"]["Event"] = EVENT
    components["headers"] = HEADERS
    result["webhooks"] = {type: {"post": _told(type)} for type in events.TYPES}
    for operation in operations(result):
        _add_headers(operation)
        _add_links(operation)
    return result


def operations(document: Document) -> Iterator[Document]:
    for path in document["paths"].values():
        yield from (path[method] for method in METHODS if method in path)


def _add_headers(operation: Document) -> None:
    for status, answer in operation["responses"].items():
        names = [*ALWAYS, *(["Retry-After"] if status in LATER else [])]
        found = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
        answer["headers"] = found | answer.get("headers", {})


def _add_links(operation: Document) -> None:
    name, answers = operation["operationId"], operation["responses"]
    status, targets = LINKS.get(name, ("", []))
    if targets:
        answers[status]["links"] = {one: _link(one, "id", "/id") for one in targets}
    links = {one: _link(one, "id", "/data/0/id") for one in FIRST.get(name, [])}
    if _takes(operation, "cursor"):
        links["next"] = _link(name, "cursor", "/next_cursor")
    if links:
        answers["200"]["links"] = links


def _link(target: str, parameter: str, place: str) -> Document:
    return {"operationId": target, "parameters": {parameter: f"$response.body#{place}"}}


def _takes(operation: Document, parameter: str) -> bool:
    return any(one.get("name") == parameter for one in operation.get("parameters", []))


def _told(type: str) -> Document:
    """What a customer's endpoint is sent, and how it should answer."""
    return {
        "operationId": f"on.{type}",
        "summary": type,
        "description": f"{events.TYPES[type]} "
        "Signed as Standard Webhooks; tried 12 times over three days.",
        "tags": ["Webhooks"],
        "parameters": [
            {"name": name, "in": "header", "required": True, "description": said,
             "schema": {"type": "string"}}
            for name, said in SIGNATURE.items()
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"$ref": "#/components/schemas/Event"},
                    "example": _example(type),
                }
            },
        },
        "responses": {
            "2XX": {"description": "Received."},
            "410": {"description": "Send nothing more to this address."},
        },
    }  # fmt: skip


def _example(type: str) -> Document:
    kind, _, status = type.partition(".")
    shown = {k: v for k, v in examples.GENERATION.items() if k != "timeline"}
    is_clip = kind == "generation"
    data = {"generation": shown | {"status": status}} if is_clip else money_events.EXAMPLES[type]
    return {
        "id": "evt_019aa5c6d2f07c3e8f5d2a6b9c0d1e2f",
        "object": "event",
        "type": type,
        "created_at": "2026-11-21T09:31:35.000Z",
        "data": data,
    }
