"""The one error of this package."""

OR_YOUR_OWN = "Or set DATABASE_URL and REDIS_URL to servers of your own."


class ServicesUnavailable(Exception):
    """PostgreSQL or Valkey cannot be had; the message says why and what to do about it."""
