"""The little Markdown that our own descriptions use: code, bold, lists and paragraphs."""

from __future__ import annotations

import re

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

CODE = re.compile(r"`([^`]+)`")
BOLD = re.compile(r"\*\*([^*]+)\*\*")


@register.filter
def marked_line(text: str) -> SafeString:
    """Escaped first: what is put in afterwards are tags of ours."""
    said = CODE.sub(r"<code>\1</code>", escape(text))
    return mark_safe(BOLD.sub(r"<b>\1</b>", said))  # noqa: S308


@register.filter
def marked(text: str) -> SafeString:
    blocks = [block for block in re.split(r"\n\s*\n", text.strip()) if block.strip()]
    return mark_safe("".join(_block(block) for block in blocks))  # noqa: S308


def _block(block: str) -> str:
    if not block.startswith("- "):
        return f"<p>{marked_line(block)}</p>"
    lines = re.split(r"\n?^- ", block, flags=re.M)[1:]
    return f"<ul>{''.join(f'<li>{marked_line(line)}</li>' for line in lines)}</ul>"
