"""
`Idempotency-Key`: asking twice does it once.

The record is written in the transaction of what the request did, so either both exist or
neither. While the first request is under way an advisory lock keeps the second one out. Answers
that say no are not kept: they changed nothing.

Clients that send no key but number their tries (`X-Stainless-Retry-Count`) are served by the same
records: see `Tried`.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from accounts.api.authentication import caller
from accounts.api.problems import Problem, unreadable
from accounts.crashpoints import crashpoint
from accounts.models import IdempotencyRecord, Workspace

KEY = re.compile(r"[\x21-\x7e]{1,255}")
REPLAYED = "Idempotent-Replayed"
#: Whoever comes while another has the lock is told to come back, or waits for it and shares it.
ALONE = "SELECT pg_try_advisory_xact_lock(%s)"
SHARE = "SELECT pg_advisory_xact_lock_shared(%s)::text IS NOT NULL"
#: The lock and what was answered before, in one question, for every order asks it. Should somebody
#: answer between the two, the record is not seen, and a second one cannot be kept.
ALONE_WITH_RECORD = f"""
{ALONE}, record.fingerprint, record.status, record.answer #>> '{{}}', record.reference
  FROM (VALUES (1)) AS once
  LEFT JOIN accounts_idempotencyrecord AS record
       ON record.workspace_id = %s AND record.scope = %s AND record.key = %s
"""
ONCE = "idempotency_once"
TRIES = re.compile(r"[0-9]{1,9}", re.ASCII)
#: How long a first try is remembered for those that follow it.
TRIES_FOLLOW_WITHIN = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Made:
    """
    What a request did: the answer, and the public id of what it made.

    `secrets` are members of this one answer: they are never kept, and stand in `data` as None.
    `last` is done when all else is written: what locks a row that others wait for.
    """

    reference: str
    data: Mapping[str, Any] = field(repr=False)
    status: int = 200
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    last: Callable[[], None] = field(default=lambda: None, repr=False)


#: Shows again what a reference names, when its answer is no longer kept.
Again = Callable[[str], Made]


@dataclass(frozen=True, slots=True)
class Asked:
    """One POST with a key: `scope` is method and path, `fingerprint` a digest of the body."""

    workspace: Workspace
    scope: str
    key: str
    fingerprint: str
    is_kept_last: ClassVar[bool] = False

    @property
    def lock(self) -> int:
        """A number for this key in this scope, as PostgreSQL's advisory locks want it."""
        text = f"{self.workspace.pk.hex}\n{self.scope}\n{self.key}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], signed=True)

    @property
    def kept_as(self) -> str:
        """The key of its record."""
        return self.key

    def alone(self) -> IdempotencyRecord | None:
        """
        The record that answers it. Until the end of the transaction nobody else answers this key.

        :raises Problem: another request with it is under way.
        """
        place = [self.lock, self.workspace.pk, self.scope, self.key]
        alone, fingerprint, *kept = _row(ALONE_WITH_RECORD, place)
        if not alone:
            raise _in_flight()
        names = ("status", "answer", "reference")
        found = dict(zip(names, kept, strict=True))
        return fingerprint and IdempotencyRecord(fingerprint=fingerprint, **found)

    def record(self) -> IdempotencyRecord | None:
        """The one that answers it."""
        return _records(self.workspace.pk, self.scope).filter(key=self.key).first()

    def keep(self, record: IdempotencyRecord) -> None:
        """:raises Problem: another request with this key was answered meanwhile."""
        try:
            record.save(force_insert=True)
        except IntegrityError as error:
            if ONCE in str(error):
                raise _in_flight() from None
            raise


@dataclass(frozen=True, slots=True)
class Tried(Asked):
    """
    One POST without a key, by a client that numbers its tries; `key` is a digest of who asks.

    A first try is always carried out: two of them are two orders. A later one gets the answer of
    a try of the last minute. Should a later one overtake the first, the first gets its answer: it
    knows it by its time, which therefore is that of the end.
    """

    is_first: bool
    arrived: datetime
    is_kept_last: ClassVar[bool] = True

    @property
    def kept_as(self) -> str:
        """With a space, which no customer's key has."""
        return f"{'first' if self.is_first else 'later'} {self.key}"

    def alone(self) -> IdempotencyRecord | None:
        """First tries share the lock: each waits for one that came later and is under way."""
        (alone,) = _row(SHARE if self.is_first else ALONE, [self.lock])
        if not alone:
            raise _in_flight()
        return self.record()

    def record(self) -> IdempotencyRecord | None:
        records = _records(self.workspace.pk, self.scope).order_by("-created_at")
        later = records.filter(key=f"later {self.key}", created_at__gte=self.arrived)
        kinds = [f"first {self.key}", f"later {self.key}"]
        since = self.arrived - TRIES_FOLLOW_WITHIN
        return (
            later if self.is_first else records.filter(key__in=kinds, created_at__gt=since)
        ).first()

    def keep(self, record: IdempotencyRecord) -> None:
        """The last of its kind is the one that is remembered."""
        IdempotencyRecord.objects.bulk_create(
            [record],
            update_conflicts=True,
            unique_fields=["workspace", "scope", "key"],
            update_fields=["fingerprint", "status", "answer", "reference", "created_at"],
        )


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


