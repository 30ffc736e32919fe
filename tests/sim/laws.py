"""
What must hold after every step, whoever died and whatever was answered.

Numbers like I20 are those of the invariants in the reliability notes. The legal moves stand here
a second time on purpose: a mistake in `generations.states` must not be a mistake here.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings

from generations.models import Attempt
from tests.sim.clock import clock
from tests.sim.companies import Company
from tests.sim.processes import Process
from tests.sim.world import Broken, World

LEGAL = {
    "queued": "submitting canceled failed",
    "submitting": "queued running storing unknown failed",
    "running": "storing overdue unknown queued failed canceled",
    "unknown": "running storing queued failed",
    "overdue": "storing failed canceled",
    "storing": "succeeded running failed",
}
IN_FLIGHT = ("submitting", "running", "unknown", "overdue")
#: What nobody needs a lease for: a customer's wish.
WITHOUT_LEASE = {("queued", "canceled"), ("running", "canceled"), ("overdue", "canceled")}

#: Each gives the exceptions to a law, as (law, which).
SQL = f"""
SELECT 'a wallet holds the prices of its orders under way (I9)', w.workspace_id::text
  FROM billing_wallet w LEFT JOIN (
       SELECT workspace_id, sum(quoted) AS quoted FROM generations_generation
        WHERE state NOT IN ('succeeded', 'failed', 'canceled') GROUP BY 1) g USING (workspace_id)
 WHERE w.held <> coalesce(g.quoted, 0)
UNION ALL
SELECT 'a wallet is the sum of its transfers (I3), never below zero (I4)', w.workspace_id::text
  FROM billing_wallet w LEFT JOIN (
       SELECT wallet_id,
              sum(amount) FILTER (WHERE credit = 'available') AS got,
              sum(amount) FILTER (WHERE debit = 'available') AS gave,
              sum(amount) FILTER (WHERE credit = 'held') AS held,
              sum(amount) FILTER (WHERE debit = 'held') AS freed
         FROM billing_transfer GROUP BY 1) t ON t.wallet_id = w.workspace_id
 WHERE w.available < 0 OR w.held < 0
    OR w.available <> coalesce(t.got, 0) - coalesce(t.gave, 0)
    OR w.held <> coalesce(t.held, 0) - coalesce(t.freed, 0)
UNION ALL
SELECT 'one hold of the quote, settled once, by capture or release as it ended (I7, I8, I10)',
       g.id::text
  FROM generations_generation g CROSS JOIN LATERAL (
       SELECT coalesce(sum(amount) FILTER (WHERE kind = 'hold'), 0) AS held,
              coalesce(sum(amount) FILTER (WHERE kind = 'capture'), 0) AS captured,
              coalesce(sum(amount) FILTER (WHERE kind = 'release'), 0) AS released,
              count(*) FILTER (WHERE kind = 'hold') AS holds,
              count(*) FILTER (WHERE kind = 'capture') AS captures
         FROM billing_transfer
        WHERE reference = 'generation:' || replace(g.id::text, '-', '')) t
 WHERE t.holds <> 1 OR t.held <> g.quoted OR t.captured <> g.charged OR t.captures > 1
    OR (g.state = 'succeeded' AND (t.captures <> 1 OR t.released <> g.quoted - g.charged))
    OR (g.state IN ('failed', 'canceled') AND (t.captures <> 0 OR t.released <> g.quoted))
    OR (g.finished_at IS NULL AND t.captured + t.released <> 0)
UNION ALL
SELECT 'charged as delivered and never more than quoted (I8)', g.id::text
  FROM generations_generation g LEFT JOIN generations_attempt a
    ON a.generation_id = g.id AND a.state = 'succeeded'
 WHERE g.charged <> (CASE WHEN g.state = 'succeeded' THEN least(g.quoted, a.price) ELSE 0 END)
    OR (g.state = 'succeeded') <> (a.id IS NOT NULL)
UNION ALL
SELECT 'a clip for every success and for nothing else (I11)', g.id::text
  FROM generations_generation g LEFT JOIN generations_clip c ON c.generation_id = g.id
 WHERE (g.state = 'succeeded') <> (c.generation_id IS NOT NULL)
