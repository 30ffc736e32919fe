"""
Two workspaces with one of everything, and everybody who may come to the door.

Built once for a whole module: what a request changes is undone by `undone`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.files.storage import FileSystemStorage
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from accounts import ids, keys
from accounts.audit import Actor
from accounts.models import APIKey, Invitation, Membership, Role, Workspace
from accounts.team import invitations
from accounts.webhooks import deliveries, endpoints
from billing.payments import top_ups
from generations import frames, orders, posters
from generations.models import Generation
from generations.spec import ClipSpec
from tests.api.tools import a_film, a_picture
from tests.factories import a_member, a_user, a_workspace
from tests.site import lives

#: Who comes with a key, and who with a session: both by these names.
ROLES = (Role.OWNER, Role.ADMIN, Role.MEMBER, Role.BILLING)
WHICH = ("own", "foreign", "deleted", "random", "nonsense")
NONSENSE = "%27%20OR%201=1--"
#: Nobody is slowed down here.
UNBOUNDED = {
    "paid_per_minute": 10**6,
    "paid_burst": 10**6,
    "other_per_minute": 10**6,
    "other_burst": 10**6,
}


class KeepingStorage(FileSystemStorage):
    """No transaction brings a deleted file back, so none is deleted."""

    def delete(self, name: str) -> None:
        pass


@dataclass(frozen=True)
class Place:
    """A workspace, and the ids of what is in it; `word` stands in all its texts."""

    workspace: Workspace
    word: str
    owner: Membership
    things: dict[str, str]
    gone: dict[str, str]


@dataclass(frozen=True)
class Caller:
    """Somebody at the door: where they belong, what they may, and what they hold."""

    name: str
    client: Client
    role: str = ""
    place: Place | None = None
    key: str = ""
    #: no session or key in force: nothing opens
    shut_out: bool = False
    suspended: bool = False

    def ask(self, method: str, address: str) -> Any:
        bearer = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        body = {} if self.key == "" and self.role else {"content_type": "application/json"}
        send = getattr(self.client, method.lower())
        response = send(address, headers=bearer, **({} if method == "GET" else body))
        whole = b"".join(response.streaming_content) if response.streaming else response.content
        response.whole = whole
        return response


@dataclass(frozen=True)
class World:
    ours: Place
    theirs: Place
    programs: list[Caller] = field(default_factory=list)
    people: list[Caller] = field(default_factory=list)

    def id(self, caller: Caller, kind: str, which: str) -> str | None:
        """The id to put into an address; None where there is no such thing."""
        mine, other = caller.place or self.ours, self.other(caller)
        if which == "own":
            return mine.things[kind]
        if which == "foreign":
            return other.things[kind]
        if which == "deleted":
            return mine.gone.get(kind)
        if which == "random":
            return ids.public(mine.things[kind].partition("_")[0], uuid.uuid4())
        return NONSENSE

    def other(self, caller: Caller) -> Place:
        return self.ours if caller.place is self.theirs else self.theirs


def build(folder: Path) -> World:
    """In the transaction of whoever calls."""
    ours, theirs = a_place("Ourword", folder), a_place("Theirword", folder)
    people = {role: _somebody(ours, role) for role in ROLES}
    return World(
        ours,
        theirs,
        programs=[
            Caller("anonymous", Client(), shut_out=True),
            *[_program(role, people[role], ours) for role in ROLES],
            _program("of the other workspace", theirs.owner, theirs),
            *_useless(people[Role.OWNER], ours),
        ],
        people=[
            Caller("anonymous", Client(), shut_out=True),
            *[_person(role, people[role], ours) for role in ROLES],
            _person("of the other workspace", theirs.owner, theirs),
            _suspended_person(folder),
        ],
    )


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens in here has not happened."""
    mark = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(mark)


def fingerprint(workspace: Workspace) -> str:
    """Of every row of a workspace, whatever the table: it changes when any of them does."""
    with connection.cursor() as cursor:
        cursor.execute(_FINGERPRINT, {"workspace": workspace.pk})
        return str(cursor.fetchone()[0])


def _tables() -> list[tuple[str, str]]:
    return sorted(
        (model._meta.db_table, "workspace_id")
        for model in apps.get_models()
        if any(f.name == "workspace" and f.related_model is Workspace for f in model._meta.fields)
    )


