"""What the settings of a real site are, without anybody asking for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
OF_A_REAL_SITE = {
    "DATABASE_URL": "postgresql://reelay@localhost/reelay",
    "REDIS_URL": "redis://localhost",
    "PUBLIC_URL": "https://clips.example",
    "SECRET_KEY": "example-" * 9,
    "RUNWARE_API_KEY": "example",
    "EMAIL_URL": "smtp://localhost",
    "S3_BUCKET": "clips",
}
TOLD = """
import json
from config import settings
print(json.dumps({n: v for n, v in vars(settings).items() if n.isupper()}, default=str))
"""


@pytest.fixture(scope="module")
def settings_of_a_real_site(tmp_path_factory) -> dict[str, Any]:
    var = tmp_path_factory.mktemp("var")
    done = subprocess.run(
        [sys.executable, "-c", TOLD],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "REELAY_VAR": str(var), **OF_A_REAL_SITE},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("DEBUG", False),
        ("SECURE_SSL_REDIRECT", True),
        ("SECURE_HSTS_SECONDS", 31_536_000),
        ("SECURE_HSTS_INCLUDE_SUBDOMAINS", True),
        ("SECURE_HSTS_PRELOAD", True),
        ("SECURE_CONTENT_TYPE_NOSNIFF", True),
        ("SECURE_REFERRER_POLICY", "same-origin"),
        ("SECURE_CROSS_ORIGIN_OPENER_POLICY", "same-origin"),
        ("SESSION_COOKIE_NAME", "__Host-sessionid"),
        ("SESSION_COOKIE_SECURE", True),
        ("SESSION_COOKIE_HTTPONLY", True),
        ("SESSION_COOKIE_AGE", 12 * 3600),
        ("SESSION_MOST_DAYS", 14),
        ("CSRF_COOKIE_NAME", "__Host-csrftoken"),
        ("CSRF_COOKIE_SECURE", True),
        ("CSRF_TRUSTED_ORIGINS", ["https://clips.example"]),
        ("STAFF_NEED_MFA", True),
        ("STAFF_IDLE_MINUTES", 30),
        ("KEYS_NEED_MFA", True),
        ("PASSWORD_RESET_TIMEOUT", 3600),
        ("DATA_UPLOAD_MAX_MEMORY_SIZE", 1 << 20),
        ("ACCOUNT_REAUTHENTICATION_REQUIRED", True),
        ("SANDBOX", False),
        ("S3_LINK_SECONDS", 300),
    ],
)
def test_it_is_safe_unasked(settings_of_a_real_site, name, wanted):
    assert settings_of_a_real_site[name] == wanted


def test_passwords_are_long_and_kept_by_argon2(settings_of_a_real_site):
    assert "Argon2" in settings_of_a_real_site["PASSWORD_HASHERS"][0]
    rules = settings_of_a_real_site["AUTH_PASSWORD_VALIDATORS"]
    assert {"min_length": 12} in [rule.get("OPTIONS") for rule in rules]
    named = [rule["NAME"].rpartition(".")[2] for rule in rules]
    assert {"LongestPasswordValidator", "KnownPasswordValidator"} < set(named)


def test_files_in_the_bucket_are_private_and_reached_by_signed_links_only(settings_of_a_real_site):
    for name in ("default", "links"):
        options = settings_of_a_real_site["STORAGES"][name]["OPTIONS"]
        assert (options["default_acl"], options["querystring_auth"]) == (None, True)


def test_it_answers_to_its_own_name_only_and_nothing_is_pickled(settings_of_a_real_site):
    hosts = settings_of_a_real_site["ALLOWED_HOSTS"]
    assert set(hosts) == {"127.0.0.1", "localhost", "[::1]", "clips.example"}
    assert "USE_X_FORWARDED_HOST" not in settings_of_a_real_site
    assert settings_of_a_real_site["CELERY"]["accept_content"] == ["json"]
