"""Every provider that is on has an adapter, and every adapter a place in the settings."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from generations.providers import REGISTRY


@register()
def providers_have_adapters(**kwargs: Any) -> list[CheckMessage]:
    return [
        Error(
            f"{name} is configured, but there is no adapter for it.",
            hint="Unset its key, or add it to generations/providers/.",
            id="generations.E001",
        )
        for name in settings.PROVIDERS
        if name not in REGISTRY
    ]
