"""`make check` knows which versions are unsafe, and says so when nobody could be asked."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKED = (ROOT / "requirements.txt").read_text()
NOBODY = "http://127.0.0.1:1/"


class Database(BaseHTTPRequestHandler):
    """It knows of one fault, in Django."""

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
        known = {"vulns": [{"id": "GHSA-of-the-test"}]}
        found = [known if one["package"]["name"] == "django" else {} for one in asked]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"results": found}).encode())

    def log_message(self, *said):
        """Nobody reads it."""


@pytest.fixture
def database():
    server = HTTPServer(("127.0.0.1", 0), Database)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def checked(tmp_path, locked: str, at: str) -> subprocess.CompletedProcess[str]:
    (tmp_path / "locked.txt").write_text(locked)
    return subprocess.run(
        [sys.executable, ROOT / ".ci" / "advisories.py", tmp_path / "locked.txt"],
        env={"OSV_URL": at},
        capture_output=True,
        text=True,
    )


def test_what_is_locked_is_above_the_floors_and_a_skip_is_said(tmp_path):
    done = checked(tmp_path, LOCKED, NOBODY)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "SKIPPED: no advisory was looked up" in done.stdout


@pytest.mark.parametrize("old", ["django==5.2.18", "stripe==15.6.2", "pillow==12.9"])
def test_an_old_version_fails_without_any_network(tmp_path, old):
    name = old.partition("=")[0]
    rest = [line for line in LOCKED.splitlines() if not line.startswith(f"{name}==")]

    done = checked(tmp_path, "\n".join([*rest, old]), NOBODY)

    assert done.returncode == 1
    assert f"{name} {old.rpartition('=')[2]}: it takes" in done.stdout


def test_what_the_database_knows_fails_and_is_named(tmp_path, database):
    done = checked(tmp_path, LOCKED, database)

    assert done.returncode == 1
    assert "GHSA-of-the-test" in done.stdout
    assert done.stdout.count("\n") == 1
