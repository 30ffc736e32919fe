"""What somebody sat at, from what their browser says."""

from __future__ import annotations

import pytest

from accounts import devices

SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36 Edg/140.0"


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (SAFARI, "Safari on iPhone"),
        (EDGE, "Edge on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko Firefox/140.0", "Firefox on Linux"),
        ("python-requests/2", "A program"),
        ("", "A program"),
    ],
)
def test_devices_have_names_people_know(said, name):
    assert devices.named(said) == name


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("127.0.0.1", "this machine"),
        ("::1", "this machine"),
        ("192.168.1.7", "the local network"),
        ("8.8.8.8", ""),
        ("nonsense", ""),
    ],
)
def test_addresses_say_where_they_are_as_far_as_they_do(address, place):
    assert devices.place_of(address) == place
