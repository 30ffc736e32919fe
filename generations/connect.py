"""Where settings meet adapters: the providers that are on, ready to be asked."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac

from generations.models import Attempt
from generations.providers import create
from generations.providers.base import Provider

LOOK_TIMEOUT = 15.0
SUBMIT_TIMEOUT = 60.0
BLOCKING_SUBMIT_TIMEOUT = 600.0


def names() -> frozenset[str]:
    """Every provider that is configured."""
    return frozenset(settings.PROVIDERS)


@cache
def provider(name: str) -> Provider:
    """One provider's adapter. Raises KeyError for one that is not configured."""
    chosen = settings.PROVIDERS[name]
    return create(name, base_url=chosen.base_url, api_key=chosen.api_key, options=chosen.options)


def webhook_url(attempt: Attempt) -> str | None:
    """
    Where the provider may knock for this attempt; None where it cannot reach us.

    The last part is unguessable and belongs to this attempt alone.
    """
    chosen = settings.PROVIDERS[attempt.provider]
    if not provider(attempt.provider).capabilities.webhook:
        return None
    if not (settings.PUBLIC_URL or chosen.sandbox):
        return None
    site = f"http://127.0.0.1:{settings.PORT}" if chosen.sandbox else settings.PUBLIC_URL
    return f"{site}/webhooks/providers/{attempt.provider}/{webhook_token(attempt)}"


def webhook_token(attempt: Attempt) -> str:
    return f"{attempt.id.hex}{_mac(attempt.provider, attempt.id.hex, settings.SECRET_KEY)}"


def attempt_behind(provider_name: str, token: str) -> Attempt | None:
    """The attempt whose webhook address this is, or None for a forged one."""
    attempt_id, mac = token[:32], token[32:]
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    fits = [constant_time_compare(mac, _mac(provider_name, attempt_id, key)) for key in keys]
    if not any(fits):
        return None
    rows = Attempt.objects.select_related("generation")
    return rows.filter(id=attempt_id, provider=provider_name).first()


def _mac(provider_name: str, attempt_id: str, key: str) -> str:
    mac = salted_hmac("reelay.webhook", f"{provider_name}:{attempt_id}", key, algorithm="sha256")
    return signing.b64_encode(mac.digest()).decode()
