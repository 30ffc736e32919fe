"""What a spreadsheet would calculate instead of showing."""

from __future__ import annotations

#: A cell that begins so is a formula to a spreadsheet (OWASP, "CSV Injection").
BEGINNINGS = ("=", "+", "-", "@", "\t", "\r")


def is_formula(text: str) -> bool:
    return text.lstrip(" \n").startswith(BEGINNINGS)
