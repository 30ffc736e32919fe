"""
Which providers are on, with what key and address: read from the environment, once.

A provider without a key is off; with no key at all the sandbox plays every provider
(DESIGN section 9). `SANDBOX=1` lets it play the ones without a key beside real ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from config import env
from generations.providers import REGISTRY

SANDBOX_URL = env.address("SANDBOX_URL", "http://127.0.0.1:8010")


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """How to reach one provider. `sandbox`: the local stand-in plays it."""

    base_url: str
    api_key: str = field(repr=False)
    sandbox: bool = False
    options: dict[str, str] = field(default_factory=dict)


def from_environment() -> dict[str, ProviderSettings]:
    keys = {name: env.text(f"{name.upper()}_API_KEY") for name in REGISTRY}
    play = _plays()
    found = {name: _settings(name, key, play) for name, key in keys.items()}
    return {name: settings for name, settings in found.items() if settings}


def nothing_is_real() -> bool:
    """Whether the sandbox plays every provider, so that only play money may buy clips."""
    return not any(env.text(f"{name.upper()}_API_KEY") for name in REGISTRY) and _plays()


def missing_options(name: str, chosen: ProviderSettings) -> list[str]:
    """The settings that this provider cannot do without and that are not set."""
    wanted = REGISTRY[name].needs
    return [f"{name}_{option}".upper() for option in wanted if not chosen.options.get(option)]


def _plays() -> bool:
    any_key = any(env.text(f"{name.upper()}_API_KEY") for name in REGISTRY)
    return env.flag("SANDBOX", default=not any_key)


def _settings(name: str, key: str, play: bool) -> ProviderSettings | None:
    company = REGISTRY[name]
    options = [*company.needs, *company.takes]
    if key:
        return ProviderSettings(
            base_url=env.address(f"{name.upper()}_BASE_URL", company.address),
            api_key=key,
            options={option: env.text(f"{name}_{option}".upper()) for option in options},
        )
    if play:
        path = company.address.split("/", 3)[3:]
        return ProviderSettings(
            base_url="/".join([SANDBOX_URL, name, *path]),
            api_key="sandbox",
            sandbox=True,
            options=dict.fromkeys(options, "sandbox"),
        )
    return None