_FINGERPRINT = "SELECT md5(string_agg(rows, '|' ORDER BY rows)) FROM ({}) AS everything".format(
    " UNION ALL ".join(
        f"SELECT t::text AS rows FROM {table} t WHERE {column} = %(workspace)s"
        for table, column in [("accounts_workspace", "id"), *_tables()]
    )
)


def a_place(word: str, folder: Path) -> Place:
    workspace = a_workspace(owner=a_user(f"{word.lower()}@example.org", name=word), deposit="10")
    Workspace.objects.filter(pk=workspace.pk).update(name=word, **UNBOUNDED)
    owner = workspace.memberships.select_related("user", "workspace").get()
    things = _things(owner, word, folder)
    return Place(workspace, word, owner, things, {"generation": _deleted(owner, word)})


def _things(owner: Membership, word: str, folder: Path) -> dict[str, str]:
    """One of everything that an address can name."""
    now, workspace = timezone.now(), owner.workspace
    clip = lives.delivered(lives.ordered(owner, prompt=word), a_film(folder))
    posters.make(clip.pk)
    quote = orders.quote(
        workspace=workspace, spec=ClipSpec(model="hailuo-2.3", prompt=word), count=1, now=now
    )
    upload = frames.accept(workspace=workspace, content=a_picture())
    paying = top_ups.begin(workspace, amount=20_000_000, actor=word, now=now)
    hook = endpoints.create(workspace, url=f"https://{word.lower()}.example/hook").endpoint
    return {
        "endpoint": hook.public_id,
        "delivery": deliveries.ping(hook).public_id,
        "generation": clip.public_id,
        "quote": quote.public_id,
        "upload": upload.public_id,
        "top-up": paying.public_id,
        "key": keys.create(maker=owner, name=word).key.public_id,
        "workspace": workspace.public_id,
        "member": _teammate(workspace, word).user.public_id,
        "invitation": _invited(owner, word).public_id,
    }


def _teammate(workspace: Workspace, word: str) -> Membership:
    return a_member(workspace, user=a_user(f"mate-{word.lower()}@example.org", name=word))


def _invited(owner: Membership, word: str) -> Invitation:
    """Its letter is old enough to be sent again."""
    return invitations.invite(
        me=owner,
        email=f"guest-{word.lower()}@example.org",
        role=Role.MEMBER,
        by=Actor(word),
        now=timezone.now() - timedelta(hours=1),
    )


def _deleted(owner: Membership, word: str) -> str:
    one: Generation = lives.failed(lives.ordered(owner, prompt=word))
    orders.delete(generation=one)
    return one.public_id


def _somebody(place: Place, role: str) -> Membership:
    if role == Role.OWNER:
        return place.owner
    person = a_user(f"{role}-{place.word.lower()}@example.org", name=place.word)
    return a_member(place.workspace, Role(role), person)


def _program(name: str, member: Membership, place: Place, **options: Any) -> Caller:
    text = _key(member, **options)
    return Caller(name, Client(), role=member.role, place=place, key=text)


def _key(member: Membership, **changes: Any) -> str:
    """Used just now, so that using it writes nothing."""
    new = keys.create(maker=member, name=member.role)
    changes = {"last_used_at": timezone.now(), **UNBOUNDED, **changes}
    APIKey.objects.filter(pk=new.key.pk).update(**changes)
    return new.text


def _useless(owner: Membership, place: Place) -> list[Caller]:
    """Keys that open nothing any more."""
    past = timezone.now() - timedelta(minutes=1)
    suspended = a_workspace(deposit="10")
    owner_of_it = suspended.memberships.select_related("user", "workspace").get()
    text = _key(owner_of_it)
    Workspace.objects.filter(pk=suspended.pk).update(suspended_at=past)
    found = {
        "revoked": _key(owner, revoked_at=past),
        "expired": _key(owner, expires_at=past),
        "suspended": text,
    }
    return [
        Caller(name, Client(), role=Role.OWNER, place=place, key=key, shut_out=True)
        for name, key in found.items()
    ]


def _person(name: str, member: Membership, place: Place, **more: Any) -> Caller:
    browser = Client()
    browser.force_login(member.user)
    return Caller(name, browser, role=member.role, place=place, **more)


def _suspended_person(folder: Path) -> Caller:
    place = a_place("Shutword", folder)
    Workspace.objects.filter(pk=place.workspace.pk).update(suspended_at=timezone.now())
    return _person("suspended", place.owner, place, suspended=True)
