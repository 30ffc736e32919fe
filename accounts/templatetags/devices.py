"""Words for templates: what somebody sat at, and where."""

from __future__ import annotations

from django import template

from accounts import devices

register = template.Library()
register.filter("device", devices.named)
register.filter("place", devices.place_of)
