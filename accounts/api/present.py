"""Who is asking, as the API shows it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, overload

from accounts.api.authentication import Caller


def me(caller: Caller) -> dict[str, Any]:
    key, user, workspace = caller.key, caller.user, caller.workspace
    return {
        "object": "me",
        "user": {"id": user.public_id, "email": user.email, "name": user.name},
        "workspace": {"id": workspace.public_id, "name": workspace.name},
        "role": key.maker.role,
        "key": {
            "id": key.public_id,
            "name": key.name,
            "ending": key.ending,
            "created_at": moment(key.created_at),
            "expires_at": moment(key.expires_at),
        },
    }


@overload
def moment(value: datetime) -> str: ...
@overload
def moment(value: None) -> None: ...
def moment(value: datetime | None) -> str | None:
    """RFC 3339 in UTC, to the millisecond."""
    if value is None:
        return None
    text = value.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