UNION ALL
SELECT 'exactly one attempt is open while somebody works on it, else none (I22)', g.id::text
  FROM generations_generation g LEFT JOIN generations_attempt a
    ON a.generation_id = g.id AND a.state = 'open'
 GROUP BY g.id
HAVING count(a.id) <> (CASE WHEN g.state IN {(*IN_FLIGHT, "storing")} THEN 1 ELSE 0 END)
    OR bool_or(a.provider <> g.provider)
UNION ALL
SELECT 'an attempt is made on a frozen route, at its price and cost', a.id::text
  FROM generations_attempt a JOIN generations_generation g ON g.id = a.generation_id
 WHERE NOT g.routes @> jsonb_build_array(jsonb_build_object(
           'provider', a.provider, 'price', a.price, 'cost', a.cost))
    OR a.loss <> greatest(0, a.cost - g.quoted)
UNION ALL
SELECT 'a quote is honoured, and used once', g.quote_id::text
  FROM generations_generation g JOIN billing_quote q ON q.id = g.quote_id
 GROUP BY g.quote_id, q.count
HAVING count(*) <> q.count OR bool_or(g.quoted <> q.unit_price)
UNION ALL
SELECT 'who ordered is told of the end', g.id::text
  FROM generations_generation g LEFT JOIN generations_notice n
    ON n.generation_id = g.id AND n.type = 'generation.' || g.state
 WHERE (g.state IN ('succeeded', 'failed')) <> (n.id IS NOT NULL)
UNION ALL
SELECT 'nobody is given up before the time is over (DESIGN section 4)', id::text
  FROM generations_generation
 WHERE (error_code = 'timeout' AND finished_at - started_at < interval '24 hours')
    OR (error_code = 'outcome_unknown' AND finished_at - created_at < interval '15 minutes')
UNION ALL
SELECT 'no loss beyond what one clip may cost us', id::text
  FROM generations_attempt WHERE loss > {settings.MAX_FAILOVER_LOSS}
UNION ALL
SELECT 'no loss beyond what a day may cost us', min(id::text)
  FROM generations_attempt WHERE state <> 'returned'
 GROUP BY date_trunc('day', submitted_at AT TIME ZONE 'UTC')
HAVING sum(loss) > {settings.MAX_FAILOVER_LOSS_PER_DAY}
"""
#: What is rendered and looked at again for a fresh link takes up no place.
LOADS = f"""
SELECT g.provider, count(*), 0
  FROM generations_generation g JOIN generations_attempt a ON a.generation_id = g.id
 WHERE a.state = 'open' AND a.rendered_at IS NULL AND g.state IN {IN_FLIGHT} GROUP BY 1
UNION ALL
SELECT provider, 0, count(*) FROM generations_attempt
 WHERE submitted_at > now() - interval '1 minute' GROUP BY 1
"""
MOVES = "SELECT * FROM sim.moves WHERE number > %s ORDER BY number"
WALLETS = """
SELECT w.workspace_id, w.available + w.held + coalesce(sum(g.charged), 0)
  FROM billing_wallet w LEFT JOIN generations_generation g USING (workspace_id) GROUP BY 1
"""
ATTEMPTS = """
SELECT a.id, a.state, a.provider, g.id, g.state
  FROM generations_attempt a JOIN generations_generation g ON g.id = a.generation_id
"""
STATUSES = """
SELECT name, most_in_flight, most_per_minute, pause_seconds, break_seconds
  FROM generations_providerstatus
