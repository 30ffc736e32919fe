"""What `manage.py check` explains about the settings."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register


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
