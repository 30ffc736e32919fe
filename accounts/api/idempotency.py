"""
`Idempotency-Key`: asking twice does it once.

The record is written in the transaction of what the request did, so either both exist or
neither. While the first request is under way an advisory lock keeps the second one out. Answers
that say no are not kept: they changed nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connection, transaction
from django.http import HttpResponse
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from accounts.api.authentication import caller
from accounts.api.problems import Problem, unreadable
from accounts.models import IdempotencyRecord, Workspace

KEY = re.compile(r"[\x21-\x7e]{1,255}")
REPLAYED = "Idempotent-Replayed"


@dataclass(frozen=True, slots=True)
class Made:
    """What a request did: the answer, and the public id of what it made."""

    reference: str
    data: Mapping[str, Any] = field(repr=False)
    status: int = 200


#: Shows again what a reference names, when its answer is no longer kept.
Again = Callable[[str], Made]


@dataclass(frozen=True, slots=True)
class Asked:
    """One POST with a key: `scope` is method and path, `fingerprint` a digest of the body."""

    workspace: Workspace
    scope: str
    key: str
    fingerprint: str

    @property
    def lock(self) -> int:
        """A number for this key in this scope, as PostgreSQL's advisory locks want it."""
        text = f"{self.workspace.pk.hex}\n{self.scope}\n{self.key}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], signed=True)


def asked(request: Request, body: Mapping[str, Any] | None = None) -> Asked | None:
    """
    The key of this request, or None. `body` stands in for one that is not JSON.

    Raises a 400 Problem for a key that is not 1 to 255 visible ASCII characters.
    """
    key = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is None:
        return None
    if not KEY.fullmatch(key):
        raise unreadable("Idempotency-Key takes 1 to 255 visible ASCII characters.")
    return Asked(
        workspace=caller(request).workspace,
        scope=f"{request.method} {request.path}",
        key=key,
        fingerprint=_digest(request.data if body is None else body),
    )


def once(asked: Asked | None, perform: Callable[[], Made], *, again: Again) -> HttpResponse:
    """
    The answer to this request: `perform`'s, or the one it gave before.

    A `Problem` of `perform` changes nothing beyond what `perform` itself committed to, and is not
    kept. Raises a Problem when the key belongs to another body, or its request is under way.
    """
    if asked is None:
        return answer(perform())
    with transaction.atomic():
        _lock(asked)
        outcome = replay(asked, again=again) or _outcome(asked, perform)
    if isinstance(outcome, Problem):
        raise outcome
    return outcome


def replay(asked: Asked | None, *, again: Again) -> HttpResponse | None:
    """The answer that was given before, or None."""
    record = _record(asked) if asked else None
    if asked is None or record is None:
        return None
    if record.fingerprint != asked.fingerprint:
        raise Problem("idempotency_mismatch")
    if record.answer is None:  # kept for 30 days; what it made is known for ever
        response = answer(replace(again(record.reference), status=record.status))
    else:
        response = _json(record.answer.encode(), record.status)
    response[REPLAYED] = "true"
    return response


def answer(made: Made) -> HttpResponse:
    return _json(JSONRenderer().render(made.data), made.status)


def _lock(asked: Asked) -> None:
    """Until the end of the transaction nobody else answers this key."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [asked.lock])
        (alone,) = cursor.fetchone()
    if not alone:
        raise Problem("idempotency_in_flight", retry_after=1)


def _outcome(asked: Asked, perform: Callable[[], Made]) -> HttpResponse | Problem:
    """Caught here, inside the transaction: a wish to cancel that came too late is to be kept."""
    try:
        made = perform()
    except Problem as problem:
        return problem
    response = answer(made)
    IdempotencyRecord.objects.create(
        workspace=asked.workspace,
        scope=asked.scope,
        key=asked.key,
        fingerprint=asked.fingerprint,
        status=made.status,
        answer=response.content.decode(),  # as text: what is replayed is the same to the byte
        reference=made.reference,
    )
    return response


def _record(asked: Asked) -> IdempotencyRecord | None:
    records = IdempotencyRecord.objects.filter(workspace=asked.workspace)
    return records.filter(scope=asked.scope, key=asked.key).first()


def _digest(body: Mapping[str, Any] | list[Any]) -> str:
    """The same for every way of writing the same JSON."""
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _json(content: bytes, status: int) -> HttpResponse:
    return HttpResponse(content, status=status, content_type="application/json")
