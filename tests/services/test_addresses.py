"""Addresses follow from the folder alone; nothing has to run."""

from pathlib import Path

import dj_database_url
import pytest

from config import services

LONGEST_SOCKET = 107


def test_addresses_are_the_same_every_time_and_differ_between_folders(tmp_path):
    here = services.urls(tmp_path / "var")

    assert here == services.urls(tmp_path / "var")
    assert here != services.urls(tmp_path / "other")


def test_addresses_do_not_depend_on_the_way_a_folder_is_named(tmp_path, monkeypatch):
    (tmp_path / "link").symlink_to(tmp_path / "var")
    monkeypatch.chdir(tmp_path)

    assert services.urls(Path("var")) == services.urls(tmp_path / "var")
    assert services.urls(tmp_path / "link") == services.urls(tmp_path / "var")


def test_addresses_do_not_depend_on_the_environment(tmp_path, monkeypatch):
    before = services.urls(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))

    assert services.urls(tmp_path) == before


def test_sockets_stay_within_the_limit_however_long_the_folder_is():
    addresses = services.urls(Path("/srv", *["a-long-name"] * 40))
    folder = dj_database_url.parse(addresses.database_url)["HOST"]

    assert len(f"{folder}/.s.PGSQL.5432") <= LONGEST_SOCKET
    assert len(addresses.redis_url.removeprefix("unix://")) <= LONGEST_SOCKET


def test_django_reads_the_database_from_the_address():
    settings = dj_database_url.parse(services.urls(Path("/srv/reelay/var")).database_url)

    assert settings["ENGINE"] == "django.db.backends.postgresql"
    assert settings["HOST"].startswith("/")
    assert (settings["USER"], settings["NAME"]) == ("postgres", "reelay")


@pytest.mark.parametrize(
    ("redis_url", "broker_url"),
    [
        ("unix:///tmp/a/valkey.sock", "redis+socket:///tmp/a/valkey.sock"),
        ("unix:///tmp/a/valkey.sock?db=3", "redis+socket:///tmp/a/valkey.sock?virtual_host=3"),
        ("redis://cache.example.com:6379/1", "redis://cache.example.com:6379/1"),
        ("rediss://:secret@cache.example.com/0", "rediss://:secret@cache.example.com/0"),
    ],
)
def test_celery_gets_the_same_redis_in_its_own_words(redis_url, broker_url):
    assert services.celery_broker_url(redis_url) == broker_url
