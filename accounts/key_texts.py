"""
The text of an API key: `rly_live_<10 characters that find it>_<43 of secret><6 of checksum>`.

The secret has 256 bits. The checksum tells a mistyped key from a wrong one without asking the
database; what is stored is a hash keyed with a pepper, so a stolen table opens nothing.
"""

from __future__ import annotations

import hmac
import re
import secrets
import string
import zlib
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.crypto import salted_hmac

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
SHAPE = re.compile(r"rly_live_([0-9A-Za-z]{10})_([0-9A-Za-z]{43})([0-9A-Za-z]{6})")


class KeyRefused(Exception):
    """The key does not open; the message says which of the reasons it is."""


class NoKey(KeyRefused):
    """It is no key at all: nothing had to be looked up to know that."""


@dataclass(frozen=True, slots=True)
class KeyText:
    """The two halves of a key. Only columns are stored."""

    lookup: str
    secret: str = field(repr=False)

    @property
    def whole(self) -> str:
        body = f"rly_live_{self.lookup}_{self.secret}"
        return body + _checksum(body)

    @property
    def columns(self) -> dict[str, str]:
        return {
            "lookup": self.lookup,
            "secret_hash": _hash(self.secret),
            "ending": self.secret[-4:],
        }

    def opens(self, stored: str) -> bool:
        """Against the pepper in use and those before it, so that rotating it locks nobody out."""
        peppers = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
        found = [hmac.compare_digest(_hash(self.secret, pepper), stored) for pepper in peppers]
        return any(found)


def drawn() -> KeyText:
    return KeyText(_random(10), _random(43))


def read(text: str) -> KeyText:
    """Raises NoKey, saying why."""
    match = SHAPE.fullmatch(text)
    if not match:
        raise NoKey("This is not an API key of Reelay: they begin with rly_live_.")
    found = KeyText(match[1], match[2])
    if not hmac.compare_digest(text, found.whole):
        raise NoKey("This API key is mistyped: its checksum does not fit.")
    return found


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
