"""What was ordered and what became of it, for staff: machines write it, staff look and decide."""

from generations.admin import generations, moderation, providers, rows

__all__ = ["generations", "moderation", "providers", "rows"]
