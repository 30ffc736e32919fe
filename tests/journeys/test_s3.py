"""Clips in S3-compatible storage: kept private, opened by links that cannot be bent."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from django.core.management import CommandError, call_command

from tests.journeys.site import Site, wait_until

pytestmark = pytest.mark.slow

KEY, SECRET, BUCKET = "reelay-test", "a-secret-of-the-tests", "clips"


@pytest.fixture(scope="module")
def s3(tmp_path_factory) -> Iterator[str]:
    """`rclone serve s3`: it really checks signatures and expiry."""
    folder, port = tmp_path_factory.mktemp("s3"), free_port()
    (folder / BUCKET).mkdir()
    rclone = shutil.which("rclone") or str(Path(sys.executable).with_name("rclone"))
    options = ["--addr", f"127.0.0.1:{port}", "--auth-key", f"{KEY},{SECRET}"]
    command = [rclone, "serve", "s3", *options, "--config", "/dev/null", str(folder)]
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    wait_until(lambda: accepts(port))
    yield f"http://127.0.0.1:{port}"
    server.terminate()
    server.wait(10)


@pytest.fixture(scope="module")
def shop(s3, tmp_path_factory) -> Iterator[Site]:
    environment = {
        "S3_BUCKET": BUCKET,
        "S3_ENDPOINT_URL": s3,
        "S3_ACCESS_KEY_ID": KEY,
        "S3_SECRET_ACCESS_KEY": SECRET,
        "SANDBOX_RENDER_SECONDS": "1",
    }
    site = Site(tmp_path_factory.mktemp("shop"), environment=environment).start()
    yield site
    assert site.stop() == 0


def test_a_clip_is_kept_in_the_bucket_and_opens_by_a_signed_link_only(shop, s3):
    customer = shop.customer()
    [done] = customer.finished(customer.order()["id"])
    assert done["status"] == "succeeded", done

    sent = customer.api.get(f"/generations/{done['id']}/content", follow_redirects=False)
    assert sent.status_code == 302
    link = sent.headers["location"]
    assert link.startswith(s3)
    assert len(httpx.get(link).raise_for_status().content) == done["clip"]["bytes"]

    bare = urlsplit(link)._replace(query="").geturl()
    bent = link.replace("X-Amz-Signature=", "X-Amz-Signature=0")
    assert httpx.get(bare).status_code in (400, 403)
    assert httpx.get(bent).status_code in (400, 403)
    assert "The books are right" in shop.audit()


def test_the_bucket_is_made_at_the_first_start_and_found_at_the_next(s3, settings, capsys):
    options = {"bucket_name": "fresh", "endpoint_url": s3, "region_name": "us-east-1"}
    keys = {"access_key": KEY, "secret_key": SECRET, "addressing_style": "path"}
    s3_storage = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options | keys}
    settings.STORAGES = settings.STORAGES | {"default": s3_storage}

    call_command("make_bucket")
    call_command("make_bucket")
    assert capsys.readouterr().out.split("\n")[:2] == [
        "The bucket fresh was made.",
        "The bucket fresh is there.",
    ]

    options["secret_key"] = "another"
    s3_storage = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": keys | options}
    settings.STORAGES = settings.STORAGES | {"default": s3_storage}
    with pytest.raises(CommandError, match="does not show the bucket fresh"):
        call_command("make_bucket")


def test_without_a_bucket_in_the_settings_none_is_made(capsys):
    call_command("make_bucket")

    assert "kept in a folder" in capsys.readouterr().out


def test_a_deleted_clip_leaves_the_bucket(shop):
    customer = shop.customer()
    [done] = customer.finished(customer.order()["id"])
    content = f"/generations/{done['id']}/content"
    link = customer.api.get(content, follow_redirects=False).headers["location"]

    customer.api.delete(f"/generations/{done['id']}").raise_for_status()

    assert httpx.get(link).status_code == 404
    assert customer.api.get(content).status_code == 404


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def accepts(port: int) -> bool:
    with socket.socket() as probe:
        time.sleep(0.1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
