"""What the maker of a key may do, the key may do; nothing is allowed unless it is said here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts.api.problems import Problem
from accounts.models import Act, APIKey

if TYPE_CHECKING:  # DRF's views load this module
    from rest_framework.views import APIView


class HasWorkspace(BasePermission):
    """
    A key with a workspace, whose maker's role allows what the view is for.

    Reading asks for `Act.READ`, everything else for the view's `act`, by default `Act.ORDER`.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        key = request.auth
        if not isinstance(key, APIKey):
            return False
        act = Act.READ if request.method in SAFE_METHODS else getattr(view, "act", Act.ORDER)
        if not key.maker.may(act):
            role = key.maker.role
            raise Problem("insufficient_scope", f"The role of this key's maker, {role}, may not.")
        return True
