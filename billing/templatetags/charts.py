"""Small drawings."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

BAR = (
    '<svg class="measure" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">'
    '<rect class="measure__whole" width="100" height="4"/>'
    '<rect class="measure__part" width="{}" height="4"/></svg>'
)


@register.simple_tag
def bar(part: int, whole: int) -> SafeString:
    """So much of the whole, for the eye only: the numbers stand beside it."""
    length = 100 * max(0, min(part, whole)) / whole if whole > 0 else 100 * (part > 0)
    return format_html(BAR, f"{length:.1f}")
