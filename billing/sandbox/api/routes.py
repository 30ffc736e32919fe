"""Everything the API answers."""

from __future__ import annotations

from billing.sandbox.api import (
    balance,
    charges,
    customers,
    disputes,
    endpoints,
    events,
    intents,
    payment_methods,
    portal,
    refunds,
    sessions,
)
from billing.sandbox.calls import Route

ROUTES: tuple[Route, ...] = (
    *balance.ROUTES,
    *charges.ROUTES,
    *customers.ROUTES,
    *disputes.ROUTES,
    *endpoints.ROUTES,
    *events.ROUTES,
    *intents.ROUTES,
    *payment_methods.ROUTES,
    *portal.ROUTES,
    *refunds.ROUTES,
    *sessions.ROUTES,
)
