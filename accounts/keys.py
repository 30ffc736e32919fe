"""
API keys: `rly_live_<10 characters that find it>_<43 characters of secret><6 of checksum>`.

The secret has 256 bits. The checksum tells a mistyped key from a wrong one without asking the
database; what is stored is a hash keyed with a pepper, so a stolen table opens nothing.
"""

from __future__ import annotations

import hmac
import re
import secrets
import string
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q
from django.utils.crypto import salted_hmac

from accounts.models import APIKey, Membership, Workspace

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
SHAPE = re.compile(r"rly_live_([0-9A-Za-z]{10})_([0-9A-Za-z]{43})([0-9A-Za-z]{6})")
USE_IS_NOTED_EVERY = timedelta(minutes=1)


class KeyRefused(Exception):
    """The key does not open; the message says which of the reasons it is."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made. `text` is shown once and stored nowhere."""

    key: APIKey
    text: str


def create(*, maker: Membership, name: str, expires_at: datetime | None = None) -> NewKey:
    lookup, secret = _random(10), _random(43)
    body = f"rly_live_{lookup}_{secret}"
    key = APIKey.objects.create(
        workspace_id=maker.workspace_id,
        maker=maker,
        name=name,
        lookup=lookup,
        secret_hash=_hash(secret),
        ending=secret[-4:],
        expires_at=expires_at,
    )
    return NewKey(key=key, text=body + _checksum(body))


def find(text: str, *, now: datetime) -> APIKey:
    """The key with this text. Raises KeyRefused, saying why."""
    lookup, secret = _parts(text)
    key = APIKey.objects.select_related("workspace", "maker__user").filter(lookup=lookup).first()
    if key is None or not _matches(secret, key.secret_hash):
        raise KeyRefused("This API key is unknown.")
    if (state := key.state(now)) != "active":
        raise KeyRefused(f"This API key is {state}. Make a new one.")
    if not key.maker.user.is_active or key.workspace.suspended_at:
        raise KeyRefused("The account of this API key is suspended.")
    return key


def note_use(key: APIKey, *, now: datetime) -> None:
    """Remember that it was used, at most once a minute: reading must stay cheap."""
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_IS_NOTED_EVERY)
    if key.last_used_at is None or key.last_used_at < now - USE_IS_NOTED_EVERY:
        APIKey.objects.filter(stale, id=key.id).update(last_used_at=now)


def revoke(*, key: APIKey, now: datetime) -> None:
    APIKey.objects.filter(id=key.id, revoked_at=None).update(revoked_at=now)


def keys_of(workspace: Workspace) -> list[APIKey]:
    """Newest first, with who made them."""
    keys = APIKey.objects.for_workspace(workspace).select_related("maker__user")
    return list(keys.order_by(F("created_at").desc()))


def _parts(text: str) -> tuple[str, str]:
    match = SHAPE.fullmatch(text)
    if not match:
        raise KeyRefused("This is not an API key of Reelay: they begin with rly_live_.")
    lookup, secret, checksum = match.groups()
    if not hmac.compare_digest(checksum, _checksum(f"rly_live_{lookup}_{secret}")):
        raise KeyRefused("This API key is mistyped: its checksum does not fit.")
    return lookup, secret


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def _checksum(body: str) -> str:
    number, digits = zlib.crc32(body.encode()), ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits = ALPHABET[digit] + digits
    return digits


def _hash(secret: str, key: str | None = None) -> str:
    return salted_hmac("reelay.api-key", secret, secret=key, algorithm="sha256").hexdigest()


def _matches(secret: str, stored: str) -> bool:
    """Against the pepper in use and those before it, so that rotating it locks nobody out."""
    peppers = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    found = [hmac.compare_digest(_hash(secret, pepper), stored) for pepper in peppers]
    return any(found)


__all__ = ["KeyRefused", "NewKey", "create", "find", "keys_of", "note_use", "revoke"]