"""


class Laws:
    """Watches one seed."""

    def __init__(self, world: World) -> None:
        self._world = world
        #: The last change of a row that was seen, and how many changes of a state.
        self._seen = self.moves = 0
        self._in_flight: dict[str, int] = {}
        self._submitted: dict[str, int] = {}
        self._broken: set[str] = set()
        self._paused: set[str] = set()
        self._tokens: dict[uuid.UUID, str] = {}
        self.checks = 0
        world.observers[:] = [lambda _, process: self.watch(process)]
        world.ordered = lambda _, company, token: self.may_be_ordered(company, token)

    def check(self) -> None:
        """:raises Broken: naming the law."""
        self.checks += 1
        for law, which in self._world.ask(SQL):
            raise Broken(f"{law}: {self._named(which)}")
        self._money_is_conserved()
        self._caps_are_kept()
        self._health_has_reasons()

    def watch(self, process: Process) -> None:
        """Each move is legal (I20, I21), and made with the lease in hand (I26)."""
        for number, generation, source, state, old, new, leased in self._world.ask(
            MOVES, self._seen
        ):
            self._seen = number
            if source == state:
                if leased:
                    process.tokens[generation] = new
                continue
            self.moves += 1
            self._world.seen[f"move: {source} → {state}"] += 1
            name = self._world.label(generation)
            self._world.say(f"  {name}: {source} → {state}, by {process.name}")
            if state not in LEGAL.get(source, ""):
                raise Broken(f"{name} went from {source} to {state} (I20)")
            if new == old and process.tokens.get(generation) != old:
                raise Broken(f"{process.name} moved {name} without its lease (I26)")
            if new != old and (source, state) not in WITHOUT_LEASE:
                raise Broken(f"{name} went from {source} to {state} without any lease (I26)")

    def may_be_ordered(self, company: Company, token: str) -> None:
        """Before a byte arrives there is an attempt (I23), and it is sent once (I24)."""
        attempt = next((row for row in self._attempts() if row[0] == token), None)
        if attempt is None:
            raise Broken(f"{company.name} got an order without an attempt (I23)")
        _, state, provider, generation, stands = attempt
        name = self._world.label(generation)
        self._world.say(f"  {company.name} gets the order of {name}")
        knows = company.able.idempotent and token in company.by_token
        if provider != company.name:
            raise Broken(f"the order of {name} for {provider} went to {company.name}")
        if token in company.ordered and not company.able.idempotent:
            raise Broken(f"the order of {name} was sent to {company.name} twice (I24)")
        if not knows and (state != "open" or stands not in IN_FLIGHT):
            raise Broken(f"the order of {name} was sent when its attempt was {state} (I24)")

    def _attempts(self) -> Iterator[tuple[str, str, str, uuid.UUID, str]]:
        for id, *rest in self._world.ask(ATTEMPTS):
            token = self._tokens.setdefault(id, str(Attempt(id=id).token))
            yield token, *rest

    def _money_is_conserved(self) -> None:
        """What was paid in is there, or was charged (I2)."""
        sums = dict(self._world.ask(WALLETS))
        for shop in self._world.shops:
            if sums[shop.membership.workspace_id] != shop.paid_in:
                raise Broken("money came from nowhere or went there (I2)")

    def _caps_are_kept(self) -> None:
        """Never more than there may be, unless they were there before the cap was lowered."""
        caps = {name: (most, rate) for name, most, rate, *_ in self._world.ask(STATUSES)}
        in_flight: dict[str, int] = dict.fromkeys(self._world.companies, 0)
        submitted = dict(in_flight)
        for name, jobs, orders in self._world.ask(LOADS):
            in_flight[name] += jobs
            submitted[name] += orders
        for name, company in self._world.companies.items():
            most, rate = caps.get(name, (None, None))
            most = company.able.most_in_flight if most is None else most
            rate = company.able.most_per_minute if rate is None else rate
            if in_flight[name] > max(most, self._in_flight.get(name, 0)):
                raise Broken(f"{name} has {in_flight[name]} of {most} jobs")
            if submitted[name] > max(rate, self._submitted.get(name, 0)):
                raise Broken(f"{name} got {submitted[name]} of {rate} orders in a minute")
        self._in_flight, self._submitted = in_flight, submitted

    def _health_has_reasons(self) -> None:
        """Only bad submissions open a breaker, only our own faults pause."""
        for name, _, _, pause, rest in self._world.ask(STATUSES):
            company = self._world.companies[name]
            lately = clock.now - timedelta(minutes=25)
            excuses = [at for at in self._world.excuses if at > lately]
            bad = [at for at in company.bad if at > lately]
            if rest and name not in self._broken and len(bad) + len(excuses) < 5:
                raise Broken(f"{name} rests after {len(bad)} bad submissions")
            looked_badly = company.unanswered + len(company.bad) + len(excuses) >= 10
            if pause and name not in self._paused and not (company.ours or looked_badly):
                raise Broken(f"{name} is paused without a fault of ours")
            self._broken = self._broken - {name} | ({name} if rest else set())
            self._paused = self._paused - {name} | ({name} if pause else set())

    def _named(self, which: str) -> str:
        names = {str(id): label for id, label in self._world.labels.items()}
        return names.get(which, which)
