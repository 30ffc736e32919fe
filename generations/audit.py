"""What the books must say about generations: checks added to `billing.audit`."""

from __future__ import annotations

from collections.abc import Iterable

from billing import audit

RULES: dict[str, str] = {
    "A wallet holds exactly the quoted prices of what is under way": """
        SELECT 'wallet ' || w.workspace_id,
               'holds ' || w.held || ', orders under way need ' || coalesce(g.quoted, 0)
          FROM billing_wallet w LEFT JOIN (
               SELECT workspace_id, sum(quoted) AS quoted FROM generations_generation
                WHERE finished_at IS NULL GROUP BY workspace_id) g USING (workspace_id)
         WHERE w.held <> coalesce(g.quoted, 0)""",
    "Every generation has one hold of its quoted price": """
        SELECT 'generation ' || g.id, 'is quoted ' || g.quoted || ', held ' || coalesce(t.amount, 0)
          FROM generations_generation g LEFT JOIN billing_transfer t
            ON t.key = 'hold:generation:' || replace(g.id::text, '-', '')
         WHERE coalesce(t.amount, 0) <> g.quoted""",
    "Success is captured, failure and cancellation are released, nothing else is settled": """
        SELECT 'generation ' || g.id, 'is ' || g.state || ', settled by '
               || coalesce(t.kind || ' of ' || t.amount, 'nothing')
          FROM generations_generation g LEFT JOIN billing_transfer t
            ON t.key = 'settle:generation:' || replace(g.id::text, '-', '')
         WHERE (g.gratis AND t.kind IS NOT NULL) OR NOT g.gratis AND
               ((g.state = 'succeeded' AND (t.kind, t.amount) IS DISTINCT FROM ('capture', g.charged))
            OR (g.state IN ('failed', 'canceled') AND t.kind IS DISTINCT FROM 'release')
            OR (g.finished_at IS NULL AND t.kind IS NOT NULL))""",
    "Nothing is charged without a stored clip": """
        SELECT 'generation ' || g.id, 'succeeded without a clip'
          FROM generations_generation g LEFT JOIN generations_clip c ON c.generation_id = g.id
         WHERE g.state = 'succeeded' AND c.generation_id IS NULL""",
    "No attempt outlives its generation": """
        SELECT 'attempt ' || a.id, 'is open although its generation is ' || g.state
          FROM generations_attempt a JOIN generations_generation g ON g.id = a.generation_id
         WHERE a.state = 'open' AND g.finished_at IS NOT NULL""",
    "What an attempt is owed is what became of it": """
        SELECT 'attempt ' || a.id, 'is ' || a.state || ', owed ' || coalesce(c.payable, 0)
               || ', in doubt ' || coalesce(c.suspense, 0)
          FROM generations_attempt a LEFT JOIN (
               SELECT reference,
                      sum(CASE WHEN credit = 'payable' THEN amount
                               WHEN debit = 'payable' THEN -amount ELSE 0 END) AS payable,
                      sum(CASE WHEN credit = 'suspense' THEN amount
                               WHEN debit = 'suspense' THEN -amount ELSE 0 END) AS suspense
                 FROM billing_cost GROUP BY reference) c
            ON c.reference = 'attempt:' || replace(a.id::text, '-', '')
         WHERE (coalesce(c.payable, 0) <> 0 AND coalesce(c.suspense, 0) <> 0)
            OR (a.state = 'succeeded' AND (coalesce(c.payable, 0), coalesce(c.suspense, 0))
                <> (coalesce(a.reported_cost, a.cost), 0))
            OR (a.state = 'returned' AND (coalesce(c.payable, 0), coalesce(c.suspense, 0)) <> (0, 0))""",
    "What was refunded stands on the generation": """
        SELECT 'generation ' || g.id, 'says refunded ' || g.refunded || ', the books ' || t.refunded
          FROM generations_generation g JOIN (
               SELECT reference, sum(amount) AS refunded FROM billing_transfer
                WHERE kind = 'refund' GROUP BY reference) t
            ON t.reference = 'generation:' || replace(g.id::text, '-', '')
         WHERE g.refunded <> t.refunded""",
}


@audit.register
def generations_agree_with_the_books() -> Iterable[str]:
    for rule, query in RULES.items():
        yield from audit.broken(rule, query)
