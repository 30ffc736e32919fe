"""`Authorization: Bearer rly_live_…`: who asks, and for which workspace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from django.http import HttpRequest
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts import addresses, bindings, keys, security
from accounts.api import pacing
from accounts.api.problems import Problem, unreadable
from accounts.models import APIKey, User, Workspace

#: Query parameters in which people put keys; they end up in logs, so they are refused by name.
KEYS_IN_QUERIES = {"access_token", "api_key", "api-key", "apikey", "authorization", "key", "token"}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a key, the person who made it, and the workspace it opens."""

    key: APIKey
    user: User
    workspace: Workspace


class BearerKey(BaseAuthentication):
    """
    Finds the key of the request. Every reason to refuse is a 401 that names it; a key that is
    used from where it may not be is a 403. Who fails too often is told to wait.
    """

    def authenticate(self, request: Request) -> tuple[User, APIKey]:
        address, now = addresses.of(request), timezone.now()
        try:
            _refuse_in_query(request)
            key = keys.find(_token(request), now=now, address=address)
            _refuse_elsewhere(key, address)
        except (keys.KeyRefused, Problem) as refused:
            raise _told(refused, address) from None
        keys.note_use(key, now=now, address=address)
        _open(request._request, key.workspace)
        return key.holder.user, key

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def caller(request: Request) -> Caller:
    """Who asks, in a view whose permissions were checked."""
    key = cast(APIKey, request.auth)
    return Caller(key=key, user=key.holder.user, workspace=key.workspace)


def _token(request: Request) -> str:
    header = str(request.META.get("HTTP_AUTHORIZATION", ""))
    if not header:
        raise keys.NoKey("There is no Authorization header: send `Bearer rly_live_…`.")
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise keys.NoKey("The Authorization header is not of the form `Bearer rly_live_…`.")
    return token.strip(" ")


def _refuse_in_query(request: Request) -> None:
    for name, value in request.query_params.items():
        if name.lower() in KEYS_IN_QUERIES or str(value).startswith("rly_live_"):
            raise unreadable("Keys never go into an address: send an Authorization header.")


def _refuse_elsewhere(key: APIKey, address: str | None) -> None:
    if key.allowed_addresses and not addresses.among(address, key.allowed_addresses):
        said = f"This key opens from other addresses only, not from {address or 'an unknown one'}."
        raise Problem("address_not_allowed", said)


def _told(refused: keys.KeyRefused | Problem, address: str | None) -> Problem:
    """What was plain without looking a key up does not count as a try."""
    if isinstance(refused, Problem):
        problem, looked_up = refused, refused.code == "address_not_allowed"
    else:
        problem = Problem("unauthorized", str(refused))
        looked_up = not isinstance(refused, keys.NoKey)
    if looked_up:
        security.note("key.refused", address=address, why=problem.code)
    return pacing.not_let_in(problem, address=address, counts=looked_up)


def _open(request: HttpRequest, workspace: Workspace) -> None:
    """On the site a middleware puts the workspace there; under the API the key says which."""
    bindings.add(workspace=workspace.public_id)
    request.workspace = workspace  # type: ignore[attr-defined]
