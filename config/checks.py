"""What `manage.py check` explains about the settings."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from config import providers


@register(Tags.security)
def secrets_are_real(**kwargs: Any) -> list[CheckMessage]:
    if len(settings.SECRET_KEY) >= 32:
        return []
    return [
        Error(
            "SECRET_KEY is shorter than 32 characters.",
            hint="Unset it and Reelay makes one, or set a long random one.",
            id="config.E001",
        )
    ]


@register()
def providers_exist(**kwargs: Any) -> list[CheckMessage]:
    if settings.PROVIDERS:
        return []
    return [
        Error(
            "No provider is on: nothing can be sold.",
            hint="Set a key such as RUNWARE_API_KEY, or SANDBOX=1 to let the sandbox play them.",
            id="config.E002",
        )
    ]


@register()
def providers_are_complete(**kwargs: Any) -> list[CheckMessage]:
    return [
        Error(
            f"{missing} is not set, and {name} cannot be asked without it.",
            hint=f"Set it, or unset {name.upper()}_API_KEY.",
            id="config.E004",
        )
        for name, chosen in settings.PROVIDERS.items()
        for missing in providers.missing_options(name, chosen)
    ]


@register()
def payments_are_safe(**kwargs: Any) -> list[CheckMessage]:
    """DESIGN section 9: play money and real money never meet."""
    key, secret = settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET
    faults = {
        "config.E005": (
            bool(key) and not re.fullmatch(r"(sk|rk)_(test|live)_\S{8,}", key),
            "STRIPE_SECRET_KEY is no secret key of Stripe's.",
            "It begins with sk_test_ or sk_live_.",
        ),
        "config.E006": (
            bool(key) and not re.fullmatch(r"whsec_\S{24,}", secret),
            "STRIPE_WEBHOOK_SECRET is missing or is no signing secret of Stripe's.",
            "Copy it from the endpoint in Stripe's dashboard; it begins with whsec_.",
        ),
        "config.E007": (
            bool(settings.STRIPE_API_BASE) and key.startswith(("sk_live_", "rk_live_")),
            "STRIPE_API_BASE is set beside a live key.",
            "Unset it: a live key is only for Stripe itself.",
        ),
        "config.E008": (
            bool(settings.STRIPE_API_BASE) and not settings.SANDBOX_PLAYS_ALL,
            "STRIPE_API_BASE is set beside the key of a provider.",
            "Unset it, or unset the keys: play money must not buy real clips.",
        ),
    }
    return [Error(what, hint=hint, id=id) for id, (is_so, what, hint) in faults.items() if is_so]


@register()
def files_are_apart(**kwargs: Any) -> list[CheckMessage]:
    if not settings.MEDIA_HOST or urlsplit(settings.SITE_URL).netloc != settings.MEDIA_HOST:
        return []
    return [
        Error(
            "MEDIA_HOST is the host of the site itself, where nothing else would be served then.",
            hint="Give another host that leads here, or unset it.",
            id="config.E009",
        )
    ]


@register()
def demo_stays_at_home(**kwargs: Any) -> list[CheckMessage]:
    if not (settings.SANDBOX and settings.PUBLIC_URL.startswith("https://")):
        return []
    return [
        Warning(
            "The sandbox is on although PUBLIC_URL is a public address.",
            hint="Its clips are not real. Set the providers' keys and unset SANDBOX.",
            id="config.W001",
        )
    ]


@register()
def spool_is_writable(**kwargs: Any) -> list[CheckMessage]:
    try:
        settings.SPOOL.mkdir(parents=True, exist_ok=True)
        probe = settings.SPOOL / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        return [
            Error(
                f"{settings.SPOOL} cannot be written: {error.strerror}.",
                hint="Set REELAY_VAR to a folder Reelay may write to.",
                id="config.E003",
            )
        ]
    return []
