"""
Reads the environment, strictly and typed: a wrong value stops the start and says which one.

Every reader also honours NAME_FILE, so that secrets can be mounted as files.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


class WrongSetting(Exception):
    """A variable of the environment has a value that cannot be understood."""

    def __init__(self, name: str, value: str, wanted: str) -> None:
        super().__init__(f"{name}={value!r} is not {wanted}. Set it right or unset it.")


def text(name: str, default: str = "") -> str:
    if path := os.environ.get(f"{name}_FILE"):
        return _contents(f"{name}_FILE", path)
    return os.environ.get(name, default).strip()


def flag(name: str, default: bool = False) -> bool:
    value = text(name, "1" if default else "0").lower()
    if value not in TRUE | FALSE:
        raise WrongSetting(name, value, "1 or 0")
    return value in TRUE


def integer(name: str, default: int, *, least: int | None = None) -> int:
    value = text(name, str(default))
    try:
        number = int(value)
    except ValueError:
        raise WrongSetting(name, value, "a whole number") from None
    if least is not None and number < least:
        raise WrongSetting(name, value, f"at least {least}")
    return number


def dollars(name: str, default: str) -> int:
    """An amount of US dollars, such as 0.25, in micro-dollars."""
    value = text(name, default)
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,6})?", value):
        raise WrongSetting(name, value, "an amount of dollars such as 0.25")
    return int(Decimal(value) * 1_000_000)


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def networks(name: str) -> list[str]:
    """Addresses and networks, comma-separated."""
    for one in words(name):
        try:
            ipaddress.ip_network(one)
        except ValueError:
            raise WrongSetting(
                name, one, "an address or a network such as 203.0.113.0/24"
            ) from None
    return words(name)


def pairs(name: str) -> list[str]:
    """Hosts with their ports, comma-separated."""
    for one in words(name):
        if not re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[^\s/:\[\]]+):[0-9]{1,5}", one):
            raise WrongSetting(name, one, "a host and a port such as 10.0.0.7:9000")
    return words(name)


def choice(name: str, default: str, choices: list[str]) -> str:
    value = text(name, default)
    if value not in choices:
        raise WrongSetting(name, value, "one of " + ", ".join(choices))
    return value


def address(name: str, default: str = "") -> str:
    """An http(s) address, without its trailing slash."""
    value = text(name, default).rstrip("/")
    if value and not value.startswith(("http://", "https://")):
        raise WrongSetting(name, value, "an address that begins with http:// or https://")
    return value


def host(name: str) -> str:
    """A host such as media.example, with a port where it has one of its own; "" where none is."""
    value = text(name).lower()
    if value and not re.fullmatch(r"[a-z0-9.-]+(:[0-9]{1,5})?", value):
        raise WrongSetting(name, value, "a host such as media.example")
    return value


def kept_secret(name: str, path: Path, make: Callable[[], str]) -> str:
    """A secret of the environment, or one made once and kept in a file only we can read."""
    if value := text(name):
        return value
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        return _keep(path, make())


def _keep(path: Path, secret: str) -> str:
    """Write it beside, then link: nobody ever reads a half-written secret."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent)  # made with mode 0600
    with os.fdopen(handle, "w") as file:
        file.write(secret)
    with contextlib.suppress(FileExistsError):  # another process was faster: its secret counts
        os.link(beside, path)
    os.unlink(beside)
    return path.read_text().strip()


def _contents(name: str, path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        raise WrongSetting(name, path, f"a file that can be read ({error.strerror})") from None
