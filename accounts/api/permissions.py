"""
What a key may do: what its maker's role allows, as far as its scopes reach.

Nothing is allowed unless it is said here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts.api.problems import Problem
from accounts.models import SCOPE_FOR, APIKey

if TYPE_CHECKING:  # DRF's views load this module
    from rest_framework.views import APIView


class HasWorkspace(BasePermission):
    """
    A key with a workspace, which has the scope for what the view does and whose maker's role
    allows it: the view's `reads` for reading, its `act` for everything else.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        key = request.auth
        if not isinstance(key, APIKey):
            return False
        is_read = request.method in SAFE_METHODS
        act: str = getattr(view, "reads" if is_read else "act")
        scope = SCOPE_FOR[act] if is_read else (getattr(view, "scope", "") or SCOPE_FOR[act])
        if scope not in key.scopes:
            raise _missing(scope, f"This key has not the scope `{scope}`.")
        if not key.holder.may(act):
            raise _missing(scope, f"The role of this key's maker, {key.holder.role}, may not.")
        return True


def _missing(scope: str, detail: str) -> Problem:
    return Problem("insufficient_scope", detail, scope=scope)
