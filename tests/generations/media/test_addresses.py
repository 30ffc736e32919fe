"""Which addresses are public, and what the operator may add."""

from __future__ import annotations

import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.outbound.addresses import Guard, is_public, parse_allow
from tests.generations.media import spellings


@pytest.mark.parametrize("address", [*spellings.INSIDE_V4, *spellings.SPECIAL_V4])
def test_special_ipv4_addresses_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", spellings.INSIDE_V6)
def test_special_ipv6_addresses_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", spellings.PUBLIC)
def test_ordinary_addresses_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize("text", ["", "example.com", "127.1", "2001:4860:4860::8888%eth0", "::g"])
def test_text_that_is_no_plain_address_is_not_public(text):
    assert not is_public(text)


@given(st.ip_addresses(v=4))
def test_an_ipv6_address_is_as_public_as_the_ipv4_address_it_carries(address):
    number = int(address)
    carriers = (
        number,  # compatible
        0xFFFF << 32 | number,  # mapped
        0x64FF9B << 96 | number,  # NAT64
        0x2002 << 112 | number << 80,  # 6to4
    )

    answers = {is_public(ipaddress.IPv6Address(carrier)) for carrier in carriers}

    assert answers == {is_public(address)}


@given(st.ip_addresses(v=4))
def test_the_library_never_calls_private_what_we_call_public(address):
    if is_public(address):
        assert address.is_global
        assert not address.is_multicast
        assert not address.is_reserved


@given(st.ip_addresses(v=6, network="2000::/3"))
def test_text_and_object_are_judged_alike(address):
    assert is_public(str(address)) == is_public(address)


def test_the_operators_pairs_are_read():
    pairs = parse_allow(" 127.0.0.1:9000, Localhost.:8010 ,[0:0::1]:9000,,")

    assert pairs == {("127.0.0.1", 9000), ("localhost", 8010), ("::1", 9000)}
    assert parse_allow("") == frozenset()


@pytest.mark.parametrize(
    "text", ["localhost", "localhost:", ":80", "localhost:http", "localhost:0", "a:65536", "a:٣"]
)
def test_a_pair_that_is_none_is_named(text):
    with pytest.raises(ValueError, match="host:port"):
        parse_allow(text)


def test_a_pair_opens_one_port_of_one_host_and_nothing_else():
    guard = Guard(parse_allow("127.0.0.1:9000,minio:9000"))

    assert guard.permits("127.0.0.1", host="127.0.0.1", port=9000)
    assert guard.permits("10.0.0.7", host="minio", port=9000)
    assert guard.permits("127.0.0.1", host="cdn.example.com", port=9000)
    assert not guard.permits("127.0.0.1", host="127.0.0.1", port=9001)
    assert not guard.permits("10.0.0.7", host="other", port=9000)
    assert not guard.permits("127.0.0.2", host="127.0.0.2", port=9000)


@pytest.mark.parametrize("spelling", spellings.v4_spellings())
def test_our_odd_spellings_are_really_read_as_addresses_by_this_machine(spelling):
    """Otherwise the tests that refuse them would prove nothing."""
    found = socket.getaddrinfo(spelling, 80, type=socket.SOCK_STREAM)

    assert {address[0] for *_, address in found} <= set(spellings.INSIDE_V4)
