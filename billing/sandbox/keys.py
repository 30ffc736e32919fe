"""The one secret key that opens the API."""

from __future__ import annotations

import base64
import binascii
import hmac

from billing.sandbox.refusals import Refusal


def check_key(authorization: str, secret_key: str) -> None:
    """Raise Refusal unless the header carries the key, as a bearer or as Basic's user name."""
    kind, _, value = authorization.partition(" ")
    given = _basic(value) if kind.lower() == "basic" else value.strip()
    if not given:
        told = "You did not provide an API key. You need to provide your API key in the"
        raise Refusal(401, f"{told} Authorization header, using Bearer auth.", begun=False)
    if not hmac.compare_digest(given.encode(), secret_key.encode()):
        shown = f"{given[:8]}{'*' * max(0, len(given) - 12)}{given[-4:]}"
        raise Refusal(401, f"Invalid API Key provided: {shown}", begun=False)


def _basic(value: str) -> str:
    try:
        return base64.b64decode(value).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""
