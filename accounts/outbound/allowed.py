"""What the operator allows: OUTBOUND_ALLOW, for result files and customers' webhooks."""

from __future__ import annotations

from django.conf import settings

from accounts.outbound.addresses import Guard, parse_allow


def guard() -> Guard:
    return Guard(parse_allow(",".join(settings.OUTBOUND_ALLOW)))
