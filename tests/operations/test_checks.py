"""`manage.py check` stops what would be dangerous, and says what to do."""

from __future__ import annotations

import pytest
from django.core.checks import run_checks

from config import env


@pytest.fixture
def faults(settings):
    """The ids of what is said of these settings."""

    def found(**changes: object) -> set[str]:
        for name, value in changes.items():
            setattr(settings, name, value)
        return {one.id for one in run_checks() if one.id and one.id.startswith("config.")}

    return found


def test_settings_of_a_machine_of_ones_own_are_fine(faults):
    assert faults() == set()


@pytest.mark.parametrize(
    ("fault", "changes"),
    [
        ("config.E001", {"SECRET_KEY": "short"}),
        ("config.E002", {"PROVIDERS": {}}),
        ("config.E005", {"STRIPE_SECRET_KEY": "pk_live_0123456789"}),
        ("config.E006", {"STRIPE_SECRET_KEY": "sk_test_0123456789", "STRIPE_WEBHOOK_SECRET": ""}),
        (
            "config.E007",
            {"STRIPE_SECRET_KEY": "sk_live_0123456789", "STRIPE_API_BASE": "http://127.0.0.1:1"},
        ),
        ("config.E008", {"STRIPE_API_BASE": "http://127.0.0.1:1", "SANDBOX_PLAYS_ALL": False}),
        ("config.E009", {"MEDIA_HOST": "clips.example", "SITE_URL": "https://clips.example"}),
        ("config.W001", {"SANDBOX": True, "PUBLIC_URL": "https://clips.example"}),
    ],
)
def test_what_is_dangerous_is_named(faults, fault, changes):
    assert fault in faults(**changes)


@pytest.mark.parametrize("wrong", ["https://media.example", "media.example/files", "a host"])
def test_a_host_of_files_that_is_none_stops_the_start(monkeypatch, wrong):
    monkeypatch.setenv("MEDIA_HOST", wrong)

    with pytest.raises(env.WrongSetting, match="MEDIA_HOST"):
        env.host("MEDIA_HOST")
