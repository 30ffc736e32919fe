"""`Stripe-Signature: t=…,v1=…` (docs.stripe.com/webhooks#verify-manually)."""

from __future__ import annotations

import hashlib
import hmac


def sign(payload: str, secret: str, at: int) -> str:
    """The header for this body, signed at this second."""
    told = hmac.new(secret.encode(), f"{at}.{payload}".encode(), hashlib.sha256)
    return f"t={at},v1={told.hexdigest()}"
