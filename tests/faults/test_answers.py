"""
Providers that answer nonsense: HTML, nothing, ten megabytes, wrong types, unknown words, redirects.

Nothing of it crashes a loop, ends an order wrongly or makes us pay twice. All five are reached at
addresses of their own here, as real ones would be, and nobody calls us: what is lost stays lost.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pytest

from tests.faults.garbler import Garbler
from tests.faults.house import PRICES, PROVIDERS, House, Seen, wait_until
from tests.faults.outcomes import FINE, Outcome, lost
from tests.faults.play import Played, judge, play
from tests.faults.spoils import SPOILS
from tests.generations.sandbox.house import TOKEN
from tests.generations.sandbox.house import House as Sandbox

pytestmark = pytest.mark.slow

PATHS = {
    "cloudflare": "/cloudflare/client/v4",
    "minimax": "/minimax",
    "pixazo": "/pixazo",
    "runware": "/runware/v1",
    "toapis": "/toapis/v1",
}
#: Whom we can ask what became of a submission whose answer nobody could read.
FOUND = ("cloudflare", "runware")
BATCHED = ("html", "large", "other", "types", "words")
#: Answers to a submission that are odd, and still can be read.
READABLE = ("silent", "words")


@dataclass(frozen=True, slots=True)
class Row:
    """An answer that is spoiled, at one company."""

    provider: str
    step: str
    spoil: str

    @property
    def prompt(self) -> str:
        lost = "<<submit=cut>>" if self.step == "look" and self.is_asked_for else ""
        return f"[[stock]] A kite at {self.provider} {lost}<<{self.step}={self.spoil}>>"

    @property
    def is_asked_for(self) -> bool:
        """
        Whether the look is the question what became of a lost submission.

        Cloudflare has no other; Runware's others are about many jobs at once, so that each spoils
        the looks at all: few are enough.
        """
        batched = self.provider == "runware" and self.spoil in BATCHED
        return self.provider in FOUND and not batched

    @property
    def outcome(self) -> Outcome:
        read = self.step == "look" or self.spoil in READABLE
        return FINE if read or self.provider in FOUND else lost(accepted=1)

    @property
    def name(self) -> str:
        return f"{self.provider}: {self.step} {self.spoil}"


#: Much like others: only where time is no matter.
RARE = ("array", "broken", "cut-head", "deep", "latin", "no-content", "no-http", "nobody", "string")

#: A submission that is answered with another job's name would be a lie nobody could see through.
ROWS = [
    Row(provider, step, spoil)
    for step in ("submit", "look")
    for spoil in SPOILS
    for provider in PROVIDERS
    if (step, spoil) != ("submit", "other")
]


@pytest.fixture(scope="module")
def garbler(tmp_path_factory) -> Iterator[Garbler]:
    sandbox = Sandbox(tmp_path_factory.mktemp("sandbox"), render_seconds=1)
    garbler = Garbler(sandbox.url)
    yield garbler
    garbler.close()
    sandbox.stop()


@pytest.fixture(scope="module")
def house(garbler, opened) -> House:
    reached = {
        f"{name.upper()}_BASE_URL": garbler.address(name) + path for name, path in PATHS.items()
    }
    keys = {f"{name.upper()}_API_KEY": f"a-key-for-{name}" for name in PROVIDERS}
    netloc = garbler.sandbox.removeprefix("http://")
    house = opened(**reached, **keys, CLOUDFLARE_ACCOUNT_ID="ours", OUTBOUND_ALLOW=netloc)
    note = house.var / "sandbox.json"
    note.write_text(json.dumps({"url": garbler.sandbox, "token": TOKEN}))
    return house


@pytest.fixture(scope="module")
def played(house, request) -> dict[Row, Played]:
    wanted = {row for row in rows_of(request.session.items) if isinstance(row, Row)}
    with house.database.kept_well():
        orders = {
            row: house.order(row.prompt, provider=row.provider) for row in ROWS if row in wanted
        }
        return play(house, orders, within=90)


def rows_of(items: Iterable[pytest.Item]) -> Iterator[object]:
    """What this run asks of its tests, those of other modules among them."""
    specs = (getattr(item, "callspec", None) for item in items)
    return (spec.params.get("row") for spec in specs if spec)


def marked(row: Row, *marks: pytest.MarkDecorator):
    rare = [pytest.mark.long] if row.spoil in RARE else []
    return pytest.param(row, id=row.name, marks=[*rare, *marks])


@pytest.mark.parametrize("row", [marked(row) for row in ROWS])
def test_nonsense_ends_no_order_and_costs_nobody(garbler, played, row):
    judge(row, played[row])
    assert garbler.has_spoiled(row.prompt, row.step)


def test_no_loop_breaks_on_any_of_it(house, played):
    log = (house.var / "log" / "worker.log").read_text()

    assert "Traceback" not in log


@pytest.mark.parametrize("provider", PROVIDERS)
def test_an_order_waits_for_one_that_cannot_be_reached_and_nothing_is_in_doubt(
    house, garbler, provider
):
    house.database.make_well()
    garbler.shut(provider)
    prompt = f"[[stock]] A kite before the closed door of {provider}"
    try:
        order = house.order(prompt, provider=provider)
        wait_until(lambda: house.database.health(provider)["error"].startswith("not_reached"))
        assert house.follow([order], until={"queued"}, within=5) == {order: "queued"}
    finally:
        garbler.open(provider)

    assert house.follow([order], within=30) == {order: "succeeded"}
    assert house.seen()[provider, prompt] == Seen(1, 1, PRICES[provider])


#: There is something to see in them, and the order was given up over them.
TELLING = ("array", "broken", "deep", "html", "latin", "nobody", "numbers", "string", "types")
SEEN_BY_STAFF = [
    marked(row)
    for row in ROWS
    if row.step == "submit" and row.provider not in FOUND and row.spoil in TELLING
]


@pytest.mark.parametrize("row", SEEN_BY_STAFF)
def test_staff_see_what_was_answered(house, played, row):
    assert kept(house, row.prompt)


def test_staff_see_what_the_logs_said_of_a_lost_submission(house, played):
    row = Row("cloudflare", "submit", "html")

    assert played[row].end["status"] == "succeeded"
    assert kept(house, row.prompt)


def kept(house: House, prompt: str) -> object:
    """The last answer about an order, as staff have it."""
    query = """SELECT attempt.raw FROM generations_attempt attempt
                 JOIN generations_generation ordered ON ordered.id = generation_id
                WHERE prompt = %s"""
    return house.database.rows(query, prompt)[0][0]
