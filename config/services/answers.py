"""Asks the services, in the first words of their own protocols, whether they are ready."""

from __future__ import annotations

import socket
import struct
from pathlib import Path

from config.services.places import DATABASE, SUPERUSER, Places

PATIENCE = 5.0  # seconds for one answer
PG_READY = b"Z\0\0\0\x05I"  # ReadyForQuery, idle
VALKEY_READY = b"+PONG\r\n"


def both_answer(places: Places) -> bool:
    return postgres_answers(places.postgres_sockets, DATABASE) and valkey_answers(
        places.valkey_socket
    )


def postgres_answers(folder: Path, database: str) -> bool:
    """True when the database lets us in; while it starts or is missing it sends an error."""
    wish = f"user\0{SUPERUSER}\0database\0{database}\0\0".encode()
    hello = struct.pack("!ii", len(wish) + 8, 3 << 16) + wish  # protocol 3.0
    goodbye = b"X\0\0\0\x04"
    return _ask(folder / ".s.PGSQL.5432", hello, until=PG_READY, goodbye=goodbye)


def valkey_answers(path: Path) -> bool:
    """True when it serves; while it reads its data it says LOADING."""
    return _ask(path, b"PING\r\n", until=VALKEY_READY)


def tell_valkey_to_stop(path: Path) -> None:
    """It closes the connection instead of an answer."""
    _ask(path, b"SHUTDOWN\r\n", until=b"\n")


def _ask(path: Path, words: bytes, *, until: bytes, goodbye: bytes = b"") -> bool:
    """Whether the answer ends as it should; one that means no ends with the connection."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(PATIENCE)
        try:
            line.connect(str(path))
            line.sendall(words)
            if not _hear(line, until):
                return False
            line.sendall(goodbye)
        except OSError:
            return False
    return True


def _hear(line: socket.socket, until: bytes) -> bool:
    heard = b""
    while not heard.endswith(until):
        more = line.recv(4096)
        heard += more
        if not more or heard.startswith((b"-", b"E")):  # a refusal, in Valkey's words or in PG's
            return False
    return True
