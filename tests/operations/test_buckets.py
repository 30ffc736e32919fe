"""Nobody reads files in S3 without a link of ours."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.management import call_command
from django.test import Client

from accounts import keys
from tests.site import lives

CLOSED = {"BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"}


class Storage(BaseHTTPRequestHandler):
    """As much of S3 as making a bucket takes."""

    knows_blocks, made, closed = True, False, ""

    def do_HEAD(self):
        self._answer(200 if type(self).made else 404)

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
        if "publicAccessBlock" not in self.path:
            type(self).made = True
            self._answer(200)
        elif self.knows_blocks:
            type(self).closed += body
            self._answer(200)
        else:
            self._answer(501, b"<Error><Code>NotImplemented</Code></Error>")

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *said):
        """Nobody reads it."""


@pytest.fixture
def storage(settings) -> Iterator[type[Storage]]:
    kind = type("ThisStorage", (Storage,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.STORAGES = settings.STORAGES | dict.fromkeys(
        ["default", "links"], in_s3(f"http://127.0.0.1:{server.server_port}")
    )
    yield kind
    server.shutdown()
    server.server_close()


@pytest.fixture
def clip(alice):
    """Kept before the settings name a bucket."""
    return lives.delivered(lives.ordered(alice))


def in_s3(address: str) -> dict[str, object]:
    options = {
        "bucket_name": "clips",
        "endpoint_url": address,
        "region_name": "us-east-1",
        "access_key": "reelay-test",
        "secret_key": "a-secret-of-the-tests",
        "addressing_style": "path",
        "signature_version": "s3v4",
        "default_acl": None,
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


def test_a_bucket_is_closed_to_the_public_when_it_is_made_and_at_each_start(storage, capsys):
    call_command("make_bucket")
    assert set(re.findall(r"<(\w+)>true</", storage.closed)) == CLOSED

    storage.closed = ""
    call_command("make_bucket")

    assert set(re.findall(r"<(\w+)>true</", storage.closed)) == CLOSED
    told = capsys.readouterr()
    assert told.out == "The bucket clips was made.\nThe bucket clips is there.\n"
    assert told.err == ""


def test_a_storage_that_knows_no_such_block_is_told_of_and_used(storage, capsys):
    storage.knows_blocks = False

    call_command("make_bucket")

    told = capsys.readouterr()
    assert "was made" in told.out
    assert "Public access is not blocked by the storage itself" in told.err
    assert "NotImplemented" in told.err


def test_a_link_into_the_bucket_is_signed_and_opens_for_five_minutes(alice, clip, storage):
    key = {"HTTP_AUTHORIZATION": f"Bearer {keys.create(maker=alice, name='x').text}"}

    answer = Client().get(f"/api/v1/generations/{clip.public_id}/content", **key)

    assert answer.status_code == 302
    link = parse_qs(urlsplit(answer["Location"]).query)
    assert link["X-Amz-Expires"] == ["300"]
    assert link["X-Amz-Signature"]
    assert "no-store" in answer["Cache-Control"]
