"""
A whole Reelay in one process, under a clock that we turn: customers, workers, staff, providers.

Everything that happens follows from one seed: who orders what, which loop runs when, what the
providers answer, which process dies where. `python -m tests.sim SEED` plays one seed and prints
every step. Nothing of ours is replaced: the loops run as they are, over the real HTTP client, on
an event loop whose wires end in the simulated companies, and on a real PostgreSQL whose clock is
ours too. What must never happen is checked after every step (`laws.py`) and at the end
(`reckoning.py`).

    clock.py       one time for Python and for the database
    database.py    a database of its own
    processes.py   workers that can be stopped anywhere, for a while or for ever
    network.py     the event loop, and connections that end in a company
    adapters.py    our side of the simulated providers
    companies.py   their side: what they took, made and billed
    faults.py      what can go wrong between the two
    files.py       where the finished files lie
    broker.py      nudges, which may be lost
    post.py        letters, which may be lost
    customers.py   who orders, cancels, asks again
    knocking.py    provider webhooks, true and forged
    staff.py       caps, prices, switches
    workers.py     the loops, run by processes that may die
    laws.py        what must hold after every step
    reckoning.py   what must hold in the end
    world.py       all of it together
    story.py       one seed, from its beginning to its end
"""
