"""
Words that no prompt may hold: a list that staff keep.

Whole words are meant, whatever their case or width; `word*` means all that begin so. A phrase may
have anything but letters and digits between its words. Invisible characters do not hide a word.
"""

from __future__ import annotations

import re
import threading
import time
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from generations.models import BlockedWord

#: Seconds after which a change in the list counts in every process.
KEPT_FOR = 5.0


@dataclass(slots=True)
class _Kept:
    pattern: re.Pattern[str] | None = None
    until: float = 0.0


_kept = _Kept()
_lock = threading.Lock()


def is_blocked(prompt: str) -> bool:
    """Reads the list once in a few seconds, so that an order costs no question more."""
    pattern = _pattern()
    return bool(pattern and pattern.search(plain(prompt)))


def forget() -> None:
    """The list was changed, here."""
    _kept.until = 0.0


def plain(text: str) -> str:
    """In one spelling, and without what cannot be seen."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(one for one in folded if unicodedata.category(one) != "Cf")


def _pattern() -> re.Pattern[str] | None:
    if time.monotonic() >= _kept.until:
        with _lock:
            _read_again()
    return _kept.pattern


def _read_again() -> None:
    """By the first of those who found it too old; the others waited for that."""
    if time.monotonic() >= _kept.until:
        _kept.pattern = compiled(BlockedWord.objects.values_list("word", flat=True))
        _kept.until = time.monotonic() + KEPT_FOR


def compiled(words: Iterable[str]) -> re.Pattern[str] | None:
    """One pattern for all of them; None where there are none."""
    said = [one for word in words if (one := _one(word))]
    return re.compile(rf"(?<!\w)(?:{'|'.join(sorted(said))})") if said else None


def _one(word: str) -> str:
    parts = re.findall(r"\w+", plain(word))
    whole = r"[\W_]+".join(re.escape(part) for part in parts)
    if not whole:  # or everything would be blocked
        return ""
    return whole if word.rstrip().endswith("*") else rf"{whole}(?!\w)"
