"""The demo's letters lie in a folder; pages that need something of one look there for you."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from django import template
from django.conf import settings

register = template.Library()

CODE = re.compile(r"^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$", re.MULTILINE)
INVITATION = re.compile(r"/invitations/[A-Za-z0-9_-]+")
FILES_ONLY = "django.core.mail.backends.filebased.EmailBackend"
NEWEST = 20


@register.simple_tag
def demo_code(address: str) -> str:
    """The code of the last letter to this address, only while nothing here is real."""
    found = CODE.search(next(_letters_to(address), ""))
    return found[1] if found else ""


@register.simple_tag
def demo_invitation(address: str) -> str:
    """Where the last invitation to this address leads, only while nothing here is real."""
    found = (INVITATION.search(letter) for letter in _letters_to(address))
    return next((one[0] for one in found if one), "")


def _letters_to(address: str) -> Iterator[str]:
    """The newest first; none as soon as anything is real."""
    if settings.SANDBOX_PLAYS_ALL and settings.EMAIL_BACKEND == FILES_ONLY:
        yield from (letter for letter in _newest_letters() if f"\nTo: {address}\n" in letter)


def _newest_letters() -> list[str]:
    files = Path(settings.EMAIL_FILE_PATH).glob("*.log")
    newest = sorted(files, key=lambda file: file.stat().st_mtime, reverse=True)[:NEWEST]
    return [file.read_text(errors="replace").replace("\r\n", "\n") for file in newest]
