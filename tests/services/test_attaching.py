"""Starting the services, sharing them, leaving them."""

import os
import socket
import stat
import time
from pathlib import Path

import psutil
import pytest
import redis

from config import services
from config.services import lodging
from config.services.places import Places
from tests.services.tools import (
    are_gone,
    arrival_of,
    can_run,
    dismiss,
    identity_of,
    keeper_of,
    pids,
    processes,
    put_away,
    python_for,
    query,
    start_user,
    wait_until,
)

pytestmark = pytest.mark.slow

NOBODY, SOMEBODY = 65534, 65533


def test_both_services_are_real_and_durable(var):
    with services.attach(var) as attachment:
        [settings] = query(
            attachment,
            "SELECT current_setting('server_version_num')::int / 10000, current_setting("
            "'server_encoding'), current_setting('data_checksums'), current_setting('fsync'), "
            "current_setting('synchronous_commit'), datlocale FROM pg_database "
            "WHERE datname = current_database()",
        )
        with redis.Redis.from_url(attachment.urls.redis_url) as valkey:
            kept = {**valkey.config_get("append*"), **valkey.config_get("maxmemory-policy")}

    assert settings == (18, "UTF8", "on", "on", "on", "C.UTF-8")
    assert (kept["appendonly"], kept["maxmemory-policy"]) == ("yes", "noeviction")


def test_nothing_listens_on_the_network(var):
    with services.attach(var):
        servers = [psutil.Process(pid) for pid in pids(var).values()]
        sockets = [each for server in servers for each in server.net_connections(kind="inet")]

    assert sockets == []


def test_a_second_user_shares_what_runs(var):
    with services.attach(var):
        before = pids(var)
        with services.attach(var):
            assert pids(var) == before


def test_users_who_come_at_once_get_one_keeper(var):
    users = [start_user(var) for _ in range(4)]
    for user in users:
        arrival_of(user)

    wait_until(lambda: _keepers(var) == [keeper_of(var)])  # the others find out and leave
    dismiss(*users)


def test_data_outlives_a_stop(var):
    with services.attach(var) as attachment:
        query(attachment, "CREATE TABLE clip AS SELECT 'a red kite' AS prompt")
        with redis.Redis.from_url(attachment.urls.redis_url) as valkey:
            valkey.set("colour", "red")
        everybody = processes(var)
    wait_until(lambda: are_gone(everybody))

    with services.attach(var) as attachment:
        assert query(attachment, "SELECT prompt FROM clip") == [("a red kite",)]
        with redis.Redis.from_url(attachment.urls.redis_url) as valkey:
            assert valkey.get("colour") == b"red"


def test_the_last_user_who_leaves_puts_out_the_light(var):
    first, second = services.attach(var), services.attach(var)
    everybody = processes(var)
    first.close()
    time.sleep(1.8)  # longer than a keeper lingers
    assert not are_gone(everybody[:1])

    second.close()
    second.close()  # twice is fine

    wait_until(lambda: are_gone(everybody))
    assert not (var / "services.json").exists()


def test_a_user_who_is_killed_has_left_though_its_children_live_on(var):
    user = start_user(var)
    child = psutil.Process(arrival_of(user)["child"])
    everybody = processes(var)

    user.kill()

    wait_until(lambda: are_gone(everybody))
    assert child.is_running()
    child.kill()
    user.communicate()


def test_two_folders_do_not_know_of_each_other(tmp_path, var):
    other = tmp_path / "other"
    with services.attach(var) as ours, services.attach(other) as theirs:
        query(ours, "CREATE TABLE ours ()")

        assert query(theirs, "SELECT count(*) FROM pg_class WHERE relname = 'ours'") == [(0,)]
        assert set(pids(var).values()).isdisjoint(pids(other).values())
    put_away(other)


def test_a_private_home_and_a_long_path_are_fine_and_stay_as_they_are(tmp_path):
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    var = home.joinpath(*["a-rather-long-name-of-a-folder"] * 6, "var")
    with services.attach(var) as attachment:
        assert query(attachment, "SELECT 1") == [(1,)]

    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700
    put_away(var)


def test_somebody_elses_socket_folder_is_refused(tmp_path):
    var = tmp_path / "var"
    folder = Path(services.urls(var).redis_url.removeprefix("unix://")).parent
    if os.geteuid() != 0:
        pytest.skip("only root can make a folder of somebody else")
    folder.mkdir()
    os.chown(folder, SOMEBODY, SOMEBODY)

    with pytest.raises(services.ServicesUnavailable, match=r"belongs to user 65533.*DATABASE_URL"):
        services.attach(var)
    folder.rmdir()


def test_no_other_user_of_the_machine_gets_in(var):
    if os.geteuid() != 0:
        pytest.skip("only root can try as somebody else")
    with services.attach(var) as attachment:
        psql = str(lodging.find(Places.of(var)).install / "bin" / "psql")
        select = [psql, attachment.urls.database_url, "-c", "SELECT 1"]

        assert [uid for uid in (0, NOBODY, SOMEBODY) if can_run(select, uid)] == [0]
        assert not any(_reaches(uid, attachment.urls.redis_url) for uid in (NOBODY, SOMEBODY))
        intruder = start_user(var.parent, python=python_for(SOMEBODY), **identity_of(SOMEBODY))
        assert "belongs to another user" in intruder.communicate()[1]


def _keepers(var: Path) -> list[int]:
    everyone = psutil.process_iter(["cmdline"])
    return [one.pid for one in everyone if {str(var), "--detach"} <= set(one.info["cmdline"] or [])]


def _reaches(uid: int, redis_url: str) -> bool:
    """Whether this user can connect to a socket; tried in a process of its own."""
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(uid)
        os.setuid(uid)
        try:
            socket.socket(socket.AF_UNIX).connect(redis_url.removeprefix("unix://"))
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0
