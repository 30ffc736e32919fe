"""
Recomputes the books and names every fault. An audit that finds nothing returns nothing.

Other apps add checks of their own with `register`: billing knows references, not videos.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import connection, transaction

from accounts.redis_client import client

logger = logging.getLogger(__name__)

Check = Callable[[], Iterable[str]]
#: Where the result of the last one stands.
LAST = "audit:last"

#: what must be true -> a query that returns a row (what, detail) for each exception
RULES: dict[str, str] = {
    "A wallet's transfers are numbered 1 to moves without a gap": """
        SELECT 'wallet ' || w.workspace_id, 'has ' || count(t.id) || ' transfers up to position '
               || coalesce(max(t.position), 0) || ', says ' || w.moves
          FROM billing_wallet w LEFT JOIN billing_transfer t ON t.wallet_id = w.workspace_id
         GROUP BY w.workspace_id
        HAVING count(t.id) <> w.moves OR coalesce(max(t.position), 0) <> w.moves""",
    "A wallet's balances are the sums of its transfers": """
        SELECT 'wallet ' || w.workspace_id,
               'has ' || w.available || '/' || w.held || '/' || w.debt || ', transfers say '
               || coalesce(s.available, 0) || '/' || coalesce(s.held, 0) || '/' || coalesce(s.debt, 0)
          FROM billing_wallet w LEFT JOIN (
               SELECT wallet_id,
                      sum(CASE WHEN credit = 'available' THEN amount
                               WHEN debit = 'available' THEN -amount ELSE 0 END) AS available,
                      sum(CASE WHEN credit = 'held' THEN amount
                               WHEN debit = 'held' THEN -amount ELSE 0 END) AS held,
                      sum(CASE WHEN debit = 'debt' THEN amount
                               WHEN credit = 'debt' THEN -amount ELSE 0 END) AS debt
                 FROM billing_transfer GROUP BY wallet_id) s ON s.wallet_id = w.workspace_id
         WHERE (w.available, w.held, w.debt)
               IS DISTINCT FROM (coalesce(s.available, 0), coalesce(s.held, 0), coalesce(s.debt, 0))""",
    "Each transfer's balances follow from the one before": """
        SELECT 'transfer ' || key, 'does not follow from the one before'
          FROM (SELECT key, kind, debit, credit, amount, available_after, held_after, debt_after,
                       coalesce(lag(available_after) OVER w, 0) AS available_before,
                       coalesce(lag(held_after) OVER w, 0) AS held_before,
                       coalesce(lag(debt_after) OVER w, 0) AS debt_before
                  FROM billing_transfer WINDOW w AS (PARTITION BY wallet_id ORDER BY position)) t
         WHERE available_after <> available_before
                 + CASE WHEN credit = 'available' THEN amount
                        WHEN debit = 'available' THEN -amount ELSE 0 END
            OR held_after <> held_before
                 + CASE WHEN credit = 'held' THEN amount
                        WHEN debit = 'held' THEN -amount ELSE 0 END
            OR debt_after <> debt_before
                 + CASE WHEN debit = 'debt' THEN amount
                        WHEN credit = 'debt' THEN -amount ELSE 0 END""",
    "What a reference settled is all that it held, or nothing yet": """
        SELECT reference, 'held ' || held || ', settled ' || settled FROM (
               SELECT reference,
                      coalesce(sum(amount) FILTER (WHERE credit = 'held'), 0) AS held,
                      coalesce(sum(amount) FILTER (WHERE debit = 'held'), 0) AS settled
                 FROM billing_transfer WHERE reference <> '' GROUP BY reference) r
         WHERE settled <> 0 AND settled <> held""",
    "No reference was refunded more than was captured": """
        SELECT reference, 'captured ' || captured || ', refunded ' || refunded FROM (
               SELECT reference,
                      coalesce(sum(amount) FILTER (WHERE kind = 'capture'), 0) AS captured,
                      coalesce(sum(amount) FILTER (WHERE kind = 'refund'), 0) AS refunded
                 FROM billing_transfer WHERE reference <> '' GROUP BY reference) r
         WHERE refunded > captured""",
    "No top-up was clawed back for more than it brought, nor given back more than was taken": """
        SELECT reference, 'brought ' || brought || ', taken ' || taken || ', given back ' || given
          FROM (SELECT reference,
                       coalesce(sum(amount) FILTER (WHERE kind = 'deposit'), 0) AS brought,
                       coalesce(sum(amount) FILTER (WHERE kind = 'clawback'
                                                    AND credit = 'stripe'), 0) AS taken,
                       coalesce(sum(amount) FILTER (WHERE kind = 'clawback'
                                                    AND debit = 'stripe'), 0) AS given
                  FROM billing_transfer WHERE reference <> '' GROUP BY reference) r
         WHERE taken - given > brought OR given > taken""",
    "A top-up is paid exactly when its money was credited": """
        SELECT 'top-up ' || t.id, t.state || ', credited ' || coalesce(m.amount, 0)
          FROM billing_topup t LEFT JOIN billing_transfer m ON m.kind = 'deposit'
               AND m.reference = 'top-up:' || replace(t.id::text, '-', '')
         WHERE (t.state = 'paid') IS DISTINCT FROM (m.id IS NOT NULL)
            OR (m.id IS NOT NULL AND m.amount <> t.amount)""",
    "What was spent by day is what the transfers say up to its mark": """
        SELECT 'wallet ' || m.wallet_id, 'has ' || coalesce(d.amount, 0) || ' of ' || coalesce(d.charges, 0)
               || ' charges, transfers say ' || coalesce(t.amount, 0) || ' of ' || coalesce(t.charges, 0)
          FROM billing_spendmark m
          LEFT JOIN (SELECT wallet_id, sum(amount) AS amount, sum(charges) AS charges
                       FROM billing_dayspend GROUP BY wallet_id) d USING (wallet_id)
          LEFT JOIN (SELECT t.wallet_id, count(*) FILTER (WHERE credit = 'revenue') AS charges,
                            sum(CASE WHEN credit = 'revenue' THEN amount ELSE -amount END) AS amount
                       FROM billing_transfer t JOIN billing_spendmark m USING (wallet_id)
                      WHERE t.position <= m.position AND 'revenue' IN (t.debit, t.credit)
                      GROUP BY t.wallet_id) t USING (wallet_id)
         WHERE (coalesce(d.amount, 0), coalesce(d.charges, 0))
               IS DISTINCT FROM (coalesce(t.amount, 0), coalesce(t.charges, 0))""",
    "A promotion code was used as often as it counts": """
        SELECT 'code ' || c.code, 'counts ' || c.uses || ', was used ' || count(r.id)
          FROM billing_promotioncode c LEFT JOIN billing_redemption r ON r.code_id = c.id
         GROUP BY c.id HAVING c.uses <> count(r.id)""",
}

_more: list[Check] = []


def register(check: Check) -> Check:
    """Add a check of another app; it yields a sentence for each fault."""
    _more.append(check)
    return check


def faults() -> list[str]:
    """Every fault in the books and in what they speak of, from one consistent look at them."""
    return _at_one_moment([own_faults, *_more])


def run(*, now: datetime) -> list[str]:
    """The faults, remembered for probes and metrics; each is an error in the log."""
    found = faults()
    for fault in found:
        logger.error("The books are wrong: %s", fault)
    last = {"at": now.timestamp(), "faults": len(found)}
    client().set(LAST, json.dumps(last))
    return found


def last() -> dict[str, float] | None:
    """When the books were last audited and how many faults were found; None when nobody knows."""
    kept = client().get(LAST)
    return json.loads(kept) if kept else None


def own_faults() -> list[str]:
    """The faults of the books by themselves."""
    return [fault for rule, query in RULES.items() for fault in broken(rule, query)]


def broken(rule: str, query: str) -> list[str]:
    """The exceptions to one rule, as sentences."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [f"{rule}: {what} {detail}" for what, detail in cursor.fetchall()]


def _at_one_moment(checks: Iterable[Check]) -> list[str]:
    nested = connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if not nested:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SET LOCAL statement_timeout = '10min'")
        return [fault for check in checks for fault in check()]
