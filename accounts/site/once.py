"""A form sent twice does its work once, also where what it shows is stored nowhere."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TypeVar

from django.db import transaction

from accounts.access import MemberRequest
from accounts.models import IdempotencyRecord

T = TypeVar("T")


@transaction.atomic
def once(request: MemberRequest, form: uuid.UUID, make: Callable[[], T]) -> T | None:
    """What `make` makes; None when this very form was sent here before."""
    _, fresh = IdempotencyRecord.objects.get_or_create(
        workspace_id=request.workspace.pk,
        scope=f"SITE {request.path}"[:200],
        key=str(form),
        defaults={"fingerprint": "", "status": 201},
    )
    return make() if fresh else None
