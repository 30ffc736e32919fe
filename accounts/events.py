"""
Events for the programs of customers: written with what they tell, read by webhooks and streams.

An event about something with a life of its own is written down by its name only (`subject`); what
it shows is `described` when somebody reads it, by whoever owns the subject. So an event costs one
statement in the transaction that makes it true, and says the same at every replay.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import connection

from accounts import ids, nudges
from accounts.models import CustomerEvent
from accounts.moments import moment

#: What customers can be told of, and when; `ping` is only ever sent on request.
TYPES = {
    "generation.running": "A clip is being made.",
    "generation.succeeded": "A clip is here.",
    "generation.failed": "A clip could not be made; its money was given back.",
    "generation.canceled": "An order was canceled; its money was given back.",
    "wallet.low": "Less is available than you set on the wallet's page. Told once, and again only "
    "after there was enough.",
    "wallet.spend_warning": "A spend limit is 80 % used up. Told once a day, month or lifetime.",
    "wallet.topped_up": "Money has come in: by card, by itself or from us.",
    "wallet.auto_top_up_failed": "The saved card could not be charged by itself; after three in a "
    "row it is not tried again.",
}
PING = "ping"
#: Where every process that serves streams or waits listens; a message is `<workspace> <subject>`.
CHANNEL = "events"
DELIVER = "accounts.tasks.deliver"

Describe = Callable[[Sequence[CustomerEvent]], Mapping[uuid.UUID, dict[str, Any]]]
#: kind of subject -> what its events show, many at once
_describers: dict[str, Describe] = {}


def describes(kind: str, describe: Describe) -> None:
    """From now on `describe` says what the events about this kind of subject show."""
    _describers[kind] = describe


def tell(
    *,
    workspace_id: uuid.UUID,
    type: str,
    subject: str = "",
    data: Mapping[str, Any] | None = None,
    url: str = "",
) -> None:
    """
    Write down an event, and a delivery for every endpoint that wants it; all in one statement.

    Call it in the transaction of what it tells. The second event of a type about one subject is
    none.

    :param url: an address besides the endpoints', named by the order itself.
    """
    row: dict[str, Any] = {
        "id": ids.uuid7(),
        "workspace": workspace_id,
        "type": type,
        "subject": subject,
        "data": json.dumps(dict(data or {})),
        "url": url,
    }
    with connection.cursor() as cursor:
        cursor.execute(TELL, row)
        written, deliveries = cursor.fetchone()
    if written:
        nudges.publish_after_commit(CHANNEL, f"{workspace_id.hex} {subject}")
    if deliveries:
        nudges.after_commit(DELIVER)


def described(events: Sequence[CustomerEvent]) -> dict[uuid.UUID, dict[str, Any]]:
    """
    What each event shows, as API.md pins it. One whose subject is gone shows nothing of it.
    """
    data = {event.id: dict(event.data) for event in events}
    for kind, describe in _describers.items():
        if ours := [one for one in events if one.subject.partition(":")[0] == kind]:
            data |= describe(ours)
    return {event.id: _shown(event, data[event.id]) for event in events}


def _shown(event: CustomerEvent, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": event.public_id,
        "object": "event",
        "type": event.type,
        "created_at": moment(event.created_at),
        "data": data,
    }


TELL = """
WITH told AS (
    INSERT INTO accounts_customerevent (id, workspace_id, type, subject, data)
    VALUES (%(id)s, %(workspace)s, %(type)s, %(subject)s, %(data)s::jsonb)
    ON CONFLICT (subject, type) WHERE subject <> '' DO NOTHING
    RETURNING id
), addresses AS (
    SELECT id AS endpoint_id, url FROM accounts_webhookendpoint
     WHERE workspace_id = %(workspace)s AND disabled_at IS NULL AND deleted_at IS NULL
       AND (events = '{}' OR %(type)s = ANY (events))
    UNION ALL SELECT NULL, %(url)s WHERE %(url)s <> ''
), deliveries AS (
    INSERT INTO accounts_webhookdelivery (id, workspace_id, event_id, endpoint_id, url)
    SELECT accounts_uuid7(), %(workspace)s, told.id, addresses.endpoint_id, addresses.url
      FROM told, addresses
    RETURNING 1
)
SELECT (SELECT count(*) FROM told), (SELECT count(*) FROM deliveries)"""
