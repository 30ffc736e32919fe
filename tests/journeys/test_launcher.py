"""One command starts everything, for anybody, anywhere, again and again."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import psutil
import pytest

from tests.journeys.site import CHECKOUT, Customer, Site, wait_until
from tests.services.tools import SITE_PACKAGES, identity_of, python_for

pytestmark = pytest.mark.slow

SOMEBODY = 64123  # an ordinary user of no name


def a_checkout(folder: Path) -> Path:
    """A copy of the project's files, as a clone would have them."""
    names = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    for name in names:
        if not name.startswith(("tests/", "docs/")) and (CHECKOUT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / name, folder / name)
    return folder


def a_virtual_environment(folder: Path) -> str:
    """With the packages of ours, for a user who may not enter the home our own Python lies in."""
    python = python_for(SOMEBODY)
    subprocess.run([python, "-m", "venv", "--without-pip", folder], check=True)
    [packages] = folder.glob("lib/python3*/site-packages")
    (packages / "ours.pth").write_text(str(SITE_PACKAGES))
    return str(folder / "bin" / "python")


def everything_of(site: Site) -> list[psutil.Process]:
    assert site.process
    note = site.var / "services.json"
    wait_until(note.exists)
    found = [psutil.Process(site.process.pid)]
    found += [psutil.Process(pid) for pid in site.pids().values()]
    found += [one for one in psutil.process_iter() if is_keeper_of(one, site.var)]
    found += [child for one in found for child in one.children(recursive=True)]
    return list({one.pid: one for one in found}.values())


def is_keeper_of(one: psutil.Process, var: Path) -> bool:
    try:
        line = one.cmdline()
    except psutil.Error:
        return False
    return "config.services.keeper" in line and str(var) in line


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_an_ordinary_user_runs_it_in_a_private_home():
    home = Path(tempfile.mkdtemp(prefix="reelay-home-"))  # 0700, where anybody may go
    try:
        checkout = a_checkout(home / "reelay")
        python = a_virtual_environment(home / "venv")
        subprocess.run(["chown", "-R", f"{SOMEBODY}:{SOMEBODY}", home], check=True)
        site = Site(
            checkout / "var",
            checkout=checkout,
            python=python,
            environment={"HOME": str(home)},
            **identity_of(SOMEBODY),
        ).start()
        try:
            customer = site.customer()
            [done] = customer.finished(customer.order()["id"])
        finally:
            assert site.stop() == 0
            wait_until(lambda: not (site.var / "services.json").exists())
        assert done["status"] == "succeeded", done
        assert home.stat().st_mode & 0o777 == 0o700
    finally:
        shutil.rmtree(home)


@pytest.mark.skipif(os.geteuid() != 0, reason="as root, in a home only root may enter")
def test_root_runs_it_in_a_private_home_and_leaves_that_closed(tmp_path):
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    site = Site(home / "var").start()
    try:
        assert httpx.get(f"{site.url}/readyz").status_code == 200
    finally:
        assert site.stop() == 0
    assert home.stat().st_mode & 0o777 == 0o700


def test_two_run_side_by_side_and_know_nothing_of_each_other(site, tmp_path):
    other = Site(tmp_path / "other").start()
    try:
        stranger, native = other.customer(), site.customer()
        assert other.url != site.url
        assert stranger.wallet()["available"] == "25.00"
        with pytest.raises(httpx.HTTPStatusError, match="401"):
            Customer(site.url, stranger.key).wallet()
        assert native.wallet()["available"] == "25.00"
    finally:
        assert other.stop() == 0


def test_after_kill_9_of_everything_the_next_start_goes_on(tmp_path):
    """Runware can be asked what became of it, whenever that was; not all of them can."""
    site = Site(tmp_path / "var").start()
    customer = site.customer()
    order = customer.order(provider="runware")

    for one in everything_of(site):
        if one.is_running():
            one.kill()
    site.ended()
    site.start()

    again = Customer(site.url, customer.key)
    [done] = again.finished(order["id"])
    assert done["status"] == "succeeded", done
    assert again.transactions(order["id"]) == ["hold", "capture"]
    assert "The books are right" in site.audit()
    assert site.stop() == 0


def test_it_stops_cleanly_and_leaves_no_process_behind(tmp_path):
    site = Site(tmp_path / "var").start()
    everything = everything_of(site)
    assert site.process

    site.process.send_signal(signal.SIGTERM)

    assert site.ended() == 0
    wait_until(lambda: not any(one.is_running() for one in everything))


def test_a_taken_port_is_said_in_plain_words(tmp_path):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        done = run_for_a_moment(tmp_path, PORT=str(port))

    assert done.returncode == 1
    assert f"port {port} is taken. Set PORT" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PORT", "eighty", "PORT='eighty' is not a whole number"),
        ("DEBUG", "maybe", "DEBUG='maybe' is not 1 or 0"),
        (
            "STAFF_ADDRESSES",
            "the office",
            "STAFF_ADDRESSES='the office' is not an address or a net",
        ),
        (
            "OUTBOUND_ALLOW",
            "10.0.0.7:9000,127.0.0.0/8",
            "OUTBOUND_ALLOW='127.0.0.0/8' is not a host and a port",
        ),
        ("PUBLIC_URL", "clips.example", "PUBLIC_URL='clips.example' is not an address"),
        ("SECRET_KEY", "short", "SECRET_KEY is shorter"),
        ("SANDBOX", "0", "No provider is on"),
    ],
)
def test_a_wrong_setting_stops_the_start_and_is_named(tmp_path, name, value, words):
    done = run_for_a_moment(tmp_path, **{"PORT": "0", name: value})

    assert done.returncode == 1
    assert words in done.stdout + done.stderr


def test_an_idle_site_does_next_to_nothing_and_asks_nobody(tmp_path):
    site = Site(tmp_path / "var").start()
    try:
        time.sleep(15)  # starting is over
        everything = everything_of(site)
        before, asked = computed(everything), site.sandbox("GET", "/control/counters")
        time.sleep(20)
        share = (computed(everything) - before) / 20
        assert site.sandbox("GET", "/control/counters") == asked
        assert share < 0.02, f"{share:.1%} of a core"
        memory = sum(one.memory_full_info().pss for one in everything_of(site))
        assert memory < 1.2e9, f"{memory / 1e6:.0f} MB"
    finally:
        site.stop()


def computed(everything: list[psutil.Process]) -> float:
    """CPU seconds of all of them."""
    return sum(sum(one.cpu_times()[:2]) for one in everything if one.is_running())


def run_for_a_moment(var: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    site = Site(var, environment=environment)
    return subprocess.run(
        [sys.executable, "-m", "config.launch", "run"],
        cwd=CHECKOUT,
        env=site.environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
