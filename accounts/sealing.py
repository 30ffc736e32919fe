"""
Secrets that must be readable again are stored sealed: a stolen table opens nothing.

Each purpose has a key of its own, derived from the site's secret; those it had before still open.
"""

from __future__ import annotations

import base64
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac


class CannotOpen(Exception):
    """It was sealed for another purpose, with a key we no longer have, or by nobody."""


def seal(text: str, *, purpose: str) -> str:
    return _box(purpose).encrypt(text.encode()).decode()


def opened(sealed: str, *, purpose: str) -> str:
    """:raises CannotOpen:"""
    try:
        return _box(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise CannotOpen(f"A sealed {purpose} cannot be opened.") from None


def _box(purpose: str) -> MultiFernet:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([_key(purpose, key) for key in keys])


@cache
def _key(purpose: str, secret: str) -> Fernet:
    derived = salted_hmac("reelay.seal", purpose, secret=secret, algorithm="sha256")
    return Fernet(base64.urlsafe_b64encode(derived.digest()))
