"""
Which providers are on, with what key and address: read from the environment, once.

A provider without a key is off; with no key at all the sandbox plays every provider
(DESIGN section 9). `SANDBOX=1` lets it play the ones without a key beside real ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from config import env

SANDBOX_URL = env.address("SANDBOX_URL", "http://127.0.0.1:8010")

#: Where each provider is reached; `<NAME>_BASE_URL` replaces exactly these.
ADDRESSES = {
    "runware": "https://api.runware.ai/v1",
}


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """How to reach one provider. `sandbox`: the local stand-in plays it."""

    base_url: str
    api_key: str = field(repr=False)
    sandbox: bool = False


def from_environment() -> dict[str, ProviderSettings]:
    keys = {name: env.text(f"{name.upper()}_API_KEY") for name in ADDRESSES}
    play = env.flag("SANDBOX", default=not any(keys.values()))
    found = {name: _settings(name, key, play) for name, key in keys.items()}
    return {name: settings for name, settings in found.items() if settings}


def _settings(name: str, key: str, play: bool) -> ProviderSettings | None:
    if key:
        address = env.address(f"{name.upper()}_BASE_URL", ADDRESSES[name])
        return ProviderSettings(base_url=address, api_key=key)
    if play:
        path = ADDRESSES[name].split("/", 3)[3:]
        address = "/".join([SANDBOX_URL, name, *path])
        return ProviderSettings(base_url=address, api_key="sandbox", sandbox=True)
    return None
