"""Money, for staff."""

from billing.admin import books, payments, prices, promises

__all__ = ["books", "payments", "prices", "promises"]
