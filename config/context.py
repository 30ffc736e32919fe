"""What every page knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts import suspension


def site(request: HttpRequest) -> dict[str, Any]:
    return {
        "sandbox": settings.SANDBOX_PLAYS_ALL,
        "workspace": getattr(request, "workspace", None),
        "impersonation": getattr(request, "impersonation", None),
        "support": suspension.whom_to_write_to(),
    }
