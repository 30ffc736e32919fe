"""One seed: a while in which anything may happen, then calm, then the reckoning."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

from generations.loops import session
from generations.models import ProviderStatus
from tests.sim import customers, knocking, post, reckoning, staff, workers
from tests.sim.clock import clock
from tests.sim.laws import Laws
from tests.sim.world import Broken, World

Action = Callable[[World], None]

LEAST_STEPS, MOST_STEPS = 60, 80


def pass_time(world: World) -> None:
    """Milliseconds to hours."""
    chance = world.chance
    least, most = chance.choices(
        [(0.001, 1), (1, 10), (10, 120), (120, 2400), (3600, 30_000)], [20, 40, 28, 10, 2]
    )[0]
    seconds = chance.uniform(least, most)
    world.say(f"{seconds:.3f} s pass")
    world.pass_time(seconds)


#: What may happen in a step, and how often.
ACTIONS: list[tuple[int, Action]] = [
    (8, customers.order),
    (3, customers.ask_again),
    (3, customers.cancel),
    (1, customers.look),
    (1, customers.delete),
    (30, workers.hear),
    (12, workers.tick),
    (6, workers.anything),
    (6, workers.wake),
    (4, workers.overtake),
    (2, workers.kill),
    (1, workers.redeploy),
    (1, workers.lose_nudges),
    (5, knocking.knock),
    (2, knocking.knock_oddly),
    (1, knocking.forge),
    (2, staff.set_caps),
    (1, staff.switch),
    (1, staff.change_price),
    (1, staff.pay_in),
    (1, staff.look_now),
    (2, staff.upset),
    (1, staff.upset_post),
    (22, pass_time),
]
WEIGHTS = [weight for weight, _ in ACTIONS]

#: Longer than all deadlines: 6 h in the queue, 24 h with a provider, 24 h until the last question
#: about what was given up.
ENOUGH = 72 * 3600
#: Seconds until the loops are asked again; ever longer while nothing happens.
SOON = 40.0


@dataclass(frozen=True, slots=True)
class Told:
    """How a seed went. `fault` is empty where nothing was wrong."""

    seed: int
    steps: int
    fault: str = ""


def play(world: World, seed: int) -> Told:
    world.begin(seed)
    laws = Laws(world)
    try:
        laws.check()
        for _ in range(world.chance.randint(LEAST_STEPS, MOST_STEPS)):
            _step(world)
            laws.check()
        _calm_down(world)
        _drain(world, laws)
        reckoning.reckon(world)
        return Told(seed, laws.checks)
    except Broken as broken:
        world.say(f"BROKEN: {broken}")
        return Told(seed, laws.checks, str(broken))
    finally:
        _end(world)


def _step(world: World) -> None:
    clock.forward(world.chance.uniform(0.0001, 0.02))
    action = world.chance.choices(ACTIONS, WEIGHTS)[0][1]
    action(world)


def _calm_down(world: World) -> None:
    """Nothing goes wrong any more; what was stopped goes on."""
    world.say("— calm —")
    world.temper.crashes = world.temper.parks = 0.0
    world.temper.patience = 1.0
    world.broker.is_down = world.redis.is_down = post.state["is_down"] = False
    for company in world.companies.values():
        company.calm_down()
    for process in world.processes:
        process.fate = None
    ProviderStatus.objects.update(
        enabled=True, draining=False, most_in_flight=None, most_per_minute=None
    )
    while any(one.is_stalled or one.parked_at for one in world.processes):
        workers.wake(world)
    world.pass_time(61)
    customers.settle_questions(world)


def _drain(world: World, laws: Laws) -> None:
    """The tick finds what is due, until there is nothing left to do."""
    begun, pause, before = clock.elapsed, SOON, laws.moves
    while left := _left(world):
        if clock.elapsed - begun > ENOUGH:
            raise Broken(f"after {ENOUGH / 3600:.0f} h of calm there is still {left[0]}")
        workers.tick(world)
        workers.hear_all(world)
        if laws.moves != before:
            laws.check()
            pause, before = SOON, laws.moves
        world.pass_time(pause)
        pause = min(pause * 2, 7200.0)
    laws.check()


def _left(world: World) -> list[str]:
    """What is not done yet."""
    return [
        what
        for what, count in world.ask(
            """
            SELECT 'a generation that is ' || min(state), count(*) FROM generations_generation
             WHERE finished_at IS NULL
            UNION ALL
            SELECT 'a letter', count(*) FROM generations_notice
             WHERE sent_at IS NULL AND given_up_at IS NULL
            UNION ALL
            SELECT 'an attempt to ask about', count(*) FROM generations_attempt
             WHERE late_look_at IS NOT NULL
            """
        )
        if count
    ] + [f"a process {one.name}" for one in world.processes]


def _end(world: World) -> None:
    """Nobody of this seed lives on into the next one."""
    session.stopping.clear()
    world.observers.clear()
    for process in list(world.processes):
        with contextlib.suppress(Exception):
            process.kill()
