"""`{% snippet "order" %}`: one task in three languages, from `templates/docs/snippets`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.template import Context
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from config.embedded import BASE_DIR

register = template.Library()

LANGUAGES = {"curl": "curl", "python": "Python", "javascript": "JavaScript"}
#: How the files call the site; readers see its own address.
EXAMPLE = "https://reelay.example"


#: Which of them somebody chose last, as `languages.js` keeps it.
COOKIE = "docs-language"


@register.inclusion_tag("docs/_snippet.html", takes_context=True)
def snippet(context: Context, name: str) -> dict[str, Any]:
    """All that there are, and the one that shows first."""
    found = [
        {"language": language, "label": label, "text": text.replace(EXAMPLE, settings.SITE_URL)}
        for language, label in LANGUAGES.items()
        if (text := source(name, language))
    ]
    wished = context["request"].COOKIES.get(COOKIE) if "request" in context else ""
    chosen = wished if any(one["language"] == wished for one in found) else found[0]["language"]
    return {"name": name, "snippets": found, "chosen": chosen}


@register.filter
def wrapping(code: str) -> SafeString:
    """A long code may go on in the next line after each of its underscores."""
    return format_html_join(SafeString("_<wbr>"), "{}", ((part,) for part in code.split("_")))


def source(name: str, language: str) -> str:
    """The file's text; empty where the task is not done in this language."""
    path = folder() / f"{name}.{language}"
    return path.read_text() if path.exists() else ""


def folder() -> Path:
    return BASE_DIR / "templates" / "docs" / "snippets"