def tried(
    request: Request, body: Mapping[str, Any] | None = None, *, now: datetime
) -> Asked | None:
    """The key of this request, or else what its client says of its tries; None for neither."""
    if "HTTP_IDEMPOTENCY_KEY" in request.META:
        return asked(request, body)
    tries = str(request.META.get("HTTP_X_STAINLESS_RETRY_COUNT", ""))
    if not TRIES.fullmatch(tries):
        return None
    who, fingerprint = caller(request), _digest(request.data if body is None else body)
    return Tried(
        workspace=who.workspace,
        scope=f"{request.method} {request.path}",
        key=_digest([who.key.pk.hex, fingerprint]),
        fingerprint=fingerprint,
        is_first=int(tries) == 0,
        arrived=now,
    )


def once(asked: Asked | None, perform: Callable[[], Made], *, again: Again) -> HttpResponse:
    """
    The answer to this request: `perform`'s, or the one it gave before.

    A `Problem` of `perform` changes nothing beyond what `perform` itself committed to, and is not
    kept. Raises a Problem when the key belongs to another body, or its request is under way.
    """
    with transaction.atomic():
        record = asked.alone() if asked else None
        crashpoint("CP1")
        outcome = _replayed(asked, record, again) if asked and record else _outcome(asked, perform)
    if isinstance(outcome, Problem):
        raise outcome
    return outcome


def replay(asked: Asked | None, *, again: Again) -> HttpResponse | None:
    """The answer that was given before, or None."""
    record = asked.record() if asked else None
    return _replayed(asked, record, again) if asked and record else None


def _replayed(asked: Asked, record: IdempotencyRecord, again: Again) -> HttpResponse:
    if record.fingerprint != asked.fingerprint:
        raise Problem("idempotency_mismatch")
    if record.answer is None:  # kept for 30 days; what it made is known for ever
        response = answer(replace(again(record.reference), status=record.status))
    else:
        response = _json(record.answer.encode(), record.status)
    response[REPLAYED] = "true"
    return response


def answer(made: Made) -> HttpResponse:
    return _json(JSONRenderer().render({**made.data, **made.secrets}), made.status)


def _row(statement: str, parameters: Sequence[Any]) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        row: tuple[Any, ...] = cursor.fetchone()
    return row


def _in_flight() -> Problem:
    return Problem("idempotency_in_flight", retry_after=1)


def _outcome(asked: Asked | None, perform: Callable[[], Made]) -> HttpResponse | Problem:
    """Caught here, inside the transaction: a wish to cancel that came too late is to be kept."""
    try:
        made = perform()
    except Problem as problem:
        return problem
    kept = answer(replace(made, secrets={}))
    if asked and not asked.is_kept_last:
        _keep(asked, made, kept)
    made.last()
    if asked and asked.is_kept_last:
        _keep(asked, made, kept)
    return answer(made) if made.secrets else kept


def _keep(asked: Asked, made: Made, kept: HttpResponse) -> None:
    asked.keep(
        IdempotencyRecord(
            workspace=asked.workspace,
            scope=asked.scope,
            key=asked.kept_as,
            fingerprint=asked.fingerprint,
            status=made.status,
            answer=kept.content.decode(),  # as text: what is replayed is the same to the byte
            reference=made.reference,
        )
    )


def _records(workspace: uuid.UUID, scope: str) -> QuerySet[IdempotencyRecord]:
    return IdempotencyRecord.objects.filter(workspace_id=workspace, scope=scope)


def _digest(body: Mapping[str, Any] | list[Any]) -> str:
    """The same for every way of writing the same JSON."""
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _json(content: bytes, status: int) -> HttpResponse:
    return HttpResponse(content, status=status, content_type="application/json")
