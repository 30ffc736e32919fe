"""Over TLS the name stays the name, although the connection goes to a judged address."""

from __future__ import annotations

import datetime
import io
import socket
import ssl
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from accounts.outbound import errors
from accounts.outbound.addresses import Guard
from generations.media.fetch import fetch
from tests.generations.media.servers import canary, file, redirect, serving


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """For cdn.example.com, signed by itself: the path of the certificate and of the key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "cdn.example.com")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("cdn.example.com")]), False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def theirs(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.names = []
    context.sni_callback = lambda socket, name, context: context.names.append(name)
    return context


@pytest.fixture
def ours(certificate):
    return ssl.create_default_context(cadata=certificate.read_text())


def bring(url, server, tls, **options):
    return fetch(
        url.replace("{port}", str(server.port)),
        into=io.BytesIO(),
        guard=Guard(frozenset({server.pair})),
        max_bytes=1 << 20,
        timeout_total=5,
        tls=tls,
        resolve=lambda host, port: ["127.0.0.1"],
        **options,
    )


def test_the_certificate_and_the_server_name_are_those_of_the_link(theirs, ours):
    with serving(file(b"clip"), tls=theirs) as server:
        fetched = bring("https://cdn.example.com:{port}/", server, ours)

    assert fetched.bytes == 4
    assert theirs.names == ["cdn.example.com"]
    assert f"Host: cdn.example.com:{server.port}\r\n" in server.requests[0]


def test_a_certificate_of_another_name_is_not_believed(theirs, ours):
    with (
        serving(file(b"clip"), tls=theirs) as server,
        pytest.raises(errors.Unreachable, match="secure"),
    ):
        bring("https://other.example.com:{port}/", server, ours)

    assert server.requests == []


def test_a_certificate_that_nobody_vouches_for_is_not_believed(theirs):
    with (
        serving(file(b"clip"), tls=theirs) as server,
        pytest.raises(errors.Unreachable, match="secure"),
    ):
        bring("https://cdn.example.com:{port}/", server, None)


def test_a_redirect_never_leaves_tls(theirs, ours):
    with canary() as plain:
        location = f"http://cdn.example.com:{plain.port}/"
        with (
            serving(redirect(location), tls=theirs) as server,
            pytest.raises(errors.ForbiddenAddress, match="not secure"),
        ):
            bring("https://cdn.example.com:{port}/", server, ours, redirects=3)

        assert plain.connections == 0


def test_a_server_that_never_shakes_hands_is_left_after_the_connect_timeout(ours):
    started = time.monotonic()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        pair = listener.getsockname()
        with pytest.raises(errors.Unreachable):
            fetch(
                f"https://127.0.0.1:{pair[1]}/",
                into=io.BytesIO(),
                guard=Guard(frozenset({pair})),
                max_bytes=1,
                timeout_total=5,
                connect_timeout=0.2,
                tls=ours,
            )

    assert time.monotonic() - started < 2
