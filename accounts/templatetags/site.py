"""Small words for templates: times, ids, and a form field without its placeholder."""

from __future__ import annotations

import uuid
from datetime import datetime

from django import template
from django.forms import BoundField
from django.utils.dateformat import format as format_date
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts import ids

register = template.Library()


@register.filter
def clock(seconds: float | None) -> str:
    """Seconds as `1:05` or `2:03:09`."""
    minutes, rest = divmod(int(seconds or 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


@register.filter
def when(moment: datetime | None, precision: str = "") -> SafeString | str:
    """A time element in UTC, with seconds if "exactly"; `times.js` makes it local."""
    if moment is None:
        return "–"
    said = format_date(moment, "j M Y, H:i:s" if precision else "j M Y, H:i")
    stamp = moment.isoformat(timespec="milliseconds")
    html = '<time datetime="{}" data-local="{}">{} UTC</time>'
    return format_html(html, stamp, precision, said)


@register.filter
def clip_of(reference: str) -> str:
    """The public id of the generation a money movement is about; empty for any other."""
    kind, _, digits = reference.partition(":")
    try:
        return ids.public("gen", uuid.UUID(hex=digits)) if kind == "generation" else ""
    except ValueError:
        return ""


@register.simple_tag
def widget(field: BoundField, **attributes: str) -> SafeString:
    """The field's input. Its label says what it is, so it needs no placeholder."""
    return field.as_widget(attrs={"placeholder": False, **attributes})
