"""Killed, cut off, copied, damaged: the next start makes it good, or says what is wrong."""

import os
import shutil
import signal
import subprocess
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import redis

from config import services
from config.services import lodging
from config.services.places import Places, make_private
from config.services.postgres import Postgres
from tests.services.tools import (
    are_gone,
    arrival_of,
    keeper_of,
    kill,
    pids,
    processes,
    put_away,
    query,
    start_user,
    stop,
    wait_until,
)

pytestmark = pytest.mark.slow
on_linux = pytest.mark.skipif(not Path("/proc").exists(), reason="servers outlive a keeper here")


def test_killing_everything_at_once_loses_nothing(var):
    user = start_user(var)
    arrival_of(user)
    with services.attach(var) as attachment:
        query(attachment, "CREATE TABLE IF NOT EXISTS kept AS SELECT 'a red kite' AS prompt")
        everybody = processes(var)
        kill([psutil.Process(user.pid), *everybody])
    user.communicate()

    with services.attach(var) as attachment:
        assert query(attachment, "SELECT prompt FROM kept") == [("a red kite",)]
        assert set(pids(var).values()).isdisjoint({one.pid for one in everybody})


@on_linux
def test_a_killed_keeper_leaves_no_orphans_and_a_user_gets_a_new_one(var):
    with services.attach(var) as attachment:
        everybody = processes(var)
        everybody[0].kill()
        wait_until(lambda: are_gone(everybody))

        attachment.tend()

        wait_until(lambda: keeper_of(var) not in (0, everybody[0].pid))
        assert query(attachment, "SELECT 1") == [(1,)]


@pytest.mark.parametrize("name", ["postgres", "valkey"])
def test_a_killed_server_is_started_again(var, name):
    with services.attach(var) as attachment:
        before = pids(var)
        os.kill(before[name], signal.SIGKILL)

        wait_until(lambda: pids(var)[name] not in (0, before[name]))
        with services.attach(var):  # waits until both answer
            assert query(attachment, "SELECT 1") == [(1,)]
            assert pids(var)["keeper"] == before["keeper"]


def test_a_first_start_that_was_cut_off_is_made_again(fresh):
    user = start_user(fresh)
    wait_until(lambda: _unfinished(fresh))
    everyone = psutil.process_iter(["cmdline"])
    kill([one for one in everyone if str(fresh) in (one.info["cmdline"] or [])])
    user.communicate()

    with services.attach(fresh) as attachment:
        assert query(attachment, "SELECT 1") == [(1,)]
        assert not _unfinished(fresh)


def test_a_lock_file_that_names_an_unrelated_process_is_no_hindrance(var):
    services.attach(var).close()
    stop(var)
    found = lodging.find(Places.of(var))
    with subprocess.Popen(["sleep", "600"], cwd="/", **found.identity) as unrelated:
        lines = [unrelated.pid, found.data, 1, 5432, "/tmp", "", "1 1", "ready"]
        (found.data / "postmaster.pid").write_text("\n".join(map(str, lines)) + "\n")

        with services.attach(var) as attachment:
            assert query(attachment, "SELECT 1") == [(1,)]
        unrelated.kill()


def test_another_server_on_the_data_is_not_disturbed(var, tmp_path):
    services.attach(var).close()
    stop(var)
    with _server_of_somebody_else(lodging.find(Places.of(var)), tmp_path) as intruder:
        with pytest.raises(services.ServicesUnavailable, match=r"Another .*DATABASE_URL"):
            services.attach(var)

        assert intruder.poll() is None


def test_data_of_another_version_is_refused_with_advice(fresh):
    services.attach(fresh).close()
    stop(fresh)
    (lodging.find(Places.of(fresh)).data / "PG_VERSION").write_text("16\n")

    with pytest.raises(
        services.ServicesUnavailable, match=r"PostgreSQL 16.*PostgreSQL 18.*pg_dump"
    ):
        services.attach(fresh)


def test_a_server_that_cannot_start_is_reported_with_its_last_words(fresh):
    services.attach(fresh).close()
    stop(fresh)
    settings = lodging.find(Places.of(fresh)).data / "postgresql.conf"
    settings.write_text("no_such_setting = 1\n")

    with pytest.raises(services.ServicesUnavailable, match="DATABASE_URL") as caught:
        services.attach(fresh)

    assert "postgresql.conf" in str(caught.value)


def test_damaged_messages_are_put_aside(var):
    with services.attach(var) as attachment, redis.Redis.from_url(attachment.urls.redis_url) as one:
        one.set("colour", "red")
    stop(var)
    [journal] = (var / "valkey").glob("**/*.incr.aof")
    journal.write_bytes(b"this is no journal\r\n" * 9)

    with services.attach(var) as attachment, redis.Redis.from_url(attachment.urls.redis_url) as one:
        assert one.dbsize() == 0
        assert list(var.glob("valkey.damaged-*"))


def test_a_folder_that_is_deleted_while_in_use_begins_anew(fresh):
    with services.attach(fresh) as attachment:
        query(attachment, "CREATE TABLE clip ()")
        everybody = processes(fresh)
        shutil.rmtree(fresh)

        with services.attach(fresh) as attachment:
            assert query(attachment, "SELECT count(*) FROM pg_class WHERE relname = 'clip'") == [
                (0,)
            ]
            assert are_gone(everybody)


def test_sockets_that_are_swept_away_come_back(var):
    with services.attach(var) as attachment:
        shutil.rmtree(Places.of(var).sockets)
        wait_until(lambda: not (var / "services.json").exists())

        with services.attach(var):
            assert query(attachment, "SELECT 1") == [(1,)]


def test_a_copy_has_data_of_its_own_and_a_move_takes_it_along(fresh, tmp_path):
    with services.attach(fresh) as attachment:
        query(attachment, "CREATE TABLE clip ()")
    stop(fresh)
    copied, moved = tmp_path / "copied", tmp_path / "moved"
    shutil.copytree(fresh, copied)

    with services.attach(fresh) as original, services.attach(copied) as copy:
        query(copy, "CREATE TABLE only_in_the_copy ()")
        assert _tables(original) == ["clip"]
    stop(fresh)
    fresh.rename(moved)

    with services.attach(moved) as attachment, services.attach(fresh) as newcomer:
        assert _tables(attachment) == ["clip"]
        assert _tables(newcomer) == []
    put_away(copied)
    put_away(moved)


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user's data lies in the folder itself")
def test_data_of_a_deleted_temporary_folder_does_not_pile_up(fresh, tmp_path):
    deleted = tmp_path / "deleted"
    services.attach(deleted).close()
    home = lodging.find(Places.of(deleted)).home
    stop(deleted)
    shutil.rmtree(deleted)
    assert home.exists()

    services.attach(fresh).close()

    assert not home.exists()


@contextmanager
def _server_of_somebody_else(on: lodging.Lodging, tmp_path: Path):
    elsewhere = Places.of(tmp_path)
    make_private(elsewhere.sockets, 0o711)
    server = Postgres(elsewhere, on)
    server.prepare()
    process = server.spawn()
    try:
        wait_until((on.data / "postmaster.pid").exists)
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()
        shutil.rmtree(elsewhere.sockets)


def _tables(attachment: services.Attachment) -> list[str]:
    rows = query(attachment, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return [row[0] for row in rows]


def _unfinished(var: Path) -> list[Path]:
    """Data folders that initdb has not finished."""
    digest = Places.of(var).digest
    return [*var.glob("postgres.new-*/base"), *lodging.SHELF.glob(f"{digest}/postgres.new-*/base")]
