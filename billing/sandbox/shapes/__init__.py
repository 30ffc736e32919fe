"""Stripe's objects and their changes: pure, each takes and returns whole objects."""
