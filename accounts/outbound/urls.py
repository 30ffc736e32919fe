"""
Which URLs may be written at all: judged by their text, without asking the network anything.

This refuses early and kindly. The judgement that counts is made at the socket (`names.py`),
because many spellings of a private address look like something else (reliability.md M17).
"""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Collection
from dataclasses import dataclass

import httpx

from accounts import security
from accounts.outbound.addresses import Guard, as_address, is_public
from accounts.outbound.errors import ForbiddenAddress

MAX_LENGTH = 2048
DEFAULT_PORTS = {"http": 80, "https": 443}
WEB = frozenset(DEFAULT_PORTS)

#: Names that mean a machine of one's own network, with everything below them.
INSIDE_NAMES = (
    "corp",
    "home",
    "home.arpa",
    "internal",
    "intranet",
    "lan",
    "local",
    "localdomain",
    "localhost",
    "private",
)

_FORM = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<rest>[^#]*)")
_AUTHORITY = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^:\[\]@%]+)(?::(?P<port>[0-9]{0,5}))?")
_FORBIDDEN_CHARACTERS = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029\ud800-\udfff\ufeff]")
_NAME = re.compile(r"(?=.{1,253}\Z)(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_VISIBLE = "".join(map(chr, range(0x21, 0x7F)))


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart once; the same parts are judged, dialled and sent."""

    scheme: str
    host: str  # a lower-case ASCII name, or an address without brackets
    port: int
    path: str  # with the query, as it was written, so that signatures stay right

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"

    def __str__(self) -> str:
        """Without what may be a secret, for messages and logs."""
        path, question_mark, _ = self.path.partition("?")
        return f"{self.scheme}://{self.authority}{path}{question_mark and '?…'}"


def check_url(
    url: str,
    guard: Guard,
    *,
    schemes: Collection[str] = WEB,
    ports: Collection[int] | None = None,
) -> None:
    """
    Form and literal addresses only, without any network: for the request that brings the URL.

    :raises ForbiddenAddress: if the URL can never be fetched.
    """
    parse(url, guard, schemes=schemes, ports=ports)


def parse(
    url: str,
    guard: Guard,
    *,
    schemes: Collection[str] = WEB,
    ports: Collection[int] | None = None,
) -> Target:
    """
    The parts of a URL that may be fetched. `ports` limits them; None means any.

    :raises ForbiddenAddress: saying which rule the URL breaks.
    """
    form = _form(url)
    scheme = form["scheme"].lower()
    if scheme not in schemes or scheme not in WEB:
        raise ForbiddenAddress(f"The link must begin with {_either(schemes)}.")

    host, port = _host_and_port(form["authority"], DEFAULT_PORTS[scheme])
    if ports is not None and port not in ports:
        raise ForbiddenAddress(f"The link names port {port}, which is not used for such files.")
    if not guard.allows(host, port):
        _judge_host(host)
    return Target(scheme, host, port, _path(form["rest"]))


def _form(url: str) -> re.Match[str]:
    if len(url) > MAX_LENGTH:
        raise ForbiddenAddress(f"The link is longer than {MAX_LENGTH} characters.")
    if _FORBIDDEN_CHARACTERS.search(url):
        raise ForbiddenAddress("The link contains a space, a backslash or a control character.")
    form = _FORM.fullmatch(url)
    if form is None:
        raise ForbiddenAddress("The link is not a complete address without a fragment (#).")
    return form


def _host_and_port(authority: str, default_port: int) -> tuple[str, int]:
    if "@" in authority:
        raise ForbiddenAddress("The link contains a user name or a password.")
    parts = _AUTHORITY.fullmatch(authority)
    if parts is None:
        raise ForbiddenAddress("The link's host is not a name or an address.")
    port = int(parts["port"] or default_port)
    if not 0 < port < 65536:
        raise ForbiddenAddress(f"The link names port {port}, which does not exist.")
    return _ascii_host(parts["host"]), port


def _ascii_host(host: str) -> str:
    """Lower case, in the ASCII form that goes over the wire, without the final dot."""
    try:
        encoded = httpx.URL(f"http://{host}/").raw_host.decode("ascii")
    except (httpx.InvalidURL, UnicodeError):
        raise ForbiddenAddress("The link's host is not a name or an address.") from None
    host = encoded.removesuffix(".")
    return as_address(host) or host


def _judge_host(host: str) -> None:
    if as_address(host):
        if not is_public(host):
            raise _refused(host, f"{host} is not a public address.")
    elif not _NAME.fullmatch(host) or _NUMBER.fullmatch(host.rpartition(".")[2]):
        # A name that ends in a number is an address in disguise: 127.1, 0x7f.1, 2130706433.
        raise _refused(host, "The link's host is not a name or an address as usually written.")
    elif "." not in host or any(f".{host}".endswith(f".{name}") for name in INSIDE_NAMES):
        raise _refused(host, f"{host} is not a public name.")


def _refused(host: str, why: str) -> ForbiddenAddress:
    security.note("address.refused", host=host)
    return ForbiddenAddress(why)


def _path(rest: str) -> str:
    rest = rest if rest.startswith("/") else f"/{rest}"
    return urllib.parse.quote(rest, safe=_VISIBLE)


def _either(schemes: Collection[str]) -> str:
    return " or ".join(f"{scheme}://" for scheme in sorted(schemes))
