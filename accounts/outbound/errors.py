"""
Why a file could not be brought home, in words that say what to do next.

    FetchError
    ├── ForbiddenAddress   the address may not be reached: do not try this link again
    ├── TooLarge           more than we take: do not try this link again
    ├── Gone               the link has expired or never worked: ask for a fresh one
    ├── Unreachable        no answer, or not now: the same link may work later
    ├── Broken             an answer that makes no sense: fetch again, from the start
    └── NoRoom             our own disk is full: nobody else's fault, wait
"""

from __future__ import annotations


class FetchError(Exception):
    """A file could not be fetched. `code` is stable; the message is plain and holds no secret."""

    code = "fetch_failed"


class ForbiddenAddress(FetchError):
    """The URL is of a form, or leads to an address, that we never connect to."""

    code = "forbidden_address"


class TooLarge(FetchError):
    """The file has, or says it has, more bytes than the limit."""

    code = "too_large"


class Gone(FetchError):
    """Their server says that there is nothing (any more) behind this link."""

    code = "gone"


class Unreachable(FetchError):
    """No name, no connection, no time left, or their server asks us to come back later."""

    code = "unreachable"


class Broken(FetchError):
    """The answer is not the whole, plain file: cut short, encoded, partial, or not HTTP."""

    code = "broken"


class NoRoom(FetchError):
    """We could not write what arrived."""

    code = "no_room"
