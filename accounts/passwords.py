"""
Passwords that attackers try first are not taken; what a good one is made of is nobody's rule.

Django brings the 20 000 commonest ones of breaches. Most of those are shorter than ours may be, so
we look for what people make of them: with figures behind, with figures for letters, twice in a row.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from accounts.models import User

DISGUISES = str.maketrans("013457@$!", "oieastasi")
NOT_LETTERS = re.compile(r"^[\W\d_]+|[\W\d_]+$")
BETWEEN_WORDS = re.compile(r"[\s._-]+")
#: Where fingers and minds walk; backwards, too.
_ALONG = (
    *("01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm"),
    *("qwertzuiop", "azertyuiop", "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "1q2w3e4r5t6y7u8i9o0p"),
)
WALKS = (*_ALONG, *(walk[::-1] for walk in _ALONG))
#: A piece of a walk is at least so long, and fewer characters beside walks add nothing.
STEPS = 4
#: What is repeated may be as good as a password of its own.
LONG_ENOUGH = 12
#: Nobody types more; hashing costs nothing worth attacking until there.
LONGEST = 128


class KnownPasswordValidator(CommonPasswordValidator):
    """Refuses the commonest passwords, what is made of one of them, walks and repetitions."""

    def validate(self, password: str, user: User | None = None) -> None:
        typed = unicodedata.normalize("NFKC", password).lower().strip()
        is_common = not self.passwords.isdisjoint(_forms(typed))
        if is_common or _repeats(typed) or _walks(typed):
            raise ValidationError(self.get_error_message(), code="password_too_common")

    def get_error_message(self) -> str:
        return (
            "This password, or one very much like it, is among those that are tried first. "
            "Take three or four words that do not belong together."
        )

    def get_help_text(self) -> str:
        return "Three or four words that do not belong together are easy to keep and hard to guess."


class LongestPasswordValidator:
    """Refuses what is longer than anybody types."""

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) > LONGEST:
            said = f"This password is too long: at most {LONGEST} characters."
            raise ValidationError(said, code="password_too_long")

    def get_help_text(self) -> str:
        return f"At most {LONGEST} characters."


def _forms(typed: str) -> set[str]:
    """What it may have been before somebody dressed it up."""
    plain = {typed, typed.translate(DISGUISES)}
    bare = {NOT_LETTERS.sub("", one) for one in plain}
    bare |= {NOT_LETTERS.sub("", typed).translate(DISGUISES)}
    joined = {BETWEEN_WORDS.sub("", one) for one in plain | bare}
    return plain | bare | joined


def _repeats(typed: str) -> bool:
    """One short piece again and again."""
    half = min(len(typed) // 2, LONG_ENOUGH - 1)
    return any(typed[size:] == typed[:-size] for size in range(1, half + 1))


def _walks(typed: str) -> bool:
    """Hardly anything but keys in a row, or letters and figures in theirs."""
    left, at = 0, 0
    while at < len(typed):
        steps = _along(typed[at:])
        left += 0 if steps else 1
        at += steps or 1
    return left < STEPS


def _along(typed: str) -> int:
    """How many characters of its beginning are a piece of a walk."""
    longest = STEPS - 1
    while longest < len(typed) and any(typed[: longest + 1] in walk for walk in WALKS):
        longest += 1
    return longest if longest >= STEPS else 0
