"""The page around everything, and small pieces of it."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from aiohttp import web

_STYLE = (Path(__file__).parent / "style.css").read_text()
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_HASH}'; img-src data:;"
        " base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<p class="test" role="note">Test payment. No real money.</p>
<main class="page {shape}">
{body}
</main>
</body>
</html>
"""

NARROW, TWO = "page--narrow", "page--two"


def page(title: str, body: str, *, shape: str = NARROW, status: int = 200) -> web.Response:
    """`body` is HTML, `title` is text."""
    text = _PAGE.format(title=escape(title), style=_STYLE, shape=shape, body=body)
    return web.Response(text=text, status=status, content_type="text/html", headers=_HEADERS)


def message(title: str, sentence: str, link: str = "", *, status: int = 200) -> web.Response:
    """A page that only says something; `link` is HTML."""
    said = f"<h1>{escape(title)}</h1><p>{escape(sentence)}</p>"
    return page(title, f'<section class="sheet">{said}{link}</section>', status=status)


def gone() -> web.Response:
    return message("Nothing here", "This address is wrong, or its time is over.", status=404)


def alert(problem: str) -> str:
    return f'<p class="alert" role="alert">{escape(problem)}</p>' if problem else ""


def field(label: str, name: str, value: str, **attributes: str) -> str:
    """One labelled text field."""
    given = {"type": "text", **attributes}
    more = " ".join(f'{key}="{escape(text)}"' for key, text in given.items())
    return (
        f'<div class="field"><label for="{name}">{escape(label)}</label>'
        f'<input id="{name}" name="{name}" value="{escape(value)}" {more}></div>'
    )


def day(seconds: int) -> str:
    """`21 November 2026`, in UTC."""
    at = datetime.fromtimestamp(seconds, UTC)
    return f'<time datetime="{at:%Y-%m-%dT%H:%M:%SZ}">{at.day} {at:%B %Y}</time>'


def link(address: str | None, text: str) -> str:
    return f'<p><a href="{escape(address)}">{escape(text)}</a></p>' if address else ""
