"""The loops, each run by a process of its own that may die, stop or be late."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from accounts.claims import LEASE_SECONDS
from generations import tasks
from generations.loops import balances, dispatch, hold, late, look, notify, session, store
from tests.sim.clock import clock
from tests.sim.processes import PARK, Fate, Process
from tests.sim.world import World

LOOPS: dict[str, Callable[[int], Callable[[], object]]] = {
    "dispatch": lambda most: partial(dispatch.run, limit=most, sessions=_alone(dispatch.send)),
    "hold": lambda most: partial(hold.run, sessions=_alone(hold.send)),
    "look": lambda most: partial(look.run, limit=most),
    "store": lambda most: store.run,
    "notify": lambda most: partial(notify.run, limit=most),
    "late": lambda most: partial(late.run, limit=most),
    "balances": lambda most: balances.run,
}

SENDING = ("dispatch", "hold")

#: A session belongs to a process, and each of these is one.
_alone = session.Sessions


def tick(world: World) -> None:
    """What is due is nudged, unless the nudges are lost."""
    world.start("tick", tasks.tick)


def hear(world: World) -> None:
    """One nudge is heard, forgotten, or heard twice."""
    if not world.broker.nudges:
        return tick(world)
    nudges, chance = world.broker.nudges, world.chance
    at = chance.randrange(len(nudges))
    loop = nudges[at] if chance.random() < 0.05 else nudges.pop(at)
    if chance.random() > 0.05:
        run(world, loop)
    return None


def hear_all(world: World) -> None:
    """Every loop that is nudged runs once."""
    heard: set[str] = set()
    while loops := [loop for loop in world.broker.nudges if loop not in heard]:
        heard.add(loops[0])
        run(world, loops[0], most=50)
    world.broker.nudges.clear()


def anything(world: World) -> None:
    """A loop runs although nobody nudged it."""
    run(world, world.chance.choice(list(LOOPS)))


def run(world: World, loop: str, *, most: int = 0, fate: Fate | None = None) -> None:
    most = most or world.chance.choice([1, 1, 2, 5, 50])
    process = world.start(loop, LOOPS[loop](most), then=partial(_told, world), fate=fate)
    world.follow(process)


def wake(world: World) -> None:
    """Somebody who was stopped goes on, whatever happened meanwhile."""
    stopped = [one for one in world.processes if one.is_stalled or one.parked_at]
    if stopped:
        _go_on(world, world.chance.choice(stopped))


def overtake(world: World) -> None:
    """
    Somebody stands still for longer than a lease, others take over, and then it goes on; sometimes
    while those who took over stand still themselves, with nothing written yet.
    """
    stalled = [one for one in world.processes if one.is_stalled]
    if stalled:
        slow = world.chance.choice(stalled)
        world.pass_time(world.chance.uniform(0.5, 2) * LEASE_SECONDS)
        stops, others = world.chance.random() < 0.7, world.chance.choices(list(LOOPS), k=2)
        for loop in {slow.name: None, **dict.fromkeys(others)}:
            if loop in LOOPS:
                run(world, loop, most=50, fate=Fate(PARK, 1) if stops else None)
        if slow in world.processes:
            _go_on(world, slow)


def kill(world: World) -> None:
    """Somebody who waits or stands still is killed."""
    if world.processes and world.temper.crashes:
        world.kill(world.chance.choice(world.processes))


def redeploy(world: World) -> None:
    """The workers that are sending are told to stop, and get their time to."""
    sending = [one for one in world.living if one.name in SENDING and one.wakes_at is not None]
    if not sending:
        return
    world.say("those who send are told to stop")
    session.stopping.set()
    for process in sending:
        world.proceed(process)
    world.pass_time(31)
    session.stopping.clear()


def lose_nudges(world: World) -> None:
    """The broker loses everything, or is away for a while, with or without its Redis."""
    world.broker.nudges.clear()
    world.redis.keys.clear()
    world.broker.is_down = not world.broker.is_down and world.chance.random() < 0.5
    world.redis.is_down = world.broker.is_down and world.chance.random() < 0.5
    world.say("the broker is down" if world.broker.is_down else "the broker lost everything")


def _go_on(world: World, process: Process) -> None:
    process.is_stalled = False
    world.excuses.append(clock.now)
    world.say(f"{process.name} goes on")
    world.proceed(process)
    world.follow(process)


def _told(world: World, process: Process) -> None:
    if process.result:
        world.say(f"{process.name}: {process.result}")
