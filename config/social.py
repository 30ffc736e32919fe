"""Signing in with Google or GitHub: each is offered where its client id and secret are set."""

from __future__ import annotations

from typing import Any

from config import env

#: name -> what is asked of it, and where its own page is
KNOWN: dict[str, dict[str, Any]] = {
    "github": {"SCOPE": ["user:email"], "page": "https://github.com"},
    "google": {"SCOPE": ["profile", "email"], "page": "https://accounts.google.com"},
}


def from_environment() -> dict[str, dict[str, Any]]:
    """As allauth wants it. Half of a pair of id and secret stops the start."""
    return {name: _provider(name) for name in KNOWN if _pair(name) != ("", "")}


def pages(configured: dict[str, dict[str, Any]]) -> list[str]:
    """Where their forms lead, for the Content-Security-Policy."""
    return [KNOWN[name]["page"] for name in configured]


def _provider(name: str) -> dict[str, Any]:
    client_id, secret = _pair(name)
    if not (client_id and secret):
        missing = f"{name.upper()}_CLIENT_{'SECRET' if client_id else 'ID'}"
        raise env.WrongSetting(missing, "", "the other half of a pair")
    return {
        "APP": {"client_id": client_id, "secret": secret},
        "SCOPE": KNOWN[name]["SCOPE"],
        "OAUTH_PKCE_ENABLED": True,
    }


def _pair(name: str) -> tuple[str, str]:
    return env.text(f"{name.upper()}_CLIENT_ID"), env.text(f"{name.upper()}_CLIENT_SECRET")
