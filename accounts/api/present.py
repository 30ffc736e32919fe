"""Who is asking, as the API shows it."""

from __future__ import annotations

from typing import Any

from accounts.api.authentication import Caller
from accounts.moments import moment


def me(caller: Caller) -> dict[str, Any]:
    key, user, workspace = caller.key, caller.user, caller.workspace
    return {
        "object": "me",
        "user": {"id": user.public_id, "email": user.email, "name": user.name},
        "workspace": {"id": workspace.public_id, "name": workspace.name},
        "role": key.holder.role,
        "key": {
            "id": key.public_id,
            "name": key.name,
            "ending": key.ending,
            "scopes": key.scopes,
            "created_at": moment(key.created_at),
            "expires_at": moment(key.expires_at),
        },
    }
