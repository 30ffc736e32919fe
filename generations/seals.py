"""Signed webhooks: is this really from the provider? Its own keys say so, new ones included."""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.core.cache import cache

from generations import transport
from generations.providers.base import BadSignature, Provider, ProviderError, Scheme, Seal

logger = logging.getLogger(__name__)

#: How far their clock may be from ours.
TOLERANCE = timedelta(seconds=300)
KEYS_KEPT_FOR = 24 * 3600
#: A signature that fits none of the known keys may be made with a new one; asked this often.
ASK_AGAIN_AFTER = 60
ASK_FOR_KEYS_TIMEOUT = 5.0

Keys = tuple[bytes, ...]


def check(provider: Provider, *, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """
    :raises BadSignature: it carries no signature, one that is too old or from the future, or one
        that fits none of the provider's keys, those it has now included.
    """
    seal = provider.seal(headers=headers, body=body)
    if abs(now - seal.sent_at) > TOLERANCE:
        raise BadSignature("signed too long ago, or by a clock that is wrong")
    if not (_fits(seal, _keys(provider)) or _fits(seal, _newer_keys(provider))):
        raise BadSignature("the signature fits none of the keys")


def _fits(seal: Seal, keys: Keys) -> bool:
    fit = _FITS[seal.scheme]
    # Every pair is tried, whatever came before: the time taken tells nothing.
    fits = [fit(seal.message, one, key) for one in seal.signatures for key in keys]
    return any(fits)


def _hmac_fits(message: bytes, signature: bytes, key: bytes) -> bool:
    return hmac.compare_digest(hmac.digest(key, message, hashlib.sha256), signature)


def _ed25519_fits(message: bytes, signature: bytes, key: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


_FITS = {Scheme.HMAC_SHA256: _hmac_fits, Scheme.ED25519: _ed25519_fits}


def _keys(provider: Provider) -> Keys:
    return tuple(map(bytes.fromhex, cache.get(_name(provider)) or ()))


def _newer_keys(provider: Provider) -> Keys:
    """What they tell now; nothing when they were asked a moment ago or do not answer."""
    if not cache.add(f"{_name(provider)}:asked", 1, ASK_AGAIN_AFTER):
        return ()
    try:
        keys = transport.run(provider.webhook_keys(), timeout=ASK_FOR_KEYS_TIMEOUT)
    except ProviderError as error:
        logger.warning("%s did not tell its webhook keys: %s", provider.name, error.code)
        return ()
    kept = tuple(key for key in keys if key)  # an empty key would fit whatever anybody signs
    cache.set(_name(provider), [key.hex() for key in kept], KEYS_KEPT_FOR)
    return kept


def _name(provider: Provider) -> str:
    return f"webhook-keys:{provider.name}"
