"""What staff decide, and what happens to the companies meanwhile."""

from __future__ import annotations

from generations import knocks
from generations.models import Attempt, ProviderStatus
from generations.models.attempt import AttemptState
from tests.sim import post
from tests.sim.world import World


def set_caps(world: World) -> None:
    name, chance = world.chance.choice(list(world.companies)), world.chance
    most = {
        "most_in_flight": chance.choice([None, 0, 1, 1, 2, 3]),
        "most_per_minute": chance.choice([None, 1, 2, 3]),
    }
    ProviderStatus.objects.update_or_create(name=name, defaults=most)
    world.say(f"{name} may have {most['most_in_flight']}, {most['most_per_minute']} a minute")


def switch(world: World) -> None:
    """Draining, or off altogether; and on again."""
    name = world.chance.choice(list(world.companies))
    what = world.chance.choice(["draining", "enabled"])
    status, _ = ProviderStatus.objects.get_or_create(name=name)
    now = not getattr(status, what)
    ProviderStatus.objects.filter(name=name).update(**{what: now})
    world.say(f"{name} is {'' if now else 'not '}{what}")


def change_price(world: World) -> None:
    company = world.chance.choice(list(world.companies.values()))
    world.set_price(company, world.chance.choice([190, 280, 350, 400, 600]) * 1000)
    world.say(f"{company.name} takes {company.cost}")


def pay_in(world: World) -> None:
    shop = world.chance.choice(world.shops)
    world.pay_in(shop, world.chance.choice([280_000, 1_000_000, 3_000_001]))


def look_now(world: World) -> None:
    """The admin's action on one job."""
    attempts = Attempt.objects.filter(state=AttemptState.OPEN).order_by("id")
    if attempts:
        knocks.look_now(world.chance.choice(list(attempts)))


def upset(world: World) -> None:
    """A company closes its door, forgets our key, misses our money, is full, or recovers."""
    company = world.chance.choice(list(world.companies.values()))
    match world.chance.randrange(8):
        case 0:
            company.door_is_open = False
        case 1:
            company.key_is_good = False
        case 2:
            company.balance = 0
        case 3 | 4:
            company.is_full = True
        case _:
            company.door_is_open, company.is_full = True, False
            company.key_is_good, company.balance = True, 10_000_000
    company.trouble = world.temper.trouble * world.chance.choice([0, 0.5, 1, 1, 2])
    world.say(
        f"{company.name}: door {company.door_is_open}, key {company.key_is_good}, full "
        f"{company.is_full}, balance {company.balance}, trouble {company.trouble:.2f}"
    )


def upset_post(world: World) -> None:
    post.state["is_down"] = not post.state["is_down"]
